/** How many tickets each leaf has, for the figures by training count. */
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { LabelledTicket } from './labelled-ticket.js';

/** One entry per leaf; tickets labelled above the leaves belong to none. */
export function countLeaves(taxonomy: Taxonomy, tickets: readonly LabelledTicket[]): Uint32Array {
  const counts = new Uint32Array(taxonomy.leaves.length);
  for (const { labels } of tickets) {
    for (const label of labels) {
      const { leafStart, leafEnd } = taxonomy.at(label);
      if (leafEnd - leafStart === 1) counts[leafStart]! += 1;
    }
  }
  return counts;
}

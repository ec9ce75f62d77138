/**
 * Texts we write ourselves beside the real tickets: every item's names and search words as one pseudo-ticket, and
 * example tickets where the taxonomy has them (data/examples/<taxonomy id>/*.csv). They are what an item without a
 * single real ticket is known by.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import { labelTickets } from './label-tickets.js';
import type { LabelledTicket } from './labelled-ticket.js';
import { type Rejection, readTickets } from './read-tickets.js';

/** One for each leaf that has a name or words worth reading. */
export function itemTickets(taxonomy: Taxonomy, weight: number): LabelledTicket[] {
  return taxonomy.leaves.flatMap((index) => {
    const item = taxonomy.at(index);
    // Trees of bare numbers have no names to learn from.
    if (!/\p{L}/u.test(item.displayName) && item.words.length === 0) return [];
    const path = taxonomy.pathOf(item);
    const words = [...new Set(path.flatMap((one) => [...one.words]))];
    return [
      {
        ticket: {
          id: `item:${item.id}`,
          title: item.displayName,
          text: [...path.map(({ displayName }) => displayName), ...words].join('，'),
        },
        labels: [index],
        alternatives: [],
        weight,
        source: { file: 'taxonomy', row: index + 1 },
      },
    ];
  });
}

export interface ExampleTickets {
  readonly tickets: readonly LabelledTicket[];
  /** Examples of items that this version of the list does not have. */
  readonly rejections: readonly Rejection[];
}

/** None where the taxonomy has no folder of examples. */
export async function exampleTickets(taxonomy: Taxonomy, weight: number): Promise<ExampleTickets> {
  // With overlays the id is `list+city`: the list's examples train the city's tree as level-3 labels do.
  const [list] = taxonomy.meta.id.split('+');
  const folder = join(packageRoot, 'data/examples', list!);
  const files = (await readdir(folder).catch(() => [] as string[]))
    .filter((name) => name.endsWith('.csv'))
    .sort();
  const tickets: LabelledTicket[] = [];
  const rejections: Rejection[] = [];
  for (const file of files) {
    const read = await readTickets(join(folder, file));
    const labelled = labelTickets(taxonomy, read.tickets);
    for (const one of labelled.tickets) tickets.push({ ...one, weight });
    rejections.push(...read.rejections, ...labelled.rejections);
  }
  return { tickets, rejections };
}

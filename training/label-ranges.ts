/**
 * What a ticket's labels admit, as ranges of leaves in shared memory: a label at an upper level admits all leaves
 * beneath it, several labels admit the leaves of each.
 */
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';

export interface LabelRanges {
  /** Ticket t has the ranges `starts[t] … starts[t + 1] − 1`; one without any is unlabelled. */
  readonly starts: Uint32Array;
  /** Leaves from `from[range]` to `to[range] − 1`. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

export function labelRanges(taxonomy: Taxonomy, labels: readonly (readonly number[])[]): LabelRanges {
  const shared = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length));
  const starts = shared(labels.length + 1);
  for (const [ticket, one] of labels.entries()) starts[ticket + 1] = starts[ticket]! + one.length;
  const from = shared(starts[labels.length]!);
  const to = shared(starts[labels.length]!);
  for (const [ticket, one] of labels.entries()) {
    for (const [nth, index] of one.entries()) {
      const item = taxonomy.at(index);
      from[starts[ticket]! + nth] = item.leafStart;
      to[starts[ticket]! + nth] = item.leafEnd;
    }
  }
  return { starts, from, to };
}

/**
 * 1: the ticket belongs to the item with leaves `from … to − 1`; −1: it does not; 0: its label does not say (it is
 * at an upper level, or one of several admissible items is beneath).
 */
export function belongs(ranges: LabelRanges, ticket: number, from: number, to: number): -1 | 0 | 1 {
  const end = ranges.starts[ticket + 1]!;
  let inside = 0;
  let touching = 0;
  const begin = ranges.starts[ticket]!;
  for (let at = begin; at < end; at += 1) {
    if (ranges.from[at]! >= to || ranges.to[at]! <= from) continue;
    touching += 1;
    if (ranges.from[at]! >= from && ranges.to[at]! <= to) inside += 1;
  }
  if (begin === end) return 0;
  if (touching === 0) return -1;
  return inside === end - begin ? 1 : 0;
}

/** Does the ticket's label admit the leaf? */
export function admits(ranges: LabelRanges, ticket: number, leaf: number): boolean {
  for (let at = ranges.starts[ticket]!; at < ranges.starts[ticket + 1]!; at += 1) {
    if (leaf >= ranges.from[at]! && leaf < ranges.to[at]!) return true;
  }
  return false;
}

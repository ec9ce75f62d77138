/**
 * Evidence: which stretches of the ticket spoke for an item. The score is a sum over features, so each feature's
 * share is exact (no sampling, no gradient); it is laid on the characters the feature came from and gathered by word. What
 * falls on punctuation is part of all that spoke for the item, but nothing to show an agent.
 */

import type { SparseVector } from '../features/sparse-vector.js';
import type { FeatureOccurrences } from '../features/vectorizer.js';

export interface Stretch {
  readonly field: 'title' | 'text';
  /** UTF-16 offsets into the field: `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Share of all that spoke for the item, in (0, 1]. */
  readonly weight: number;
}

/** Words below this share of the strongest one are not evidence. */
const FAINT = 0.12;

/**
 * @param contributions what each feature of the vector adds to the item's score
 * @param most stretches at most
 */
export function explain(
  vector: SparseVector,
  contributions: Float64Array,
  occurrences: FeatureOccurrences,
  most: number,
): Stretch[] {
  const { places, starts, ends, titleEnd, words, wordKinds, titleWords } = occurrences;
  const times = new Uint32Array(vector.indices.length);
  for (let at = 0; at < places.length; at += 1) if (places[at]! >= 0) times[places[at]!]! += 1;
  const each = new Float64Array(times.length);
  for (let place = 0; place < each.length; place += 1) each[place] = contributions[place]! / times[place]!;
  const stretches: Stretch[] = [];
  let total = 0;
  for (const field of ['title', 'text'] as const) {
    const [from, to] = field === 'title' ? [0, titleEnd] : [titleEnd, places.length];
    const own = field === 'title' ? words.subarray(0, titleWords) : words.subarray(titleWords);
    const length = own.at(-1) ?? 0;
    const units = new Float64Array(length);
    for (let at = from; at < to; at += 1) {
      const place = places[at]!;
      if (place < 0) continue;
      const start = starts[at]!;
      const end = ends[at]!;
      const share = each[place]! / (end - start);
      for (let unit = start; unit < end && unit < length; unit += 1) units[unit]! += share;
    }
    const kinds = field === 'title' ? wordKinds.subarray(0, titleWords) : wordKinds.subarray(titleWords);
    let start = 0;
    for (let nth = 0; nth < own.length; nth += 1) {
      const end = own[nth]!;
      let weight = 0;
      for (let unit = start; unit < end; unit += 1) weight += units[unit]!;
      if (weight > 0) {
        total += weight;
        if (kinds[nth] === 1) stretches.push({ field, start, end, weight });
      }
      start = end;
    }
  }
  return strongest(stretches, total, most);
}

function strongest(words: Stretch[], total: number, most: number): Stretch[] {
  const best = words.reduce((highest, { weight }) => Math.max(highest, weight), 0);
  const chosen = words
    .filter(({ weight }) => weight >= FAINT * best)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, most * 2);
  const inOrder = chosen.sort((a, b) =>
    a.field === b.field ? a.start - b.start : a.field === 'title' ? -1 : 1,
  );
  const merged: Stretch[] = [];
  for (const word of inOrder) {
    const last = merged.at(-1);
    if (last && last.field === word.field && last.end === word.start) {
      merged[merged.length - 1] = { ...last, end: word.end, weight: last.weight + word.weight };
    } else merged.push(word);
  }
  return merged
    .sort((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map((stretch) => ({ ...stretch, weight: Math.min(1, stretch.weight / total) }));
}

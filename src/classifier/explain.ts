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
  const { places, titleEnd, words, wordKinds, titleWords } = occurrences;
  const times = new Uint32Array(vector.indices.length);
  for (let at = 0; at < places.length; at += 1) if (places[at]! >= 0) times[places[at]!]! += 1;
  const each = new Float64Array(times.length);
  for (let place = 0; place < each.length; place += 1) each[place] = contributions[place]! / times[place]!;
  const fields: readonly FieldWords[] = [
    {
      field: 'title',
      ends: words.subarray(0, titleWords),
      kinds: wordKinds.subarray(0, titleWords),
      weights: weighWords(each, occurrences, 0, titleEnd, words.subarray(0, titleWords)),
    },
    {
      field: 'text',
      ends: words.subarray(titleWords),
      kinds: wordKinds.subarray(titleWords),
      weights: weighWords(each, occurrences, titleEnd, places.length, words.subarray(titleWords)),
    },
  ];
  const least = FAINT * Math.max(...fields.map(best));
  const total = fields.reduce((sum, { weights }) => sum + spoken(weights), 0);
  return strongest(
    fields.flatMap((one) => strongWords(one, least)),
    total,
    most,
  );
}

interface FieldWords {
  readonly field: Stretch['field'];
  readonly ends: Uint32Array;
  /** 1 where it is a word, 0 where it is punctuation. */
  readonly kinds: Uint8Array;
  readonly weights: Float64Array;
}

/** What each word of a field says for the item, its characters' shares summed; below 0 where it speaks against it. */
function weighWords(
  each: Float64Array,
  { places, starts, ends }: FeatureOccurrences,
  from: number,
  to: number,
  words: Uint32Array,
): Float64Array {
  const length = words.at(-1) ?? 0;
  const units = new Float64Array(length);
  for (let at = from; at < to; at += 1) {
    const place = places[at]!;
    if (place < 0) continue;
    const start = starts[at]!;
    const end = Math.min(length, ends[at]!);
    const share = each[place]! / (ends[at]! - start);
    for (let unit = start; unit < end; unit += 1) units[unit]! += share;
  }
  const weights = new Float64Array(words.length);
  let start = 0;
  for (let word = 0; word < words.length; word += 1) {
    const end = words[word]!;
    let weight = 0;
    for (let unit = start; unit < end; unit += 1) weight += units[unit]!;
    weights[word] = weight;
    start = end;
  }
  return weights;
}

function best({ weights, kinds }: FieldWords): number {
  let highest = 0;
  for (let word = 0; word < weights.length; word += 1) {
    if (kinds[word] === 1 && weights[word]! > highest) highest = weights[word]!;
  }
  return highest;
}

/** All that spoke for the item, punctuation included. */
function spoken(weights: Float64Array): number {
  let sum = 0;
  for (let word = 0; word < weights.length; word += 1) if (weights[word]! > 0) sum += weights[word]!;
  return sum;
}

/** Few words are strong: only these become objects. */
function strongWords({ field, ends, kinds, weights }: FieldWords, least: number): Stretch[] {
  const strong: Stretch[] = [];
  for (let word = 0; word < weights.length; word += 1) {
    const weight = weights[word]!;
    if (kinds[word] !== 1 || weight <= 0 || weight < least) continue;
    strong.push({ field, start: word === 0 ? 0 : ends[word - 1]!, end: ends[word]!, weight });
  }
  return strong;
}

/** @param words those that are evidence, in order */
function strongest(words: Stretch[], total: number, most: number): Stretch[] {
  const chosen = words.length > most * 2 ? heaviest(words, most * 2) : words;
  const merged: Stretch[] = [];
  for (const word of chosen) {
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

/** In the order in which they were given. */
function heaviest(words: readonly Stretch[], count: number): Stretch[] {
  const kept = new Set([...words].sort((a, b) => b.weight - a.weight).slice(0, count));
  return words.filter((word) => kept.has(word));
}

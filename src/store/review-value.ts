/** What a person's choice about a ticket is expected to be worth: the order of the queue. */

export type ReviewCause = 'uncertain' | 'table-disagrees' | 'likely-mislabelled' | 'new-cluster';

/** Below it a first candidate is wrong often enough for a look to pay. */
export const uncertainBelow = 0.6;

/**
 * One choice about a cluster settles many tickets and may find a missing item; a disagreement with the
 * table or the archive corrects a rule or a label that training repeats; a doubtful ticket settles itself.
 */
const weights: Readonly<Record<ReviewCause, number>> = {
  'new-cluster': 1,
  'table-disagrees': 0.9,
  'likely-mislabelled': 0.8,
  uncertain: 0.7,
};

/** @param doubt how likely it is that the present answer or label is wrong, in [0, 1] */
export function reviewValue(cause: ReviewCause, doubt: number): number {
  return weights[cause] * Math.min(1, Math.max(0, doubt));
}

/** The first candidate is wrong with what is left of its probability. */
export function doubtOf(candidates: readonly { readonly probability: number }[]): number {
  return 1 - (candidates[0]?.probability ?? 0);
}

/**
 * A label is doubted as firmly as the model prefers another item to it: the order in which suspects are ranked,
 * in [0, 1]. Not 1 − `given`: a model that spreads itself over many items says little against any of them.
 */
export function mislabelledDoubt(given: number, suggested: number): number {
  return (1 + suggested - given) / 2;
}

/** The more say the same, the less it is chance: 5 voices a half, 20 four fifths. */
export function clusterDoubt(voices: number): number {
  return voices / (voices + 5);
}

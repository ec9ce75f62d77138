/** What an agent's choice weighs as evidence of the right item: for training, and for what is adjusted between trainings. */

/**
 * A choice in less than this was made without reading: five seconds are some thirty characters, and a ticket has a
 * hundred.
 */
export const HASTE_MS = 5_000;

/**
 * Half a label for what an agent merely let pass: accepting is the least effort, so a wrong suggestion is accepted too,
 * and a model that learnt from it in full would confirm itself.
 */
export const WEAK = 0.5;

/** How a choice came about. */
export interface ChoiceCircumstances {
  /** Accepted or corrected; of a review without a suggestion `chosen`. */
  readonly kind: 'accepted' | 'corrected' | 'chosen';
  /** What had been decided; null where no suggestion is known. */
  readonly decisionKind: 'specific' | 'fallback' | null;
  readonly milliseconds: number | null;
}

/**
 * | choice | read (≥ 5 s) | in haste | time unknown |
 * |---|---|---|---|
 * | corrected, or chosen in a review | 1 | 1 | 1 |
 * | a specific item accepted | 1 | 0.5 | 1 |
 * | a fallback's catch-all accepted | 0.5 | 0 | 0 |
 *
 * Somebody who corrects has looked for the item, however fast. A fallback says that the model did not know: accepted in
 * haste it says nothing of the ticket, and doubt must not become a category. Accepted after reading, it is an agent who
 * found no better item either. A decision that is not known any more counts as a fallback where its item is a catch-all.
 */
export function weightOf(
  { kind, decisionKind, milliseconds }: ChoiceCircumstances,
  isCatchAll: boolean,
): number {
  if (kind !== 'accepted') return 1;
  const fallback = decisionKind === 'fallback' || (decisionKind === null && isCatchAll);
  if (fallback) return milliseconds !== null && milliseconds >= HASTE_MS ? WEAK : 0;
  return milliseconds !== null && milliseconds < HASTE_MS ? WEAK : 1;
}

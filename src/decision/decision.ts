/** What Duihao answers for a ticket. */
import type { Item } from '../taxonomy/item.js';

/** Why the answer climbed. */
export type FallbackReason =
  /** No item at the asked level reached its threshold. */
  | 'low-confidence'
  /** Nothing to read: empty, blank or only punctuation. */
  | 'empty-text'
  /** No feature of the text is known to the model. */
  | 'unintelligible'
  /** `within` and `without` leave no item. */
  | 'no-candidates';

/**
 * A tagged union, because 99 has two meanings that feedback must not mix: an item the model predicts
 * (`specific`, be it named or a 99) and an answer that climbed for want of confidence (`fallback`).
 * Probabilities are calibrated and lie in [0, 1].
 */
export type Decision =
  | { readonly kind: 'specific'; readonly item: Item; readonly probability: number }
  | {
      readonly kind: 'fallback';
      /** The nearest catch-all that exists at or above `under`; null where the tree has none there. */
      readonly item: Item | null;
      /** The deepest ancestor that was certain; null where not even level 1 was. */
      readonly under: Item | null;
      readonly reason: FallbackReason;
      /** Of `under`; 1 where `under` is null (the root holds everything). */
      readonly probability: number;
    };

/** One of the top-k answers; `probability` is calibrated. */
export interface Candidate {
  readonly item: Item;
  /** From level 1 to the item itself. */
  readonly path: readonly Item[];
  readonly probability: number;
}

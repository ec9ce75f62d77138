/** A ticket the model has answered, beside what it should have said. */
import type { LabelledTicket } from '../labelled-ticket.js';

export interface JudgedTicket {
  /** Calibrated; one value per leaf of the taxonomy, summing to 1. */
  readonly leaves: Float64Array;
  /** Indexes of the right items, at any level; several where each is admissible. */
  readonly labels: readonly number[];
  /** Indexes of second admissible items (`alt`); right only under `acceptAlternatives`. */
  readonly alternatives: readonly number[];
}

export function judgedOf({ labels, alternatives }: LabelledTicket, leaves: Float64Array): JudgedTicket {
  return { leaves, labels, alternatives };
}

/** A ticket with what is known of its item: what reading yields and fitting takes. */
import type { Ticket } from '../src/text/ticket.js';

export interface LabelledTicket {
  readonly ticket: Ticket;
  /**
   * Indexes of the items it may belong to, at any level: one label as a rule; several where a legacy code
   * corresponds to several items (the loss is −log of the sum of the leaves beneath them).
   */
  readonly labels: readonly number[];
  /** Indexes of second admissible items, counted as right under `--accept-alt`; never trained on. */
  readonly alternatives: readonly number[];
  /** 1 for a real ticket; less for written examples and the like. Positive. */
  readonly weight: number;
  /** Milliseconds since 1970, where the file has a date. */
  readonly time?: number;
  /** Where it stands: file and row from 1, for messages. */
  readonly source: { readonly file: string; readonly row: number };
}

/**
 * A loaded model in this thread: tickets → suggestions, synchronously. The worker pool runs one in each worker;
 * batch commands may hold one directly.
 */
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Ticket } from '../text/ticket.js';
import type { ModelIdentity } from './suggest-service.js';
import type { Suggestion, SuggestOptions } from './suggestion.js';

export interface Answerer {
  readonly taxonomy: Taxonomy;
  readonly model: ModelIdentity;
  /** Of sets that the model can promise, rising; none in models without held-out tickets. */
  readonly coverages: readonly number[];
  /** One suggestion per ticket, in order. Faster per ticket in batches of 16 and more. */
  answer(tickets: readonly Ticket[], options: SuggestOptions): Suggestion[];
  /**
   * Frees what the end of its thread would not: a native dictionary stays in the process's memory (250 MB for
   * each worker that ever loaded nodejieba). Called once, when nothing is asked any more.
   */
  close?(): void;
}

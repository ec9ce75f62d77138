/**
 * The seam between whoever answers tickets (the worker pool over a loaded model; a toy in tests) and whoever
 * asks: the server, the relabeller, the CLI.
 */
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Ticket } from '../text/ticket.js';
import type { CorrectionMemory } from './correction-memory.js';
import type { Suggestion, SuggestOptions } from './suggestion.js';

/** Which model answers: part of every answer, so that feedback can name it. */
export interface ModelIdentity {
  /** Names the model's folder, e.g. `starter`. */
  readonly id: string;
  /** Changes with every training, e.g. the first digits of the weights' checksum. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly trainedAt: string;
}

export interface SuggestService {
  readonly taxonomy: Taxonomy;
  readonly model: ModelIdentity;
  /** Of sets that the model can promise, rising; none in models without held-out tickets. */
  readonly coverages: readonly number[];
  /** What answers with `adjust` look into, for somebody to fill; absent where answers are the model's alone. */
  readonly corrections?: CorrectionMemory | undefined;
  /**
   * One suggestion per ticket, in the tickets' order. Empty or unreadable texts get a fallback decision;
   * they are not an error.
   * @param options its `coverage` must be one that `coverages` can promise: see `coverageFor`
   * @throws DuihaoError `queue-full` (kind `unavailable`) when more is waiting than the service accepts;
   *   `service-closed` (kind `unavailable`) after `close`.
   */
  suggest(tickets: readonly Ticket[], options: SuggestOptions): Promise<Suggestion[]>;
  /** Finishes what is running, then frees workers and memory. */
  close(): Promise<void>;
}

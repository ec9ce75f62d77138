/** The service in this very thread: for batch commands, which have nothing else to do meanwhile, and for tests. */
import { setImmediate } from 'node:timers/promises';
import { DuihaoError } from '../errors.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Ticket } from '../text/ticket.js';
import type { Answerer } from './answerer.js';
import type { CorrectionMemory } from './correction-memory.js';
import type { ModelIdentity, SuggestService } from './suggest-service.js';
import type { Suggestion, SuggestOptions } from './suggestion.js';

/** Tickets answered before signals and timers get their turn. */
const STRETCH = 64;

export class InlineService implements SuggestService {
  readonly taxonomy: Taxonomy;
  readonly model: ModelIdentity;
  readonly coverages: readonly number[];
  readonly corrections: CorrectionMemory | undefined;
  readonly #answerer: Answerer;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  /** @param corrections the memory that `answerer` was opened with */
  constructor(answerer: Answerer, corrections?: CorrectionMemory) {
    this.#answerer = answerer;
    this.corrections = corrections;
    this.taxonomy = answerer.taxonomy;
    this.model = answerer.model;
    this.coverages = answerer.coverages;
  }

  async suggest(tickets: readonly Ticket[], options: SuggestOptions): Promise<Suggestion[]> {
    if (this.#closed) throw new DuihaoError('unavailable', 'service-closed', 'this service has been closed');
    const answering = this.#answer(tickets, options);
    this.#running.add(answering);
    try {
      return await answering;
    } finally {
      this.#running.delete(answering);
    }
  }

  async #answer(tickets: readonly Ticket[], options: SuggestOptions): Promise<Suggestion[]> {
    const suggestions: Suggestion[] = [];
    for (let start = 0; start < tickets.length; start += STRETCH) {
      if (start > 0) await setImmediate();
      suggestions.push(...this.#answerer.answer(tickets.slice(start, start + STRETCH), options));
    }
    return suggestions;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#running);
    this.#answerer.close?.();
  }
}

/**
 * A candidate beside the current model: it is asked what was asked, after the answer was sent, and what it says is only
 * kept. It must never cost an agent anything: it waits while answers are being made, its queue is short, and what does
 * not fit or fails is counted and forgotten.
 */
import { codeOf } from '../errors.js';
import { log } from '../log.js';
import type { Store } from '../store/store.js';
import type { ModelIdentity, SuggestService } from '../suggest/suggest-service.js';
import type { SuggestOptions } from '../suggest/suggestion.js';
import type { Ticket } from '../text/ticket.js';

/** Of tickets. */
export interface ShadowCounts {
  readonly answered: number;
  /** Of the answered: decided another item than was shown. */
  readonly differing: number;
  /** Not asked: more came than it could take. */
  readonly dropped: number;
  /** It did not answer, or its answer was not stored. */
  readonly failed: number;
}

/** What was shown, and for which ticket. */
export interface AskedTicket {
  readonly suggestionId: string;
  readonly ticket: Ticket;
  /** Id of the decided item. */
  readonly item: string | null;
}

export interface ShadowLimits {
  /** Tickets that may wait; at most 20 MB of text. */
  readonly waiting: number;
  /** Tickets asked at once: an answer that comes meanwhile shares the processor with no more than these. */
  readonly together: number;
}

const defaultLimits: ShadowLimits = { waiting: 512, together: 8 };
/** A model that fails at everything must not fill the log. */
const logEveryMs = 60_000;

interface Waiting {
  readonly asked: readonly AskedTicket[];
  readonly options: SuggestOptions;
}

export class Shadow {
  readonly #limits: ShadowLimits;
  readonly #store: () => Store | undefined;
  readonly #waiting: Waiting[] = [];
  #tickets = 0;
  #service: SuggestService | undefined;
  #running: Promise<void> | undefined;
  /** Answers being made for agents. */
  #answering = 0;
  #wake: (() => void) | undefined;
  #counts = { answered: 0, differing: 0, dropped: 0, failed: 0 };
  #loggedAt = Number.NEGATIVE_INFINITY;

  /** @param store where answers are kept, once it is open */
  constructor(store: () => Store | undefined, limits: ShadowLimits = defaultLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  get counts(): ShadowCounts {
    return { ...this.#counts };
  }

  get model(): ModelIdentity | null {
    return this.#service?.model ?? null;
  }

  /** @returns what was there before, for the caller to close; what waited for it is forgotten. */
  fill(service: SuggestService | undefined): SuggestService | undefined {
    const before = this.#service;
    this.#service = service;
    this.#waiting.length = 0;
    this.#tickets = 0;
    return before;
  }

  /** Makes an answer for somebody who waits: until it is there the shadow is asked nothing. */
  async behind<T>(answer: Promise<T>): Promise<T> {
    this.#answering += 1;
    try {
      return await answer;
    } finally {
      this.#answering -= 1;
      if (this.#answering === 0) this.#wake?.();
    }
  }

  /**
   * Returns at once. Tickets that the shadow cannot be asked about are left out: it is the model that answered, or
   * the request is limited to items or a level that its list may not have.
   */
  ask(
    asked: readonly AskedTicket[],
    options: SuggestOptions,
    { model, taxonomy }: Pick<SuggestService, 'model' | 'taxonomy'>,
  ): void {
    const shadow = this.#service;
    if (!shadow || shadow.model.version === model.version) return;
    const { level, within, without } = options;
    if ((level !== undefined || within || without) && shadow.taxonomy.digest !== taxonomy.digest) return;
    const own: SuggestOptions = {
      k: 1,
      evidence: false,
      ...(level === undefined ? {} : { level }),
      ...(within ? { within } : {}),
      ...(without ? { without } : {}),
    };
    const taken = asked.slice(0, Math.max(0, this.#limits.waiting - this.#tickets));
    this.#counts.dropped += asked.length - taken.length;
    for (let from = 0; from < taken.length; from += this.#limits.together) {
      this.#waiting.push({ asked: taken.slice(from, from + this.#limits.together), options: own });
    }
    this.#tickets += taken.length;
    if (taken.length > 0) this.#running ??= this.#run();
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Forgets what waits and closes the model. */
  async close(): Promise<void> {
    const service = this.fill(undefined);
    this.#wake?.();
    await this.settled();
    await service?.close();
  }

  async #run(): Promise<void> {
    // The answer that brought this is on its way first.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      while (this.#answering > 0 && this.#service) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      this.#wake = undefined;
      const next = this.#waiting.shift();
      if (!next || !this.#service) break;
      this.#tickets -= next.asked.length;
      await this.#compare(this.#service, next);
    }
    this.#running = undefined;
  }

  async #compare(service: SuggestService, { asked, options }: Waiting): Promise<void> {
    try {
      const suggestions = await service.suggest(
        asked.map(({ ticket }) => ticket),
        options,
      );
      const answeredAt = new Date();
      const { model, taxonomy } = service;
      await this.#store()?.shadow.add(
        suggestions.map(({ decision, candidates: [top] }, at) => ({
          suggestionId: asked[at]!.suggestionId,
          model: model.id,
          modelVersion: model.version,
          taxonomyDigest: taxonomy.digest,
          decision: {
            kind: decision.kind,
            item: decision.item?.id ?? null,
            probability: decision.probability,
          },
          top: top ? { item: top.item.id, probability: top.probability } : null,
          answeredAt,
        })),
      );
      this.#counts.answered += suggestions.length;
      this.#counts.differing += suggestions.filter(
        ({ decision }, at) => (decision.item?.id ?? null) !== asked[at]!.item,
      ).length;
    } catch (error) {
      // A shadow that was exchanged meanwhile is closed: that is no failure.
      if (this.#service !== service) return;
      this.#counts.failed += asked.length;
      if (performance.now() - this.#loggedAt < logEveryMs) return;
      this.#loggedAt = performance.now();
      log.warn({ code: codeOf(error), failed: this.#counts.failed }, 'the shadow model did not answer');
    }
  }
}

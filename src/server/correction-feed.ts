/**
 * Keeps the memory of the service that answers filled with what agents chose: reads the store at the start, when
 * another model comes, and every ten seconds, so that choices made at other servers count here too. A store that does
 * not answer changes nothing but the log: the memory stays as it is.
 */
import { fingerprintLength } from '../classifier/fingerprint.js';
import { codeOf } from '../errors.js';
import { log } from '../log.js';
import type { RecentChoice, RecentChoicesQuery } from '../store/recent-choices.js';
import type { Change } from '../suggest/correction-memory.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { Poll } from './poll.js';

/** What is needed of a store. */
export interface ChoiceSource {
  recentChoices(query: RecentChoicesQuery): Promise<readonly RecentChoice[]>;
}

export interface FeedOptions {
  /** Milliseconds between two looks. Default 10,000. */
  readonly everyMs?: number;
  readonly now?: () => number;
}

const dayMs = 86_400_000;
/** Five half-lives: a choice counts a thirtieth then. */
const oldestMs = 150 * dayMs;
/**
 * Read again at every look: what another server's clock or a transaction that took its time stored a little in the
 * past. Servers whose clocks differ by more see some choices of each other at their next start only.
 */
const overlapMs = 120_000;
/** A search waits while a batch is being written: some milliseconds for so many. */
const together = 1_000;

export class CorrectionFeed {
  readonly #store: ChoiceSource;
  readonly #poll: Poll<void>;
  readonly #now: () => number;
  #service: SuggestService | undefined;
  /** The latest choice read was received then. */
  #until = 0;
  #failed = false;

  constructor(store: ChoiceSource, { everyMs = 10_000, now = Date.now }: FeedOptions = {}) {
    this.#store = store;
    this.#poll = new Poll(() => this.#look(), everyMs);
    this.#now = now;
  }

  /** From now on for this service; its memory is filled in a moment. One without a memory ends it. */
  follow(service: SuggestService): void {
    this.#service = service.corrections ? service : undefined;
    // Nothing can have been chosen for a model before it was trained; a day for clocks that differ.
    const trained = Date.parse(service.model.trainedAt) - dayMs;
    this.#until = Math.max(this.#now() - oldestMs, Number.isNaN(trained) ? 0 : trained);
    if (!this.#service) return;
    this.#poll.start();
    void this.#poll.check();
  }

  /** One look at the store; concurrent calls share it. */
  check(): Promise<void> {
    return this.#poll.check();
  }

  /** Ends looking and waits for a look under way. */
  stop(): Promise<void> {
    return this.#poll.stop();
  }

  async #look(): Promise<void> {
    const service = this.#service;
    const memory = service?.corrections;
    if (!service || !memory || this.#poll.stopped) return;
    const choices = await this.#read(service, memory.capacity);
    // Another model came meanwhile: it does not wait for the next look.
    if (this.#service !== service) return this.#look();
    const changes = choices.map((choice) => changeOf(choice, service.taxonomy));
    for (let from = 0; from < changes.length; from += together) {
      memory.write(changes.slice(from, from + together));
    }
    for (const { receivedAt } of choices) this.#until = Math.max(this.#until, receivedAt.getTime());
  }

  /** None where the store does not answer. */
  async #read({ model, taxonomy }: SuggestService, limit: number): Promise<readonly RecentChoice[]> {
    try {
      const choices = await this.#store.recentChoices({
        modelVersion: model.version,
        taxonomyDigest: taxonomy.digest,
        since: new Date(this.#until - overlapMs),
        limit,
      });
      this.#failed = false;
      return choices;
    } catch (error) {
      // Once: a database that is away for an hour need not be told of every ten seconds.
      if (!this.#failed) {
        log.warn({ code: codeOf(error) }, 'recent choices cannot be read; answers go on with those known');
      }
      this.#failed = true;
      return [];
    }
  }
}

/** What says nothing, or names what the model's list does not have, is none. */
function changeOf(one: RecentChoice, taxonomy: Taxonomy): Change {
  const { suggestionId, agent, item, modelItem, weight, decidedAt, fingerprint } = one;
  const key = `${suggestionId} ${agent}`;
  const chosen = item === null ? undefined : taxonomy.byId(item);
  const own = modelItem === null ? undefined : taxonomy.byId(modelItem);
  const counts = chosen && chosen.leafEnd > chosen.leafStart && weight > 0;
  if (!counts || fingerprint.length !== fingerprintLength) return { key, choice: null };
  return {
    key,
    choice: {
      fingerprint: new Int8Array(fingerprint),
      item: chosen.index,
      decidedAt: decidedAt.getTime(),
      weight,
      agent,
      // Not by the feedback's kind: who accepts an answer that choices moved does not say that the model is right.
      corrected: !own || own.leafStart < chosen.leafStart || own.leafEnd > chosen.leafEnd,
    },
  };
}

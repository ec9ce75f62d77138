/**
 * Records suggestions behind the answer: they gather for a moment and are written together, so that nobody
 * waits for the database. What was gathered is written before the store closes; a crash loses at most that
 * moment, and feedback about it is still kept (unmatched).
 */
import { setTimeout } from 'node:timers/promises';
import { isDuihaoError } from '../errors.js';
import { log } from '../log.js';
import type { NewSuggestion, Suggestions } from './suggestions.js';

const gatherMs = 50;
/** 250 rows of 19 columns: a transaction of some milliseconds. */
const mostTogether = 250;
/** About ten minutes of a busy hotline; beyond it a database that is away would fill the memory. */
const mostWaiting = 50_000;
const retryMs = 1_000;

export class SuggestionRecorder {
  readonly #suggestions: Suggestions;
  readonly #waiting: NewSuggestion[] = [];
  /** Waiting or being written. */
  readonly #pending = new Set<string>();
  #running: Promise<void> | undefined;
  #hurry = new AbortController();
  #closing = false;
  #lost = 0;

  constructor(suggestions: Suggestions) {
    this.#suggestions = suggestions;
  }

  /** How many were dropped because the database was away for too long. */
  get lost(): number {
    return this.#lost;
  }

  record(shown: readonly NewSuggestion[]): void {
    for (const one of shown) {
      this.#waiting.push(one);
      this.#pending.add(one.id);
    }
    for (const dropped of this.#waiting.splice(0, Math.max(0, this.#waiting.length - mostWaiting))) {
      this.#pending.delete(dropped.id);
      this.#lost += 1;
    }
    this.#running ??= this.#run();
  }

  /** Resolves when what is known of this suggestion is in the database; at once for most. */
  async recorded(id: string): Promise<void> {
    if (!this.#pending.has(id)) return;
    this.#hurry.abort();
    // A database that is away must not hold the caller: its own write will say so.
    for (let tries = 0; tries < 40 && this.#pending.has(id); tries++) await setTimeout(25);
  }

  /** Writes what is left, trying for at most `graceMs`. */
  async close(graceMs = 10_000): Promise<void> {
    this.#closing = true;
    this.#hurry.abort();
    const ended = new AbortController();
    await Promise.race([
      this.#running ?? Promise.resolve(),
      setTimeout(graceMs, undefined, { signal: ended.signal }).catch(() => {}),
    ]);
    ended.abort();
    if (this.#waiting.length > 0) log.error({ lost: this.#waiting.length }, 'suggestions were not recorded');
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < mostTogether && !this.#closing)
        await setTimeout(gatherMs, undefined, { signal: this.#hurry.signal }).catch(() => {});
      if (!this.#closing) this.#hurry = new AbortController();
      const batch = this.#waiting.splice(0, mostTogether);
      try {
        await this.#suggestions.add(batch);
        for (const { id } of batch) this.#pending.delete(id);
      } catch (error) {
        if (isDuihaoError(error) && error.kind === 'unavailable') {
          log.error({ code: error.code, waiting: this.#waiting.length }, 'suggestions not recorded yet');
          this.#waiting.unshift(...batch);
          await setTimeout(retryMs, undefined, { ref: false });
        } else await this.#oneByOne(batch);
      }
    }
    this.#running = undefined;
  }

  /** One that the database refuses must not keep the others out. */
  async #oneByOne(batch: readonly NewSuggestion[]): Promise<void> {
    for (const one of batch) {
      await this.#suggestions.add([one]).catch((error) => {
        this.#lost += 1;
        log.error({ name: (error as Error).name, suggestion: one.id }, 'a suggestion was not recorded');
      });
      this.#pending.delete(one.id);
    }
  }
}

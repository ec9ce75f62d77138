/**
 * Asks as somebody types: after a pause, with the stale request aborted, never showing an answer to an older
 * question, and trying again by itself where waiting helps. Knows nothing of the page, so that it is tested
 * with a hand-turned clock.
 */
import { ApiError } from './api.js';

export interface Answered<Q, A> {
  readonly question: Q;
  readonly answer: A;
}

export type AskState<Q, A> =
  | { readonly kind: 'idle' }
  /** Waiting for a pause or for the server; `last` is the newest answer to an earlier question. */
  | { readonly kind: 'asking'; readonly last: Answered<Q, A> | null }
  | { readonly kind: 'answered'; readonly last: Answered<Q, A> }
  | {
      readonly kind: 'failed';
      readonly error: ApiError;
      /** Seconds until it asks again by itself; null: only when told to. */
      readonly retryIn: number | null;
      readonly last: Answered<Q, A> | null;
    };

/** Runs something later; the returned function cancels it. */
export type Later = (milliseconds: number, run: () => void) => () => void;

export const later: Later = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};

export interface AskerOptions<Q, A> {
  ask(question: Q, signal: AbortSignal): Promise<A>;
  changed(state: AskState<Q, A>): void;
  readonly pauseMs: number;
  readonly later?: Later;
}

export class Asker<Q, A> {
  readonly #options: AskerOptions<Q, A>;
  readonly #later: Later;
  #state: AskState<Q, A> = { kind: 'idle' };
  #question: Q | null = null;
  #key = '';
  #cancelTimer: (() => void) | null = null;
  #running: AbortController | null = null;
  #failures = 0;

  constructor(options: AskerOptions<Q, A>) {
    this.#options = options;
    this.#later = options.later ?? later;
  }

  get state(): AskState<Q, A> {
    return this.#state;
  }

  /** The question as it now stands; null: there is nothing to ask. The same question is not asked twice. */
  change(question: Q | null): void {
    const key = question === null ? '' : JSON.stringify(question);
    if (key === this.#key) return;
    this.#key = key;
    this.#question = question;
    this.#failures = 0;
    this.#drop();
    if (question === null) {
      this.#enter({ kind: 'idle' });
      return;
    }
    const last = this.#last();
    if (last && JSON.stringify(last.question) === key) {
      this.#enter({ kind: 'answered', last });
      return;
    }
    this.#enter({ kind: 'asking', last });
    this.#cancelTimer = this.#later(this.#options.pauseMs, () => void this.#ask());
  }

  /** Without waiting for the pause; also after a failure. Does nothing where it is asked or answered already. */
  askNow(): void {
    if (this.#question === null || this.#running || this.#state.kind === 'answered') return;
    this.#drop();
    this.#enter({ kind: 'asking', last: this.#last() });
    void this.#ask();
  }

  stop(): void {
    this.#key = '';
    this.#question = null;
    this.#drop();
  }

  async #ask(): Promise<void> {
    const question = this.#question;
    if (question === null) return;
    this.#cancelTimer = null;
    const running = new AbortController();
    this.#running = running;
    try {
      const answer = await this.#options.ask(question, running.signal);
      if (this.#running !== running) return;
      this.#running = null;
      this.#failures = 0;
      this.#enter({ kind: 'answered', last: { question, answer } });
    } catch (error) {
      if (this.#running !== running) return;
      this.#running = null;
      this.#fail(error instanceof ApiError ? error : new ApiError('broken', 0, 'page-failed'));
    }
  }

  #fail(error: ApiError): void {
    this.#failures += 1;
    const retryIn = waitBefore(error, this.#failures);
    this.#enter({ kind: 'failed', error, retryIn, last: this.#last() });
    if (retryIn !== null) this.#cancelTimer = this.#later(retryIn * 1000, () => void this.#ask());
  }

  #last(): Answered<Q, A> | null {
    return this.#state.kind === 'idle' ? null : this.#state.last;
  }

  #drop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#running?.abort();
    this.#running = null;
  }

  #enter(state: AskState<Q, A>): void {
    this.#state = state;
    this.#options.changed(state);
  }
}

/** Doubles from 2 s to half a minute where the server names no time; null where waiting cannot help. */
export function waitBefore(error: ApiError, failures: number): number | null {
  if (error.kind === 'refused' || error.kind === 'signed-out' || error.kind === 'broken') return null;
  const own = Math.min(30, 2 ** failures);
  return Math.max(1, error.retryAfter ?? own);
}

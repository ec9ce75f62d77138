/**
 * Sends what was chosen on the plain page: in order, again where waiting helps, and of one suggestion only
 * the latest choice that has not gone out yet. Nobody waits for it.
 */
import type { FeedbackRequest } from '../server/feedback-schemas.js';
import { ApiError } from './api.js';
import { type Later, later, waitBefore } from './asker.js';

export interface FeedbackSenderOptions {
  send(feedback: FeedbackRequest): Promise<unknown>;
  /** How many wait, and why the first of them does. */
  changed(waiting: number, error: ApiError | null): void;
  readonly later?: Later;
}

export class FeedbackSender {
  readonly #options: FeedbackSenderOptions;
  readonly #later: Later;
  readonly #waiting: FeedbackRequest[] = [];
  #sending: FeedbackRequest | null = null;
  #cancelTimer: (() => void) | null = null;
  #failures = 0;
  #decidedAt = 0;

  constructor(options: FeedbackSenderOptions) {
    this.#options = options;
    this.#later = options.later ?? later;
  }

  /** @param at by the server's clock, as far as it is known */
  give(given: Omit<FeedbackRequest, 'decidedAt'>, at: number): void {
    // What is known of that clock may be set back; the later choice is the later one all the same.
    this.#decidedAt = Math.max(this.#decidedAt + 1, Math.round(at));
    const feedback = { ...given, decidedAt: new Date(this.#decidedAt).toISOString() };
    const before = this.#waiting.findIndex(
      (one) => one.suggestionId === feedback.suggestionId && one !== this.#sending,
    );
    if (before >= 0) this.#waiting.splice(before, 1);
    this.#waiting.push(feedback);
    this.#report(null);
    if (this.#cancelTimer === null) void this.#next();
  }

  /** After a new sign-in, or back online. */
  tryNow(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    void this.#next();
  }

  async #next(): Promise<void> {
    const first = this.#waiting[0];
    if (first === undefined || this.#sending !== null) return;
    this.#sending = first;
    let failure: ApiError | null = null;
    try {
      await this.#options.send(first);
    } catch (error) {
      failure = error instanceof ApiError ? error : new ApiError('broken', 0, 'page-failed');
    }
    this.#sending = null;
    if (failure === null || failure.kind === 'refused') {
      // What is refused now is refused again: it must not hold up the others.
      this.#failures = 0;
      this.#waiting.shift();
      this.#report(failure);
      void this.#next();
      return;
    }
    this.#failures += 1;
    this.#report(failure);
    // After a new sign-in `tryNow` goes on; a server's fault may pass.
    if (failure.kind === 'signed-out') return;
    const seconds = waitBefore(failure, this.#failures) ?? 30;
    this.#cancelTimer = this.#later(seconds * 1000, () => {
      this.#cancelTimer = null;
      void this.#next();
    });
  }

  #report(error: ApiError | null): void {
    this.#options.changed(this.#waiting.length, error);
  }
}

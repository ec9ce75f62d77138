/**
 * One agent's work on the queue: what is in hand, what waits, what was done, and every way from one to the
 * other. Knows nothing of the page, so that it is tested without one.
 */

import type { ReviewBody, ReviewsResponse } from '../server/review-schemas.js';
import type { ItemRefBody } from '../server/schemas.js';
import { ApiError } from './api.js';
import type { ReviewCause, ReviewDesk } from './workplace-api.js';

export type BenchPhase =
  /** Asking what is in hand already. */
  | 'starting'
  | 'working'
  /** Nothing to claim. */
  | 'empty'
  | 'paused'
  /** The first question was not answered. */
  | 'failed';

/** What has just happened, for the line under the candidates. */
export type Outcome =
  | { readonly kind: 'chosen'; readonly ticket: string; readonly item: ItemRefBody }
  | { readonly kind: 'skipped' | 'undone' | 'taken' | 'closed' | 'nothing-to-undo'; readonly ticket: string };

export interface BenchState {
  readonly phase: BenchPhase;
  readonly current: ReviewBody | null;
  /** In hand besides the current one: they come next. */
  readonly held: readonly ReviewBody[];
  /** Free to claim, best first. */
  readonly waiting: readonly ReviewBody[];
  readonly count: ReviewsResponse['waiting'];
  /** Closed by this agent, latest first. */
  readonly done: readonly ReviewBody[];
  readonly cause: ReviewCause | undefined;
  /** A request about the current ticket is on its way: further keys are not for it. */
  readonly busy: boolean;
  readonly error: ApiError | null;
  readonly outcome: Outcome | null;
}

/** What an agent spent and noted on the current ticket. */
export interface Effort {
  readonly milliseconds: number;
  readonly note: string;
}

const shownWaiting = 30;
const shownDone = 20;

export class WorkBench {
  readonly #desk: ReviewDesk;
  readonly #changed: (state: BenchState) => void;
  #state: BenchState = {
    phase: 'starting',
    current: null,
    held: [],
    waiting: [],
    count: { count: 0, more: false },
    done: [],
    cause: undefined,
    busy: false,
    error: null,
    outcome: null,
  };
  /** Nobody looks any more. */
  #left = false;
  /** Lists that were asked for before the last step are of the past. */
  #step = 0;

  constructor(desk: ReviewDesk, changed: (state: BenchState) => void) {
    this.#desk = desk;
    this.#changed = changed;
  }

  get state(): BenchState {
    return this.#state;
  }

  /** Goes on with what is in hand, or takes the best. */
  async start(): Promise<void> {
    await this.#do(async () => {
      const { reviews } = await this.#desk.list('claimed', shownWaiting, undefined);
      this.#enter({ held: reviews });
      await this.#next();
    });
    if (this.#state.error !== null && this.#state.current === null) this.#enter({ phase: 'failed' });
    await this.refresh();
  }

  choose(item: ItemRefBody, effort: Effort): Promise<void> {
    return this.#close({ action: 'choose', item: item.item, ...spent(effort) }, ({ ticket, chosen }) => ({
      kind: 'chosen',
      ticket: ticket.id,
      item: chosen ?? item,
    }));
  }

  skip(effort: Effort): Promise<void> {
    return this.#close({ action: 'skip', ...spent(effort) }, ({ ticket }) => ({
      kind: 'skipped',
      ticket: ticket.id,
    }));
  }

  /** Takes back the latest one, or one of those done. What was in hand comes after it. */
  async undo(id: string | undefined = this.#state.done[0]?.id): Promise<void> {
    const closed = this.#state.done.find((one) => one.id === id);
    if (closed === undefined) {
      this.#enter({ outcome: { kind: 'nothing-to-undo', ticket: '' } });
      return;
    }
    await this.#do(async () => {
      const done = this.#state.done.filter((one) => one.id !== closed.id);
      try {
        const opened = await this.#desk.act(closed.id, { action: 'undo' });
        const { current, held } = this.#state;
        this.#enter({
          phase: 'working',
          current: opened,
          held: current === null ? held : [current, ...held],
          done,
          outcome: { kind: 'undone', ticket: opened.ticket.id },
        });
      } catch (error) {
        if (!isConflict(error)) throw error;
        this.#enter({ done, outcome: { kind: 'nothing-to-undo', ticket: closed.ticket.id } });
      }
    });
    await this.refresh();
  }

  /** Takes a certain one of the queue; the current one goes back to it. */
  async open(id: string): Promise<void> {
    if (id === this.#state.current?.id) return;
    await this.#do(async () => {
      const inHand = this.#state.held.find((one) => one.id === id);
      const before = this.#state.current;
      try {
        const opened = inHand ?? (await this.#desk.act(id, { action: 'claim' }));
        this.#enter({
          phase: 'working',
          current: opened,
          held: this.#state.held.filter((one) => one.id !== id),
          waiting: this.#state.waiting.filter((one) => one.id !== id),
          outcome: null,
        });
      } catch (error) {
        if (!isConflict(error)) throw error;
        const wanted = this.#state.waiting.find((one) => one.id === id);
        this.#enter({ outcome: lostTo(error, wanted?.ticket.id ?? '') });
        return;
      }
      if (before !== null) await this.#release(before.id);
    });
    await this.refresh();
  }

  /** Holds the current one for longer. */
  async renew(): Promise<void> {
    const { current, busy } = this.#state;
    if (current === null || busy) return;
    const step = this.#step;
    try {
      const renewed = await this.#desk.act(current.id, { action: 'claim' });
      if (step === this.#step) this.#enter({ current: renewed });
    } catch (error) {
      // Offline it ends by itself, and the clock on the page says so.
      if (step !== this.#step || !isConflict(error)) return;
      this.#enter({ current: null, outcome: lostTo(error, current.ticket.id) });
      await this.#do(() => this.#next());
    }
  }

  /** Gives everything back. */
  async pause(): Promise<void> {
    await this.#do(async () => {
      const { current, held } = this.#state;
      for (const { id } of current === null ? held : [current, ...held]) await this.#release(id);
      this.#enter({ phase: 'paused', current: null, held: [], outcome: null });
    });
    await this.refresh();
  }

  /** After a pause, an empty queue or a failure. */
  async resume(): Promise<void> {
    if (this.#state.current !== null) return;
    await this.#do(() => this.#next());
    await this.refresh();
  }

  async filter(cause: ReviewCause | undefined): Promise<void> {
    this.#enter({ cause });
    this.#step += 1;
    await this.refresh();
  }

  /** The lists, not the ticket in hand. */
  async refresh(): Promise<void> {
    const step = this.#step;
    const { cause } = this.#state;
    try {
      const [open, closed] = await Promise.all([
        this.#desk.list('open', shownWaiting, cause),
        this.#desk.list('closed', shownDone, undefined),
      ]);
      if (step !== this.#step) return;
      this.#enter({ waiting: open.reviews, count: open.waiting, done: closed.reviews });
    } catch {
      // The next one may be answered; the lists stand as they were.
    }
  }

  /** The page closes: others need not wait for the time to run out. */
  leave(): void {
    this.#left = true;
    const { current, held } = this.#state;
    for (const { id } of current === null ? held : [current, ...held])
      this.#desk.act(id, { action: 'release' }).catch(() => {});
  }

  async #close(
    action: Parameters<ReviewDesk['act']>[1],
    outcomeOf: (closed: ReviewBody) => Outcome,
  ): Promise<void> {
    const { current } = this.#state;
    if (current === null) return;
    await this.#do(async () => {
      try {
        const closed = await this.#desk.act(current.id, action);
        this.#enter({
          current: null,
          done: [closed, ...this.#state.done.filter(({ id }) => id !== closed.id)].slice(0, shownDone),
          outcome: outcomeOf(closed),
        });
      } catch (error) {
        if (!isConflict(error)) throw error;
        this.#enter({ current: null, outcome: lostTo(error, current.ticket.id) });
      }
      await this.#next();
    });
    void this.refresh();
  }

  /** From what is in hand, else the best of the queue. */
  async #next(): Promise<void> {
    const [first, ...rest] = this.#state.held;
    if (first !== undefined) {
      this.#enter({ phase: 'working', current: first, held: rest });
      return;
    }
    const { reviews } = await this.#desk.claim(1, this.#state.cause);
    if (this.#left) {
      for (const { id } of reviews) this.#desk.act(id, { action: 'release' }).catch(() => {});
      return;
    }
    const [claimed = null, ...more] = reviews;
    this.#enter({
      phase: claimed === null ? 'empty' : 'working',
      current: claimed,
      held: more,
      waiting: this.#state.waiting.filter(({ id }) => id !== claimed?.id),
    });
  }

  async #release(id: string): Promise<void> {
    try {
      await this.#desk.act(id, { action: 'release' });
    } catch (error) {
      // Closed or in other hands meanwhile: it is given back already.
      if (!isConflict(error)) throw error;
    }
  }

  /** One step at a time: a second key while the first is on its way is not for the next ticket. */
  async #do(run: () => Promise<void>): Promise<void> {
    if (this.#state.busy) return;
    this.#step += 1;
    this.#enter({ busy: true, error: null });
    try {
      await run();
      this.#enter({ busy: false });
    } catch (error) {
      const failure = error instanceof ApiError ? error : new ApiError('broken', 0, 'page-failed');
      this.#enter({ busy: false, error: failure });
    }
  }

  #enter(change: Partial<BenchState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed(this.#state);
  }
}

const isConflict = (error: unknown): error is ApiError =>
  error instanceof ApiError && (error.status === 409 || error.code === 'review-unknown');

/** Somebody else has it, or has done it. */
function lostTo(error: ApiError, ticket: string): Outcome {
  return { kind: error.code === 'review-claimed' ? 'taken' : 'closed', ticket };
}

function spent({ milliseconds, note }: Effort): { milliseconds: number; note?: string } {
  const trimmed = note.trim();
  return { milliseconds, ...(trimmed === '' ? {} : { note: trimmed }) };
}

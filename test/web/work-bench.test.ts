/** One agent's steps through the queue, over a desk that is a small queue itself. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReviewAction, ReviewBody } from '../../src/server/review-schemas.js';
import { ApiError } from '../../src/web/api.js';
import { type BenchState, WorkBench } from '../../src/web/work-bench.js';
import type { ReviewDesk } from '../../src/web/workplace-api.js';

const item = (code: string) => ({ item: code, code: code.padEnd(10, '0'), short: code, name: `事项${code}` });

/** The rules of the server's queue, for any number of agents. */
class Queue {
  readonly reviews: ReviewBody[] = [];
  readonly actions: [agent: string, id: string, action: ReviewAction][] = [];
  /** The next request fails with it. */
  failure: ApiError | null = null;

  add(...ids: string[]): void {
    for (const id of ids) {
      this.reviews.push({
        id,
        cause: id.startsWith('label') ? 'likely-mislabelled' : 'uncertain',
        value: 0.5,
        state: 'open',
        ticket: { id: `GD-${id}`, title: null, text: null },
        suggestionId: null,
        decision: null,
        candidates: [],
        evidence: [],
        label: null,
        claim: null,
        chosen: null,
        note: null,
        createdAt: '2026-01-01T00:00:00Z',
        closedAt: null,
        closedBy: null,
      });
    }
  }

  desk(agent: string): ReviewDesk {
    const ask = async <T>(answer: () => T): Promise<T> => {
      await Promise.resolve();
      const { failure } = this;
      this.failure = null;
      if (failure) throw failure;
      return answer();
    };
    const free = (cause?: string) =>
      this.reviews.filter((one) => one.state === 'open' && !one.claim && (!cause || one.cause === cause));
    const held = { agent, until: '2026-01-01T00:10:00Z', mine: true };
    return {
      list: (state, limit, cause) =>
        ask(() => {
          const found = {
            open: free(cause),
            claimed: this.reviews.filter(({ claim }) => claim?.agent === agent),
            closed: this.reviews.filter(({ closedBy }) => closedBy === agent).reverse(),
          }[state];
          return { reviews: found.slice(0, limit), waiting: { count: free(cause).length, more: false } };
        }),
      claim: (count, cause) =>
        ask(() => ({
          reviews: free(cause)
            .slice(0, count)
            .map(({ id }) => this.#set(id, { claim: held })),
        })),
      act: (id, action) =>
        ask(() => {
          this.actions.push([agent, id, action]);
          const before = this.reviews.find((one) => one.id === id);
          if (!before) throw new ApiError('refused', 404, 'review-unknown');
          if (action.action === 'undo') {
            if (before.closedBy !== agent) throw new ApiError('refused', 409, 'review-not-yours');
            return this.#set(id, { state: 'open', closedBy: null, chosen: null, claim: held });
          }
          if (before.state !== 'open') throw new ApiError('refused', 409, 'review-closed');
          if (before.claim && before.claim.agent !== agent)
            throw new ApiError('refused', 409, 'review-claimed');
          if (action.action === 'claim') return this.#set(id, { claim: held });
          if (action.action === 'release') return this.#set(id, { claim: null });
          return this.#set(id, {
            state: action.action === 'choose' ? 'done' : 'skipped',
            chosen: action.action === 'choose' ? item(action.item) : null,
            claim: null,
            closedBy: agent,
          });
        }),
    };
  }

  #set(id: string, change: Partial<ReviewBody>): ReviewBody {
    const at = this.reviews.findIndex((one) => one.id === id);
    this.reviews[at] = { ...this.reviews[at]!, ...change };
    return this.reviews[at]!;
  }
}

const effort = { milliseconds: 1200, note: '' };
const offline = () => new ApiError('offline', 0, '');
let queue: Queue;
let states: BenchState[];
let bench: WorkBench;
beforeEach(() => {
  queue = new Queue();
  states = [];
  bench = new WorkBench(queue.desk('小王'), (state) => states.push(state));
});
/** Refreshes that nobody waits for. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const inHand = () => bench.state.current?.id ?? null;

describe('the work bench', () => {
  it('takes the best, chooses and goes on until the queue is empty', async () => {
    queue.add('a', 'b');
    await bench.start();
    expect(bench.state).toMatchObject({ phase: 'working', busy: false });
    expect(inHand()).toBe('a');
    expect(bench.state.waiting.map(({ id }) => id)).toEqual(['b']);
    await bench.choose(item('0801'), { milliseconds: 900, note: '  楼下 ' });
    expect(queue.actions.at(-1)).toEqual([
      '小王',
      'a',
      { action: 'choose', item: '0801', milliseconds: 900, note: '楼下' },
    ]);
    expect(bench.state.outcome).toEqual({ kind: 'chosen', ticket: 'GD-a', item: item('0801') });
    expect(inHand()).toBe('b');
    await bench.skip(effort);
    expect(bench.state).toMatchObject({ phase: 'empty', outcome: { kind: 'skipped', ticket: 'GD-b' } });
    await settle();
    expect(bench.state.done.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('goes on with what was in hand before the page was opened', async () => {
    queue.add('a', 'b');
    await queue.desk('小王').claim(1, undefined);
    await bench.start();
    expect(inHand()).toBe('a');
    expect(bench.state.waiting.map(({ id }) => id)).toEqual(['b']);
  });

  it('takes the latest back, then the one before; what was in hand comes after', async () => {
    queue.add('a', 'b', 'c');
    await bench.start();
    await bench.choose(item('0801'), effort);
    await bench.choose(item('0802'), effort);
    await bench.undo();
    expect(inHand()).toBe('b');
    expect(bench.state.held.map(({ id }) => id)).toEqual(['c']);
    await bench.undo();
    expect(inHand()).toBe('a');
    await bench.choose(item('0803'), effort);
    expect(inHand()).toBe('b');
    await bench.choose(item('0803'), effort);
    expect(inHand()).toBe('c');
    expect(queue.reviews.map(({ chosen }) => chosen?.item)).toEqual(['0803', '0803', undefined]);
  });

  it('has nothing to take back at first, and says so', async () => {
    queue.add('a');
    await bench.start();
    await bench.undo();
    expect(bench.state.outcome).toEqual({ kind: 'nothing-to-undo', ticket: '' });
    expect(inHand()).toBe('a');
  });

  it('takes one step at a time: a second key is not for the next ticket', async () => {
    queue.add('a', 'b', 'c');
    await bench.start();
    const first = bench.choose(item('0801'), effort);
    await bench.choose(item('0802'), effort);
    await bench.skip(effort);
    await first;
    expect(queue.actions.map(([, id, { action }]) => `${id} ${action}`)).toEqual(['a choose']);
    expect(inHand()).toBe('b');
  });

  it('keeps the ticket where the answer does not come, and the same key sends it again', async () => {
    queue.add('a', 'b');
    await bench.start();
    queue.failure = offline();
    await bench.choose(item('0801'), effort);
    expect(bench.state).toMatchObject({ busy: false, error: { kind: 'offline' } });
    expect(inHand()).toBe('a');
    await bench.choose(item('0801'), effort);
    expect(bench.state.error).toBeNull();
    expect(inHand()).toBe('b');
  });

  it('says when another has taken it meanwhile, and goes on', async () => {
    queue.add('a', 'b');
    await bench.start();
    // The time ran out, and another agent came.
    queue.reviews[0] = {
      ...queue.reviews[0]!,
      claim: { agent: '小李', until: '2026-01-01T00:20:00Z', mine: false },
    };
    await bench.choose(item('0801'), effort);
    expect(bench.state.outcome).toEqual({ kind: 'taken', ticket: 'GD-a' });
    expect(inHand()).toBe('b');
    queue.reviews[1] = { ...queue.reviews[1]!, state: 'done', claim: null, closedBy: '小李' };
    await bench.renew();
    expect(bench.state).toMatchObject({ phase: 'empty', outcome: { kind: 'closed', ticket: 'GD-b' } });
  });

  it('never gives two agents the same', async () => {
    queue.add('a', 'b', 'c');
    const other = new WorkBench(queue.desk('小李'), () => {});
    await Promise.all([bench.start(), other.start()]);
    expect(new Set([inHand(), other.state.current?.id]).size).toBe(2);
    const others = other.state.current?.id;
    await other.open(inHand()!);
    expect(other.state.outcome?.kind).toBe('taken');
    expect(other.state.current?.id).toBe(others);
    await Promise.all([bench.choose(item('0801'), effort), other.choose(item('0801'), effort)]);
    expect(queue.reviews.filter(({ state }) => state === 'done')).toHaveLength(2);
  });

  it('opens a chosen one of the queue and gives the current one back', async () => {
    queue.add('a', 'b');
    await bench.start();
    await bench.open('b');
    expect(inHand()).toBe('b');
    expect(queue.reviews.map(({ claim }) => claim?.agent)).toEqual([undefined, '小王']);
    await bench.open('b');
    expect(inHand()).toBe('b');
    // One that went in the meantime: what is in hand stays.
    queue.reviews[0] = { ...queue.reviews[0]!, state: 'done', closedBy: '小李' };
    bench = new WorkBench(queue.desk('小王'), () => {});
    await bench.start();
    await bench.open('a');
    expect(inHand()).toBe('b');
    expect(bench.state.outcome).toMatchObject({ kind: 'closed' });
  });

  it('gives everything back for a pause and takes the best afterwards', async () => {
    queue.add('a', 'b');
    await bench.start();
    await bench.choose(item('0801'), effort);
    await bench.undo();
    expect(bench.state.held).toHaveLength(1);
    await bench.pause();
    expect(bench.state).toMatchObject({ phase: 'paused', current: null, held: [] });
    expect(queue.reviews.every(({ claim }) => claim === null)).toBe(true);
    await bench.resume();
    expect(inHand()).toBe('a');
  });

  it('gives back what it was given after the page was left', async () => {
    queue.add('a');
    const started = bench.start();
    bench.leave();
    await started;
    await settle();
    expect(queue.reviews[0]?.claim).toBeNull();
  });

  it('takes only of one cause where that is wanted', async () => {
    queue.add('a', 'label-1');
    await bench.start();
    await bench.filter('likely-mislabelled');
    expect(bench.state.count).toEqual({ count: 1, more: false });
    await bench.choose(item('0801'), effort);
    expect(inHand()).toBe('label-1');
  });

  it('says when nothing is answered at all, and starts when told to', async () => {
    queue.add('a');
    queue.failure = offline();
    await bench.start();
    expect(bench.state).toMatchObject({ phase: 'failed', error: { kind: 'offline' } });
    await bench.resume();
    expect(inHand()).toBe('a');
    expect(bench.state.error).toBeNull();
  });

  it('does not let lists of before a step undo what the step showed', async () => {
    queue.add('a', 'b');
    const desk = queue.desk('小王');
    let arrive = (): void => {};
    let slow = false;
    bench = new WorkBench(
      {
        ...desk,
        list: async (...asked) => {
          const answer = await desk.list(...asked);
          if (slow) {
            await new Promise<void>((resolve) => {
              const before = arrive;
              arrive = () => {
                before();
                resolve();
              };
            });
          }
          return answer;
        },
      },
      () => {},
    );
    await bench.start();
    slow = true;
    const late = bench.refresh();
    await settle();
    slow = false;
    await bench.choose(item('0801'), effort);
    await settle();
    arrive();
    await late;
    expect(bench.state.done.map(({ id }) => id)).toEqual(['a']);
    expect(bench.state.waiting).toEqual([]);
  });
});

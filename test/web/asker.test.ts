/** When the page asks, what it aborts and when it tries again; the clock is turned by hand. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/web/api.js';
import { Asker, type AskState, waitBefore } from '../../src/web/asker.js';

interface Call {
  readonly question: string;
  readonly signal: AbortSignal;
  answer(text: string): Promise<void>;
  fail(error: unknown): Promise<void>;
}

let calls: Call[];
let states: AskState<string, string>[];
let timers: { at: number; run: () => void }[];
let now: number;
let asker: Asker<string, string>;

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function pass(milliseconds: number): void {
  now += milliseconds;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { run } of due) run();
}

beforeEach(() => {
  [calls, states, timers, now] = [[], [], [], 0];
  asker = new Asker<string, string>({
    ask: (question, signal) =>
      new Promise((resolve, reject) => {
        calls.push({
          question,
          signal,
          answer: (text) => {
            resolve(text);
            return settle();
          },
          fail: (error) => {
            reject(error);
            return settle();
          },
        });
      }),
    changed: (state) => states.push(state),
    pauseMs: 400,
    later: (milliseconds, run) => {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
});

const unavailable = (retryAfter: number | null = null) =>
  new ApiError('unavailable', 503, 'model-loading', retryAfter);

describe('asking as somebody types', () => {
  it('waits for a pause and asks the last question only', async () => {
    for (const text of ['噪', '噪声', '噪声大']) {
      asker.change(text);
      pass(300);
    }
    expect(calls).toHaveLength(0);
    expect(asker.state).toEqual({ kind: 'asking', last: null });
    pass(100);
    expect(calls.map(({ question }) => question)).toEqual(['噪声大']);
    await calls[0]!.answer('0402');
    expect(asker.state).toEqual({ kind: 'answered', last: { question: '噪声大', answer: '0402' } });
  });

  it('aborts the stale request and ignores its late answer', async () => {
    asker.change('甲');
    pass(400);
    asker.change('乙');
    expect(calls[0]!.signal.aborted).toBe(true);
    pass(400);
    await calls[0]!.answer('甲的答案');
    expect(asker.state.kind).toBe('asking');
    await calls[1]!.answer('乙的答案');
    await calls[0]!.fail(new Error('aborted'));
    expect(asker.state).toMatchObject({ kind: 'answered', last: { answer: '乙的答案' } });
  });

  it('keeps the earlier answer at hand while it asks, and forgets it when there is nothing to ask', async () => {
    asker.change('甲');
    pass(400);
    await calls[0]!.answer('A');
    asker.change('乙');
    expect(asker.state).toEqual({ kind: 'asking', last: { question: '甲', answer: 'A' } });
    asker.change(null);
    expect(asker.state).toEqual({ kind: 'idle' });
    pass(1000);
    expect(calls).toHaveLength(1);
  });

  it('does not ask again what it has just answered', async () => {
    asker.change('甲');
    pass(400);
    await calls[0]!.answer('A');
    asker.change('甲');
    asker.change('甲乙');
    asker.change('甲');
    pass(1000);
    expect(calls).toHaveLength(1);
    expect(asker.state).toMatchObject({ kind: 'answered', last: { answer: 'A' } });
  });

  it('asks at once when told to, once', () => {
    asker.askNow();
    expect(calls).toHaveLength(0);
    asker.change('甲');
    asker.askNow();
    asker.askNow();
    pass(1000);
    expect(calls).toHaveLength(1);
  });

  it('stops: nothing runs and nothing is said afterwards', async () => {
    asker.change('甲');
    pass(400);
    const said = states.length;
    asker.stop();
    expect(calls[0]!.signal.aborted).toBe(true);
    await calls[0]!.answer('A');
    pass(60_000);
    expect([calls.length, states.length]).toEqual([1, said]);
  });
});

describe('failures', () => {
  it('are tried again after the time the server names', async () => {
    asker.change('甲');
    pass(400);
    await calls[0]!.fail(unavailable(7));
    expect(asker.state).toMatchObject({ kind: 'failed', retryIn: 7 });
    pass(6999);
    expect(calls).toHaveLength(1);
    pass(1);
    await calls[1]!.answer('A');
    expect(asker.state.kind).toBe('answered');
  });

  it('wait longer each time where no time is named, and start over with a new question', async () => {
    asker.change('甲');
    pass(400);
    const waits: unknown[] = [];
    for (let failure = 0; failure < 6; failure++) {
      await calls.at(-1)!.fail(new ApiError('offline', 0, ''));
      const { state } = asker;
      waits.push(state.kind === 'failed' && state.retryIn);
      pass(30_000);
    }
    expect(waits).toEqual([2, 4, 8, 16, 30, 30]);
    asker.change('乙');
    pass(400);
    await calls.at(-1)!.fail(new ApiError('offline', 0, ''));
    expect(asker.state).toMatchObject({ kind: 'failed', retryIn: 2 });
  });

  it('are not tried again where waiting cannot help, until told to', async () => {
    asker.change('甲');
    pass(400);
    await calls[0]!.fail(new ApiError('refused', 422, 'item-unknown'));
    expect(asker.state).toMatchObject({ kind: 'failed', retryIn: null });
    pass(60_000);
    expect(calls).toHaveLength(1);
    asker.askNow();
    expect(calls).toHaveLength(2);
  });

  it('are dropped when the question changes', async () => {
    asker.change('甲');
    pass(400);
    await calls[0]!.fail(unavailable(5));
    asker.change('乙');
    pass(400);
    pass(10_000);
    expect(calls.map(({ question }) => question)).toEqual(['甲', '乙']);
  });

  it('of the page itself are shown, not swallowed', async () => {
    asker.change('甲');
    pass(400);
    await calls[0]!.fail(new TypeError('no such field'));
    expect(asker.state).toMatchObject({
      kind: 'failed',
      retryIn: null,
      error: { kind: 'broken', code: 'page-failed' },
    });
  });

  it('never make the page hammer the server', () => {
    expect(waitBefore(unavailable(0), 1)).toBe(1);
    expect(waitBefore(new ApiError('limited', 429, 'rate-limited', 60), 1)).toBe(60);
    expect(waitBefore(new ApiError('broken', 500, 'internal'), 1)).toBeNull();
  });
});

/** What the plain page sends, in which order, and when again. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { FeedbackRequest } from '../../src/server/feedback-schemas.js';
import { ApiError } from '../../src/web/api.js';
import { FeedbackSender } from '../../src/web/feedback-sender.js';

let sent: FeedbackRequest[];
let answers: (ApiError | null)[];
let told: [waiting: number, code: string | null][];
let timers: { milliseconds: number; run: () => void }[];
let sender: FeedbackSender;
beforeEach(() => {
  [sent, answers, told, timers] = [[], [], [], []];
  sender = new FeedbackSender({
    send: async (feedback) => {
      sent.push(feedback);
      const failure = answers.shift();
      if (failure) throw failure;
    },
    changed: (waiting, error) => told.push([waiting, error?.kind ?? null]),
    later: (milliseconds, run) => {
      timers.push({ milliseconds, run });
      return () => {
        timers = [];
      };
    },
  });
});
const settle = () => new Promise((resolve) => setImmediate(resolve));
const choice = (suggestionId: string, item = '0801'): FeedbackRequest => ({
  suggestionId,
  kind: 'corrected',
  item,
});
const ids = () => sent.map(({ suggestionId, item }) => `${suggestionId} ${item}`);

describe('feedback of the plain page', () => {
  it('goes out at once and in order', async () => {
    sender.give(choice('a'), 1000);
    sender.give(choice('b'), 1000);
    await settle();
    expect(ids()).toEqual(['a 0801', 'b 0801']);
    expect(told.at(-1)).toEqual([0, null]);
  });

  it('is decided in the order it was given, though the clock is set back', async () => {
    sender.give(choice('a', '0801'), 5000);
    sender.give(choice('a', '0802'), 4000);
    sender.give(choice('a', '0803'), 5001.4);
    await settle();
    const times = sent.map(({ decidedAt }) => Date.parse(decidedAt!));
    expect(times).toEqual([5000, 5002]);
    expect(ids()).toEqual(['a 0801', 'a 0803']);
  });

  it('waits longer and longer while the server is away', async () => {
    answers = [new ApiError('offline', 0, ''), new ApiError('unavailable', 503, 'store-opening', 7), null];
    sender.give(choice('a'), 1000);
    await settle();
    expect(told.at(-1)).toEqual([1, 'offline']);
    expect(timers.at(-1)?.milliseconds).toBe(2000);
    timers.at(-1)?.run();
    await settle();
    expect(timers.at(-1)?.milliseconds).toBe(7000);
    timers.at(-1)?.run();
    await settle();
    expect(ids()).toEqual(['a 0801', 'a 0801', 'a 0801']);
    expect(told.at(-1)).toEqual([0, null]);
  });

  it('sends of one suggestion only the latest that has not gone out', async () => {
    answers = [new ApiError('offline', 0, '')];
    sender.give(choice('a'), 1000);
    await settle();
    sender.give(choice('b', '0801'), 1000);
    sender.give(choice('b', '0802'), 1000);
    sender.give(choice('a', '0803'), 1000);
    sender.tryNow();
    await settle();
    expect(ids()).toEqual(['a 0801', 'b 0802', 'a 0803']);
  });

  it('leaves out what is refused and goes on with the others', async () => {
    answers = [new ApiError('refused', 422, 'item-unknown')];
    sender.give(choice('a'), 1000);
    sender.give(choice('b'), 1000);
    await settle();
    expect(ids()).toEqual(['a 0801', 'b 0801']);
    expect(told.some(([, kind]) => kind === 'refused')).toBe(true);
    expect(told.at(-1)).toEqual([0, null]);
  });

  it('waits for a new sign-in, however long it takes', async () => {
    answers = [new ApiError('signed-out', 401, 'sign-in-required')];
    sender.give(choice('a'), 1000);
    await settle();
    expect(timers).toEqual([]);
    expect(told.at(-1)).toEqual([1, 'signed-out']);
    sender.tryNow();
    await settle();
    expect(ids()).toEqual(['a 0801', 'a 0801']);
  });
});

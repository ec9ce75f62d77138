/** Recording behind the answer: what a database that is away, slow or choosy must not cost. */
import { describe, expect, it } from 'vitest';
import { DuihaoError } from '../../src/errors.js';
import { GroupCommit } from '../../src/store/group-commit.js';
import { SuggestionRecorder } from '../../src/store/suggestion-recorder.js';
import type { ShownSuggestion, Suggestions } from '../../src/store/suggestions.js';
import { shown } from './contract.js';

function recorderOver(add: (shown: readonly ShownSuggestion[]) => Promise<void>): SuggestionRecorder {
  return new SuggestionRecorder({ add } as unknown as Suggestions);
}

describe('the recorder', () => {
  it('writes many together, in their order, and all of them before it closes', async () => {
    const batches: string[][] = [];
    const recorder = recorderOver(async (some) => void batches.push(some.map(({ id }) => id)));
    const all = Array.from({ length: 620 }, () => shown());
    for (const one of all) recorder.record([one]);
    expect(batches).toEqual([]);
    await recorder.close();
    expect(batches.flat()).toEqual(all.map(({ id }) => id));
    expect(batches.length).toBeLessThan(5);
  });

  it('waits out a database that is away and loses nothing', async () => {
    let attempts = 0;
    const written: string[] = [];
    const recorder = recorderOver(async (some) => {
      attempts += 1;
      if (attempts === 1) throw new DuihaoError('unavailable', 'store-unavailable', 'away');
      written.push(...some.map(({ id }) => id));
    });
    const [one, later] = [shown(), shown()];
    recorder.record([one]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    recorder.record([later]);
    await recorder.close();
    expect([written, recorder.lost]).toEqual([[one.id, later.id], 0]);
  });

  it('leaves out the one that the database refuses', async () => {
    const bad = shown();
    const written: string[] = [];
    const recorder = recorderOver(async (some) => {
      if (some.includes(bad)) throw new Error('refused');
      written.push(...some.map(({ id }) => id));
    });
    const good = [shown(), shown()];
    recorder.record([good[0]!, bad, good[1]!]);
    await recorder.recorded(bad.id);
    await recorder.close();
    expect([written, recorder.lost]).toEqual([good.map(({ id }) => id), 1]);
  });

  it('gives up closing when the database stays away', async () => {
    const recorder = recorderOver(async () => {
      throw new DuihaoError('unavailable', 'store-unavailable', 'away');
    });
    recorder.record([shown()]);
    const started = performance.now();
    await recorder.close(300);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('group commit', () => {
  it('writes what waits together, never two batches at once, and no more than it may', async () => {
    const sizes: number[] = [];
    let running = 0;
    const commits = new GroupCommit<number, number>(async (items) => {
      running += 1;
      expect(running).toBe(1);
      sizes.push(items.length);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return items.map((item) => item * 2);
    }, 40);
    const results = await Promise.all(Array.from({ length: 100 }, (_, n) => commits.add(n)));
    expect(results).toEqual(Array.from({ length: 100 }, (_, n) => n * 2));
    expect([sizes.reduce((a, b) => a + b), Math.max(...sizes)]).toEqual([100, 40]);
    await commits.settled();
    expect(await commits.add(7)).toBe(14);
  });

  it('tells each caller of its own failure only', async () => {
    const commits = new GroupCommit<number, number>(async (items) => {
      if (items.includes(3)) throw new Error('three');
      return [...items];
    }, 10);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((n) => commits.add(n)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });
});

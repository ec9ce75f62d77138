/** What the shadow's part of the store must do, whatever database is beneath. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ShadowAnswer } from '../../src/store/shadow-answers.js';
import type { Store } from '../../src/store/store.js';
import { given, shown } from './store-examples.js';

export function describeShadow(open: () => Store): void {
  describe('what a shadow said', () => {
    // A day of its own, so that what other tests store does not count.
    const day = new Date('2018-05-01T17:00:00Z');
    const span = { from: new Date('2018-05-01T16:00:00Z'), to: new Date('2018-05-02T16:00:00Z') };
    let store: Store;

    const said = (suggestionId: string, item: string | null, probability: number): ShadowAnswer => ({
      suggestionId,
      model: 'candidate',
      modelVersion: '2',
      taxonomyDigest: 'e'.repeat(64),
      decision: { kind: item === '08.0899' ? 'fallback' : 'specific', item, probability },
      top: item === null ? null : { item, probability },
      answeredAt: day,
    });

    beforeAll(async () => {
      store = open();
      const all = Array.from({ length: 9 }, () => shown({ shownAt: day }));
      const fallback = shown({
        shownAt: day,
        decision: {
          kind: 'fallback',
          item: '08.0899',
          under: '08',
          reason: 'low-confidence',
          probability: 0.7,
        },
        catchAll: true,
      });
      await store.suggestions.add([...all, fallback]);
      const ids = [...all, fallback].map(({ id }) => id);
      await store.shadow.add([
        said(ids[0]!, '08.0801', 0.8),
        said(ids[1]!, '08.0802', 0.6),
        said(ids[2]!, '08.0802', 0.8),
        said(ids[3]!, '08.0802', 0.7),
        said(ids[4]!, '08.0802', 0.7),
        said(ids[5]!, '08.0899', 0.9),
        said(ids[6]!, null, 0.1),
        said(ids[7]!, '08.0802', 0.7),
        said(ids[9]!, '08.0802', 0.7),
        // Never shown: there is nothing to compare it with.
        said(shown().id, '08.0801', 1),
      ]);
      const give = (at: number, change: Parameters<typeof given>[1]) =>
        store.feedback.give(given(ids[at]!, { milliseconds: 9_000, ...change }));
      await give(0, { kind: 'accepted' });
      await give(1, { item: '08.0802' });
      await give(2, { kind: 'accepted' });
      // Unread: it says nothing of who was right.
      await give(3, { kind: 'accepted', milliseconds: 900 });
      await give(4, { kind: 'accepted', milliseconds: null });
      await give(5, { item: '08.0803', milliseconds: 100 });
      await give(7, { kind: 'skipped' });
      await give(9, { kind: 'accepted', milliseconds: null });
    });

    it('is counted against what was shown, judged by those who read', async () => {
      expect(await store.shadow.comparisons(span)).toEqual([
        {
          ...{ model: 'toy', version: '1', candidate: 'candidate', candidateVersion: '2' },
          ...{ compared: 9, differ: 8, judged: 5, bothRight: 1, onlyCandidate: 1, onlyCurrent: 2 },
          ...{ currentFallbacks: 1, candidateFallbacks: 1, first: day, last: day },
        },
      ]);
    });

    it('is paired by items, most frequent first, with mean probabilities', async () => {
      const pairs = await store.shadow.pairs(span, 10);
      expect(pairs[0]).toEqual({
        ...{ version: '1', candidateVersion: '2', current: '08.0801', candidate: '08.0802', count: 5 },
        ...{ currentProbability: 0.9, candidateProbability: expect.closeTo(0.7, 9) },
        ...{ judged: 3, onlyCandidate: 1, onlyCurrent: 2 },
      });
      expect(pairs.slice(1).map(({ current, candidate, count }) => [current, candidate, count])).toEqual([
        ['08.0801', '08.0899', 1],
        ['08.0801', null, 1],
        ['08.0899', '08.0802', 1],
      ]);
      expect(await store.shadow.pairs(span, 1)).toHaveLength(1);
    });

    it('stays as it was first said, and is compared with another version only', async () => {
      const one = shown({ shownAt: new Date('2018-06-01T17:00:00Z'), modelVersion: '2' });
      await store.suggestions.add([one]);
      await store.shadow.add([said(one.id, '08.0802', 0.5)]);
      await store.shadow.add([said(one.id, '08.0803', 0.5)]);
      const later = { from: new Date('2018-06-01T00:00:00Z'), to: new Date('2018-06-03T00:00:00Z') };
      expect(await store.shadow.comparisons(later)).toEqual([]);
      expect(await store.shadow.pairs(later, 10)).toEqual([]);
    });

    it('goes when its time is over', async () => {
      const nothing = { days: 36_500, textDays: 36_500 };
      expect((await store.tidy(nothing)).shadowAnswers).toBe(0);
      expect((await store.tidy({ ...nothing, days: 2_000 })).shadowAnswers).toBeGreaterThanOrEqual(11);
      expect(await store.shadow.comparisons(span)).toEqual([]);
    });
  });
}

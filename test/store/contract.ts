/** What a store must do, whatever database is beneath: run over each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewFeedback } from '../../src/store/feedback.js';
import { mislabelledDoubt } from '../../src/store/review-value.js';
import { claimMs } from '../../src/store/reviews.js';
import { sessionMs } from '../../src/store/sessions.js';
import type { Store } from '../../src/store/store.js';
import type { ShownSuggestion } from '../../src/store/suggestions.js';
import { timeOrderedId } from '../../src/store/time-ordered-id.js';
import { describeShadow } from './shadow-contract.js';
import { given, newTicket, shown } from './store-examples.js';

/** A clock that tests turn. */
export class Clock {
  #offset = 0;
  readonly now = (): Date => new Date(Date.now() + this.#offset);
  advance(ms: number): void {
    this.#offset += ms;
  }
}

export interface OpenedStore {
  readonly store: Store;
  /** Runs SQL beside the store, as somebody with access to the database could. */
  run(statement: string): Promise<void>;
  close(): Promise<void>;
}

export { given, newTicket, shown };

export function describeStore(name: string, open: (clock: Clock) => Promise<OpenedStore>): void {
  describe(`a store on ${name}`, () => {
    const clock = new Clock();
    let opened: OpenedStore;
    let store: Store;
    beforeAll(async () => {
      opened = await open(clock);
      store = opened.store;
    });
    afterAll(() => opened?.close());

    const doubtful = (ticket = newTicket(), probability = 0.3) =>
      shown({ ticket, candidates: [{ item: '08.0801', probability }] });

    describe('suggestions', () => {
      it('come back as they were recorded, with everything a ticket id may hold', async () => {
        const one = shown({
          ticket: 'a\u0000b\ud800c 号',
          decision: {
            kind: 'fallback',
            item: '08.0899',
            under: '08',
            reason: 'low-confidence',
            probability: 0.8,
          },
          catchAll: true,
          text: {
            title: '标题',
            text: '电话〔电话〕',
            evidence: [{ field: 'text', start: 0, end: 2, weight: 0.5 }],
          },
        });
        await store.suggestions.add([one]);
        expect(await store.suggestions.find(one.id)).toEqual({ ...one, ticket: 'a\ufffdb\ufffdc 号' });
        expect(await store.suggestions.find(timeOrderedId())).toBeUndefined();
      });

      it('may be recorded twice without harm', async () => {
        const one = doubtful();
        await store.suggestions.add([one]);
        await store.suggestions.add([one]);
        const waiting = await store.reviews.waiting(1000);
        expect(waiting.filter(({ ticket }) => ticket === one.ticket)).toHaveLength(1);
      });

      it('are written by the recorder before feedback on them is judged', async () => {
        const many = Array.from({ length: 600 }, () => shown());
        store.recorder.record(many);
        const last = many.at(-1)!;
        await store.recorder.recorded(last.id);
        expect((await store.suggestions.find(last.id))?.ticket).toBe(last.ticket);
        expect(store.recorder.lost).toBe(0);
      });
    });

    describe('feedback', () => {
      it('is named by what was decided, not by what the caller calls it', async () => {
        const one = shown();
        await store.suggestions.add([one]);
        const accepted = await store.feedback.give(given(one.id, { kind: 'corrected', item: '08.0801' }));
        expect(accepted).toMatchObject({
          outcome: 'stored',
          feedback: { kind: 'accepted', item: '08.0801' },
        });
        const corrected = await store.feedback.give(
          given(one.id, { agent: '小王', kind: 'accepted', item: '08.0802' }),
        );
        expect(corrected.feedback).toMatchObject({ kind: 'corrected', ticket: one.ticket, matched: true });
        expect((await store.feedback.of(one.id)).map(({ agent }) => agent).sort()).toEqual(['小李', '小王']);
      });

      it('sent again changes nothing, changed later it replaces, out of order it gives way', async () => {
        const one = shown();
        await store.suggestions.add([one]);
        const at = (seconds: number) => new Date(clock.now().getTime() - 100_000 + seconds * 1000);
        const send = (change: Partial<NewFeedback>) => store.feedback.give(given(one.id, change));
        expect((await send({ decidedAt: at(10) })).outcome).toBe('stored');
        expect((await send({ decidedAt: at(11) })).outcome).toBe('repeated');
        expect((await send({ decidedAt: at(20), item: '08.0802' })).outcome).toBe('replaced');
        const late = await send({ decidedAt: at(15), kind: 'skipped' });
        expect([late.outcome, late.feedback.item]).toEqual(['superseded', '08.0802']);
        expect((await send({ decidedAt: at(30), kind: 'withdrawn' })).outcome).toBe('replaced');
        expect((await send({ decidedAt: at(20), item: '08.0802' })).outcome).toBe('superseded');
        const [only, ...others] = await store.feedback.of(one.id);
        expect([only?.kind, only?.item, others]).toEqual(['withdrawn', null, []]);
        const changes = (await store.audit.latest(10)).filter(({ subject }) => subject === one.id);
        expect(changes.map(({ action }) => action)).toEqual(['feedback-replaced', 'feedback-replaced']);
      });

      it('decided in the future counts as decided now', async () => {
        const one = shown();
        await store.suggestions.add([one]);
        const { feedback } = await store.feedback.give(
          given(one.id, { decidedAt: new Date(clock.now().getTime() + 86_400_000) }),
        );
        expect(feedback.decidedAt.getTime()).toBeLessThanOrEqual(clock.now().getTime());
      });

      it('before its suggestion waits for it, and is then named anew', async () => {
        const one = shown();
        const early = await store.feedback.give(given(one.id, { kind: 'accepted', item: '08.0802' }));
        expect(early.feedback).toMatchObject({ matched: false, kind: 'accepted', ticket: null });
        await store.suggestions.add([one]);
        expect(await store.feedback.of(one.id)).toMatchObject([
          { matched: true, kind: 'corrected', item: '08.0802', ticket: one.ticket },
        ]);
      });

      it('of a thousand callers at once is stored once each, however often they send it', async () => {
        const some = Array.from({ length: 20 }, () => shown());
        await store.suggestions.add(some);
        const sends = Array.from({ length: 1000 }, (_, n) =>
          store.feedback.give(given(some[n % 20]!.id, { agent: `agent ${n % 50}`, milliseconds: 7 })),
        );
        const outcomes = (await Promise.all(sends)).map(({ outcome }) => outcome);
        expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(100);
        expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(900);
        const stored = await Promise.all(some.map(({ id }) => store.feedback.of(id)));
        expect(stored.flat()).toHaveLength(100);
      });

      it('that the database refuses takes nobody else’s with it', async () => {
        const one = shown();
        await store.suggestions.add([one]);
        const outcomes = await Promise.allSettled([
          store.feedback.give(given(one.id)),
          store.feedback.give(given('no uuid')),
          store.feedback.give(given(one.id, { agent: '小王' })),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(await store.feedback.of(one.id)).toHaveLength(2);
      });
    });

    describe('the queue of reviews', () => {
      it('holds what was doubtful, the most doubtful first, and each ticket once', async () => {
        const [sure, half, low] = [shown(), doubtful(newTicket(), 0.5), doubtful(newTicket(), 0.1)];
        const again = doubtful(low.ticket, 0.2);
        await store.suggestions.add([sure, half, low]);
        await store.suggestions.add([again]);
        const tickets = (await store.reviews.waiting(1000)).map(({ ticket }) => ticket);
        expect(tickets).not.toContain(sure.ticket);
        expect(tickets.indexOf(low.ticket)).toBeLessThan(tickets.indexOf(half.ticket));
        expect(tickets.filter((ticket) => ticket === low.ticket)).toHaveLength(1);
      });

      it('leaves out what was shown without calling for a review, and takes it in once it does', async () => {
        const draft = { ...doubtful(), review: false };
        await store.suggestions.add([draft]);
        const queued = async () =>
          (await store.reviews.waiting(1000)).filter(({ ticket }) => ticket === draft.ticket);
        expect(await store.suggestions.find(draft.id)).toMatchObject({ ticket: draft.ticket });
        expect(await queued()).toEqual([]);
        await store.suggestions.add([doubtful(draft.ticket)]);
        expect(await queued()).toHaveLength(1);
      });

      it('orders causes by what one choice settles, and adds a ticket once per cause', async () => {
        const ticket = newTicket();
        const one = { ticket, doubt: 1, label: '08.0802', suggestionId: null };
        const causes = ['likely-mislabelled', 'new-cluster', 'table-disagrees', 'uncertain'] as const;
        const reviews = causes.map((cause) => ({ ...one, cause }));
        expect(await store.reviews.add([...reviews, ...reviews])).toBe(4);
        expect(await store.reviews.add(reviews)).toBe(0);
        const mine = (await store.reviews.waiting(1000)).filter((review) => review.ticket === ticket);
        expect(mine.map(({ cause }) => cause)).toEqual([
          'new-cluster',
          'table-disagrees',
          'likely-mislabelled',
          'uncertain',
        ]);
        const clusters = await store.reviews.waiting(1000, 'new-cluster');
        expect(new Set(clusters.map(({ cause }) => cause))).toEqual(new Set(['new-cluster']));
        expect(await store.reviews.countWaiting(2)).toBe(3);
      });

      it('takes what is found anew at every look once: neither open nor closed is it asked about again', async () => {
        const [open, closed, other] = [newTicket(), newTicket(), 'a\u0000b'];
        const told = shown({ ticket: closed });
        await store.suggestions.add([shown({ ticket: closed, shownAt: new Date(0) }), told]);
        const candidates = [
          { item: '08.0802', probability: 0.9 },
          { item: '08.0801', probability: 0.05 },
        ];
        const reviews = [open, closed, other].map((ticket) => ({
          ticket,
          cause: 'likely-mislabelled' as const,
          doubt: mislabelledDoubt(0.05, 0.9),
          label: '08.0801',
          suggestionId: null,
          candidates,
        }));
        expect(await store.reviews.addOnce([...reviews, ...reviews])).toBe(3);
        const queue = await store.reviews.waiting(1000, 'likely-mislabelled');
        const found = (ticket: string) => queue.find((review) => review.ticket === ticket)!;
        expect(found(open)).toMatchObject({ suggestionId: null, candidates, label: '08.0801' });
        // The latest suggestion for the ticket comes with it.
        expect(found(closed).suggestionId).toBe(told.id);
        await store.reviews.close(found(closed).id, '小李', {
          item: '08.0802',
          note: null,
          milliseconds: null,
        });
        expect(await store.reviews.addOnce(reviews)).toBe(0);
        // For another cause it is a question of its own.
        expect(await store.reviews.addOnce([{ ...reviews[1]!, cause: 'table-disagrees' }])).toBe(1);
        expect(await store.reviews.addOnce([])).toBe(0);
      });

      it('never gives one review to two agents, however many ask at once', async () => {
        await store.suggestions.add(Array.from({ length: 60 }, () => doubtful()));
        const taken = await Promise.all(
          Array.from({ length: 40 }, (_, n) => store.reviews.claim(`claimer ${n}`, 3)),
        );
        const ids = taken.flat().map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBeGreaterThan(60);
        for (const [n, reviews] of taken.entries()) {
          for (const { claim } of reviews) expect(claim?.agent).toBe(`claimer ${n}`);
        }
      });

      it('gives as many as were asked for, however few there are', async () => {
        // The plan of the statement differs with the size of the table: a short queue was once taken whole.
        await store.reviews.claim('emptier', 10_000);
        const tickets = ['few-1', 'few-2', 'few-3'];
        await store.reviews.add(
          tickets.map((ticket, n) => ({
            ticket,
            cause: 'uncertain',
            doubt: 1 - n / 10,
            label: null,
            suggestionId: null,
          })),
        );
        for (const ticket of tickets)
          expect((await store.reviews.claim('picker', 1)).map((one) => one.ticket)).toEqual([ticket]);
        expect(await store.reviews.claim('picker', 1)).toEqual([]);
      });

      it('gives a claim back when its time is over, and only then', async () => {
        const ticket = newTicket();
        await store.reviews.add([
          { ticket, cause: 'new-cluster', doubt: 1, label: null, suggestionId: null },
        ]);
        const free = async () =>
          (await store.reviews.waiting(1000)).some((review) => review.ticket === ticket);
        const held = (await store.reviews.claim('holder', 1000)).find((one) => one.ticket === ticket)!;
        expect(await free()).toBe(false);
        expect((await store.reviews.claimedBy('holder', 1000)).map(({ id }) => id)).toContain(held.id);
        const choice = { item: '08.0801', note: null, milliseconds: null };
        for (const attempt of [
          () => store.reviews.claimOne(held.id, 'other'),
          () => store.reviews.release(held.id, 'other'),
          () => store.reviews.close(held.id, 'other', choice),
        ]) {
          await expect(attempt()).rejects.toMatchObject({ code: 'review-claimed' });
        }
        clock.advance(claimMs + 1000);
        expect(await free()).toBe(true);
        expect((await store.reviews.claimOne(held.id, 'other')).claim?.agent).toBe('other');
        await expect(store.reviews.close(held.id, 'holder', choice)).rejects.toMatchObject({
          code: 'review-claimed',
        });
        expect((await store.reviews.release(held.id, 'other')).claim).toBeNull();
        expect(await free()).toBe(true);
      });

      it('closes with a choice that is also feedback, forgives a retry, and undoes for whoever chose', async () => {
        const one = doubtful();
        await store.suggestions.add([one]);
        const review = (await store.reviews.waiting(1000)).find(({ ticket }) => ticket === one.ticket)!;
        const choice = { item: '08.0802', note: '改派', milliseconds: 4200 };
        const closed = await store.reviews.close(review.id, '小李', choice);
        expect(closed).toMatchObject({ state: 'done', chosen: '08.0802', closedBy: '小李', claim: null });
        expect(await store.reviews.close(review.id, '小李', choice)).toEqual(closed);
        await expect(store.reviews.close(review.id, '小王', choice)).rejects.toMatchObject({
          code: 'review-closed',
        });
        expect(await store.feedback.of(one.id)).toMatchObject([
          { agent: '小李', kind: 'corrected', item: '08.0802', milliseconds: 4200 },
        ]);
        expect((await store.reviews.closedBy('小李', 5)).map(({ id }) => id)).toContain(review.id);
        await expect(store.reviews.undo(review.id, '小王')).rejects.toMatchObject({
          code: 'review-not-yours',
        });
        expect(await store.reviews.undo(review.id, '小李')).toMatchObject({
          state: 'open',
          chosen: null,
          claim: { agent: '小李' },
        });
        expect(await store.feedback.of(one.id)).toMatchObject([{ kind: 'withdrawn' }]);
        await expect(store.reviews.undo(review.id, '小李')).rejects.toMatchObject({
          code: 'review-not-closed',
        });
        const skip = { item: null, note: null, milliseconds: null };
        expect((await store.reviews.close(review.id, '小李', skip)).state).toBe('skipped');
        await expect(store.reviews.undo(timeOrderedId(), '小李')).rejects.toMatchObject({
          code: 'review-unknown',
        });
      });

      it('no longer asks about a ticket whose suggestion got a choice elsewhere', async () => {
        const [one, held] = [doubtful(), doubtful()];
        await store.suggestions.add([one, held]);
        const find = async (ticket: string) =>
          (await store.reviews.waiting(1000)).find((review) => review.ticket === ticket);
        await store.reviews.claimOne((await find(held.ticket))!.id, '小王');
        await store.feedback.give(given(one.id));
        await store.feedback.give(given(held.id));
        expect(await find(one.ticket)).toBeUndefined();
        const [kept] = (await store.reviews.claimedBy('小王', 100)).filter(
          ({ ticket }) => ticket === held.ticket,
        );
        expect(kept?.state).toBe('open');
      });
    });

    describe('accounts', () => {
      it('give the first admin a link, good once and for the time it says', async () => {
        const first = (await store.accounts.firstAdminLink())!;
        const second = (await store.accounts.firstAdminLink())!;
        expect([first.account.role, second.account.id]).toEqual(['admin', first.account.id]);
        expect(await store.accounts.redeem(first.token, '一个好密码12345')).toBeUndefined();
        expect(await store.accounts.redeem(second.token, '一个好密码12345')).toMatchObject({ name: 'admin' });
        expect(await store.accounts.redeem(second.token, 'another password')).toBeUndefined();
        expect(await store.accounts.firstAdminLink()).toBeUndefined();
        expect(await store.accounts.check('ADMIN', '一个好密码12345')).toMatchObject({ role: 'admin' });
        expect(await store.accounts.check('admin', 'another password')).toBeUndefined();
        expect(await store.accounts.check('nobody', 'another password')).toBeUndefined();
      });

      it('keep one name once, whatever its case, and the last admin', async () => {
        const { account } = await store.accounts.add('Zhang', 'agent', 'admin');
        await expect(store.accounts.add('zhang', 'agent', 'admin')).rejects.toMatchObject({
          code: 'user-exists',
        });
        const admin = (await store.accounts.list()).find(({ role }) => role === 'admin')!;
        for (const change of [{ active: false }, { role: 'agent' as const }]) {
          await expect(store.accounts.change(admin.id, change, 'x')).rejects.toMatchObject({
            code: 'last-admin',
          });
        }
        expect(await store.accounts.change(account.id, { role: 'manager' }, 'admin')).toMatchObject({
          role: 'manager',
          active: true,
        });
        await expect(store.accounts.change(timeOrderedId(), {}, 'x')).rejects.toMatchObject({
          code: 'user-unknown',
        });
      });

      it('lose sessions, links and passwords when they are switched off or reset', async () => {
        const link = await store.accounts.add('gone', 'agent', 'admin');
        const account = (await store.accounts.redeem(link.token, 'a good password'))!;
        const { cookie } = await store.sessions.start(account);
        expect(await store.sessions.check(cookie)).toMatchObject({ name: 'gone', role: 'agent' });
        const fresh = await store.accounts.reset(account.id, 'admin');
        expect(await store.sessions.check(cookie)).toBeUndefined();
        expect(await store.accounts.check('gone', 'a good password')).toBeUndefined();
        await store.accounts.change(account.id, { active: false }, 'admin');
        expect(await store.accounts.redeem(fresh.token, 'a good password')).toBeUndefined();
      });

      it('have sessions that no change of the cookie survives, and that end', async () => {
        const link = await store.accounts.add('session', 'agent', 'admin');
        const account = (await store.accounts.redeem(link.token, 'a good password'))!;
        const { cookie, session } = await store.sessions.start(account);
        for (let at = 0; at < cookie.length; at++) {
          const changed = `${cookie.slice(0, at)}${cookie[at] === 'a' ? 'b' : 'a'}${cookie.slice(at + 1)}`;
          // The last character of base64url may differ in bits that no byte holds.
          if (at === cookie.length - 1) continue;
          if (changed.toLowerCase() === cookie.toLowerCase()) continue;
          expect([at, await store.sessions.check(changed)]).toEqual([at, undefined]);
        }
        expect(await store.sessions.check('')).toBeUndefined();
        expect(await store.sessions.check('a.b.c')).toBeUndefined();
        expect((await store.sessions.check(cookie))?.id).toBe(session.id);
        await store.sessions.end(session.id);
        expect(await store.sessions.check(cookie)).toBeUndefined();
        const second = await store.sessions.start(account);
        clock.advance(sessionMs + 1000);
        expect(await store.sessions.check(second.cookie)).toBeUndefined();
        clock.advance(2 * 86_400_000);
        const third = await store.sessions.start(account);
        // Another day, another secret.
        expect(third.cookie.split('.')[1]).not.toBe(second.cookie.split('.')[1]);
        expect(await store.sessions.check(third.cookie)).toBeDefined();
      });

      it('have keys that open until they are revoked, and that the database does not know', async () => {
        const { key, secret } = await store.keys.add('工单系统', 'intake', 'admin');
        expect(await store.keys.check(secret)).toEqual(key);
        expect(await store.keys.check(`${secret}x`)).toBeUndefined();
        expect(JSON.stringify(await store.keys.list())).not.toContain(secret);
        const revoked = await store.keys.revoke(key.id, 'admin');
        expect(revoked.revokedAt).toEqual(expect.any(Date));
        expect(await store.keys.revoke(key.id, 'admin')).toEqual(revoked);
        expect(await store.keys.check(secret)).toBeUndefined();
        await expect(store.keys.revoke(timeOrderedId(), 'x')).rejects.toMatchObject({ code: 'key-unknown' });
      });
    });

    describe('statistics', () => {
      // A day of its own, so that what other tests store does not count.
      const day = new Date('2019-05-01T17:00:00Z');
      const span = { from: new Date('2019-05-01T16:00:00Z'), to: new Date('2019-05-02T16:00:00Z') };
      beforeAll(async () => {
        const specific = (probability: number) =>
          shown({ shownAt: day, candidates: [{ item: '08.0801', probability }] });
        const other = (kind: 'specific' | 'fallback') =>
          shown({
            shownAt: day,
            modelVersion: '2',
            catchAll: true,
            decision:
              kind === 'specific'
                ? { kind, item: '08.0899', probability: 0.7 }
                : { kind, item: '08.0899', under: '08', reason: 'low-confidence', probability: 0.9 },
            candidates: [{ item: '08.0802', probability: 0.41 }],
          });
        const all = [
          specific(0.95),
          specific(0.9),
          specific(0.5),
          other('specific'),
          other('fallback'),
          specific(1),
        ];
        await store.suggestions.add(all);
        const send = (n: number, change: Partial<NewFeedback>) =>
          store.feedback.give(given(all[n]!.id, { milliseconds: 1000 * (n + 1), ...change }));
        await send(0, { kind: 'accepted' });
        await send(1, { kind: 'accepted' });
        await send(2, { item: '08.0802' });
        await send(3, { item: '08.0803' });
        await send(4, { kind: 'accepted' });
        await send(5, { kind: 'withdrawn' });
        // Two agents on one suggestion: the later counts.
        await send(1, {
          agent: '小王',
          item: '08.0802',
          decidedAt: new Date(clock.now().getTime() - 3_600_000),
        });
      });

      it('count acceptance by item and by day', async () => {
        expect(await store.statistics.acceptance(span, 'item', 10)).toEqual([
          { day: null, item: '08.0801', shown: 4, accepted: 2, corrected: 1, skipped: 0 },
          { day: null, item: '08.0899', shown: 2, accepted: 1, corrected: 1, skipped: 0 },
        ]);
        expect(await store.statistics.acceptance(span, 'day', 10)).toEqual([
          { day: '2019-05-02', item: null, shown: 6, accepted: 3, corrected: 2, skipped: 0 },
        ]);
      });

      it('pair what was suggested with what was chosen', async () => {
        expect(await store.statistics.corrections(span, 10)).toEqual([
          { suggested: '08.0801', chosen: '08.0802', count: 1 },
          { suggested: '08.0899', chosen: '08.0803', count: 1 },
        ]);
      });

      it('tell the time spent and compare the models', async () => {
        expect(await store.statistics.time(span)).toEqual([
          { day: '2019-05-02', count: 5, median: 3000, p90: 4600 },
        ]);
        expect(await store.statistics.models(span)).toEqual([
          expect.objectContaining({
            version: '1',
            shown: 4,
            fallbacks: 0,
            medianMilliseconds: 2000,
            first: day,
          }),
          expect.objectContaining({
            model: 'toy',
            version: '2',
            shown: 2,
            fallbacks: 1,
            accepted: 1,
            corrected: 1,
          }),
        ]);
      });

      it('tell what could be taken without a look, and how much of it would be wrong', async () => {
        expect(await store.statistics.coverage(span)).toEqual([
          { threshold: 0.95, count: 1, wrong: 0 },
          { threshold: 0.9, count: 2, wrong: 0 },
          { threshold: 0.5, count: 3, wrong: 1 },
          { threshold: 0.41, count: 5, wrong: 3 },
        ]);
      });

      it('find what leaks out of a catch-all, and where it belongs', async () => {
        expect(await store.statistics.catchAll(span, ['08.0899', '99'], 10)).toEqual([
          {
            item: '08.0899',
            shown: 2,
            accepted: 1,
            corrected: 1,
            skipped: 0,
            fallbacks: 1,
            leaked: 1,
            kept: 1,
            deserved: [{ item: '08.0803', count: 1 }],
          },
        ]);
        expect(await store.statistics.catchAll(span, ['08.0899', '08.0803'], 10)).toMatchObject([
          { leaked: 0, deserved: [] },
        ]);
        expect(await store.statistics.catchAll(span, [], 10)).toEqual([]);
      });

      it('hand out what ended in a catch-all, as it was last answered and unless somebody moved it', async () => {
        const span = { from: new Date('2001-01-01'), to: new Date('2001-02-01') };
        const answered = (day: number, change: Partial<ShownSuggestion> = {}) =>
          shown({
            decision: { kind: 'specific', item: '08.0899', probability: 0.9 },
            catchAll: true,
            shownAt: new Date(Date.UTC(2001, 0, day)),
            text: { title: '题', text: `第${day}天`, evidence: [] },
            ...change,
          });
        const [first, second, moved, kept] = [answered(2), answered(3), answered(4), answered(5)];
        await store.suggestions.add([
          first,
          second,
          moved,
          kept,
          answered(6, { text: null }),
          answered(7, { catchAll: false }),
          answered(31, { shownAt: span.to }),
          // Asked again later, outside of the span too.
          answered(40, { ticket: first.ticket }),
        ]);
        await store.feedback.give(given(moved.id, { kind: 'corrected', item: '08.0801' }));
        await store.feedback.give(given(kept.id, { kind: 'corrected', item: '99.9999' }));
        const found = (limit: number) => store.catchAllTickets(span, ['08.0899', '99.9999'], limit);
        expect(await found(10)).toEqual([
          {
            suggestionId: kept.id,
            ticket: kept.ticket,
            item: '08.0899',
            title: '题',
            text: '第5天',
            shownAt: kept.shownAt,
          },
          expect.objectContaining({ suggestionId: second.id }),
        ]);
        expect((await found(1)).map(({ ticket }) => ticket)).toEqual([kept.ticket]);
        expect(await store.catchAllTickets(span, [], 10)).toEqual([]);
      });

      it('are empty, not wrong, where nothing happened', async () => {
        const never = { from: new Date('1999-01-01'), to: new Date('1999-02-01') };
        expect(await store.statistics.acceptance(never, 'day', 10)).toEqual([]);
        expect(await store.statistics.models(never)).toEqual([]);
        expect(await store.statistics.coverage(never)).toEqual([]);
      });
    });

    describeShadow(() => store);

    describe('recent choices', () => {
      const fingerprint = Uint8Array.from({ length: 128 }, (_, at) => 255 - at);
      const query = { taxonomyDigest: 'd'.repeat(64), since: new Date(0), limit: 10 };

      it('come with what their tickets are found by and what they weigh, in the order they arrived', async () => {
        const modelVersion = newTicket();
        const corrected = shown({ modelVersion });
        const hasty = shown({ modelVersion });
        const bare = shown({ modelVersion });
        const retracted = shown({ modelVersion });
        const others = shown({ modelVersion: `${modelVersion}-next` });
        await store.suggestions.add([
          ...[corrected, others].map((one) => ({ ...one, fingerprint })),
          { ...hasty, fingerprint, modelItem: '08.0803' },
          { ...retracted, fingerprint, modelItem: '' },
          bare,
        ]);
        const before = clock.now();
        await store.feedback.give(given(corrected.id, { kind: 'corrected', item: '08.0802' }));
        await store.feedback.give(given(hasty.id, { milliseconds: 900 }));
        await store.feedback.give(given(bare.id));
        await store.feedback.give(given(retracted.id, { kind: 'corrected', item: '08.0802' }));
        await store.feedback.give(given(retracted.id, { kind: 'withdrawn' }));
        await store.feedback.give(given(others.id));
        const found = await store.recentChoices({ ...query, modelVersion });
        expect(found).toMatchObject([
          { suggestionId: corrected.id, agent: '小李', item: '08.0802', modelItem: '08.0801', weight: 1 },
          { suggestionId: hasty.id, item: '08.0801', modelItem: '08.0803', weight: 0.5 },
          { suggestionId: retracted.id, item: null, modelItem: '', weight: 0 },
        ]);
        for (const one of found) {
          expect(new Uint8Array(one.fingerprint)).toEqual(fingerprint);
          expect(one.receivedAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
        }
        expect(await store.recentChoices({ ...query, modelVersion, taxonomyDigest: 'e' })).toEqual([]);
      });

      it('are the latest received, as many and as far back as asked for', async () => {
        const modelVersion = newTicket();
        const all = Array.from({ length: 4 }, () => shown({ modelVersion }));
        await store.suggestions.add(all.map((one) => ({ ...one, fingerprint })));
        for (const { id } of all) {
          await store.feedback.give(given(id));
          clock.advance(1000);
        }
        const ids = async (more: { since?: Date; limit?: number }) =>
          (await store.recentChoices({ ...query, modelVersion, ...more })).map(
            ({ suggestionId }) => suggestionId,
          );
        expect(await ids({})).toEqual(all.map(({ id }) => id));
        expect(await ids({ limit: 3 })).toEqual(all.slice(1).map(({ id }) => id));
        const [, , third] = await store.recentChoices({ ...query, modelVersion });
        expect(await ids({ since: third!.receivedAt })).toEqual(all.slice(2).map(({ id }) => id));
      });
    });

    describe('labels and retention', () => {
      it('hand training every choice with how it came about', async () => {
        const one = shown();
        const archived = newTicket();
        await store.suggestions.add([one]);
        await store.feedback.give(given(one.id, { item: '08.0802', milliseconds: 900 }));
        await store.reviews.add([
          { ticket: archived, cause: 'likely-mislabelled', doubt: 1, label: '08', suggestionId: null },
        ]);
        const review = (await store.reviews.waiting(1000)).find(({ ticket }) => ticket === archived)!;
        await store.reviews.close(review.id, '小李', { item: '08.0803', note: null, milliseconds: 5 });
        const labels = [];
        for await (const label of store.labels()) labels.push(label);
        expect(labels.filter(({ ticket }) => ticket === one.ticket || ticket === archived)).toEqual([
          expect.objectContaining({
            item: '08.0802',
            source: 'feedback',
            kind: 'corrected',
            decisionKind: 'specific',
            milliseconds: 900,
            text: null,
          }),
          expect.objectContaining({ item: '08.0803', source: 'review', kind: 'chosen', decisionKind: null }),
        ]);
      });

      it('delete texts, then suggestions, and leave the labels', async () => {
        const old = shown({
          shownAt: new Date('2020-01-01'),
          text: { title: null, text: '〔电话〕', evidence: [] },
        });
        const newer = shown({
          shownAt: new Date(clock.now().getTime() - 100 * 86_400_000),
          text: { title: '标题', text: '正文', evidence: [] },
        });
        await store.suggestions.add([old, newer]);
        await store.feedback.give(given(old.id));
        const outcome = await store.tidy();
        expect(outcome.suggestions).toBeGreaterThanOrEqual(1);
        expect(outcome.texts).toBeGreaterThanOrEqual(2);
        expect(await store.suggestions.find(old.id)).toBeUndefined();
        expect(await store.suggestions.find(newer.id)).toMatchObject({ ticket: newer.ticket, text: null });
        const labels = [];
        for await (const label of store.labels()) labels.push(label);
        expect(labels.find(({ ticket }) => ticket === old.ticket)).toMatchObject({
          item: '08.0801',
          decisionKind: null,
        });
      });

      it('delete fingerprints when texts are deleted, and keep what is young', async () => {
        const day = 86_400_000;
        const fingerprint = Uint8Array.from({ length: 128 }, (_, at) => (at * 5) % 256);
        const recent = async (version: string) =>
          store.recentChoices({
            modelVersion: version,
            taxonomyDigest: 'd'.repeat(64),
            since: new Date(0),
            limit: 10,
          });
        const version = newTicket();
        const old = shown({ modelVersion: version, shownAt: new Date(clock.now().getTime() - 100 * day) });
        const young = shown({ modelVersion: version });
        await store.suggestions.add([
          { ...old, fingerprint },
          { ...young, fingerprint },
        ]);
        await store.feedback.give(given(old.id));
        await store.feedback.give(given(young.id));
        expect(await recent(version)).toHaveLength(2);
        expect((await store.tidy()).fingerprints).toBeGreaterThanOrEqual(1);
        expect((await recent(version)).map(({ suggestionId }) => suggestionId)).toEqual([young.id]);
        expect(await store.suggestions.find(old.id)).toMatchObject({ ticket: old.ticket });
      });

      it('remember which model answered when', async () => {
        const event = {
          model: 'toy',
          modelVersion: '2',
          taxonomyDigest: 'd',
          actor: 'server',
          reason: null,
        };
        await store.models.add({ ...event, event: 'loaded' });
        await store.models.add({ ...event, event: 'promoted', reason: 'better' });
        expect(await store.models.latest(2)).toMatchObject([
          { event: 'promoted', reason: 'better' },
          { event: 'loaded', reason: null },
        ]);
      });

      it('keep a promotion once, with its note, however many servers notice it', async () => {
        const event = {
          event: 'promoted' as const,
          ...{ model: 'city', modelVersion: '7', taxonomyDigest: 'd', actor: 'cli/me', reason: null },
        };
        const chosenAt = new Date('2026-11-24T01:02:03.456Z');
        const note = { actor: 'cli/me', action: 'model.promoted', subject: 'city@7' };
        const outcomes = await Promise.all(
          [1, 2, 3].map(() => store.models.addChoice(event, chosenAt, note)),
        );
        expect(outcomes.filter((isNew) => isNew)).toHaveLength(1);
        expect(await store.models.addChoice(event, new Date(chosenAt.getTime() + 1), note)).toBe(true);
        const kept = (await store.models.latest(10)).filter(({ model }) => model === 'city');
        expect(kept).toHaveLength(2);
        const notes = (await store.audit.latest(10)).filter(({ subject }) => subject === 'city@7');
        expect(notes).toHaveLength(2);
      });
    });

    // Last: it damages what the others wrote.
    describe('the audit log', () => {
      it('is one unbroken chain of all that was done, also by many at once', async () => {
        const before = await store.audit.verify();
        expect(before.kind).toBe('intact');
        await Promise.all(
          Array.from({ length: 30 }, (_, n) =>
            store.audit.append([
              { actor: `a${n}`, action: 'tested', subject: '号\u0000', details: { b: n, a: [null] } },
            ]),
          ),
        );
        const after = await store.audit.verify();
        expect(after).toMatchObject({
          kind: 'intact',
          entries: before.kind === 'intact' ? before.entries + 30 : -1,
        });
        if (before.kind !== 'intact') return;
        const witness = { seq: before.entries, hash: before.hash };
        expect((await store.audit.verify(witness)).kind).toBe('intact');
        expect(await store.audit.verify({ ...witness, hash: '0'.repeat(64) })).toMatchObject({
          kind: 'broken',
          seq: before.entries,
          fault: 'witness-differs',
        });
      });

      it('is refused by the database itself to be changed or emptied', async () => {
        for (const statement of [
          "update audit set actor = 'somebody else' where seq = 2",
          'delete from audit where seq = 2',
          'truncate audit',
        ]) {
          await expect(opened.run(statement)).rejects.toThrow('append-only');
        }
        expect((await store.audit.verify()).kind).toBe('intact');
      });

      it('names the first row that somebody changed all the same', async () => {
        const total = (await store.audit.latest(1))[0]!.seq;
        const without = async (...statements: string[]) => {
          await opened.run('alter table audit disable trigger user');
          for (const statement of statements) await opened.run(statement);
          await opened.run('alter table audit enable trigger user');
        };
        await without(`delete from audit where seq = ${total}`);
        expect(await store.audit.verify()).toEqual({ kind: 'broken', seq: total, fault: 'cut-off' });
        await without(`update audit set previous = repeat('1', 64) where seq = ${total - 2}`);
        expect(await store.audit.verify()).toMatchObject({ seq: total - 2, fault: 'previous-differs' });
        await without("update audit set actor = 'x' where seq = 4");
        expect(await store.audit.verify()).toEqual({ kind: 'broken', seq: 4, fault: 'hash-differs' });
        await without('delete from audit where seq = 2');
        expect(await store.audit.verify()).toEqual({ kind: 'broken', seq: 2, fault: 'missing' });
      });
    });
  });
}

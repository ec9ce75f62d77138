/** The workplace through the API: who may do what, feedback, reviews, figures. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { Workplace } from '../../src/server/workplace.js';
import type { Role } from '../../src/store/accounts.js';
import { openStore, type Store } from '../../src/store/store.js';
import { timeOrderedId } from '../../src/store/time-ordered-id.js';
import { type Answer, type ServedApp, serveApp } from './serve-app.js';
import { toyService } from './toy-service.js';

// biome-ignore lint/suspicious/noExplicitAny: a JSON document
type Json = any;

let store: Store;
let app: ServedApp;
let open: ServedApp;
const keys = {} as Record<Role, string>;
beforeAll(async () => {
  store = await openStore({ kind: 'memory' });
  const slot = new ServiceSlot(toyService());
  app = await serveApp({ slot, workplace: new Workplace({ auth: true, storeText: true }, store) });
  open = await serveApp({ slot, workplace: new Workplace({ auth: false, storeText: false }, store) });
  for (const role of ['intake', 'agent', 'manager', 'admin'] as const)
    keys[role] = (await store.keys.add(role, role, 'test')).secret;
});
afterAll(async () => {
  await app.server.close();
  await open.server.close();
  await store.close();
});

async function call(
  who: Role | string | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const key = who === null ? undefined : (keys[who as Role] ?? who);
  return app.ask(path, {
    method,
    headers: {
      ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

let tickets = 0;
async function suggest(text: string, who: Role = 'intake'): Promise<Json> {
  const id = `T-${++tickets}`;
  const answer = await call(who, 'POST', '/v1/suggestions', { tickets: [{ id, text }] });
  expect(answer.status).toBe(200);
  return answer.body.results[0];
}

/** Waits for what is recorded behind the answer. */
async function doubtful(): Promise<Json> {
  const result = await suggest('完全无关的一句话，联系人：张三，电话13800138000');
  await store.recorder.recorded(result.suggestionId);
  await store.reviews.add([
    {
      ticket: result.id,
      cause: 'table-disagrees',
      doubt: 1,
      label: '08.0801.080101',
      suggestionId: result.suggestionId,
    },
  ]);
  const found = await call('agent', 'GET', '/v1/reviews?cause=table-disagrees&limit=200');
  return found.body.reviews.find((review: Json) => review.ticket.id === result.id);
}

describe('who may do what', () => {
  const id = timeOrderedId();
  it.each<[string, string, Json, readonly Role[]]>([
    [
      'POST',
      '/v1/suggestions',
      { tickets: [{ id: 'x', text: '渣土车' }] },
      ['intake', 'agent', 'manager', 'admin'],
    ],
    ['POST', '/v1/feedback', {}, ['intake', 'agent', 'manager', 'admin']],
    ['GET', '/v1/reviews', undefined, ['agent', 'manager', 'admin']],
    ['POST', '/v1/reviews/claims', { count: 99 }, ['agent', 'manager', 'admin']],
    ['POST', `/v1/reviews/${id}`, {}, ['agent', 'manager', 'admin']],
    ['POST', '/v1/reviews', {}, ['manager', 'admin']],
    ['GET', '/v1/statistics/time', undefined, ['manager', 'admin']],
    ['GET', '/v1/users', undefined, ['manager', 'admin']],
    ['POST', '/v1/users', {}, ['admin']],
    ['PATCH', `/v1/users/${id}`, {}, ['admin']],
    ['POST', `/v1/users/${id}/link`, undefined, ['admin']],
    ['GET', '/v1/keys', undefined, ['admin']],
    ['POST', '/v1/keys', {}, ['admin']],
    ['DELETE', `/v1/keys/${id}`, undefined, ['admin']],
    ['GET', '/v1/relabel-jobs', undefined, ['manager', 'admin']],
  ])('%s %s', async (method, path, body, allowed) => {
    expect((await call(null, method, path, body)).body.code).toBe('sign-in-required');
    expect((await call('dh_nonsense', method, path, body)).status).toBe(401);
    for (const role of ['intake', 'agent', 'manager', 'admin'] as const) {
      const { status } = await call(role, method, path, body);
      expect([role, status === 401 || status === 403]).toEqual([role, !allowed.includes(role)]);
    }
    // A trailing slash or other case must not be a way round.
    for (const other of [path + (path.includes('?') ? '' : '/'), path.replace('/v1/', '/V1/')]) {
      const { status } = await call(null, method, other, body);
      expect([other, status]).toEqual([other, 401]);
      for (const role of (['intake', 'agent', 'manager'] as const).filter((one) => !allowed.includes(one))) {
        const refused = await call(role, method, other, body);
        expect([other, role, refused.status]).toEqual([other, role, 403]);
      }
    }
  });

  it('leaves the tree, health and the page open, and asks who it is before saying that nothing is there', async () => {
    for (const path of ['/v1/items', '/v1/items/08', '/v1/codes/0801', '/health/ready', '/openapi.json'])
      expect([path, (await call(null, 'GET', path)).status]).toEqual([path, 200]);
    expect((await call(null, 'GET', '/v1/nothing')).status).toBe(401);
    expect((await call('agent', 'GET', '/v1/nothing')).status).toBe(404);
    expect((await call('agent', 'DELETE', '/v1/feedback')).status).toBe(405);
  });

  it('is everybody’s to do everything where auth is off', async () => {
    const session = await open.ask('/v1/session');
    expect(session.body).toEqual({ auth: false, name: 'local', role: 'admin', expiresAt: null });
    expect((await open.ask('/v1/keys')).status).toBe(200);
  });
});

describe('signing in', () => {
  it('goes by a one-time link, then by password, until it is signed out', async () => {
    const added = await call('admin', 'POST', '/v1/users', { name: '王主管', role: 'manager' });
    expect([added.status, added.body.user.hasPassword]).toEqual([201, false]);
    const token = added.body.link.replace('/#/welcome/', '');
    const password = '一个够长的密码123';
    expect((await call(null, 'POST', '/v1/session', { token, password: 'short' })).status).toBe(422);
    const welcome = await call(null, 'POST', '/v1/session', { token, password });
    expect(welcome.body).toMatchObject({ auth: true, name: '王主管', role: 'manager' });
    expect((await call(null, 'POST', '/v1/session', { token, password })).body.code).toBe('link-invalid');

    const signedIn = await call(null, 'POST', '/v1/session', { name: '王主管', password });
    const line = signedIn.headers.get('set-cookie')!;
    expect(line).toMatch(/^duihao_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const Cookie = line.split(';')[0]!;
    expect((await call(null, 'GET', '/v1/session', undefined, { Cookie })).body.name).toBe('王主管');
    expect((await call(null, 'GET', '/v1/statistics/time', undefined, { Cookie })).status).toBe(200);
    expect((await call(null, 'GET', '/v1/keys', undefined, { Cookie })).body.code).toBe('role-insufficient');

    // Written with the cookie by a page of elsewhere.
    const body = { tickets: [{ id: '1', text: '渣土车' }] };
    for (const foreign of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
    ]) {
      const refused = await call(null, 'POST', '/v1/suggestions', body, { Cookie, ...foreign });
      expect([foreign, refused.body.code]).toEqual([foreign, 'cross-site']);
    }
    const own = await call(null, 'POST', '/v1/suggestions', body, { Cookie, Origin: app.server.url });
    expect(own.status).toBe(200);

    expect((await call(null, 'DELETE', '/v1/session', undefined, { Cookie })).status).toBe(204);
    expect((await call(null, 'GET', '/v1/session', undefined, { Cookie })).body.code).toBe(
      'sign-in-required',
    );
  });

  it('does not tell a wrong name from a wrong password, and slows down guessing', async () => {
    const wrong = (name: string) => call(null, 'POST', '/v1/session', { name, password: 'not the password' });
    const [known, unknown] = [await wrong('王主管'), await wrong('无此人')];
    expect([known.status, known.body]).toEqual([401, unknown.body]);
    const codes = [];
    for (let n = 0; n < 9; n++) codes.push((await wrong('王主管')).body.code);
    expect(codes.at(-1)).toBe('sign-in-limited');
    expect((await wrong('另一人')).body.code).toBe('sign-in-failed');
  });

  it('ends at once for whoever is switched off or whose key is revoked', async () => {
    const { body: added } = await call('admin', 'POST', '/v1/keys', { name: '旧系统', role: 'intake' });
    expect(added.secret).toMatch(/^dh_/);
    expect((await call(added.secret, 'GET', '/v1/session')).body.name).toBe('旧系统');
    expect((await call('admin', 'DELETE', `/v1/keys/${added.key.id}`)).status).toBe(204);
    expect((await call(added.secret, 'GET', '/v1/session')).status).toBe(401);
    const { body: keyList } = await call('admin', 'GET', '/v1/keys');
    expect(JSON.stringify(keyList)).not.toContain(added.secret);
    expect((await call('admin', 'DELETE', '/v1/keys/x')).body.code).toBe('key-unknown');
    expect((await call('admin', 'PATCH', '/v1/users/x', {})).body.code).toBe('user-unknown');
    expect((await call('admin', 'POST', '/v1/users', { name: '=cmd', role: 'agent' })).status).toBe(422);
    expect((await call('admin', 'POST', '/v1/users', { name: '王主管', role: 'agent' })).body.code).toBe(
      'user-exists',
    );
  });
});

describe('feedback', () => {
  it('follows a suggestion at once, is idempotent, and corrects', async () => {
    const result = await suggest('渣土车夜间运土');
    const { suggestionId } = result;
    const send = (body: Json, who: Role = 'agent') =>
      call(who, 'POST', '/v1/feedback', { suggestionId, ...body });
    const first = await send({ kind: 'accepted', milliseconds: 1500 });
    expect([first.status, first.body]).toEqual([
      201,
      expect.objectContaining({
        agent: 'agent',
        kind: 'accepted',
        matched: true,
        outcome: 'stored',
        item: expect.objectContaining({ item: result.decision.item }),
      }),
    ]);
    const again = await send({ kind: 'accepted', milliseconds: 1500 });
    expect([again.status, again.body.outcome]).toEqual([200, 'repeated']);
    const other = await send({ kind: 'corrected', item: '08.0801.080101', note: '电话13800138000' });
    expect([other.body.outcome, other.body.kind]).toEqual(['replaced', 'corrected']);
    expect((await store.feedback.of(suggestionId))[0]?.note).toBe('电话〔电话〕');
    // An intake system's agents are kept apart from the accounts; others are who they are.
    expect((await send({ kind: 'skipped', agent: 'agent' }, 'intake')).body.agent).toBe('intake/agent');
    expect((await send({ kind: 'skipped', agent: 'somebody' }, 'manager')).body.agent).toBe('manager');
    expect(await store.feedback.of(suggestionId)).toHaveLength(3);
  });

  it('on what is not known is kept aside', async () => {
    const suggestionId = timeOrderedId();
    const answer = await call('agent', 'POST', '/v1/feedback', {
      suggestionId,
      kind: 'corrected',
      item: '08.0801.080102',
      ticket: 'T-old',
      decidedAt: '2026-01-02T03:04:05+08:00',
    });
    expect([answer.status, answer.body.matched, answer.body.decidedAt]).toEqual([
      202,
      false,
      '2026-01-01T19:04:05.000Z',
    ]);
  });

  it('says what is wrong with it', async () => {
    const { suggestionId } = await suggest('渣土车');
    const cases: [Json, string][] = [
      [{ suggestionId: 'x', kind: 'accepted' }, 'request-invalid'],
      [{ suggestionId, kind: 'liked' }, 'request-invalid'],
      [{ suggestionId, kind: 'corrected' }, 'item-required'],
      [{ suggestionId, kind: 'corrected', item: '08.no' }, 'item-unknown'],
      [{ suggestionId, kind: 'accepted', milliseconds: -1 }, 'request-invalid'],
      [{ suggestionId, kind: 'accepted', decidedAt: 'yesterday' }, 'request-invalid'],
    ];
    for (const [body, code] of cases) {
      const answer = await call('agent', 'POST', '/v1/feedback', body);
      expect([body, answer.status, answer.body.code]).toEqual([body, 422, code]);
    }
  });
});

describe('reviews', () => {
  it('come of doubtful answers, but not of those that were asked for without', async () => {
    const ask = async (review: boolean) => {
      const id = `T-${++tickets}`;
      const body = { tickets: [{ id, text: '完全无关的一句话' }], review };
      const answer = await call('agent', 'POST', '/v1/suggestions', body);
      const { suggestionId } = answer.body.results[0];
      await store.recorder.recorded(suggestionId);
      expect(await store.suggestions.find(suggestionId)).toMatchObject({ ticket: id });
      const queue = await call('agent', 'GET', '/v1/reviews?cause=uncertain&limit=200');
      return queue.body.reviews.filter(({ ticket }: Json) => ticket.id === id).length;
    };
    expect([await ask(false), await ask(true)]).toEqual([0, 1]);
  });

  it('show the ticket masked, with what was decided, and whose it is', async () => {
    const review = await doubtful();
    expect(review).toMatchObject({
      cause: 'table-disagrees',
      state: 'open',
      ticket: { text: '完全无关的一句话，联系人：〔姓名〕，电话〔电话〕', title: null },
      label: { item: '08.0801.080101', name: '占道经营' },
      claim: null,
    });
    expect(review.decision.kind).toBe('fallback');
    const claimed = await call('agent', 'POST', `/v1/reviews/${review.id}`, { action: 'claim' });
    expect(claimed.body.claim).toMatchObject({ agent: 'agent', mine: true });
    const refused = await call('manager', 'POST', `/v1/reviews/${review.id}`, { action: 'skip' });
    expect([refused.status, refused.body.code]).toEqual([409, 'review-claimed']);
    const held = await call('agent', 'GET', '/v1/reviews?state=claimed');
    expect(held.body.reviews.map(({ id }: Json) => id)).toContain(review.id);
    const free = await call('agent', 'GET', '/v1/reviews?limit=200');
    expect(free.body.reviews.map(({ id }: Json) => id)).not.toContain(review.id);
    expect(free.body.waiting).toEqual({ count: expect.any(Number), more: false });
  });

  it('are chosen, undone and chosen again', async () => {
    const { id, suggestionId } = await doubtful();
    const act = (body: Json, who: Role = 'agent') => call(who, 'POST', `/v1/reviews/${id}`, body);
    const unknown = await act({ action: 'choose', item: '08.no' });
    expect([unknown.status, unknown.body.code]).toEqual([422, 'item-unknown']);
    const chosen = await act({
      action: 'choose',
      item: '08.0801.080102',
      milliseconds: 3000,
      note: '王先生说',
    });
    expect(chosen.body).toMatchObject({
      state: 'done',
      chosen: { name: '渣土车' },
      closedBy: 'agent',
      note: '〔姓名〕先生说',
    });
    expect((await store.feedback.of(suggestionId))[0]).toMatchObject({ agent: 'agent', milliseconds: 3000 });
    expect((await act({ action: 'undo' }, 'manager')).body.code).toBe('review-not-yours');
    const closed = await call('agent', 'GET', '/v1/reviews?state=closed');
    expect(closed.body.reviews[0].id).toBe(id);
    expect((await act({ action: 'undo' })).body).toMatchObject({ state: 'open', claim: { mine: true } });
    expect((await act({ action: 'undo' })).body.code).toBe('review-not-closed');
    expect((await act({ action: 'release' })).body.claim).toBeNull();
    expect((await act({ action: 'skip' }, 'manager')).body.state).toBe('skipped');
    expect((await act({ action: 'claim' })).body.code).toBe('review-closed');
    const missing = await call('agent', 'POST', `/v1/reviews/${timeOrderedId()}`, { action: 'claim' });
    expect([missing.status, missing.body.code]).toEqual([404, 'review-unknown']);
    expect((await call('agent', 'POST', '/v1/reviews/x', { action: 'claim' })).status).toBe(404);
  });

  it('are added by managers and taken in order by agents', async () => {
    const reviews = [0.2, 0.9].map((doubt, n) => ({ ticket: `C-${n}`, cause: 'new-cluster', doubt }));
    expect((await call('manager', 'POST', '/v1/reviews', { reviews })).body).toEqual({ added: 2, known: 0 });
    expect((await call('manager', 'POST', '/v1/reviews', { reviews })).body).toEqual({ added: 0, known: 2 });
    const body = { count: 5, cause: 'new-cluster' };
    const taken = await call('agent', 'POST', '/v1/reviews/claims', body);
    expect(taken.body.reviews.map(({ ticket }: Json) => ticket.id)).toEqual(['C-1', 'C-0']);
    expect((await call('manager', 'POST', '/v1/reviews/claims', body)).body.reviews).toEqual([]);
  });
});

describe('statistics', () => {
  it('come as JSON and as CSV that a spreadsheet opens', async () => {
    for (const name of ['acceptance', 'corrections', 'time', 'models', 'coverage', 'catch-all', 'clusters']) {
      const json = await call('manager', 'GET', `/v1/statistics/${name}`);
      expect([name, json.status, Array.isArray(json.body.rows)]).toEqual([name, 200, true]);
      const response = await fetch(`${app.server.url}/v1/statistics/${name}?format=csv`, {
        headers: { Authorization: `Bearer ${keys.manager}` },
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
      const lines = new TextDecoder().decode(bytes).trimEnd().split('\r\n');
      expect([name, lines.length]).toEqual([name, json.body.rows.length + 1]);
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=".+\.csv"$/);
    }
  });

  it('keep to the days that were asked for', async () => {
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const now = await call('manager', 'GET', `/v1/statistics/acceptance?by=day&from=${today}&to=${today}`);
    expect(now.body.rows).toEqual([expect.objectContaining({ day: today, item: null })]);
    const before = await call('manager', 'GET', '/v1/statistics/acceptance?from=2020-01-01&to=2020-01-31');
    expect(before.body).toEqual({ from: '2020-01-01', to: '2020-01-31', rows: [] });
    for (const span of ['from=2026-02-01&to=2026-01-01', 'from=2020-01-01&to=2026-01-01'])
      expect((await call('manager', 'GET', `/v1/statistics/time?${span}`)).body.code).toBe('span-invalid');
    expect((await call('manager', 'GET', '/v1/statistics/time?from=2026-02-30')).status).toBe(422);
    expect((await call('manager', 'GET', '/v1/statistics/none')).status).toBe(404);
  });
});

describe('whatever is sent', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 40 })
      .map((units) => String.fromCharCode(...units)),
  );

  it('is stored or refused, never a 5xx, and the ticket can be found by its feedback', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, text, fc.option(text), async (id, words, agent, item) => {
        const asked = await open.post('/v1/suggestions', { tickets: [{ id, text: words }] });
        expect(asked.status).toBe(200);
        const { suggestionId } = asked.body.results[0];
        const body = { suggestionId, kind: 'accepted', agent, note: words, ticket: id };
        const given = await open.post('/v1/feedback', item === null ? body : { ...body, item });
        expect([201, 422]).toContain(given.status);
        if (item === null) expect([given.status, given.body.matched]).toEqual([201, true]);
        expect(store.recorder.lost).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('as a body or a query gets an answer that is described', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.string({ unit: 'binary' }), async (body, typed) => {
        const query = encodeURIComponent(typed);
        for (const { status } of await Promise.all([
          open.post('/v1/feedback', body),
          open.post('/v1/reviews', body),
          open.post('/v1/reviews/claims', body),
          open.post(`/v1/reviews/${timeOrderedId()}`, body),
          open.post('/v1/session', body),
          open.post('/v1/users', body),
          open.ask(`/v1/reviews?cause=${query}`),
          open.ask(`/v1/statistics/time?from=${query}`),
        ]))
          expect(status).toBeLessThan(500);
      }),
      { numRuns: 60 },
    );
  });
});

describe('while the database opens', () => {
  it('suggestions are answered where auth is off, and everything else says so', async () => {
    const slot = new ServiceSlot(toyService());
    const strict = await serveApp({ slot, workplace: new Workplace({ auth: true, storeText: false }) });
    const lax = await serveApp({ slot, workplace: new Workplace({ auth: false, storeText: false }) });
    const body = { tickets: [{ id: '1', text: '渣土车' }] };
    const answer = await lax.post('/v1/suggestions', body);
    expect([answer.status, answer.body.results[0].suggestionId]).toEqual([200, undefined]);
    for (const one of [
      await lax.ask('/v1/reviews'),
      await strict.ask('/v1/session'),
      await strict.ask('/v1/reviews', { headers: { Authorization: 'Bearer dh_x' } }),
    ]) {
      expect([one.status, one.body.code, one.headers.get('retry-after')]).toEqual([
        503,
        'store-opening',
        '2',
      ]);
    }
    await strict.server.close();
    await lax.server.close();
  });
});

describe('the OpenAPI document', () => {
  it('has every route of the workplace, and none of them without a store', async () => {
    const { body } = await app.ask('/openapi.json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/v1/feedback', '/v1/reviews/{id}', '/v1/session', '/v1/statistics/catch-all']),
    );
    const plain = await serveApp();
    expect(Object.keys((await plain.ask('/openapi.json')).body.paths)).not.toContain('/v1/feedback');
    expect((await plain.ask('/v1/session')).body.code).toBe('path-unknown');
    await plain.server.close();
  });
});

/** POST /v1/suggestions over a real socket. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuihaoError } from '../../src/errors.js';
import { limits } from '../../src/server/schemas.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { InlineService } from '../../src/suggest/inline-service.js';
import { toyAnswerer } from '../toy-answerer.js';
import { type ServedApp, serveApp } from './serve-app.js';
import { toyService } from './toy-service.js';

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp();
});
afterAll(() => app.server.close());

const suggest = (body: unknown) => app.post('/v1/suggestions', body);

describe('suggestions', () => {
  it('answer with a decision, candidates with their path, and evidence', async () => {
    const text = '凌晨两点渣土车还在跑';
    const { status, body } = await suggest({ tickets: [{ id: 'A', text }], k: 2 });
    expect(status).toBe(200);
    expect(body.model).toEqual({ id: 'toy', version: '1', trainedAt: '2026-01-01T00:00:00.000Z' });
    expect(body.taxonomy).toMatchObject({
      id: 'toy',
      depth: 3,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const [result] = body.results;
    expect(result.decision).toMatchObject({
      kind: 'specific',
      item: '08.0801.080102',
      code: '0801020000',
      short: '080102',
      name: '渣土车',
    });
    expect(result.candidates).toHaveLength(2);
    expect(result.candidates[0].path.map((one: { name: string }) => one.name)).toEqual([
      '城乡建设',
      '城市管理',
      '渣土车',
    ]);
    expect(result.evidence).toEqual([{ field: 'text', start: 4, end: 7, weight: 1 }]);
    expect(text.slice(4, 7)).toBe('渣土车');
  });

  it('keep the order of the tickets and their ids', async () => {
    const tickets = Array.from({ length: 256 }, (_, index) => ({ id: `T${255 - index}`, text: '电梯坏了' }));
    const { body } = await suggest({ tickets });
    expect(body.results.map((one: { id: string }) => one.id)).toEqual(tickets.map((one) => one.id));
  });

  it('say where a fallback climbed to and why', async () => {
    const { body } = await suggest({ tickets: [{ id: 'A', text: '渣土车占道经营' }] });
    expect(body.results[0].decision).toMatchObject({
      kind: 'fallback',
      item: '08.0801.080199',
      under: { item: '08.0801', code: '0801000000', name: '城市管理' },
      reason: 'low-confidence',
    });
  });

  it('give an empty text a fallback, not an error', async () => {
    for (const text of ['', '   \n', '\u3000']) {
      const { status, body } = await suggest({ tickets: [{ id: 'A', text }] });
      expect(status).toBe(200);
      expect(body.results[0].decision).toMatchObject({
        kind: 'fallback',
        item: '99.9999.999900',
        under: null,
        reason: 'empty-text',
        probability: 1,
      });
    }
  });

  it('stay within the level and the branches asked for', async () => {
    const tickets = [{ id: 'A', text: '渣土车和电梯' }];
    const atTwo = await suggest({ tickets, level: 2, k: 20 });
    expect(atTwo.body.results[0].candidates.every((one: { item: string }) => one.item.length <= 7)).toBe(
      true,
    );
    const inside = await suggest({ tickets, within: ['0801000000', '090499'], k: 20 });
    const items = inside.body.results[0].candidates.map((one: { item: string }) => one.item);
    expect(items.sort()).toEqual([
      '08.0801.080101',
      '08.0801.080102',
      '08.0801.080199',
      '09.0904.090499',
      '09.0905.090499',
    ]);
    const outside = await suggest({ tickets, without: ['08.0801', '09', '01'], k: 20 });
    expect(outside.body.results[0].candidates.map((one: { short: string }) => one.short)).toEqual([
      '080201',
      '999900',
    ]);
  });

  it('leave evidence out when asked to', async () => {
    const { body } = await suggest({ tickets: [{ id: 'A', text: '渣土车' }], evidence: false });
    expect(body.results[0].evidence).toEqual([]);
  });
});

describe('a set for an asked coverage', () => {
  const tickets = [{ id: 'A', text: '渣土车' }];
  const setOf = async (body: object) => (await suggest({ tickets, ...body })).body.results[0].set;
  const items = (set: { items: { short: string }[] }) => set.items.map(({ short }) => short);

  it('is the shortest that is promised, with paths and probabilities; none unless asked', async () => {
    const { body } = await suggest({ tickets });
    expect(body.results[0]).not.toHaveProperty('set');
    const set = await setOf({ coverage: 0.8 });
    expect(set).toEqual({
      coverage: 0.8,
      items: [body.results[0].candidates[0]],
    });
  });

  it('promises the next step above what was asked, and holds the smaller set', async () => {
    const set = await setOf({ coverage: 0.81 });
    expect(set.coverage).toBe(0.95);
    expect(items(set)).toEqual(['080102', '010600', '080101']);
  });

  it('keeps to the level and the branches asked for', async () => {
    expect(items(await setOf({ coverage: 0.95, level: 2 }))).toEqual(['0801', '0106']);
    expect(items(await setOf({ coverage: 0.95, within: ['0801'] }))).toEqual(['080102', '080101']);
    // Its own set is excluded: the first of what is left stands for it.
    const { body } = await suggest({ tickets, coverage: 0.8, without: ['0801'] });
    expect(body.results[0].set.items).toEqual([body.results[0].candidates[0]]);
    expect(items(await setOf({ coverage: 0.8, within: ['08'], without: ['08'] }))).toEqual([]);
  });

  it('is not given for a ticket without text', async () => {
    const { status, body } = await suggest({ tickets: [{ id: 'A', text: ' ' }], coverage: 0.9 });
    expect([status, body.results[0].set]).toEqual([200, undefined]);
  });

  it('is refused beyond what the model promises, and by a model that promises nothing', async () => {
    const { status, body } = await suggest({ tickets, coverage: 0.96 });
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'coverage-unknown', '/coverage']);
    expect(body.detail).toContain('0.95');
    const plain = { ...toyAnswerer(), coverages: [] };
    const bare = await serveApp({ slot: new ServiceSlot(new InlineService(plain)) });
    try {
      const refused = await bare.post('/v1/suggestions', { tickets, coverage: 0.5 });
      expect([refused.status, refused.body.code]).toEqual([422, 'coverage-unknown']);
      expect((await bare.post('/v1/suggestions', { tickets })).status).toBe(200);
    } finally {
      bare.server.close();
    }
  });

  it('is refused where it is no share', async () => {
    for (const coverage of [0, 1, -0.5, 95, '0.9', null]) {
      const { status, body } = await suggest({ tickets, coverage });
      expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'request-invalid', '/coverage']);
    }
  });
});

describe('facets', () => {
  it('are kept as the intake system gave them, by id or name, by code or name', async () => {
    for (const facets of [{ demand: '03' }, { 诉求类别: '投诉' }, { A: 'A03' }, { demand: '申诉' }]) {
      const { status, body } = await suggest({ tickets: [{ id: 'A', text: '渣土车', facets }] });
      expect(status).toBe(200);
      expect(body.results[0].facets).toEqual([
        { facet: 'demand', code: '03', name: 'demand 03', probability: 1, given: true },
      ]);
      expect(body.results[0].combinedCode).toBe('0801020000-A03');
    }
    const { body } = await suggest({ tickets: [{ id: 'A', text: '渣土车' }] });
    expect(body.results[0].facets).toEqual([]);
    expect(body.results[0]).not.toHaveProperty('combinedCode');
  });

  it('are refused when the table does not hold them', async () => {
    const cases: [Record<string, string>, string, string][] = [
      [{ colour: '03' }, 'facet-unknown', '/tickets/0/facets/colour'],
      [{ demand: '张三' }, 'facet-value-unknown', '/tickets/0/facets/demand'],
      [{ demand: '03', 诉求类别: '投诉' }, 'facet-repeated', '/tickets/0/facets/诉求类别'],
      [
        Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`f${at}`, '01'])),
        'request-invalid',
        '/tickets/0/facets',
      ],
    ];
    for (const [facets, code, pointer] of cases) {
      const { status, body } = await suggest({ tickets: [{ id: 'A', text: '', facets }] });
      expect([status, body.code, body.errors[0].pointer]).toEqual([422, code, pointer]);
      expect(JSON.stringify(body)).not.toContain('张三');
    }
  });
});

describe('requests that do not fit', () => {
  const ticket = { id: 'A', text: '渣土车' };
  const cases: [string, unknown, string, string][] = [
    ['no ticket', { tickets: [] }, 'request-invalid', '/tickets'],
    ['257 tickets', { tickets: Array(257).fill(ticket) }, 'request-invalid', '/tickets'],
    ['k = 0', { tickets: [ticket], k: 0 }, 'request-invalid', '/k'],
    ['k = 21', { tickets: [ticket], k: 21 }, 'request-invalid', '/k'],
    ['k = 2.5', { tickets: [ticket], k: 2.5 }, 'request-invalid', '/k'],
    ['an unknown field', { tickets: [ticket], topk: 3 }, 'request-invalid', ''],
    ['an unknown field of a ticket', { tickets: [{ ...ticket, body: '' }] }, 'request-invalid', '/tickets/0'],
    ['a ticket without text', { tickets: [{ id: 'A' }] }, 'request-invalid', '/tickets/0/text'],
    ['an empty id', { tickets: [{ id: '', text: '' }] }, 'request-invalid', '/tickets/0/id'],
    ['a number as id', { tickets: [{ id: 7, text: '' }] }, 'request-invalid', '/tickets/0/id'],
    [
      'a text of 20,001 characters',
      { tickets: [{ id: 'A', text: '字'.repeat(limits.textLength + 1) }] },
      'request-invalid',
      '/tickets/0/text',
    ],
    [
      'a long title',
      { tickets: [{ ...ticket, title: '字'.repeat(501) }] },
      'request-invalid',
      '/tickets/0/title',
    ],
    ['ids that repeat', { tickets: [ticket, ticket] }, 'ticket-id-duplicate', '/tickets/1/id'],
    ['a level the tree has not', { tickets: [ticket], level: 4 }, 'level-out-of-range', '/level'],
    ['an unknown code', { tickets: [ticket], within: ['08', '0877'] }, 'item-unknown', '/within/1'],
    ['a list', [ticket], 'request-invalid', ''],
  ];
  it.each(cases)('are refused with a code and a pointer: %s', async (_name, body, code, pointer) => {
    const answer = await suggest(body);
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      status: 422,
      code,
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });

  it('accept a text of exactly 20,000 characters', async () => {
    const { status } = await suggest({ tickets: [{ id: 'A', text: '字'.repeat(limits.textLength) }] });
    expect(status).toBe(200);
  });

  it('never have their words in the answer', async () => {
    const secret = '住址幸福路13800138000';
    for (const body of [
      { tickets: [{ id: 'A', text: secret, [secret]: 1 }] },
      { tickets: [{ id: 'A', text: [secret] }] },
      { tickets: [{ id: secret.repeat(50), text: secret }] },
      { tickets: [{ id: 'A', text: 'x' }], within: [secret] },
      `{"tickets": ${secret}`,
    ]) {
      const answer = await suggest(body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(answer.body)).not.toContain('幸福路');
    }
  });

  it('get a problem for malformed JSON, a wrong content type, a huge body, unknown paths and methods', async () => {
    const post = (init: RequestInit) => app.ask('/v1/suggestions', { method: 'POST', ...init });
    const json = { 'Content-Type': 'application/json' };
    const answers = [
      [await post({ headers: json, body: '{"tickets":' }), 400, 'json-malformed'],
      [await post({ headers: json, body: 'null' }), 400, 'json-malformed'],
      [await post({ headers: json, body: new Uint8Array([0x7b, 0xff, 0xfe]) }), 400, 'json-malformed'],
      [await post({ headers: json }), 422, 'request-invalid'],
      [
        await post({ headers: { 'Content-Type': 'text/plain' }, body: '{}' }),
        415,
        'content-type-unsupported',
      ],
      [
        await post({ headers: { 'Content-Type': 'application/json; charset=gbk' }, body: '{}' }),
        415,
        'charset-unsupported',
      ],
      [
        await post({ headers: { ...json, 'Content-Encoding': 'zip' }, body: '{}' }),
        415,
        'content-encoding-unsupported',
      ],
      [
        await post({ headers: { ...json, 'Content-Encoding': 'gzip' }, body: '{}' }),
        400,
        'request-malformed',
      ],
      [await post({ headers: json, body: ' '.repeat(limits.bodyBytes + 1) }), 413, 'body-too-large'],
      [await app.ask('/v1/suggestions'), 405, 'method-not-allowed'],
      [await app.ask('/v1/items', { method: 'DELETE' }), 405, 'method-not-allowed'],
      [await app.ask('/v2/suggestions'), 404, 'path-unknown'],
      [await app.ask('/v1/items/%E0%A4'), 400, 'request-malformed'],
    ] as const;
    for (const [answer, status, code] of answers) {
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect(answers[9][0].headers.get('allow')).toBe('POST');
  });
});

describe('a server under pressure', () => {
  it('answers 503 with Retry-After while the model loads', async () => {
    const slot = new ServiceSlot();
    const loading = await serveApp({ slot });
    try {
      const before = await loading.post('/v1/suggestions', { tickets: [{ id: 'A', text: '' }] });
      expect([before.status, before.body.code]).toEqual([503, 'model-loading']);
      expect(Number(before.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await loading.ask('/health/live')).status).toBe(200);
      expect((await loading.ask('/health/ready')).status).toBe(503);
      slot.fill(toyService());
      const ready = await loading.ask('/health/ready');
      expect([ready.status, ready.body.status, ready.body.model.id]).toEqual([200, 'ready', 'toy']);
      slot.stop();
      expect((await loading.ask('/health/ready')).body.code).toBe('stopping');
    } finally {
      await loading.server.close();
    }
  });

  it('answers 503 with Retry-After when the queue is full', async () => {
    const full = {
      ...toyService(),
      suggest: async () => {
        throw new DuihaoError('unavailable', 'queue-full', 'too many tickets are waiting');
      },
    };
    const busy = await serveApp({ slot: new ServiceSlot(full) });
    try {
      const answer = await busy.post('/v1/suggestions', { tickets: [{ id: 'A', text: '' }] });
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'queue-full',
        '1',
      ]);
    } finally {
      await busy.server.close();
    }
  });

  it('hides what went wrong inside', async () => {
    const broken = {
      ...toyService(),
      suggest: async () => {
        throw new Error('幸福路 12 号');
      },
    };
    const served = await serveApp({ slot: new ServiceSlot(broken) });
    try {
      const answer = await served.post('/v1/suggestions', { tickets: [{ id: 'A', text: '' }] });
      expect([answer.status, answer.body.code]).toEqual([500, 'internal']);
      expect(JSON.stringify(answer.body)).not.toContain('幸福路');
    } finally {
      await served.server.close();
    }
  });

  it('limits the requests of one address when told to', async () => {
    const limited = await serveApp({ rateLimit: 2 });
    try {
      const statuses: number[] = [];
      for (let at = 0; at < 3; at += 1) statuses.push((await limited.ask('/v1/items')).status);
      expect(statuses).toEqual([200, 200, 429]);
      const refused = await limited.ask('/v1/items');
      expect(refused.body.code).toBe('rate-limited');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await limited.ask('/health/live')).status).toBe(200);
    } finally {
      await limited.server.close();
    }
  });

  it('finishes running requests before it stops', async () => {
    let finish = () => {};
    const toy = toyService();
    const slow: typeof toy = {
      ...toy,
      suggest: async (tickets, options) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return toy.suggest(tickets, options);
      },
    };
    const served = await serveApp({ slot: new ServiceSlot(slow) });
    const waiting = served.post('/v1/suggestions', { tickets: [{ id: 'A', text: '渣土车' }] });
    const before = finish;
    while (finish === before) await new Promise((resolve) => setTimeout(resolve, 5));
    const closing = served.server.close();
    await expect(served.ask('/health/live')).rejects.toThrow();
    finish();
    expect((await waiting).status).toBe(200);
    expect(await closing).toBe(0);
  });
});

/** The shadow: asked behind the answers, never in their way; and where it differs, told to managers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { promoteModel } from '../../src/model-store/registry.js';
import { chooseShadow, clearShadow, readShadow } from '../../src/model-store/shadow-choice.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { type AskedTicket, Shadow } from '../../src/server/shadow.js';
import { ShadowExchange } from '../../src/server/shadow-exchange.js';
import { Workplace } from '../../src/server/workplace.js';
import type { ShadowAnswer } from '../../src/store/shadow-answers.js';
import { openStore, type Store } from '../../src/store/store.js';
import { InlineService } from '../../src/suggest/inline-service.js';
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import { openAnswerer, toyAnswerer, toyTaxonomy } from '../toy-answerer.js';
import { writeToyModel } from '../toy-model.js';
import { serveApp } from './serve-app.js';

const taxonomy = toyTaxonomy();
const service = (version: string): SuggestService =>
  new InlineService(
    toyAnswerer(taxonomy, { id: `toy-${version}`, version, trainedAt: '2026-01-01T00:00:00.000Z' }),
  );
const current = service('1');
const options = { k: 5, evidence: true, adjust: true };
const asked = (count: number, text = '渣土车', item: string | null = '08.0801.080102'): AskedTicket[] =>
  Array.from({ length: count }, (_, at) => ({
    suggestionId: `s${at}`,
    ticket: { id: `t${at}`, text },
    item,
  }));

describe('the shadow', () => {
  let kept: ShadowAnswer[];
  let failing: boolean;
  let shadow: Shadow;
  const store = {
    shadow: {
      async add(answers: readonly ShadowAnswer[]) {
        if (failing) throw new Error('the database is away');
        kept.push(...answers);
      },
    },
  } as unknown as Store;
  beforeEach(() => {
    kept = [];
    failing = false;
    shadow = new Shadow(() => store, { waiting: 20, together: 4 });
    shadow.fill(service('2'));
  });
  afterEach(() => shadow.close());

  it('keeps what it says and counts where it differs', async () => {
    shadow.ask(asked(3), options, current);
    shadow.ask(asked(2, '家政'), options, current);
    await shadow.settled();
    expect(kept).toHaveLength(5);
    expect(kept[3]).toMatchObject({
      ...{ suggestionId: 's0', model: 'toy-2', modelVersion: '2', taxonomyDigest: taxonomy.digest },
      decision: { kind: 'specific', item: '09.0904.090401' },
      top: { item: '09.0904.090401' },
    });
    expect(shadow.counts).toEqual({ answered: 5, differing: 2, dropped: 0, failed: 0 });
  });

  it('waits while an answer is made, and takes no more than fits', async () => {
    let done = () => {};
    const answer = shadow.behind(
      new Promise<string>((resolve) => {
        done = () => resolve('answered');
      }),
    );
    shadow.ask(asked(15), options, current);
    shadow.ask(asked(15), options, current);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(kept).toHaveLength(0);
    done();
    expect(await answer).toBe('answered');
    await shadow.settled();
    expect(kept).toHaveLength(20);
    expect(shadow.counts).toMatchObject({ answered: 20, dropped: 10 });
    // Its queue is free again.
    shadow.ask(asked(15), options, current);
    await shadow.settled();
    expect(shadow.counts).toMatchObject({ answered: 35, dropped: 10 });
  });

  it('lets an answer that fails fail, and goes on', async () => {
    await expect(shadow.behind(Promise.reject(new RangeError('no')))).rejects.toThrow('no');
    shadow.ask(asked(1), options, current);
    await shadow.settled();
    expect(shadow.counts.answered).toBe(1);
  });

  it('counts its failures and those of the database, and is asked on', async () => {
    shadow.ask(asked(5, '⟦throw⟧'), options, current);
    await shadow.settled();
    failing = true;
    shadow.ask(asked(2), options, current);
    await shadow.settled();
    failing = false;
    shadow.ask(asked(1), options, current);
    await shadow.settled();
    expect(shadow.counts).toEqual({ answered: 1, differing: 0, dropped: 0, failed: 7 });
  });

  it('is not asked about its own answers, nor within a list that it does not have', async () => {
    shadow.ask(asked(1), options, service('2'));
    const other = { model: current.model, taxonomy: { ...taxonomy, digest: 'other' } as never };
    shadow.ask(asked(1), { ...options, within: [3] }, other);
    shadow.ask(asked(1), { ...options, level: 1 }, other);
    await shadow.settled();
    expect(kept).toEqual([]);
    shadow.ask(asked(1), { ...options, within: [taxonomy.byCode('09')[0]!.index] }, current);
    shadow.ask(asked(1), options, other);
    await shadow.settled();
    expect(kept.map(({ decision }) => decision.item?.slice(0, 2))).toEqual(['09', '08']);
  });

  it('closes at once, whatever waits and whoever is being answered', async () => {
    void shadow.behind(new Promise(() => {}));
    shadow.ask(asked(20), options, current);
    await shadow.close();
    shadow.ask(asked(1), options, current);
    await shadow.settled();
    expect(kept).toEqual([]);
  });
});

describe('the choice of a shadow', () => {
  let models: string;
  let events: string[];
  let shadow: Shadow;
  let exchange: ShadowExchange;
  beforeEach(() => {
    models = mkdtempSync(join(tmpdir(), 'duihao-shadow-'));
    events = [];
    shadow = new Shadow(() => undefined);
    exchange = new ShadowExchange({
      ...{ models, shadow, everyMs: 3_600_000 },
      open: async (folder) => {
        const opened = new InlineService(await openAnswerer(folder));
        events.push(`open ${opened.model.id}`);
        const close = opened.close.bind(opened);
        opened.close = async () => {
          events.push(`close ${opened.model.id}`);
          await close();
        };
        return opened;
      },
    });
    for (const name of ['a', 'b', 'c']) writeToyModel(models, name, '1');
  });
  afterEach(async () => {
    await exchange.stop();
    rmSync(models, { recursive: true });
  });

  it('is followed while the server runs: opened, exchanged one after the other, closed', async () => {
    expect(await exchange.start()).toBe('unchanged');
    await chooseShadow(models, 'b');
    expect(await exchange.check()).toBe('opened');
    expect(await exchange.check()).toBe('unchanged');
    await chooseShadow(models, join(models, 'c'));
    expect(await exchange.check()).toBe('opened');
    expect(shadow.model?.id).toBe('c');
    await clearShadow(models);
    expect(await exchange.check()).toBe('closed');
    expect(shadow.model).toBeNull();
    expect(events).toEqual(['open b', 'close b', 'open c', 'close c']);
  });

  it('that fails leaves no shadow, is reported once, and recovers', async () => {
    writeToyModel(models, 'broken', '1', { toyFails: true });
    await chooseShadow(models, 'broken');
    expect(await exchange.check()).toBe('failed');
    expect(await exchange.check()).toBe('unchanged');
    writeFileSync(join(models, 'shadow.json'), '{');
    expect(await exchange.check()).toBe('failed');
    expect(await exchange.check()).toBe('unchanged');
    await chooseShadow(models, 'b');
    // Trained anew in place, it is another model than was chosen.
    writeToyModel(models, 'b', '2');
    expect(await exchange.check()).toBe('failed');
    await chooseShadow(models, 'b');
    expect(await exchange.check()).toBe('opened');
  });

  it('is refused where it could not be a comparison', async () => {
    await promoteModel(models, 'a');
    await expect(chooseShadow(models, 'a')).rejects.toMatchObject({ code: 'shadow-promoted' });
    await expect(chooseShadow(models, 'missing')).rejects.toMatchObject({ code: 'manifest-missing' });
    await expect(chooseShadow(models, '/tmp')).rejects.toMatchObject({ code: 'model-outside' });
    expect(await readShadow(models)).toBeNull();
    await clearShadow(models);
  });
});

describe('GET /v1/statistics/shadow', () => {
  let store: Store;
  let close: () => Promise<unknown>;
  let app: Awaited<ReturnType<typeof serveApp>>;
  const shadow = new Shadow(() => store);
  beforeAll(async () => {
    store = await openStore({ kind: 'memory' });
    shadow.fill(service('2'));
    const workplace = new Workplace({ auth: true, storeText: false }, store);
    app = await serveApp({ slot: new ServiceSlot(current), workplace, shadow });
    close = () => app.server.close();
  });
  afterAll(async () => {
    await close();
    await shadow.close();
    await store.close();
  });
  const as = async (role: 'agent' | 'manager', path: string, body?: unknown) => {
    const { secret } = await store.keys.add(role, role, 'test');
    return app.ask(path, {
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  };

  it('tells managers where the two differ and who was right, as JSON and as CSV', async () => {
    const tickets = [{ id: 'a', text: '渣土车' }];
    const { body } = await as('agent', '/v1/suggestions', { tickets });
    const { suggestionId } = body.results[0];
    await shadow.settled();
    await store.recorder.recorded(suggestionId);
    // What this shadow would say is what the current model says: another opinion, in its place.
    const found = await store.suggestions.find(suggestionId);
    expect((await as('manager', '/v1/statistics/shadow')).body.comparisons).toMatchObject([
      { version: '1', candidateVersion: '2', compared: 1, differ: 0, judged: 0, p: 1 },
    ]);
    const other = { ...found!, id: suggestionId.replace(/.$/, suggestionId.endsWith('0') ? '1' : '0') };
    await store.suggestions.add([other]);
    await store.shadow.add([
      {
        ...{ suggestionId: other.id, model: 'toy-2', modelVersion: '2', taxonomyDigest: taxonomy.digest },
        decision: { kind: 'specific', item: '09.0904.090401', probability: 0.5 },
        ...{ top: null, answeredAt: new Date() },
      },
    ]);
    await as('agent', '/v1/feedback', { suggestionId: other.id, kind: 'corrected', item: '09.0904.090401' });
    const { body: figures } = await as('manager', '/v1/statistics/shadow');
    expect(figures.comparisons).toMatchObject([
      { compared: 2, differ: 1, judged: 1, onlyCandidate: 1, onlyCurrent: 0, p: 1, pWorse: 1 },
    ]);
    expect(figures.rows).toMatchObject([
      { current: { name: '渣土车' }, candidate: { name: '家政' }, count: 1, candidateProbability: 0.5 },
    ]);
    const csv = await as('manager', '/v1/statistics/shadow?format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.body.split('\r\n')).toMatchObject([
      expect.stringContaining('现用版本,候选版本,现用编码,现用事项,候选编码,候选事项,次数'),
      expect.stringMatching(/^1,2,0801020000,渣土车,0904010000,家政,1,/),
      '',
    ]);
    expect((await as('agent', '/v1/statistics/shadow')).status).toBe(403);
    const metrics = await app.ask('/metrics');
    expect(metrics.body).toContain('duihao_shadow_tickets_total{outcome="answered"} 1');
  });
});

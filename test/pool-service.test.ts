/** The service over worker threads keeps the seam's contract, whatever happens to its workers. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DuihaoError } from '../src/errors.js';
import { CorrectionMemory } from '../src/suggest/correction-memory.js';
import { InlineService } from '../src/suggest/inline-service.js';
import { openPoolService, type PoolOptions, type PoolService } from '../src/suggest/pool-service.js';
import type { SuggestService } from '../src/suggest/suggest-service.js';
import type { SuggestOptions } from '../src/suggest/suggestion.js';
import { fromMessage, toMessage } from '../src/suggest/suggestion-message.js';
import { type SuggestRequest, TicketQueue } from '../src/suggest/ticket-queue.js';
import { toyAnswerer, toyFingerprint } from './toy-answerer.js';
import { writeToyModel } from './toy-model.js';

const opener = new URL('./toy-answerer.ts', import.meta.url).href;
const options: SuggestOptions = { k: 5, evidence: true };
const words = ['渣土车扰民', '电梯坏了', '家政', '', '流动摊贩', '不知所云', '宗教场所'];
const ticketsOf = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `T${at}`, text: words[at % words.length]! }));

let folder: string;
let model: string;
const open: PoolService[] = [];
async function pool(more: PoolOptions = {}): Promise<PoolService> {
  const service = await openPoolService(model, { opener, ...more });
  open.push(service);
  return service;
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'duihao-pool-'));
  model = writeToyModel(folder, 'toy', '7');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

const failure = (promise: Promise<unknown>): Promise<DuihaoError> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => {
      expect(error).toBeInstanceOf(DuihaoError);
      return error;
    },
  );

const services: [string, () => Promise<SuggestService>][] = [
  ['the pool', () => pool()],
  ['the inline service', async () => new InlineService(toyAnswerer())],
];
describe.each(services)('%s', (_name, openService) => {
  it('answers as the model does, in the tickets’ order', async () => {
    const service = await openService();
    const tickets = ticketsOf(150);
    const direct = toyAnswerer(service.taxonomy).answer(tickets, { ...options, level: 2 });
    expect(await service.suggest(tickets, { ...options, level: 2 })).toEqual(direct);
    expect(await service.suggest([], options)).toEqual([]);
    await service.close();
  });

  it('gives each ticket the set for the coverage its caller asked for', async () => {
    const service = await openService();
    expect(service.coverages).toEqual([0.8, 0.95]);
    const tickets = ticketsOf(40);
    const asked = [undefined, 0.8, 0.95].map((coverage) => ({
      ...options,
      ...(coverage === undefined ? {} : { coverage }),
    }));
    const answers = await Promise.all(asked.map((one) => service.suggest(tickets, one)));
    for (const [at, one] of asked.entries()) {
      expect(answers[at]).toEqual(toyAnswerer(service.taxonomy).answer(tickets, one));
      expect(answers[at]![0]!.set?.coverage).toBe(one.coverage);
    }
    await service.close();
  });

  it('finishes what it has begun when it is closed, and takes nothing after', async () => {
    const service = await openService();
    const slow = service.suggest(
      ticketsOf(100).map(({ id }) => ({ id, text: '⟦sleep 2⟧电梯' })),
      options,
    );
    const closed = service.close();
    expect(await failure(service.suggest(ticketsOf(1), options))).toMatchObject({
      kind: 'unavailable',
      code: 'service-closed',
    });
    expect(await slow).toHaveLength(100);
    await closed;
    await service.close();
  });
});

describe('the pool', () => {
  it('carries the model’s identity and tree over the thread boundary', async () => {
    const service = await pool();
    expect(service.model).toEqual({ id: 'toy', version: '7', trainedAt: '2026-01-01T00:00:00.000Z' });
    const [suggestion] = await service.suggest([{ id: 'A', text: '渣土车' }], options);
    const item = service.taxonomy.byId('08.0801.080102');
    expect(suggestion!.candidates[0]!.item).toBe(item);
    expect(suggestion!.decision).toMatchObject({ kind: 'specific', item });
  });

  it('has every worker free what its thread would leave behind, once, before it ends', async () => {
    const releases = join(folder, 'releases');
    const held = writeToyModel(folder, 'held', '1', { toyReleases: releases });
    const service = await openPoolService(held, { opener, workers: 2 });
    await service.suggest(ticketsOf(64), options);
    expect(existsSync(releases)).toBe(false);
    await Promise.all([service.close(), service.close()]);
    expect(readFileSync(releases, 'utf8')).toBe('released\n'.repeat(2));
  });

  it('has all workers look into one memory, those too that take the place of dead ones', async () => {
    const service = await pool({ workers: 2, adjust: true });
    const adjusting = { ...options, adjust: true };
    const ticket = { id: 'A', text: '电梯坏了' };
    const chosen = service.taxonomy.byId('08.0801.080101')!;
    const ask = async (asked: SuggestOptions) => (await service.suggest([ticket], asked))[0]!;
    const before = await ask(adjusting);
    expect(before.candidates[0]!.item.id).toBe('08.0802.080201');
    expect(before.adjustment).toBeUndefined();
    expect(before.fingerprint).toEqual(toyFingerprint(ticket));
    const choice = {
      fingerprint: before.fingerprint!,
      item: chosen.index,
      decidedAt: Date.now(),
      weight: 1,
      corrected: true,
    };
    service.corrections!.write(
      ['小李', '小王', '小张'].map((agent) => ({ key: agent, choice: { ...choice, agent } })),
    );
    const moved = expect.objectContaining({
      adjustment: expect.objectContaining({
        choices: 3,
        corrections: 3,
        items: [{ item: chosen, share: 1 }],
      }),
    });
    const answers = () =>
      Promise.all(Array.from({ length: 40 }, () => service.suggest(ticketsOf(20).concat(ticket), adjusting)));
    for (const answer of await answers()) expect(answer.at(-1)).toEqual(moved);
    expect((await ask(adjusting)).candidates[0]!.item).toBe(chosen);
    await failure(service.suggest([{ id: 'B', text: '⟦exit⟧' }], options));
    for (const answer of await answers()) expect(answer.at(-1)).toEqual(moved);
    expect(await ask(options)).toEqual(toyAnswerer(service.taxonomy).answer([ticket], options)[0]);
  });

  it('keeps no memory where none was asked for', async () => {
    const service = await pool();
    expect(service.corrections).toBeUndefined();
    const [answer] = await service.suggest([{ id: 'A', text: '电梯' }], { ...options, adjust: true });
    expect(answer).not.toHaveProperty('fingerprint');
  });

  it('answers many callers at once, each with its own options', async () => {
    const service = await pool({ workers: 2, maxQueue: 10_000 });
    const asked = Array.from({ length: 120 }, (_, at) => {
      const own = { k: 1 + (at % 3), evidence: at % 2 === 0 };
      const tickets = ticketsOf(1 + (at % 40));
      return { own, tickets, answer: service.suggest(tickets, own) };
    });
    const direct = toyAnswerer(service.taxonomy);
    for (const { own, tickets, answer } of asked) expect(await answer).toEqual(direct.answer(tickets, own));
  });

  it('refuses what would wait too long, whole requests at a time', async () => {
    const service = await pool({ maxQueue: 40 });
    const slow = service.suggest([{ id: 'S', text: '⟦sleep 200⟧' }], options);
    const waiting = service.suggest(ticketsOf(30), options);
    const refused = await failure(service.suggest(ticketsOf(11), options));
    expect(refused).toMatchObject({ kind: 'unavailable', code: 'queue-full', details: { maxQueue: 40 } });
    const fits = service.suggest(ticketsOf(10), options);
    expect((await Promise.all([slow, waiting, fits])).map(({ length }) => length)).toEqual([1, 30, 10]);
    expect(await service.suggest(ticketsOf(60), options)).toHaveLength(60);
  });

  it('lets a single ticket pass a large batch', async () => {
    const service = await pool();
    let batchDone = false;
    const batch = service
      .suggest(
        ticketsOf(256).map(({ id }) => ({ id, text: '⟦sleep 3⟧' })),
        options,
      )
      .then(() => {
        batchDone = true;
      });
    await service.suggest(ticketsOf(1), options);
    expect(batchDone).toBe(false);
    await batch;
  });

  it('replaces a worker that died and does its work again', async () => {
    const service = await pool();
    const mark = join(folder, 'died-once');
    const others = Array.from({ length: 5 }, () => service.suggest(ticketsOf(20), options));
    const [answer] = await service.suggest([{ id: 'A', text: `⟦exit-once ${mark}⟧渣土车` }], options);
    expect(answer!.candidates[0]!.item.code).toBe('080102');
    for (const other of others) expect(await other).toHaveLength(20);
  });

  it('fails the ticket that kills or breaks the model, and no other', async () => {
    const service = await pool();
    for (const [text, code] of [
      ['⟦exit⟧', 'worker-crashed'],
      ['⟦throw⟧ 张三', 'worker-failed'],
    ] as const) {
      const blocker = service.suggest([{ id: 'S', text: '⟦sleep 50⟧' }], options);
      const bad = failure(service.suggest([{ id: 'B', text }], options));
      const good = service.suggest(ticketsOf(3), options);
      const error = await bad;
      expect(error).toMatchObject({ kind: 'internal', code });
      expect(`${error.message} ${error.stack}`).not.toContain('张三');
      expect(await good).toHaveLength(3);
      await blocker;
    }
    expect(await service.suggest(ticketsOf(3), options)).toHaveLength(3);
  });

  it('says why a model does not open, and ends its threads', async () => {
    const error = await failure(openPoolService(join(folder, 'nothing'), { opener }));
    expect(error).toMatchObject({ kind: 'not-found', code: 'manifest-missing' });
    expect(await failure(openPoolService(model, { opener: 'file:///nowhere.js' }))).toMatchObject({
      kind: 'internal',
    });
    expect(await failure(openPoolService(model, { opener, workers: 0 }))).toMatchObject({
      code: 'option-invalid',
    });
  });

  it('tells callers when a replaced worker finds the model gone, and recovers when it is back', async () => {
    const gone = writeToyModel(folder, 'leaving', '1');
    const service = await openPoolService(gone, { opener });
    open.push(service);
    rmSync(gone, { recursive: true });
    const error = await failure(service.suggest([{ id: 'A', text: '⟦exit⟧' }], options));
    expect(error).toMatchObject({ kind: 'unavailable', code: 'manifest-missing' });
    writeToyModel(folder, 'leaving', '1');
    expect(await service.suggest(ticketsOf(2), options)).toHaveLength(2);
  });
});

describe('a folder that was trained anew under a running pool', () => {
  it('is not mixed with the model the pool was opened with', async () => {
    const renewed = writeToyModel(folder, 'renewed', '1');
    const service = await openPoolService(renewed, { opener });
    open.push(service);
    writeToyModel(folder, 'renewed', '2');
    expect(await service.suggest(ticketsOf(2), options)).toHaveLength(2);
    await failure(service.suggest([{ id: 'A', text: '⟦exit⟧' }], options));
    expect(await failure(service.suggest(ticketsOf(2), options))).toMatchObject({
      kind: 'unavailable',
      code: 'model-replaced',
    });
    writeToyModel(folder, 'renewed', '1');
    expect(await service.suggest(ticketsOf(2), options)).toHaveLength(2);
  });
});

describe('suggestions as messages', () => {
  it('come back as they were, from any structured clone', () => {
    const corrections = new CorrectionMemory(8);
    const model = toyAnswerer(undefined, undefined, corrections);
    corrections.write(
      words.flatMap((text, item) => {
        const fingerprint = toyFingerprint({ text });
        const choice = fingerprint && {
          item,
          decidedAt: Date.now(),
          weight: 1,
          agent: text,
          corrected: true,
        };
        return choice ? { key: text, choice: { ...choice, fingerprint } } : [];
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...words, '占道经营和物业费'), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 20 }),
        fc.option(fc.dictionary(fc.constantFrom('demand', 'requester'), fc.constantFrom('01', '03')), {
          nil: undefined,
        }),
        (parts, k, facets) => {
          const ticket = { id: 'X', text: parts.join('，'), ...(facets ? { facets } : {}) };
          const [suggestion] = model.answer([ticket], { k, evidence: true, adjust: k % 2 === 0 });
          const message = structuredClone(toMessage(suggestion!));
          expect(fromMessage(message, 'X', model.taxonomy)).toEqual(suggestion);
        },
      ),
    );
  });
});

describe('the queue', () => {
  const request = (texts: readonly string[], own: SuggestOptions = options): SuggestRequest => ({
    tickets: texts.map((text, at) => ({ id: `${at}`, text })),
    options: own,
    results: [],
    left: texts.length,
    settled: false,
    resolve: () => {},
    reject: () => {},
  });

  it('hands out every ticket once, in tasks within the limits and of one kind of options', () => {
    const requests = fc.array(
      fc.record({
        lengths: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 }),
        k: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 4 }), (given, share) => {
        const queue = new TicketQueue({ least: 2, most: 8, characters: 1000 });
        const all = given.map(({ lengths, k }) =>
          request(
            lengths.map((length) => '字'.repeat(length)),
            { k, evidence: true },
          ),
        );
        for (const one of all) queue.push(one);
        const seen = new Map(all.map((one) => [one, 0]));
        while (queue.tickets > 0) {
          const slices = queue.take(share);
          const tickets = slices.flatMap(({ request: { tickets }, start, end }) => tickets.slice(start, end));
          expect(tickets.length).toBeGreaterThan(0);
          expect(tickets.length).toBeLessThanOrEqual(8);
          // The last ticket may pass the limit, those before it do not.
          const before = tickets.slice(0, -1).reduce((sum, { text }) => sum + text.length, 0);
          expect(before).toBeLessThan(1000);
          expect(new Set(slices.map(({ request: { options } }) => options.k)).size).toBe(1);
          for (const { request: of, start, end } of slices) {
            expect(start).toBe(seen.get(of));
            seen.set(of, end);
          }
        }
        for (const one of all) expect(seen.get(one)).toBe(one.tickets.length);
        expect(queue.take(share)).toEqual([]);
      }),
    );
  });

  it('tries a failed slice first and by itself, and drops what nobody waits for', () => {
    const queue = new TicketQueue({ least: 2, most: 8, characters: 1000 });
    const [first, second, third] = [request(['a']), request(['b']), request(['c'])];
    queue.push(first);
    queue.push(second);
    queue.retry({ request: third, start: 0, end: 1, alone: false });
    expect(queue.take(1).map(({ request: of }) => of)).toEqual([third]);
    first.settled = true;
    expect(queue.take(1).map(({ request: of }) => of)).toEqual([second]);
    expect(queue.tickets).toBe(0);
  });
});

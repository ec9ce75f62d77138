/**
 * Every real message through the real server with the shipped model: no error, no code that does not exist, no
 * fallback to what is no catch-all. Needs DUIHAO_DATASETS.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { createApp } from '../../src/server/app.js';
import { listen, type RunningServer } from '../../src/server/listen.js';
import type { SuggestionsResponse } from '../../src/server/schemas.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { openPoolService, type PoolService } from '../../src/suggest/pool-service.js';
import { defaultFacetsPath, loadFacets } from '../../src/taxonomy/facets.js';

const datasets = process.env.DUIHAO_DATASETS;
if (!datasets) console.warn('SKIPPED: DUIHAO_DATASETS does not name the folder of the data sets');

describe.skipIf(!datasets)('all citizens’ messages', () => {
  let service: PoolService;
  let server: RunningServer;

  beforeAll(async () => {
    service = await openPoolService(join(packageRoot, 'models/starter'), { workers: 1 });
    const facets = await loadFacets(defaultFacetsPath);
    server = await listen(createApp({ slot: new ServiceSlot(service), version: '0', facets }), {
      port: 0,
      host: '127.0.0.1',
    });
  });
  afterAll(async () => {
    await server?.close();
    await service?.close();
  });

  it('are answered with existing codes and honest fallbacks', async () => {
    const { taxonomy } = service;
    let answered = 0;
    let fallbacks = 0;
    const ask = async (tickets: { id: string; title?: string; text: string }[]) => {
      const response = await fetch(`${server.url}/v1/suggestions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ tickets, k: 5 }),
      });
      expect(response.status).toBe(200);
      const { results } = (await response.json()) as SuggestionsResponse;
      expect(results.map(({ id }) => id)).toEqual(tickets.map(({ id }) => id));
      for (const [at, { decision, candidates, evidence }] of results.entries()) {
        answered += 1;
        for (const { item, code, path, probability } of candidates) {
          expect(taxonomy.byId(item)?.fullCode).toBe(code);
          expect(path.at(-1)!.item).toBe(item);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
        for (const { field, start, end } of evidence) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual((tickets[at]![field] ?? '').length);
        }
        if (decision.kind === 'specific') {
          expect(taxonomy.byId(decision.item)).toBeDefined();
          continue;
        }
        fallbacks += 1;
        const item = decision.item === null ? null : taxonomy.byId(decision.item)!;
        const under = decision.under === null ? null : taxonomy.byId(decision.under.item)!;
        expect(item?.isCatchAll ?? taxonomy.catchAllOf(under) === null).toBe(true);
        expect(item?.index).toBe(taxonomy.catchAllOf(under)?.index);
      }
    };
    let batch: { id: string; title?: string; text: string }[] = [];
    for await (const line of createInterface(
      createReadStream(join(datasets!, 'citizen_messages/all.jsonl')),
    )) {
      const { title, text } = JSON.parse(line) as { title?: string; text: string };
      batch.push({
        id: String(answered + batch.length),
        ...(title ? { title: title.slice(0, 500) } : {}),
        text: text.slice(0, 20_000),
      });
      if (batch.length < 64) continue;
      await ask(batch);
      batch = [];
    }
    if (batch.length > 0) await ask(batch);
    expect(answered).toBeGreaterThan(11_000);
    expect(fallbacks).toBeGreaterThan(0);
    expect(fallbacks).toBeLessThan(answered);
  }, 600_000);
});

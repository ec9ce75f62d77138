/**
 * The store at a million tickets on PostgreSQL: `DATABASE_URL=postgres://… node --import tsx test/bench/store.ts
 * [TICKETS]`. Makes a database of its own and drops it. Bars: queue query ≤ 20 ms; feedback p99 ≤ 20 ms
 * at 200/s. About two minutes.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore, type Store } from '../../src/store/store.js';
import { start } from '../cli/start.js';
import { writeToyModel } from '../toy-model.js';

const perSecond = 200;
const seconds = 20;

/** Rows as the store writes them, made where they lie: a year of suggestions, a third with feedback, all with an open review. */
async function fill(client: pg.Client, tickets: number): Promise<void> {
  await client.query(
    `insert into suggestions (id, ticket, model, model_version, taxonomy_digest, decision_kind, item, under, reason,
       probability, top_item, top_probability, candidates, catch_all, shown_at, text_hash)
     select gen_random_uuid(), 'B-' || n, 'bench', (n % 3)::text, repeat('d', 64),
       case when n % 5 = 0 then 'fallback' else 'specific' end, '08.0801.0801' || (n % 90 + 10), null, null,
       random(), '08.0801.0801' || (n % 90 + 10), random(),
       '[["08.0801.080102",0.5],["08.0801.080101",0.2],["08.0802.080201",0.1]]', n % 10 = 0,
       now() - interval '365 days' * random(), repeat('h', 43)
     from generate_series(1, $1::integer) n`,
    [tickets],
  );
  await client.query(
    `insert into reviews (id, cause, value, state, ticket, suggestion_id, created_at)
     select gen_random_uuid(), (array['uncertain', 'table-disagrees', 'likely-mislabelled', 'new-cluster'])[1 + n % 4],
       random(), 'open', ticket, id, now()
     from (select id, ticket, row_number() over () as n from suggestions) numbered`,
  );
  await client.query(
    `insert into feedback (suggestion_id, agent, kind, item, ticket, decided_at, received_at, milliseconds, matched)
     select id, 'agent', case when random() < 0.8 then 'accepted' else 'corrected' end, item, ticket,
       shown_at, shown_at, 1000 + random() * 60000, true
     from suggestions where random() < 0.33`,
  );
  // A database that has been at work has written out what it holds and knows its tables; one just filled is still at it.
  await client.query('vacuum analyze');
  await client.query('checkpoint');
}

const at = (sorted: readonly number[], share: number): string =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);

function report(name: string, times: number[]): void {
  times.sort((a, b) => a - b);
  process.stdout.write(
    `| ${name} | ${times.length} | ${at(times, 0.5)} | ${at(times, 0.99)} | ${at(times, 1)} |\n`,
  );
}

async function time(name: string, runs: number, work: (run: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await work(run);
    times.push(performance.now() - started);
  }
  report(name, times);
}

async function benchStore(store: Store): Promise<void> {
  // Other agents hold what stands first.
  for (let agent = 0; agent < 40; agent++) await store.reviews.claim(`other ${agent}`, 20);
  await time('queue, 50 best', 200, () => store.reviews.waiting(50));
  await time('queue of one cause, 50 best', 200, () => store.reviews.waiting(50, 'new-cluster'));
  await time('count to 1,000', 100, () => store.reviews.countWaiting(1000));
  await time('claim 5', 200, (run) => store.reviews.claim(`agent ${run}`, 5));
  const span = { from: new Date(Date.now() - 30 * 86_400_000), to: new Date() };
  await time('acceptance of 30 days', 3, () => store.statistics.acceptance(span, 'item', 200));
  await time('coverage of 30 days', 3, () => store.statistics.coverage(span));
}

/** Open loop: a late answer does not hold back the next request. */
async function benchFeedback(url: string, ids: readonly string[]): Promise<void> {
  const times: number[] = [];
  const statuses = new Map<number, number>();
  const open: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    const wait = began + (n * 1000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const started = performance.now();
    open.push(
      fetch(`${url}/v1/feedback`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          suggestionId: ids[n % ids.length],
          kind: 'accepted',
          agent: `agent ${n % 50}`,
          milliseconds: n,
        }),
      }).then(async (response) => {
        await response.arrayBuffer();
        // The first second warms up connections and code.
        if (n >= perSecond) times.push(performance.now() - started);
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      }),
    );
  }
  await Promise.all(open);
  report(`feedback over HTTP at ${perSecond}/s`, times);
  process.stdout.write(`\nstatuses: ${JSON.stringify(Object.fromEntries(statuses))}\n`);
}

async function main(): Promise<void> {
  const given = process.env.DATABASE_URL;
  if (!given) throw new Error('DATABASE_URL names the PostgreSQL server');
  const tickets = Number(process.argv[2] ?? 1_000_000);
  const admin = new pg.Client({ connectionString: given });
  await admin.connect();
  const name = `duihao_bench_${randomBytes(4).toString('hex')}`;
  await admin.query(`create database ${name}`);
  const url = new URL(given);
  url.pathname = `/${name}`;
  const models = mkdtempSync(join(tmpdir(), 'duihao-bench-'));
  writeToyModel(models, 'a', '1');
  const server = { stop: async () => {} };
  try {
    const store = await openStore({ kind: 'postgres', url: url.href });
    const client = new pg.Client({ connectionString: url.href, options: '-c search_path=duihao' });
    await client.connect();
    const started = performance.now();
    await fill(client, tickets);
    process.stdout.write(
      `${tickets} tickets made in ${((performance.now() - started) / 1000).toFixed(0)} s\n\n`,
    );
    process.stdout.write('| | runs | median ms | p99 ms | most ms |\n|---|---|---|---|---|\n');
    await benchStore(store);
    await store.close();
    const { rows } = await client.query<{ id: string }>(
      'select s.id from suggestions s left join feedback f on f.suggestion_id = s.id where f.agent is null limit 5000',
    );
    await client.end();
    const args = ['serve', '--port', '0', '--models', models, '--store', url.href, '--auth', 'off'];
    const child = start(args, { env: { LOG_LEVEL: 'error' } });
    server.stop = async () => {
      child.child.kill('SIGKILL');
      await child.ended;
    };
    await child.said('存储已打开');
    const base = /http:\/\/[\d.]+:\d+/.exec(await child.said('对号已就绪'))![0];
    await benchFeedback(
      base,
      rows.map(({ id }) => id),
    );
  } finally {
    await server.stop();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
    rmSync(models, { recursive: true });
  }
}

await main();

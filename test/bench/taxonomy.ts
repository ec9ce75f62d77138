/**
 * How long a large tree takes to load, how much memory it needs, how long a look-up and a search take.
 * `node --import tsx --expose-gc test/bench/taxonomy.ts`; bars: 200,000 items in ≤ 3 s and ≤ 400 MB, a look-up
 * in ≤ 5 µs, a search on the standard's list in ≤ 5 ms.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'csv-stringify/sync';
import { defaultTaxonomyPath, loadTaxonomy } from '../../src/taxonomy/load.js';
import { ItemSearch } from '../../src/taxonomy/search.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';

const ITEMS = 200_000;

/** Five levels: 14 × 15 × 15 × 15 × 3, and catch-alls, until there are enough. */
function codedRows(): string[][] {
  const rows: string[][] = [['code', 'name', 'words']];
  const pairs = (count: number) =>
    Array.from({ length: count }, (_, at) => String(at === count - 1 ? 99 : at + 1).padStart(2, '0'));
  const grow = (code: string, level: number) => {
    for (const pair of pairs([14, 16, 16, 16, 3][level - 1]!)) {
      if (rows.length > ITEMS) return;
      const own = code + pair;
      rows.push([own, pair === '99' ? `其他${code}` : `事项${own}`, `词${own};另一个词${pair}`]);
      if (level < 5) grow(own, level + 1);
    }
  };
  grow('', 1);
  return rows;
}

function freeRows(): string[][] {
  const rows: string[][] = [['code', 'parent', 'name']];
  for (let index = 0; rows.length <= ITEMS; index += 1) {
    const parent = index < 20 ? '' : `N${Math.floor((index - 20) / 12)}`;
    rows.push([`N${index}`, parent, `名称${index}`]);
  }
  return rows;
}

const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

async function measure(label: string, path: string): Promise<void> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const taxonomy = await loadTaxonomy(path);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  peak = Math.max(peak, process.memoryUsage().rss);
  console.log(
    `${label}: ${taxonomy.items.length} items, ${taxonomy.depth} levels, loaded in ${seconds.toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of processor time), peak ${megabytes(peak)} MB resident (${megabytes(before)} MB before)`,
  );
  lookUps(taxonomy);
}

function lookUps(taxonomy: Taxonomy): void {
  const count = 1_000_000;
  const picks = Array.from({ length: 4096 }, (_, at) =>
    taxonomy.at(Math.floor((at / 4096) * taxonomy.items.length)),
  );
  const time = (label: string, look: (at: number) => unknown) => {
    const start = performance.now();
    let found = 0;
    for (let at = 0; at < count; at += 1) if (look(at & 4095)) found += 1;
    const micros = ((performance.now() - start) * 1000) / count;
    console.log(`  ${label}: ${micros.toFixed(2)} µs (${found} found)`);
  };
  time('by code', (at) => taxonomy.byCode(picks[at]!.fullCode).length);
  time('by id', (at) => taxonomy.byId(picks[at]!.id));
  time('catch-all', (at) => taxonomy.catchAllOf(picks[at]!));
  time('path', (at) => taxonomy.pathOf(picks[at]!).length);
}

async function search(): Promise<void> {
  const taxonomy = await loadTaxonomy(defaultTaxonomyPath);
  const index = new ItemSearch(taxonomy);
  const queries = ['医保', 'ztc', 'yiliaobaoxian', '0801', '渣土车 扰民', '路灯不亮', 'zaosheng', '扎土车'];
  const first = performance.now();
  index.search('zhatuche');
  console.log(`search: first query with pinyin ${(performance.now() - first).toFixed(1)} ms`);
  const rounds = 200;
  let worst = 0;
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    for (const query of queries) {
      const from = performance.now();
      index.search(query);
      worst = Math.max(worst, performance.now() - from);
    }
  }
  const mean = (performance.now() - start) / (rounds * queries.length);
  console.log(`search: mean ${mean.toFixed(2)} ms, worst ${worst.toFixed(2)} ms`);
}

/** Each tree in a process of its own, so that one does not pay for the other or for making the file. */
async function main(): Promise<void> {
  const [, , label, path] = process.argv;
  if (label && path) return measure(label, path);
  const folder = await mkdtemp(join(tmpdir(), 'duihao-bench-'));
  try {
    for (const [name, rows] of [
      ['coded', codedRows],
      ['free', freeRows],
    ] as const) {
      const file = join(folder, `${name}.csv`);
      await writeFile(file, stringify(rows()));
      execFileSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), name, file], {
        stdio: 'inherit',
      });
    }
    await search();
  } finally {
    await rm(folder, { recursive: true });
  }
}

await main();

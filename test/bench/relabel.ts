/**
 * Memory and speed of relabelling as the file grows: the toy service, so that it is reading, copying and
 * writing that is measured. `node --import tsx test/bench/relabel.ts [ROWS…]` (default 10,000, 100,000 and
 * 1,000,000). Bar: a file a hundred times as long does not need more memory. Each size has its own process.
 */
import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { relabel } from '../../src/relabel/relabel.js';
import { toyService } from '../server/toy-service.js';

const PARTS = ['门口有人摆摊占道经营', '泥头车夜里扬尘', '物业费又涨了', '电梯坏了三天', '家政公司不退钱'];

/** Tickets of about a hundred characters, quoted now and then. */
async function writeLegacy(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  file.write('\uFEFF工单编号,标题,内容,事项编码\n');
  for (let row = 0; row < rows; row += 1) {
    const part = PARTS[row % PARTS.length]!;
    const text = `${part}，市民第 ${row} 次反映，`.repeat(5);
    const line = `GD${row},${part},${row % 7 === 0 ? `"${text}\n“无”"` : text},080101\n`;
    if (!file.write(line)) await new Promise<void>((drained) => file.once('drain', drained));
  }
  file.end();
  await finished(file);
}

async function measure(folder: string, rows: number): Promise<void> {
  const input = join(folder, `legacy-${rows}.csv`);
  await writeLegacy(input, rows);
  const start = performance.now();
  const { summary } = await relabel(toyService(), { input, output: join(folder, `new-${rows}.csv`) });
  const seconds = (performance.now() - start) / 1000;
  if (summary.rows !== rows) throw new Error(`${summary.rows} rows came out of ${rows}`);
  const megabytes = ((await stat(input)).size / 2 ** 20).toFixed(0);
  // What the system saw at the most, in kilobytes: no sampling that misses a peak.
  const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(
    `| ${rows} | ${megabytes} | ${seconds.toFixed(1)} | ${(rows / seconds).toFixed(0)} | ${peak} |`,
  );
}

const [first, ...more] = process.argv.slice(2);
if (first === '--one') await measure(more[0]!, Number(more[1]));
else {
  const sizes = first === undefined ? [10_000, 100_000, 1_000_000] : [first, ...more].map(Number);
  const folder = await mkdtemp(join(tmpdir(), 'duihao-bench-relabel-'));
  console.log('| rows | input MB | seconds | rows/s | peak MB resident |\n|--:|--:|--:|--:|--:|');
  try {
    for (const rows of sizes) {
      const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--one', folder, String(rows)];
      process.stdout.write(execFileSync(process.execPath, args));
      await Promise.all([`legacy-${rows}.csv`, `new-${rows}.csv`].map((name) => rm(join(folder, name))));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The trainer's quality on real data, by the commands a user types: below these floors something broke. The figures
 * themselves are in docs/benchmarks.md. Needs DUIHAO_DATASETS; some minutes.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const datasets = process.env.DUIHAO_DATASETS;
if (!datasets) console.warn('SKIPPED: DUIHAO_DATASETS does not name the folder of the data sets');

interface Figures {
  readonly rows: number;
  readonly levels: readonly { level: number; rows: number; top1: number; top5: number; ece: number }[];
  readonly leaf: { readonly rows: number; readonly top1: number; readonly top5: number };
}

function duihao(...words: readonly string[]): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words, '--json'], {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let told = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (told += chunk));
    child.on('close', (code) =>
      code === 0
        ? resolve(JSON.parse(out))
        : reject(new Error(`duihao ${words[0]} ended with ${code}: ${told.slice(-2000)}`)),
    );
  });
}

describe.skipIf(!datasets)('the trainer on real data', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duihao-quality-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('codes citizens’ messages by DB44/T 2479 (train → dev)', async () => {
    const gold = join(datasets!, 'db44_gold');
    const model = join(folder, 'gold');
    await duihao(
      'train',
      '--tickets',
      join(gold, 'train.jsonl'),
      '--dev',
      join(gold, 'dev.jsonl'),
      '--out',
      model,
    );
    const { levels } = await duihao('evaluate', '--model', model, '--tickets', join(gold, 'dev.jsonl'));
    for (const { level, rows, top1, top5, ece } of levels)
      console.info('db44_gold dev', { level, rows, top1, top5, ece });
    expect(levels[2]!.top1).toBeGreaterThan(0.68);
    expect(levels[2]!.top5).toBeGreaterThan(0.9);
    expect(levels[0]!.top1).toBeGreaterThan(0.84);
    for (const { ece } of levels) expect(ece).toBeLessThan(0.08);
  }, 2_400_000);

  it('learns any tree from its labels (csl_hier, train and dev → test)', async () => {
    const csl = join(datasets!, 'csl_hier');
    const model = join(folder, 'csl');
    const tickets = [join(csl, 'train.jsonl'), join(csl, 'dev.jsonl')];
    await duihao('train', '--tickets', ...tickets, '--taxonomy', 'infer', '--out', model);
    const { leaf } = await duihao('evaluate', '--model', model, '--tickets', join(csl, 'test.jsonl'));
    console.info('csl_hier test', leaf);
    expect(leaf.rows).toBeGreaterThan(1_700);
    expect(leaf.top1).toBeGreaterThan(0.64);
  }, 1_200_000);
});

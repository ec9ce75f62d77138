import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runChild } from './child.js';
import { thinned } from './data-sets.js';
import { benchMarkdown } from './markdown.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the bench', () => {
  it('spreads the rows of a quick run over the whole file', async () => {
    const [one, two] = [join(folder, 'one.jsonl'), join(folder, 'two.jsonl')];
    await writeFile(one, Array.from({ length: 10 }, (_, at) => `{"n":${at}}\n`).join(''));
    await writeFile(two, '{"n":10}\n\n{"n":11}\n');
    const [path] = await thinned([one, two], 4, folder, 'thin');
    expect(await readFile(path!, 'utf8')).toBe('{"n":0}\n{"n":3}\n{"n":6}\n{"n":9}\n');
    const [all] = await thinned([one, two], 100, folder, 'all');
    expect((await readFile(all!, 'utf8')).trim().split('\n')).toHaveLength(12);
    expect(await thinned([one, two], null, folder, 'none')).toEqual([one, two]);
    await expect(thinned([join(folder, 'no.jsonl')], null, folder, 'no')).rejects.toThrow('DUIHAO_DATASETS');
  });

  it('watches a child to its end and fails where it fails', async () => {
    const done = await runChild(process.execPath, ['-e', 'console.log(\'{"a":1}\\nnoise\')']);
    expect(jsonLines(done.stdout)).toEqual([{ a: 1 }]);
    expect(done.seconds).toBeGreaterThan(0);
    await expect(runChild(process.execPath, ['-e', 'process.exit(3)'])).rejects.toThrow('ended with 3');
    await expect(runChild(join(folder, 'nothing'), [])).rejects.toThrow('ENOENT');
  });

  it('writes both tables, peers that are missing included', () => {
    const markdown = benchMarkdown({
      at: '2026-01-01T00:00:00.000Z',
      quick: true,
      machine: { cpu: 'cpu', cores: 2, gigabytes: 8, node: 'v20', loadAtStart: 0.5 },
      quality: [
        {
          set: 'db44_gold',
          level: 3,
          who: 'duihao',
          rows: 385,
          top1: 0.7012,
          top5: 0.9,
          ece: 0.03,
          trainSeconds: 61.25,
        },
        { set: 'db44_gold', level: 3, who: 'fastText char 1-3', missing: 'fasttext is not installed' },
      ],
      speed: [
        {
          peer: 'duihao',
          tickets: 1000,
          single: 4000,
          batch64: 6000,
          loadSeconds: 1.5,
          loadedMegabytes: 300,
          microseconds: { segment: 120, features: 80.25 },
        },
        { peer: 'fastText command line', tickets: 1000, batch: 500, loaded: 2000 },
        { peer: 'jieba + LinearSVC', tickets: 1000, single: 400, batch64: 600, batch: 700 },
      ],
      seconds: 100,
    });
    expect(markdown).toContain('| db44_gold | 3 | duihao | 385 | 0.7012 |  | 0.9000 | 0.0300 |  | 61.3 |  |');
    expect(markdown).toContain('fastText char 1-3 (fasttext is not installed)');
    expect(markdown).toContain('| fastText command line | 1,000 |  |  |  | 500 | 2,000 | 2.0 × | 3.0 × |');
    expect(markdown).toContain('| jieba + LinearSVC | 1,000 |  | 400 | 600 | 700 |  | 10.0 × | 10.0 × |');
    expect(markdown).toContain('| segment | features |\n| --- | --- |\n| 120.0 | 80.3 |');
    expect(markdown).toContain('not comparable');
    // Every row of a table has as many cells as its head.
    for (const block of markdown.split('\n\n').filter((text) => text.startsWith('|'))) {
      expect(new Set(block.split('\n').map((line) => line.split('|').length)).size).toBe(1);
    }
  });
});

/** Which sets are measured, on which files and at which levels. Real data lies outside the project. */
import { createReadStream, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface DataSet {
  readonly name: string;
  /** Learnt from: where the judged file is the test split, dev belongs to it. */
  readonly train: readonly string[];
  readonly judged: string;
  /** A file of data/taxonomy, or `infer`. */
  readonly taxonomy: string;
  /** Levels to compare at. */
  readonly levels: readonly number[];
}

const STANDARD = join('data', 'taxonomy', 'db44t2479-2024.csv');

export const dataSets: readonly DataSet[] = [
  {
    name: 'db44_gold',
    train: ['train.jsonl'],
    judged: 'dev.jsonl',
    taxonomy: STANDARD,
    levels: [3, 1],
  },
  {
    name: 'csl_hier',
    train: ['train.jsonl', 'dev.jsonl'],
    judged: 'test.jsonl',
    taxonomy: 'infer',
    levels: [2],
  },
  {
    name: 'tnews15',
    train: ['train.jsonl', 'dev.jsonl'],
    judged: 'test.jsonl',
    taxonomy: 'infer',
    levels: [1],
  },
  {
    name: 'thucnews',
    train: ['train.jsonl', 'dev.jsonl'],
    judged: 'test.jsonl',
    taxonomy: 'infer',
    levels: [1],
  },
];

/** Real messages without labels, for speed. */
export const MESSAGES = join('citizen_messages', 'all.jsonl');

/** Rows of a quick run. */
export const QUICK = { train: 3000, judged: 1000, messages: 1000 } as const;

/**
 * Files with at most `rows` rows between them, evenly spread, written to `folder`; the files themselves where
 * `rows` is null.
 */
export async function thinned(
  paths: readonly string[],
  rows: number | null,
  folder: string,
  name: string,
): Promise<string[]> {
  const missing = paths.find((path) => !existsSync(path));
  if (missing)
    throw new Error(`${missing} is missing: DUIHAO_DATASETS must name the folder of the data sets`);
  if (rows === null) return [...paths];
  const lines: string[] = [];
  for (const path of paths) {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      if (line.trim() !== '') lines.push(line);
    }
  }
  const count = Math.min(rows, lines.length);
  const kept = Array.from({ length: count }, (_, at) => lines[Math.floor((at * lines.length) / count)]!);
  const path = join(folder, `${name}.jsonl`);
  await writeFile(path, `${kept.join('\n')}\n`);
  return [path];
}

/** How often right: duihao with its defaults beside fastText and LinearSVC, on the same rows, one after the other. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildDuihao, jsonLines, runDuihao, runPeers } from './child.js';
import { type DataSet, dataSets, QUICK, thinned } from './data-sets.js';

export interface QualityRow {
  readonly set: string;
  readonly level: number;
  readonly who: string;
  readonly trainRows?: number;
  readonly rows?: number;
  readonly top1?: number;
  readonly top3?: number;
  readonly top5?: number;
  readonly ece?: number;
  readonly eceNoise?: number;
  readonly trainSeconds?: number;
  readonly peakMegabytes?: number | null;
  /** A peer that is not installed. */
  readonly missing?: string;
}

export interface QualityOptions {
  /** The folder that DUIHAO_DATASETS names. */
  readonly datasets: string;
  /** For thinned files and models. */
  readonly folder: string;
  readonly quick: boolean;
  readonly peers: boolean;
  /** Names; all where empty. */
  readonly sets: readonly string[];
}

export async function benchQuality(options: QualityOptions): Promise<QualityRow[]> {
  const rows: QualityRow[] = [];
  // A quick run leaves the large flat sets out: they say little at 3,000 rows.
  const standard = options.quick ? ['db44_gold', 'csl_hier'] : dataSets.map(({ name }) => name);
  const wanted = options.sets.length > 0 ? options.sets : standard;
  const unknown = wanted.find((name) => !dataSets.some((set) => set.name === name));
  if (unknown)
    throw new Error(`no data set ${unknown}; there are ${dataSets.map(({ name }) => name).join(', ')}`);
  await buildDuihao();
  for (const set of dataSets.filter(({ name }) => wanted.includes(name)))
    rows.push(...(await benchSet(set, options)));
  return rows;
}

async function benchSet(set: DataSet, options: QualityOptions): Promise<QualityRow[]> {
  const folder = join(options.folder, set.name);
  await mkdir(folder, { recursive: true });
  const at = (file: string) => join(options.datasets, set.name, file);
  const train = await thinned(set.train.map(at), options.quick ? QUICK.train : null, folder, 'train');
  const [judged] = await thinned([at(set.judged)], options.quick ? QUICK.judged : null, folder, 'judged');
  const rows = await benchOurs(set, train, judged!, join(folder, 'model'));
  if (options.peers) {
    for (const level of set.levels)
      rows.push(...(await benchPeers(set, level, train, judged!, options.quick)));
  }
  return rows;
}

async function benchOurs(
  set: DataSet,
  train: readonly string[],
  judged: string,
  model: string,
): Promise<QualityRow[]> {
  progress(`${set.name}: duihao train`);
  const trained = await runDuihao([
    'train',
    '--tickets',
    ...train,
    '--taxonomy',
    set.taxonomy,
    '--out',
    model,
  ]);
  progress(`${set.name}: duihao evaluate on ${basename(judged)}`);
  const { stdout } = await runDuihao(['evaluate', '--model', model, '--tickets', judged, '--json']);
  const { levels } = JSON.parse(stdout) as {
    levels: (Omit<QualityRow, 'set' | 'who'> & { level: number })[];
  };
  return set.levels.map((level) => {
    const figures = levels.find((one) => one.level === level);
    if (!figures) throw new Error(`duihao evaluate says nothing of level ${level} of ${set.name}`);
    const { rows, top1, top3, top5, ece, eceNoise } = figures;
    return {
      set: set.name,
      level,
      who: 'duihao',
      ...{ rows, top1, top3, top5, ece, eceNoise },
      trainSeconds: trained.seconds,
      peakMegabytes: trained.peakMegabytes,
    } as QualityRow;
  });
}

async function benchPeers(
  set: DataSet,
  level: number,
  train: readonly string[],
  judged: string,
  quick: boolean,
): Promise<QualityRow[]> {
  progress(`${set.name}, level ${level}: fastText and LinearSVC`);
  const { stdout } = await runPeers([
    'quality',
    ...['--train', ...train],
    ...['--test', judged],
    ...['--level', String(level)],
    ...(quick ? ['--quick'] : []),
  ]);
  return jsonLines(stdout).map(({ peer, testRows, ...rest }) => ({
    ...(rest as Partial<QualityRow>),
    set: set.name,
    level,
    who: String(peer),
    ...(testRows === undefined ? {} : { rows: Number(testRows) }),
  }));
}

function progress(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

/** How fast raw messages get their five candidates: ours and the peers', one after the other in one run. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDuihao, jsonLines, runDuihao, runPeers, runScript } from './child.js';
import { dataSets, MESSAGES, QUICK, thinned } from './data-sets.js';

/** Tickets per second, medians; undefined where a peer has no such way of asking. */
export interface SpeedRow {
  readonly peer: string;
  readonly tickets?: number;
  readonly single?: number;
  readonly batch64?: number;
  /** All in one call. */
  readonly batch?: number;
  readonly singleWithEvidence?: number;
  /** Without the time to load the model, where `batch` holds it; null where that was nearly all. */
  readonly loaded?: number | null;
  readonly loadSeconds?: number;
  readonly loadedMegabytes?: number;
  /** Of ours: microseconds per ticket by stage. */
  readonly microseconds?: Readonly<Record<string, number>>;
  readonly missing?: string;
}

export interface SpeedOptions {
  readonly datasets: string;
  readonly folder: string;
  readonly quick: boolean;
  readonly peers: boolean;
  /** A trained model; null: one is trained on the same rows as the peers. */
  readonly model: string | null;
  /** Another opener of models, for trying the bench itself. */
  readonly opener?: string | undefined;
  readonly runs: number;
}

/** Ticket by ticket Python is slow; so many are enough for a median. */
const SINGLES = 500;

export async function benchSpeed(options: SpeedOptions): Promise<SpeedRow[]> {
  const folder = join(options.folder, 'speed');
  await mkdir(folder, { recursive: true });
  const set = dataSets[0]!;
  const texts = await thinned(
    [join(options.datasets, MESSAGES)],
    options.quick ? QUICK.messages : null,
    folder,
    'messages',
  );
  const train = await thinned(
    set.train.map((file) => join(options.datasets, set.name, file)),
    options.quick ? QUICK.train : null,
    folder,
    'train',
  );
  let { model } = options;
  if (model === null) {
    model = join(folder, 'model');
    process.stderr.write('bench: training a model for speed\n');
    await buildDuihao();
    await runDuihao(['train', '--tickets', ...train, '--taxonomy', set.taxonomy, '--out', model]);
  }
  process.stderr.write('bench: speed of duihao\n');
  const ours = await runScript(join('test', 'bench', 'speed-ours.ts'), [
    ...['--model', model, '--texts', texts[0]!, '--runs', String(options.runs)],
    ...(options.opener ? ['--opener', options.opener] : []),
  ]);
  const rows = jsonLines(ours.stdout) as unknown as SpeedRow[];
  if (!options.opener) {
    const stages = await runScript(join('test', 'bench', 'speed-parts.ts'), [
      ...['--model', model, '--texts', texts[0]!, '--runs', String(options.runs)],
    ]);
    const { microseconds } = jsonLines(stages.stdout)[0] as unknown as Required<SpeedRow>;
    rows[0] = { ...rows[0]!, microseconds };
  }
  if (!options.peers) return rows;
  process.stderr.write('bench: speed of fastText and jieba + LinearSVC\n');
  const peers = await runPeers([
    'speed',
    ...['--train', ...train, '--texts', texts[0]!],
    ...['--level', String(set.levels[0])],
    ...['--runs', String(options.runs), '--singles', String(SINGLES)],
  ]);
  return [...rows, ...(jsonLines(peers.stdout) as unknown as SpeedRow[])];
}

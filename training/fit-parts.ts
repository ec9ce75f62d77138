/** Runs the fitting threads and puts together what they give back: the linear part and the network. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type LinearWeights, MAX_OUTPUTS } from '../src/classifier/linear-part.js';
import type { NetworkWeights } from '../src/classifier/network.js';
import { DuihaoError } from '../src/errors.js';
import type { Item } from '../src/taxonomy/item.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { FitMessage, FitSetup, LinearItem } from './fit-messages.js';
import { belongs, type LabelRanges } from './label-ranges.js';

export interface FittedParts {
  readonly linear: LinearWeights;
  readonly network: NetworkWeights | null;
}

export interface FitProgress {
  /** Share of the work done, in [0, 1]. */
  readonly share: number;
}

export type FitOptions = Omit<FitSetup, 'linear' | 'next'> & {
  readonly threads: number;
  /** Of the linear part, which is fitted once for each. */
  readonly costs: readonly number[];
  /** Weights of the linear part kept at most: what a model folder has room for. */
  readonly maxWeights: number;
};

/** Items that get a classifier of their own: those with a ticket, a parent of an only child excepted. */
export function linearItems(taxonomy: Taxonomy, ranges: LabelRanges): LinearItem[] {
  const tickets = new Uint32Array(taxonomy.items.length);
  const rows = ranges.starts.length - 1;
  for (let row = 0; row < rows; row += 1) {
    const [at, end] = [ranges.starts[row]!, ranges.starts[row + 1]!];
    if (at === end) continue;
    const leaf = taxonomy.leafAt(ranges.from[at]!);
    for (let item: Item | undefined = leaf; item; item = taxonomy.parentOf(item)) {
      if (belongs(ranges, row, item.leafStart, item.leafEnd) > 0) tickets[item.index]! += 1;
    }
  }
  const onlyChildBelow = (item: Item) => {
    const child =
      item.children.length > 0
        ? taxonomy.childrenOf(item).find(({ leafEnd, leafStart }) => leafEnd > leafStart)
        : undefined;
    return child !== undefined && child.leafStart === item.leafStart && child.leafEnd === item.leafEnd;
  };
  const jobs = taxonomy.items.filter((item) => tickets[item.index]! > 0 && !onlyChildBelow(item));
  jobs.sort((a, b) => tickets[b.index]! - tickets[a.index]!);
  jobs.length = Math.min(jobs.length, MAX_OUTPUTS);
  return jobs.map(({ index, leafStart, leafEnd }) => ({ item: index, leafStart, leafEnd }));
}

/** @returns one of each cost, with the same network */
export async function fitParts(
  taxonomy: Taxonomy,
  options: FitOptions,
  signal: AbortSignal | undefined,
  onProgress: (progress: FitProgress) => void,
): Promise<FittedParts[]> {
  const { threads, maxWeights, costs, ...shared } = options;
  const items = linearItems(taxonomy, options.ranges);
  const linear = costs.flatMap((cost) => items.map((item) => ({ ...item, cost })));
  const setup: FitSetup = { ...shared, linear, next: new Int32Array(new SharedArrayBuffer(4)) };
  const found: (FitMessage & { kind: 'linear' })[] = [];
  let network: NetworkWeights | null = null;
  let epochs = 0;
  // The network's share of the work is what a single thread's share was measured to be: about a quarter.
  const told = () => {
    const linearShare = linear.length === 0 ? 1 : found.length / linear.length;
    onProgress({ share: setup.network ? 0.75 * linearShare + 0.25 * epochs : linearShare });
  };
  const receive = (message: FitMessage) => {
    switch (message.kind) {
      case 'linear':
        found[message.job] = message;
        break;
      case 'epoch':
        epochs = message.epoch / message.epochs;
        break;
      case 'network':
        network = message.weights;
        epochs = 1;
        break;
      case 'done':
        return;
    }
    told();
  };
  await Promise.all(Array.from({ length: threads }, () => runThread(setup, receive, signal)));
  return costs.map((_, nth) => {
    const ofCost = found.slice(nth * items.length, (nth + 1) * items.length);
    return { linear: assemble(items, ofCost, options.matrix.columns, maxWeights), network };
  });
}

function runThread(
  setup: FitSetup,
  receive: (message: FitMessage) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startWorker(setup);
    const stop = () => {
      void worker.terminate();
      reject(new DuihaoError('unavailable', 'interrupted', 'training was interrupted; nothing was written'));
    };
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: FitMessage) => {
      receive(message);
      if (message.kind !== 'done') return;
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code !== 0)
        reject(new DuihaoError('internal', 'fit-thread-died', `a fitting thread ended with code ${code}`));
    });
  });
}

/** From the build as it is; from TypeScript sources, whose hooks a thread does not inherit, through a word in between. */
function startWorker(workerData: FitSetup): Worker {
  const url = new URL(`./fit-worker${extname(import.meta.url)}`, import.meta.url);
  if (url.pathname.endsWith('.js')) return new Worker(url, { workerData });
  const source = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(url.href)})))`;
  return new Worker(source, { eval: true, workerData });
}

/** Lists the weights by feature; of too many, the smallest are left out. */
function assemble(
  jobs: readonly LinearItem[],
  found: readonly (FitMessage & { kind: 'linear' })[],
  columns: number,
  maxWeights: number,
): LinearWeights {
  const smallest = cutOff(found, maxWeights);
  const counts = new Uint32Array(columns + 1);
  const isKept = (weight: number, scale: number) => Math.abs(weight) * scale >= smallest;
  for (const { features, weights, scale } of found) {
    for (let at = 0; at < features.length; at += 1) {
      if (isKept(weights[at]!, scale)) counts[features[at]! + 1]! += 1;
    }
  }
  for (let feature = 0; feature < columns; feature += 1) counts[feature + 1]! += counts[feature]!;
  const starts = Uint32Array.from(counts);
  const kept = starts[columns]!;
  const outputs = new Uint16Array(kept);
  const bytes = new Int8Array(kept);
  const filled = counts;
  for (const [output, { features, weights, scale }] of found.entries()) {
    for (let at = 0; at < features.length; at += 1) {
      if (!isKept(weights[at]!, scale)) continue;
      const to = filled[features[at]!]!;
      outputs[to] = output;
      bytes[to] = weights[at]!;
      filled[features[at]!]! = to + 1;
    }
  }
  return {
    items: Int32Array.from(jobs, ({ item }) => item),
    starts,
    outputs,
    weights: bytes,
    scales: Float32Array.from(found, ({ scale }) => scale),
    biases: Float32Array.from(found, ({ bias }) => bias),
  };
}

/** The size from which at most `maxWeights` weights are left, by a histogram of 4,096 steps per factor of e⁸. */
function cutOff(found: readonly (FitMessage & { kind: 'linear' })[], maxWeights: number): number {
  const steps = 4096;
  const lowest = Math.log(1e-5);
  const width = 16 / steps;
  const histogram = new Float64Array(steps);
  let total = 0;
  for (const { weights, scale } of found) {
    total += weights.length;
    for (let at = 0; at < weights.length; at += 1) {
      const step = Math.floor((Math.log(Math.abs(weights[at]!) * scale) - lowest) / width);
      histogram[Math.max(0, Math.min(steps - 1, step))]! += 1;
    }
  }
  if (total <= maxWeights) return 0;
  let kept = 0;
  let step = steps;
  while (step > 0 && kept + histogram[step - 1]! <= maxWeights) {
    step -= 1;
    kept += histogram[step]!;
  }
  return Math.exp(lowest + step * width);
}

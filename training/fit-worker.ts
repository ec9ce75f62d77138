/**
 * One of the threads that fit: takes the next job until none is left. Which thread does what changes nothing: every
 * job has a seed of its own.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FitMessage, FitSetup } from './fit-messages.js';
import { fitNetwork } from './fit-network.js';
import { belongs } from './label-ranges.js';
import { seededRandom } from './random.js';
import { ItemTrainer } from './train-one-item.js';

const setup = workerData as FitSetup;
const { matrix, ranges, linear, network, next } = setup;
const tell = (message: FitMessage, transfer: ArrayBuffer[] = []) =>
  parentPort?.postMessage(message, transfer);
const signs = new Int8Array(matrix.rows);
let trainer: ItemTrainer | undefined;

for (;;) {
  const job = Atomics.add(next, 0, 1) - (network ? 1 : 0);
  if (job >= linear.length) break;
  if (job < 0 && network) await runNetwork(network);
  else runLinear(job);
}
tell({ kind: 'done' });

async function runNetwork({ leaves, options, facets }: NonNullable<FitSetup['network']>): Promise<void> {
  const data = { matrix, ranges, rowWeights: setup.rowWeights, leaves, facets };
  const weights = await fitNetwork(data, options, setup.seed, (epoch, loss) =>
    tell({ kind: 'epoch', epoch, epochs: options.epochs, loss }),
  );
  tell({ kind: 'network', weights });
}

function runLinear(job: number): void {
  const { item, leafStart, leafEnd, cost } = linear[job]!;
  trainer ??= new ItemTrainer(matrix, setup.rowWeights, labelledRows(), setup.linearOptions);
  const rows = rowsOf(leafStart, leafEnd, item);
  trainer.train(rows, signs, setup.seed + item, cost);
  const { features, weights, scale } = quantise(trainer.weights);
  const message: FitMessage = { kind: 'linear', job, features, weights, scale, bias: trainer.bias };
  tell(message, [features.buffer as ArrayBuffer, weights.buffer as ArrayBuffer]);
}

function labelledRows(): Uint8Array {
  return Uint8Array.from({ length: matrix.rows }, (_, row) =>
    ranges.starts[row + 1]! > ranges.starts[row]! ? 1 : 0,
  );
}

/** All of the item's own tickets, and of the others as many as `maxRows` leaves room for, by chance. Sets `signs`. */
function rowsOf(leafStart: number, leafEnd: number, item: number): Uint32Array {
  let own = 0;
  let others = 0;
  for (let row = 0; row < matrix.rows; row += 1) {
    const sign = belongs(ranges, row, leafStart, leafEnd);
    signs[row] = sign;
    if (sign > 0) own += 1;
    else if (sign < 0) others += 1;
  }
  const room = Math.max(setup.maxRows - own, own);
  const share = room / others;
  const random = seededRandom(setup.seed ^ Math.imul(item + 1, 0x9e3779b9));
  const rows: number[] = [];
  for (let row = 0; row < matrix.rows; row += 1) {
    const sign = signs[row]!;
    if (sign > 0 || (sign < 0 && (share >= 1 || random() < share))) rows.push(row);
  }
  return Uint32Array.from(rows);
}

/** One byte a weight; what rounds to nothing is left out. */
function quantise(weights: Float32Array): { features: Uint32Array; weights: Int8Array; scale: number } {
  let largest = 0;
  for (let at = 0; at < weights.length; at += 1) largest = Math.max(largest, Math.abs(weights[at]!));
  const scale = largest / 127 || 1;
  let kept = 0;
  for (let at = 0; at < weights.length; at += 1) if (Math.round(weights[at]! / scale) !== 0) kept += 1;
  const features = new Uint32Array(kept);
  const bytes = new Int8Array(kept);
  let to = 0;
  for (let at = 0; at < weights.length; at += 1) {
    const byte = Math.round(weights[at]! / scale);
    if (byte === 0) continue;
    features[to] = at;
    bytes[to] = byte;
    to += 1;
  }
  return { features, weights: bytes, scale };
}

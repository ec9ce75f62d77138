/**
 * Fits the few weights that put the parts together, by the likelihood of tickets the parts have not seen, with the
 * gradient and Adam (Kingma & Ba, ICLR 2015) of TF.js.
 */
import { tf } from '../src/classifier/backend.js';
import { type Combination, type CombinationPlan, UNSEEN_SCORE } from '../src/classifier/combination.js';
import { admittedLoss, EXCLUDED } from './admitted-loss.js';
import { admits, type LabelRanges } from './label-ranges.js';

export interface PartScores {
  /** Where the leaves find their outputs in `linear`; fits that saw other tickets have other outputs. */
  readonly plan: CombinationPlan;
  readonly linear: Float64Array;
  /** Logits of the leaves; null without a network. */
  readonly network: Float32Array | null;
  /** Row of the ranges. */
  readonly row: number;
}

/** What a fit begins with, and is drawn to where there are few tickets. */
export function startingCombination(depth: number, hasNetwork: boolean): Combination {
  return {
    levels: Array.from({ length: depth }, (_, at) => (at === depth - 1 ? 4 : 1)),
    network: hasNetwork ? 0.5 : 0,
  };
}

const STEPS = 200;
const RATE = 0.1;
/** Tickets, and tickets × leaves, that take part at most: a handful of weights needs no more. */
const MAX_TICKETS = 5_000;
const MAX_CELLS = 2_000_000;
/** Strength of the pull to the start, in tickets. */
const PULL = 2;

/** Fewer tickets than this decide nothing. */
const ENOUGH = 30;

export function fitCombination(
  { leaves, depth }: Pick<CombinationPlan, 'leaves' | 'depth'>,
  scores: readonly PartScores[],
  ranges: LabelRanges,
): Combination {
  const hasNetwork = scores[0]?.network != null;
  const start = startingCombination(depth, hasNetwork);
  const most = Math.min(MAX_TICKETS, MAX_CELLS / leaves);
  const step = Math.max(1, Math.ceil(scores.length / most));
  const sample = scores.filter((_, at) => at % step === 0);
  if (sample.length < ENOUGH) return start;
  const rows = sample.length;
  const inputs: tf.Tensor2D[] = [];
  for (let level = 0; level < depth; level += 1) {
    const values = new Float32Array(rows * leaves);
    for (const [row, { plan, linear }] of sample.entries()) {
      for (let leaf = 0; leaf < leaves; leaf += 1) {
        const output = plan.outputs[level * leaves + leaf]!;
        values[row * leaves + leaf] = output < 0 ? UNSEEN_SCORE : linear[output]!;
      }
    }
    inputs.push(tf.tensor2d(values, [rows, leaves]));
  }
  if (hasNetwork) {
    const values = new Float32Array(rows * leaves);
    for (const [row, { network }] of sample.entries()) values.set(network!.subarray(0, leaves), row * leaves);
    inputs.push(tf.tensor2d(values, [rows, leaves]));
  }
  const excluded = tf.tensor2d(
    Float32Array.from({ length: rows * leaves }, (_, cell) => {
      const [row, leaf] = [Math.floor(cell / leaves), cell % leaves];
      return admits(ranges, sample[row]!.row, leaf) ? 0 : EXCLUDED;
    }),
    [rows, leaves],
  );
  const first = [...start.levels, ...(hasNetwork ? [start.network] : [])];
  const weights = first.map((value) => tf.variable(tf.scalar(value)));
  const optimizer = tf.train.adam(RATE);
  for (let at = 0; at < STEPS; at += 1) {
    optimizer.minimize(() => {
      let logits: tf.Tensor = tf.zeros([rows, leaves]);
      let pull: tf.Tensor = tf.scalar(0);
      for (const [nth, weight] of weights.entries()) {
        logits = tf.add(logits, tf.mul(inputs[nth]!, weight));
        pull = tf.add(pull, tf.square(tf.sub(weight, first[nth]!)));
      }
      const loss = admittedLoss(logits as tf.Tensor2D, excluded);
      return tf.add(tf.mean(loss), tf.mul(pull, PULL / rows / 10)) as tf.Scalar;
    });
  }
  const fitted = weights.map((weight) => weight.dataSync()[0]!);
  tf.dispose([...inputs, ...weights, excluded]);
  optimizer.dispose();
  return {
    // A part that speaks against what is right has nothing to say.
    levels: fitted.slice(0, depth).map((value) => Math.max(0, value)),
    network: hasNetwork ? Math.max(0, fitted[depth]!) : 0,
  };
}

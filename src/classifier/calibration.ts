/**
 * Hierarchical temperature: at every branching of the tree the model's p(child | parent) is made sharper or
 * softer by one temperature per level, and a leaf's probability is the product along its path. A parent's
 * score is the tempered log-sum of its children, as in a nested logit model (McFadden, 1978): where all
 * temperatures are equal this is plain temperature scaling of the leaves (Guo et al., ICML 2017).
 *
 * As every node stays the sum of its leaves, the path stays monotone. The order of siblings that are leaves
 * never changes; that of leaves of different branches may, where temperatures differ between levels.
 *
 * One temperature cannot do for all tickets: classifiers of short texts are too sure of themselves where they
 * are sure, and too timid where they doubt. So each temperature is multiplied by e^(weight · doubt), with a
 * ticket's doubt being 1 − the probability of its best leaf (measured on two linear models of 67 leaves: error
 * of calibration at the leaves 0.095 → 0.042 and 0.068 → 0.045, where chance alone gives 0.03).
 */
import { DuihaoError } from '../errors.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';

export interface Calibration {
  /** `temperatures[level − 1]` divides the log-odds among the children at that level. Positive; 1 changes nothing. */
  readonly temperatures: readonly number[];
  readonly doubt: {
    /** At which the leaves' scores are turned into the probabilities that tell a ticket's doubt. Positive. */
    readonly temperature: number;
    /** `weights[level − 1]`; 0 changes nothing, below 0 sharpens doubtful tickets. */
    readonly weights: readonly number[];
  };
}

/** No change: what an uncalibrated model has. */
export function identityCalibration(taxonomy: Taxonomy): Calibration {
  return {
    temperatures: new Array<number>(taxonomy.depth).fill(1),
    doubt: { temperature: 1, weights: new Array<number>(taxonomy.depth).fill(0) },
  };
}

/**
 * The tree as flat arrays, made once per taxonomy. Nodes are the items in use in pre-order behind a node 0,
 * the root; children of a node are listed in `children[childStarts[node] … childStarts[node + 1] − 1]`.
 */
export interface CalibrationPlan {
  readonly leaves: number;
  readonly childStarts: Int32Array;
  readonly children: Int32Array;
  /** Level of a node's children, from 1. */
  readonly childLevel: Int32Array;
  /** Leaf number of a node that is one, else −1. */
  readonly leafOf: Int32Array;
  /** Node of each item; −1 where it is retired. */
  readonly nodeOfItem: Int32Array;
  /** Scratch, so that the hot path allocates nothing; a plan serves one thread. Score of each node, … */
  readonly scores: Float64Array;
  /** … its weight among its siblings, … */
  readonly weights: Float64Array;
  /** … the sum of its children's weights, and its probability. */
  readonly sums: Float64Array;
  readonly probabilities: Float64Array;
  /** Of each level, for the ticket at hand. */
  readonly temperatures: Float64Array;
}

export function planCalibration(taxonomy: Taxonomy): CalibrationPlan {
  const nodeOfItem = new Int32Array(taxonomy.items.length).fill(-1);
  const used = taxonomy.items.filter(({ leafStart, leafEnd }) => leafEnd > leafStart);
  for (const [at, item] of used.entries()) nodeOfItem[item.index] = at + 1;
  const lists = [taxonomy.roots, ...used.map(({ children }) => children)].map((children) =>
    children.map((index) => nodeOfItem[index]!).filter((node) => node >= 0),
  );
  const childStarts = new Int32Array(lists.length + 1);
  for (const [node, list] of lists.entries()) childStarts[node + 1] = childStarts[node]! + list.length;
  return {
    leaves: taxonomy.leaves.length,
    childStarts,
    children: Int32Array.from(lists.flat()),
    childLevel: Int32Array.from([1, ...used.map(({ level }) => level + 1)]),
    leafOf: Int32Array.from([-1, ...used.map((item) => (taxonomy.isLeaf(item) ? item.leafStart : -1))]),
    nodeOfItem,
    scores: new Float64Array(lists.length),
    weights: new Float64Array(lists.length),
    sums: new Float64Array(lists.length),
    probabilities: new Float64Array(lists.length),
    temperatures: new Float64Array(taxonomy.depth),
  };
}

/** @throws DuihaoError `calibration-invalid` */
export function validateCalibration(calibration: Calibration, depth: number): Calibration {
  const { temperatures, doubt } = calibration;
  const positive = (value: number) => Number.isFinite(value) && value > 0;
  const fine =
    temperatures.length >= depth &&
    temperatures.every(positive) &&
    positive(doubt?.temperature) &&
    doubt.weights.length >= depth &&
    doubt.weights.every(Number.isFinite);
  if (!fine) {
    throw new DuihaoError(
      'corrupt',
      'calibration-invalid',
      `a calibration needs a positive temperature and a weight of doubt for each of the ${depth} levels`,
    );
  }
  return calibration;
}

/** 1 − the probability of the best leaf at the given temperature; in [0, 1). */
export function doubtOf(leafLogProbabilities: Float64Array, temperature: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let leaf = 0; leaf < leafLogProbabilities.length; leaf += 1) {
    if (leafLogProbabilities[leaf]! > max) max = leafLogProbabilities[leaf]!;
  }
  if (max === Number.NEGATIVE_INFINITY) return 1 - 1 / leafLogProbabilities.length;
  const sharpness = 1 / temperature;
  let sum = 0;
  for (let leaf = 0; leaf < leafLogProbabilities.length; leaf += 1) {
    sum += Math.exp((leafLogProbabilities[leaf]! - max) * sharpness);
  }
  return 1 - 1 / sum;
}

/**
 * Scores of all nodes from those of the leaves, bottom-up, into the plan's scratch. Weights are taken relative
 * to the best child, so that a branch the model thinks hopeless keeps its inner proportions.
 */
export function scoreNodes(
  plan: CalibrationPlan,
  leafLogProbabilities: Float64Array,
  calibration: Calibration,
): void {
  const { childStarts, children, childLevel, leafOf, scores, weights, sums, temperatures } = plan;
  const { temperature: plain, weights: doubtWeights } = calibration.doubt;
  let weighed = false;
  for (let at = 0; at < temperatures.length; at += 1) if (doubtWeights[at] !== 0) weighed = true;
  const doubt = weighed ? doubtOf(leafLogProbabilities, plain) : 0;
  for (let at = 0; at < temperatures.length; at += 1) {
    temperatures[at] = calibration.temperatures[at]! * Math.exp(doubtWeights[at]! * doubt);
  }
  // Pre-order: children stand behind their parents.
  for (let node = leafOf.length - 1; node >= 0; node -= 1) {
    const from = childStarts[node]!;
    const to = childStarts[node + 1]!;
    if (to === from) {
      scores[node] = leafLogProbabilities[leafOf[node]!]!;
      continue;
    }
    let max = Number.NEGATIVE_INFINITY;
    for (let at = from; at < to; at += 1) if (scores[children[at]!]! > max) max = scores[children[at]!]!;
    if (max === Number.NEGATIVE_INFINITY || to - from === 1) {
      // An only child has all; of children nothing is known of, each has as much.
      for (let at = from; at < to; at += 1) weights[children[at]!] = 1;
      sums[node] = to - from;
      scores[node] = max;
      continue;
    }
    const temperature = temperatures[childLevel[node]! - 1]!;
    const sharpness = 1 / temperature;
    let sum = 0;
    for (let at = from; at < to; at += 1) {
      const weight = Math.exp((scores[children[at]!]! - max) * sharpness);
      weights[children[at]!] = weight;
      sum += weight;
    }
    sums[node] = sum;
    scores[node] = max + temperature * Math.log(sum);
  }
}

/**
 * @param leafLogProbabilities one per leaf; any constant may be added to all (logits serve as well). −∞ is 0.
 * @param out calibrated probabilities of the leaves, summing to 1; may be `leafLogProbabilities` itself
 */
export function applyCalibration(
  plan: CalibrationPlan,
  leafLogProbabilities: Float64Array,
  calibration: Calibration,
  out: Float64Array,
): void {
  scoreNodes(plan, leafLogProbabilities, calibration);
  const { childStarts, children, leafOf, weights, sums, probabilities } = plan;
  probabilities[0] = 1;
  for (let node = 0; node < leafOf.length; node += 1) {
    const from = childStarts[node]!;
    const to = childStarts[node + 1]!;
    if (to === from) {
      out[leafOf[node]!] = probabilities[node]!;
      continue;
    }
    const scale = probabilities[node]! / sums[node]!;
    for (let at = from; at < to; at += 1) probabilities[children[at]!] = weights[children[at]!]! * scale;
  }
}

/**
 * Fits the temperatures of src/classifier/calibration.ts on tickets the model was not fitted on, by their
 * likelihood. −log p(label) is a sum over the branchings on the label's path, so tickets labelled at an upper
 * level count as far down as they go. A branching depends on the temperatures beneath it only: from the
 * deepest level up, each is a problem with two unknowns, the temperature and the weight of doubt.
 *
 * A branching is judged where its parent is right, but the first candidate is the best of hundreds of leaves, and the best
 * is often best by an error of its estimate: left at that, first candidates are right less often than their probabilities say.
 * So all temperatures are multiplied by one factor more, at which the first candidates' mean probability is their
 * share of right ones.
 */
import {
  applyCalibration,
  type Calibration,
  type CalibrationPlan,
  doubtOf,
  identityCalibration,
  scoreNodes,
} from '../../src/classifier/calibration.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { minimise } from './minimise.js';

export interface UncalibratedTicket {
  /** One per leaf; any constant may be added to all. */
  readonly leafLogProbabilities: Float64Array;
  /** Indexes of the right items, at any level. */
  readonly labels: readonly number[];
}

export interface CalibrationFit extends Calibration {
  /** The one temperature that suits all levels and tickets together. */
  readonly sharedTemperature: number;
  /** Branchings seen and mean −log p(right child | parent) at temperature 1 and at the fitted one, level 1 first; NaN without any. */
  readonly levels: readonly {
    readonly branchings: number;
    readonly before: number;
    readonly after: number;
  }[];
}

/**
 * Penalties in the unit of the summed log-likelihood, on the squared difference of log temperatures. A
 * branching tells about half a unit, so some twenty of them outweigh the pull of a level towards the shared
 * temperature, and a handful the pull of the shared one towards 1 (no change).
 */
const PULL_TO_SHARED = 5;
const PULL_TO_ONE = 1;
/** On the squared weight of doubt, for which a few hundred branchings are needed. */
const PULL_TO_NO_DOUBT = 2;
const MOST_DOUBT = 2.5;
/** Margins of an SVM need temperatures far below 1, logits of an overfitted network far above. */
const LOWEST = Math.log(0.02);
const HIGHEST = Math.log(50);
/** Below this the right child counts as no less probable: one impossible label must not decide the fit. */
const FLOOR = -100;

/** The shared temperature is looked for on so many leaves' scores at most: one number needs no more. */
const SHARED_SCORES = 1_000_000;

export function fitCalibration(
  taxonomy: Taxonomy,
  plan: CalibrationPlan,
  tickets: readonly UncalibratedTicket[],
): CalibrationFit {
  const cases = tickets
    .map(
      ({ leafLogProbabilities, labels }): Case => ({
        leafLogProbabilities,
        path: rightPath(taxonomy, plan, labels),
      }),
    )
    .filter(({ path }) => path.length > 1);
  const step = Math.max(1, Math.ceil((cases.length * plan.leaves) / SHARED_SCORES));
  const sample = cases.filter((_, at) => at % step === 0);
  const identity = identityCalibration(taxonomy);
  const shared = minimise(LOWEST, HIGHEST, (log) => {
    const temperatures = new Array<number>(taxonomy.depth).fill(Math.exp(log));
    let loss = 0;
    for (const { leafLogProbabilities, path } of sample) {
      scoreNodes(plan, leafLogProbabilities, { ...identity, temperatures });
      loss += pathLoss(plan, path);
    }
    return loss * step + PULL_TO_ONE * log ** 2;
  });
  const temperatures = new Array<number>(taxonomy.depth).fill(Math.exp(shared));
  const doubt = { temperature: Math.exp(shared), weights: new Array<number>(taxonomy.depth).fill(0) };
  const levels: CalibrationFit['levels'][number][] = [];
  for (let level = taxonomy.depth; level > 0; level -= 1) {
    const branchings = new Branchings();
    for (const { leafLogProbabilities, path } of cases) {
      if (level >= path.length) continue;
      scoreNodes(plan, leafLogProbabilities, { temperatures, doubt });
      branchings.add(plan, path[level - 1]!, path[level]!, doubtOf(leafLogProbabilities, doubt.temperature));
    }
    const { log, weight } = fitLevel(branchings, shared);
    temperatures[level - 1] = Math.exp(log - weight * branchings.meanDoubt);
    doubt.weights[level - 1] = weight;
    levels.unshift({
      branchings: branchings.count,
      before: branchings.loss(0, 0) / branchings.count,
      after: branchings.loss(log, weight) / branchings.count,
    });
  }
  const factor = confidenceFactor(plan, { temperatures, doubt }, sample);
  return {
    temperatures: temperatures.map((one) => one * factor),
    doubt,
    sharedTemperature: Math.exp(shared),
    levels,
  };
}

/** On the squared gap between confidence and accuracy, in tickets: by chance, a few tickets have a gap of their own. */
const TICKETS_OF_DOUBT = 500;
/** Beyond a factor of e^±0.7 the likelihood knows better. */
const MOST_FACTOR = 0.7;

/** @returns what all temperatures are to be multiplied by; 1 without tickets labelled down to a leaf */
function confidenceFactor(plan: CalibrationPlan, fitted: Calibration, cases: readonly Case[]): number {
  const toLeaf = cases.filter(({ path }) => plan.leafOf[path.at(-1)!]! >= 0);
  if (toLeaf.length === 0) return 1;
  const out = new Float64Array(plan.leaves);
  const gapAt = (log: number) => {
    const temperatures = fitted.temperatures.map((one) => one * Math.exp(log));
    let gap = 0;
    for (const { leafLogProbabilities, path } of toLeaf) {
      applyCalibration(plan, leafLogProbabilities, { ...fitted, temperatures }, out);
      let best = 0;
      for (let leaf = 1; leaf < out.length; leaf += 1) if (out[leaf]! > out[best]!) best = leaf;
      gap += out[best]! - (plan.leafOf[path.at(-1)!] === best ? 1 : 0);
    }
    return gap / toLeaf.length;
  };
  // Of few tickets only a part of the gap is closed.
  const left = (gapAt(0) * TICKETS_OF_DOUBT) / (TICKETS_OF_DOUBT + toLeaf.length);
  return Math.exp(minimise(-MOST_FACTOR, MOST_FACTOR, (log) => (gapAt(log) - left) ** 2));
}

interface Case {
  readonly leafLogProbabilities: Float64Array;
  /** Nodes from the root to the label. */
  readonly path: readonly number[];
}

const ROUNDS = 4;
/** A round that moves neither unknown by more is the last. */
const SETTLED = 1e-3;

/**
 * One unknown after the other. Doubt is taken from its mean, so that the temperature of the average ticket and
 * the weight hardly depend on each other and a few rounds settle both.
 */
function fitLevel(branchings: Branchings, shared: number): { log: number; weight: number } {
  let log = shared;
  let weight = 0;
  if (branchings.count === 0) return { log, weight };
  for (let round = 0; round < ROUNDS; round += 1) {
    const [lastLog, lastWeight] = [log, weight];
    log = minimise(
      LOWEST,
      HIGHEST,
      (value) => branchings.loss(value, weight) + PULL_TO_SHARED * (value - shared) ** 2,
    );
    weight = minimise(
      -MOST_DOUBT,
      MOST_DOUBT,
      (value) => branchings.loss(log, value) + PULL_TO_NO_DOUBT * value ** 2,
    );
    if (Math.abs(log - lastLog) < SETTLED && Math.abs(weight - lastWeight) < SETTLED) break;
  }
  return { log, weight };
}

/** Nodes from the root to the label; admissible items that part leave open what is right beneath. */
function rightPath(taxonomy: Taxonomy, plan: CalibrationPlan, labels: readonly number[]): number[] {
  const paths = labels
    .map((label) => taxonomy.pathOf(taxonomy.at(label)).map(({ index }) => plan.nodeOfItem[index]!))
    .filter((path) => !path.includes(-1));
  const common = [0];
  for (const [at, node] of (paths[0] ?? []).entries()) {
    if (paths.some((path) => path[at] !== node)) break;
    common.push(node);
  }
  return common;
}

/** −log p of the path's last node, from the scratch of `scoreNodes`. */
function pathLoss(plan: CalibrationPlan, path: readonly number[]): number {
  let loss = 0;
  for (let at = 1; at < path.length; at += 1) {
    loss += Math.min(-FLOOR, Math.log(plan.sums[path[at - 1]!]!) - Math.log(plan.weights[path[at]!]!));
  }
  return loss;
}

/** Scores of the children, relative to the right one, at every branching of a level that a label passed. */
class Branchings {
  readonly #scores: number[] = [];
  readonly #ends: number[] = [];
  readonly #doubts: number[] = [];
  #doubt = 0;

  get count(): number {
    return this.#ends.length;
  }

  /** 0 without any. */
  get meanDoubt(): number {
    return this.count === 0 ? 0 : this.#doubt / this.count;
  }

  add(plan: CalibrationPlan, node: number, right: number, doubt: number): void {
    const { childStarts, children, scores } = plan;
    const from = childStarts[node]!;
    const to = childStarts[node + 1]!;
    if (to - from < 2) return;
    let max = Number.NEGATIVE_INFINITY;
    for (let at = from; at < to; at += 1) max = Math.max(max, scores[children[at]!]!);
    if (!Number.isFinite(max)) return;
    const own = Math.max(scores[right]! - max, FLOOR);
    for (let at = from; at < to; at += 1) {
      this.#scores.push(Math.max(scores[children[at]!]! - max, FLOOR) - own);
    }
    this.#ends.push(this.#scores.length);
    this.#doubts.push(doubt);
    this.#doubt += doubt;
  }

  /** Summed −log p(right child | parent) at the temperature e^(log + weight · (doubt − mean doubt)). */
  loss(log: number, weight: number): number {
    let loss = 0;
    let from = 0;
    const mean = this.meanDoubt;
    for (let one = 0; one < this.#ends.length; one += 1) {
      const to = this.#ends[one]!;
      const sharpness = Math.exp(-log - weight * (this.#doubts[one]! - mean));
      let max = 0;
      for (let at = from; at < to; at += 1) if (this.#scores[at]! > max) max = this.#scores[at]!;
      let sum = 0;
      for (let at = from; at < to; at += 1) sum += Math.exp((this.#scores[at]! - max) * sharpness);
      loss += max * sharpness + Math.log(sum);
      from = to;
    }
    return loss;
  }
}

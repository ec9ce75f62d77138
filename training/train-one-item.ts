/**
 * One item against the rest: a linear classifier with squared hinge loss and L2 regularisation, fitted by dual
 * coordinate descent with shrinking (Hsieh et al., ICML 2008; the solver of LIBLINEAR). The bias is the weight of
 * a constant feature 1.
 *
 * A rare item has few support vectors, and a descent over all rows visits most of them in vain until shrinking sets in. So
 * it is settled on its own rows and a sample of the others first, and then met by all: the same optimum, by the same
 * criterion, in half the time.
 *
 * Each weight is regularised by how much its feature may say of the item (item-prior.ts): ½ Σ w² / leave instead of ½‖w‖².
 */
import { ItemPrior } from './item-prior.js';
import { seededRandom } from './random.js';
import { squaredLength, type TicketMatrix } from './ticket-matrix.js';

export interface LinearOptions {
  /** Weight of the loss against that of the regularisation. Positive. */
  readonly cost: number;
  /** So many times the rows are visited at most. */
  readonly maxPasses: number;
  /** Stops when the projected gradients of a pass differ by less. */
  readonly tolerance: number;
}

/** Items whose rows times this are fewer than all rows are settled on a sample first. */
const RARE = 64;
/** The sample's other rows: so many for each of the item's own, and no fewer than this. */
const OTHERS = 2;
const FEWEST_OTHERS = 1_000;

/** Scratch of one thread, used for item after item. */
export class ItemTrainer {
  readonly #matrix: TicketMatrix;
  readonly #options: LinearOptions;
  readonly #prior: ItemPrior;
  /** Squared length of each row by the item's prior, the constant feature included; below 0 where it is not known yet. */
  readonly #norms: Float32Array;
  readonly #rowWeights: Float32Array;
  readonly #dual: Float32Array;
  /** Of the item fitted last. */
  readonly weights: Float32Array;
  bias = 0;

  /**
   * @param rowWeights multiplies the cost of each row
   * @param labelled 1 for each row that may take part in an item's fit, else 0
   */
  constructor(matrix: TicketMatrix, rowWeights: Float32Array, labelled: Uint8Array, options: LinearOptions) {
    this.#matrix = matrix;
    this.#prior = new ItemPrior(matrix, rowWeights, labelled);
    this.#options = options;
    this.#rowWeights = rowWeights;
    this.#norms = new Float32Array(matrix.rows);
    this.#dual = new Float32Array(matrix.rows);
    this.weights = new Float32Array(matrix.columns);
  }

  /**
   * @param rows those that take part; their order is changed
   * @param signs 1 or −1 for each row of the matrix
   * @param seed of the order in which rows are visited
   * @param cost instead of the options'
   */
  train(rows: Uint32Array, signs: Int8Array, seed: number, cost = this.#options.cost): void {
    const { starts, features, values } = this.#matrix;
    const { maxPasses, tolerance } = this.#options;
    const [weights, dual, norms] = [this.weights, this.#dual, this.#norms];
    weights.fill(0);
    dual.fill(0);
    norms.fill(-1);
    const leave = this.#prior.of(rows, signs);
    let bias = 0;
    let active = sampleFirst(rows, signs, seed);
    let random = seed >>> 0;
    let full = active === rows.length;
    let highest = Number.POSITIVE_INFINITY;
    let visits = maxPasses * rows.length;
    while (visits > 0) {
      // A row left out at once is one whose projected gradient is 0.
      let passHighest = full ? 0 : Number.NEGATIVE_INFINITY;
      let passLowest = full ? 0 : Number.POSITIVE_INFINITY;
      visits -= active;
      for (let at = 0; at < active; at += 1) {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        const row = swap(rows, at, at + Math.floor((random / 4294967296) * (active - at)));
        const sign = signs[row]!;
        const begin = starts[row]!;
        const end = starts[row + 1]!;
        const margin = bias + product(weights, features, values, begin, end);
        const diagonal = 0.5 / (cost * this.#rowWeights[row]!);
        const before = dual[row]!;
        const gradient = margin * sign - 1 + before * diagonal;
        let projected = gradient;
        if (before === 0) {
          if (gradient > highest) {
            // Far on the right side: left out until the others are settled.
            active -= 1;
            swap(rows, at, active);
            at -= 1;
            continue;
          }
          if (gradient > 0) projected = 0;
        }
        if (projected > passHighest) passHighest = projected;
        if (projected < passLowest) passLowest = projected;
        if (projected === 0) continue;
        // Most rows are never moved: theirs is not worth summing beforehand.
        if (norms[row]! < 0) norms[row] = 1 + squaredLength(leave, features, values, begin, end);
        const after = Math.max(0, before - gradient / (norms[row]! + diagonal));
        const change = (after - before) * sign;
        if (change === 0) continue;
        dual[row] = after;
        bias += change;
        for (let entry = begin; entry < end; entry += 1) {
          const feature = features[entry]!;
          weights[feature]! += change * values[entry]! * leave[feature]!;
        }
      }
      if (passHighest - passLowest > tolerance) {
        full = false;
        highest = passHighest <= 0 ? Number.POSITIVE_INFINITY : passHighest;
        continue;
      }
      if (full) break;
      // Settled without the rows left out: all of them once more, those that agree by a margin left out at once.
      full = true;
      active = rows.length;
      highest = Math.max(tolerance, passHighest);
    }
    this.bias = bias;
  }
}

/** Moves a rare item's own rows and a sample of the others to the front. @returns how many rows to begin with */
function sampleFirst(rows: Uint32Array, signs: Int8Array, seed: number): number {
  let own = 0;
  for (const row of rows) if (signs[row]! > 0) own += 1;
  if (own * RARE >= rows.length) return rows.length;
  let front = 0;
  for (let at = 0; at < rows.length; at += 1) {
    if (signs[rows[at]!]! <= 0) continue;
    swap(rows, front, at);
    front += 1;
  }
  const sample = Math.min(rows.length, own + Math.max(FEWEST_OTHERS, OTHERS * own));
  const random = seededRandom(seed);
  for (let at = own; at < sample; at += 1) swap(rows, at, at + Math.floor(random() * (rows.length - at)));
  return sample;
}

/** @returns what is at `at` now */
function swap(rows: Uint32Array, at: number, other: number): number {
  const row = rows[other]!;
  rows[other] = rows[at]!;
  rows[at] = row;
  return row;
}

/** Four sums side by side: a single one would wait for each addition before the next. */
function product(
  weights: Float32Array,
  features: Uint32Array,
  values: Float32Array,
  begin: number,
  end: number,
): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let entry = begin;
  for (const last = end - 3; entry < last; entry += 4) {
    first += weights[features[entry]!]! * values[entry]!;
    second += weights[features[entry + 1]!]! * values[entry + 1]!;
    third += weights[features[entry + 2]!]! * values[entry + 2]!;
    fourth += weights[features[entry + 3]!]! * values[entry + 3]!;
  }
  for (; entry < end; entry += 1) first += weights[features[entry]!]! * values[entry]!;
  return first + second + third + fourth;
}

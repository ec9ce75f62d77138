/**
 * One item against the rest: a linear classifier with squared hinge loss and L2 regularisation, fitted by dual
 * coordinate descent with shrinking (Hsieh et al., ICML 2008; the solver of LIBLINEAR). The bias is the weight of
 * a constant feature 1.
 */
import type { TicketMatrix } from './ticket-matrix.js';

export interface LinearOptions {
  /** Weight of the loss against that of ½‖w‖². Positive. */
  readonly cost: number;
  readonly maxPasses: number;
  /** Stops when the projected gradients of a pass differ by less. */
  readonly tolerance: number;
}

/** Scratch of one thread, used for item after item. */
export class ItemTrainer {
  readonly #matrix: TicketMatrix;
  readonly #options: LinearOptions;
  /** Squared length of each row, the constant feature included. */
  readonly #norms: Float32Array;
  readonly #rowWeights: Float32Array;
  readonly #dual: Float32Array;
  /** Of the item fitted last. */
  readonly weights: Float32Array;
  bias = 0;

  /** @param rowWeights multiplies the cost of each row */
  constructor(matrix: TicketMatrix, rowWeights: Float32Array, options: LinearOptions) {
    this.#matrix = matrix;
    this.#options = options;
    this.#rowWeights = rowWeights;
    this.#norms = new Float32Array(matrix.rows);
    for (let row = 0; row < matrix.rows; row += 1) {
      let squares = 1;
      for (let at = matrix.starts[row]!; at < matrix.starts[row + 1]!; at += 1) {
        squares += matrix.values[at]! * matrix.values[at]!;
      }
      this.#norms[row] = squares;
    }
    this.#dual = new Float32Array(matrix.rows);
    this.weights = new Float32Array(matrix.columns);
  }

  /**
   * @param rows those that take part; their order is changed
   * @param signs 1 or −1 for each row of the matrix
   * @param seed of the order in which rows are visited
   */
  train(rows: Uint32Array, signs: Int8Array, seed: number): void {
    const { starts, features, values } = this.#matrix;
    const { cost, maxPasses, tolerance } = this.#options;
    const [weights, dual, norms] = [this.weights, this.#dual, this.#norms];
    weights.fill(0);
    dual.fill(0);
    let bias = 0;
    let active = rows.length;
    let random = seed >>> 0;
    let highest = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < maxPasses; pass += 1) {
      let passHighest = Number.NEGATIVE_INFINITY;
      let passLowest = Number.POSITIVE_INFINITY;
      for (let at = 0; at < active; at += 1) {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        const other = at + Math.floor((random / 4294967296) * (active - at));
        const row = rows[other]!;
        rows[other] = rows[at]!;
        rows[at] = row;
        const sign = signs[row]!;
        const end = starts[row + 1]!;
        let margin = bias;
        for (let entry = starts[row]!; entry < end; entry += 1) {
          margin += weights[features[entry]!]! * values[entry]!;
        }
        const diagonal = 0.5 / (cost * this.#rowWeights[row]!);
        const before = dual[row]!;
        const gradient = margin * sign - 1 + before * diagonal;
        let projected = gradient;
        if (before === 0) {
          if (gradient > highest) {
            // Far on the right side: left out until the others are settled.
            active -= 1;
            rows[at] = rows[active]!;
            rows[active] = row;
            at -= 1;
            continue;
          }
          if (gradient > 0) projected = 0;
        }
        if (projected > passHighest) passHighest = projected;
        if (projected < passLowest) passLowest = projected;
        if (projected === 0) continue;
        const after = Math.max(0, before - gradient / (norms[row]! + diagonal));
        const change = (after - before) * sign;
        if (change === 0) continue;
        dual[row] = after;
        bias += change;
        for (let entry = starts[row]!; entry < end; entry += 1) {
          weights[features[entry]!]! += change * values[entry]!;
        }
      }
      if (passHighest - passLowest <= tolerance) {
        if (active === rows.length) break;
        // Settled without the rows left out: all of them once more.
        active = rows.length;
        highest = Number.POSITIVE_INFINITY;
      } else highest = passHighest <= 0 ? Number.POSITIVE_INFINITY : passHighest;
    }
    this.bias = bias;
  }
}

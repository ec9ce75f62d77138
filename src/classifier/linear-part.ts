/**
 * The sparse full-rank part: for every item of the tree a linear classifier that tells its tickets from all others
 * (one against the rest, squared hinge; training/fit-linear-worker.ts). Only weights that matter are kept, as one
 * byte each, listed by feature, so that a ticket touches nothing but its own features' rows.
 */
import type { SparseVector } from '../features/sparse-vector.js';
import { type EntrySums, openEntrySums } from './sparse-kernel.js';

export interface LinearWeights {
  /** Item index of each output. */
  readonly items: Int32Array;
  /** Feature f has the entries `starts[f] … starts[f + 1] − 1`. */
  readonly starts: Uint32Array;
  /** Output of each entry, ascending within a feature. */
  readonly outputs: Uint16Array;
  /** Weight of each entry, to be multiplied by its output's scale. */
  readonly weights: Int8Array;
  /** One per output. */
  readonly scales: Float32Array;
  readonly biases: Float32Array;
}

/** More items than a Uint16 names cannot be outputs; the rarest are left to the network. */
export const MAX_OUTPUTS = 65_535;

export class LinearPart {
  readonly weights: LinearWeights;
  readonly outputs: number;
  readonly #sums: EntrySums;

  /** @param plain without the WebAssembly kernel: its twin, for comparing the two */
  constructor(weights: LinearWeights, plain = false) {
    this.weights = weights;
    this.outputs = weights.items.length;
    this.#sums = (plain ? null : openEntrySums(weights)) ?? plainEntrySums(weights);
  }

  /** @param out one score per output; about 1 where the item is certain, −1 where it is not meant */
  score(vector: SparseVector, out: Float64Array): void {
    const { scales, biases } = this.weights;
    const { sums } = this.#sums;
    this.#sums.add(vector);
    for (let output = 0; output < sums.length; output += 1) {
      out[output] = sums[output]! * scales[output]! + biases[output]!;
    }
  }

  /**
   * What one unit of each feature adds to a weighted sum of outputs.
   * @param shares one per output: how much it counts
   * @param out one per feature
   */
  weightsOf(features: Uint32Array, shares: Float64Array, out: Float64Array): void {
    const { scales } = this.weights;
    this.#sums.weigh(
      features,
      shares.map((share, output) => share * scales[output]!),
      out,
    );
  }
}

function plainEntrySums({ starts, outputs, weights, items }: LinearWeights): EntrySums {
  const sums = new Float64Array(items.length);
  return {
    sums,
    add({ indices, values }) {
      sums.fill(0);
      for (let nth = 0; nth < indices.length; nth += 1) {
        const value = values[nth]!;
        const feature = indices[nth]!;
        const end = starts[feature + 1]!;
        for (let at = starts[feature]!; at < end; at += 1) sums[outputs[at]!]! += value * weights[at]!;
      }
    },
    weigh(features, factors, out) {
      for (let nth = 0; nth < features.length; nth += 1) {
        const feature = features[nth]!;
        const end = starts[feature + 1]!;
        let sum = 0;
        for (let at = starts[feature]!; at < end; at += 1) sum += factors[outputs[at]!]! * weights[at]!;
        out[nth] = sum;
      }
    },
  };
}

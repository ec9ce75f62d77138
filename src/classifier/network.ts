/**
 * The dense part: a bag of feature embeddings (Joulin et al., EACL 2017) with linear heads on it in TF.js, one for
 * the leaves of the taxonomy and one for each facet. The bag is summed in a plain loop, because TF.js has no sparse
 * look-up worth its price; the heads are one matrix product.
 */
import type { SparseVector } from '../features/sparse-vector.js';
import { tf } from './backend.js';
import { type BagSums, openBagSums } from './sparse-kernel.js';

export interface NetworkWeights {
  /** Length of an embedding. */
  readonly dimensions: number;
  /** Features 0 … `rows` − 1, the most frequent, have an embedding. */
  readonly rows: number;
  /** Row-major, `rows` × `dimensions`, to be multiplied by the row's scale. */
  readonly embeddings: Int8Array;
  readonly scales: Float32Array;
  /** Row-major, `dimensions` × all heads' outputs. */
  readonly heads: Float32Array;
  readonly biases: Float32Array;
  /** Outputs of each head; the first is the leaves'. Their sum is the width of `heads`. */
  readonly headSizes: readonly number[];
}

/**
 * Below this many tickets the heads are multiplied here: a call of TF.js costs as much as the rest of a ticket, and
 * pays where it is shared. Both agree to 1e-5.
 */
const FEW = 8;

export class Network {
  readonly weights: NetworkWeights;
  readonly outputs: number;
  readonly #heads: tf.Tensor2D;
  readonly #biases: tf.Tensor1D;
  readonly #bags: BagSums<Float32Array | Float64Array>;

  /**
   * `chooseBackend` must have been awaited.
   * @param plain without the WebAssembly kernel: its twin, for comparing the two
   */
  constructor(weights: NetworkWeights, plain = false) {
    this.weights = weights;
    this.outputs = weights.biases.length;
    this.#heads = tf.tensor2d(weights.heads, [weights.dimensions, this.outputs]);
    this.#biases = tf.tensor1d(weights.biases);
    this.#bags = (plain ? null : openBagSums(weights)) ?? plainBagSums(weights);
  }

  /**
   * @param bags filled with what the heads were given: row-major, vectors × dimensions
   * @returns row-major, vectors × outputs of all heads: logits
   */
  logits(vectors: readonly SparseVector[], bags?: Float32Array): Float32Array {
    return vectors.length < FEW ? this.#logitsOfFew(vectors, bags) : this.#logitsOfMany(vectors, bags);
  }

  #logitsOfMany(
    vectors: readonly SparseVector[],
    bags: Float32Array = new Float32Array(vectors.length * this.weights.dimensions),
  ): Float32Array {
    const { dimensions } = this.weights;
    for (let at = 0; at < vectors.length; at += 1) {
      this.#bags.add(vectors[at]!);
      bags.set(this.#bags.sums, at * dimensions);
    }
    // Freed one by one: `tf.tidy` walks through all that is returned, number by number, looking for tensors.
    const input = tf.tensor2d(bags, [vectors.length, dimensions]);
    const product = tf.matMul(input, this.#heads);
    const sum = tf.add(product, this.#biases);
    const logits = sum.dataSync() as Float32Array;
    input.dispose();
    product.dispose();
    sum.dispose();
    return logits;
  }

  #logitsOfFew(vectors: readonly SparseVector[], bags: Float32Array | undefined): Float32Array {
    const { outputs } = this;
    const { biases, dimensions } = this.weights;
    const logits = new Float32Array(vectors.length * outputs);
    for (let row = 0; row < vectors.length; row += 1) {
      this.#bags.add(vectors[row]!);
      bags?.set(this.#bags.sums, row * dimensions);
      const product = this.#bags.product();
      const from = row * outputs;
      for (let output = 0; output < outputs; output += 1) {
        logits[from + output] = product[output]! + biases[output]!;
      }
    }
    return logits;
  }

  /** What one unit of each feature adds to an output: the network is linear in its features. */
  weightsOf(features: Uint32Array, output: number): Float32Array {
    const { dimensions, heads } = this.weights;
    const column = new Float32Array(dimensions);
    for (let at = 0; at < dimensions; at += 1) column[at] = heads[at * this.outputs + output]!;
    const weights = new Float32Array(features.length);
    this.#bags.weigh(features, column, weights);
    return weights;
  }

  dispose(): void {
    this.#heads.dispose();
    this.#biases.dispose();
  }
}

function plainBagSums(weights: NetworkWeights): BagSums<Float64Array> {
  const { dimensions, rows, embeddings, scales, heads, biases } = weights;
  // Doubles: a loop over a Float32Array rounds at every step, which costs more than it saves.
  const sums = new Float64Array(dimensions);
  const logits = new Float64Array(biases.length);
  return {
    sums,
    add({ indices, values }) {
      sums.fill(0);
      for (let nth = 0; nth < indices.length; nth += 1) {
        const feature = indices[nth]!;
        if (feature >= rows) continue;
        const value = values[nth]! * scales[feature]!;
        const from = feature * dimensions;
        for (let at = 0; at < dimensions; at += 1) sums[at]! += value * embeddings[from + at]!;
      }
    },
    product() {
      logits.fill(0);
      for (let at = 0; at < dimensions; at += 1) {
        const value = sums[at]!;
        const from = at * logits.length;
        for (let output = 0; output < logits.length; output += 1) {
          logits[output]! += value * heads[from + output]!;
        }
      }
      return logits;
    },
    weigh(features, column, out) {
      for (let nth = 0; nth < features.length; nth += 1) {
        const feature = features[nth]!;
        let sum = 0;
        if (feature < rows) {
          const from = feature * dimensions;
          for (let at = 0; at < dimensions; at += 1) sum += embeddings[from + at]! * column[at]!;
          sum *= scales[feature]!;
        }
        out[nth] = sum;
      }
    },
  };
}

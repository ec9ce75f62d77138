/**
 * The dense part: a bag of feature embeddings (Joulin et al., EACL 2017) with linear heads on it in TF.js, one for
 * the leaves of the taxonomy and one for each facet. The bag is summed in a plain loop, because TF.js has no sparse
 * look-up worth its price; the heads are one matrix product.
 */
import type { SparseVector } from '../features/sparse-vector.js';
import { tf } from './backend.js';

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

export class Network {
  readonly weights: NetworkWeights;
  readonly outputs: number;
  readonly #heads: tf.Tensor2D;
  readonly #biases: tf.Tensor1D;

  /** `chooseBackend` must have been awaited. */
  constructor(weights: NetworkWeights) {
    this.weights = weights;
    this.outputs = weights.biases.length;
    this.#heads = tf.tensor2d(weights.heads, [weights.dimensions, this.outputs]);
    this.#biases = tf.tensor1d(weights.biases);
  }

  /** @returns row-major, vectors × outputs of all heads: logits */
  logits(vectors: readonly SparseVector[]): Float32Array {
    const { dimensions } = this.weights;
    const bags = new Float32Array(vectors.length * dimensions);
    for (const [at, vector] of vectors.entries()) {
      this.#bag(vector, bags.subarray(at * dimensions, (at + 1) * dimensions));
    }
    return tf.tidy(() => {
      const product = tf.matMul(tf.tensor2d(bags, [vectors.length, dimensions]), this.#heads);
      return tf.add(product, this.#biases).dataSync() as Float32Array;
    });
  }

  #bag({ indices, values }: SparseVector, bag: Float32Array): void {
    const { dimensions, rows, embeddings, scales } = this.weights;
    for (let nth = 0; nth < indices.length; nth += 1) {
      const feature = indices[nth]!;
      if (feature >= rows) continue;
      const value = values[nth]! * scales[feature]!;
      const from = feature * dimensions;
      for (let at = 0; at < dimensions; at += 1) bag[at]! += value * embeddings[from + at]!;
    }
  }

  /** What one unit of each feature adds to an output: the network is linear in its features. */
  weightsOf(features: Uint32Array, output: number): Float32Array {
    const { dimensions, rows, embeddings, scales, heads } = this.weights;
    const column = Float32Array.from({ length: dimensions }, (_, at) => heads[at * this.outputs + output]!);
    return Float32Array.from(features, (feature) => {
      if (feature >= rows) return 0;
      let sum = 0;
      const from = feature * dimensions;
      for (let at = 0; at < dimensions; at += 1) sum += embeddings[from + at]! * column[at]!;
      return sum * scales[feature]!;
    });
  }

  dispose(): void {
    this.#heads.dispose();
    this.#biases.dispose();
  }
}

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
  /** The embeddings, four components a word: one load instead of four halves the time of a bag. */
  readonly #packed: Int32Array;
  readonly #wordsPerRow: number;
  readonly #sums: Float64Array;

  /** `chooseBackend` must have been awaited. */
  constructor(weights: NetworkWeights) {
    this.weights = weights;
    this.outputs = weights.biases.length;
    this.#heads = tf.tensor2d(weights.heads, [weights.dimensions, this.outputs]);
    this.#biases = tf.tensor1d(weights.biases);
    this.#wordsPerRow = Math.ceil(weights.dimensions / 4);
    this.#packed = packRows(weights);
    this.#sums = new Float64Array(this.#wordsPerRow * 4);
  }

  /** @returns row-major, vectors × outputs of all heads: logits */
  logits(vectors: readonly SparseVector[]): Float32Array {
    const { dimensions } = this.weights;
    const bags = new Float32Array(vectors.length * dimensions);
    for (let at = 0; at < vectors.length; at += 1) this.#bag(vectors[at]!, bags, at * dimensions);
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

  /** Writes the bag to `bags` from `start` on. */
  #bag({ indices, values }: SparseVector, bags: Float32Array, start: number): void {
    const { dimensions, rows, scales } = this.weights;
    // Summed in doubles: a loop over a Float32Array rounds at every step, which costs more than it saves.
    const sums = this.#sums;
    const packed = this.#packed;
    const words = this.#wordsPerRow;
    sums.fill(0);
    for (let nth = 0; nth < indices.length; nth += 1) {
      const feature = indices[nth]!;
      if (feature >= rows) continue;
      const value = values[nth]! * scales[feature]!;
      const from = feature * words;
      for (let word = 0, at = 0; word < words; word += 1, at += 4) {
        const four = packed[from + word]!;
        sums[at]! += value * ((four << 24) >> 24);
        sums[at + 1]! += value * ((four << 16) >> 24);
        sums[at + 2]! += value * ((four << 8) >> 24);
        sums[at + 3]! += value * (four >> 24);
      }
    }
    for (let at = 0; at < dimensions; at += 1) bags[start + at] = sums[at]!;
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

/** A view where the rows lie on words already, as in a model's file; else a copy with the rows filled up by zeros. */
function packRows({ embeddings, dimensions, rows }: NetworkWeights): Int32Array {
  if (dimensions % 4 === 0 && embeddings.byteOffset % 4 === 0) {
    return new Int32Array(embeddings.buffer, embeddings.byteOffset, (rows * dimensions) / 4);
  }
  const width = Math.ceil(dimensions / 4) * 4;
  const padded = new Int8Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    padded.set(embeddings.subarray(row * dimensions, (row + 1) * dimensions), row * width);
  }
  return new Int32Array(padded.buffer);
}

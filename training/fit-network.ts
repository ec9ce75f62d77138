/**
 * Fits the dense part. TF.js has no sparse gradients, so each batch's bags are summed in a plain loop, the heads'
 * loss and gradients are TF.js's, and the gradient with respect to the bags is scattered back into the embeddings of
 * the batch's own features only, with one Adagrad rate per embedding (Duchi et al., JMLR 2011).
 *
 * The loss of a ticket is −log of the sum of the leaves its label admits, so that tickets labelled at an upper level
 * and sets of admissible items train like any other. Most features of a ticket are dropped at random in each epoch
 * (Srivastava et al., JMLR 2014): with a few thousand tickets a bag of 100,000 embeddings learns them by heart else.
 */
import { chooseBackend, tf } from '../src/classifier/backend.js';
import type { NetworkWeights } from '../src/classifier/network.js';
import { admittedLoss, EXCLUDED } from './admitted-loss.js';
import type { FacetLabels } from './facet-labels.js';
import type { LabelRanges } from './label-ranges.js';
import { seededRandom } from './random.js';
import type { TicketMatrix } from './ticket-matrix.js';

export interface NetworkOptions {
  readonly dimensions: number;
  /** The most frequent features have an embedding. */
  readonly maxRows: number;
  readonly epochs: number;
  readonly batch: number;
  /** Share of a ticket's features that are left out, in [0, 1). */
  readonly drop: number;
  readonly embeddingRate: number;
  readonly headRate: number;
  /** What a facet's loss counts against that of the leaves. */
  readonly facetWeight: number;
}

export const DEFAULT_NETWORK: NetworkOptions = {
  dimensions: 128,
  maxRows: 49_152,
  epochs: 10,
  batch: 64,
  drop: 0.7,
  embeddingRate: 0.15,
  headRate: 0.03,
  facetWeight: 0.3,
};

export interface NetworkData {
  readonly matrix: TicketMatrix;
  readonly ranges: LabelRanges;
  readonly rowWeights: Float32Array;
  readonly leaves: number;
  readonly facets: readonly FacetLabels[];
}

export async function fitNetwork(
  data: NetworkData,
  options: NetworkOptions,
  seed: number,
  onEpoch: (epoch: number, loss: number) => void,
): Promise<NetworkWeights> {
  await chooseBackend();
  const { matrix, leaves, facets } = data;
  const { dimensions, epochs, batch } = options;
  const rows = Math.min(matrix.columns, options.maxRows);
  const random = seededRandom(seed);
  const headSizes = [leaves, ...facets.map(({ size }) => size)];
  const outputs = headSizes.reduce((sum, size) => sum + size, 0);
  const embeddings = new Float32Array(rows * dimensions);
  const spread = 1.5 / Math.sqrt(dimensions);
  for (let at = 0; at < embeddings.length; at += 1) embeddings[at] = (random() * 2 - 1) * spread;
  const step = new HeadStep(dimensions, outputs, headSizes, options);
  const bags = new Bags(matrix, embeddings, rows, dimensions, batch);
  const order = Uint32Array.from({ length: matrix.rows }, (_, row) => row);
  const steps = epochs * Math.ceil(order.length / batch);
  let taken = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    let loss = 0;
    for (let from = 0; from < order.length; from += batch) {
      const tickets = order.subarray(from, from + batch);
      // Linear decay to zero: the last steps settle what the first ones found.
      const rate = 1 - taken / steps;
      bags.sum(tickets, options.drop, random);
      const { loss: batchLoss, gradient } = step.run(bags.values, tickets, data, rate);
      loss += batchLoss;
      bags.scatter(gradient, options.embeddingRate * rate);
      taken += 1;
    }
    onEpoch(epoch + 1, loss / order.length);
  }
  return { dimensions, rows, ...quantise(embeddings, rows, dimensions), ...step.weights(), headSizes };
}

function shuffle(order: Uint32Array, random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const row = order[at]!;
    order[at] = order[other]!;
    order[other] = row;
  }
}

/** The batch's bags, which features they hold, and the way back. */
class Bags {
  values: Float32Array;
  readonly #matrix: TicketMatrix;
  readonly #embeddings: Float32Array;
  readonly #rows: number;
  readonly #dimensions: number;
  readonly #squares: Float32Array;
  readonly #starts: Uint32Array;
  #features = new Uint32Array(1 << 16);
  #weights = new Float32Array(1 << 16);

  constructor(
    matrix: TicketMatrix,
    embeddings: Float32Array,
    rows: number,
    dimensions: number,
    batch: number,
  ) {
    this.#matrix = matrix;
    this.#embeddings = embeddings;
    this.#rows = rows;
    this.#dimensions = dimensions;
    this.#squares = new Float32Array(rows);
    this.#starts = new Uint32Array(batch + 1);
    this.values = new Float32Array(batch * dimensions);
  }

  sum(tickets: Uint32Array, drop: number, random: () => number): void {
    const { starts, features, values } = this.#matrix;
    const dimensions = this.#dimensions;
    const embeddings = this.#embeddings;
    this.values = new Float32Array(tickets.length * dimensions);
    const keep = 1 / (1 - drop);
    let kept = 0;
    for (let nth = 0; nth < tickets.length; nth += 1) {
      const row = tickets[nth]!;
      const end = starts[row + 1]!;
      while (kept + end - starts[row]! > this.#features.length) this.#grow();
      const bag = nth * dimensions;
      for (let at = starts[row]!; at < end; at += 1) {
        const feature = features[at]!;
        if (feature >= this.#rows || random() < drop) continue;
        const value = values[at]! * keep;
        this.#features[kept] = feature;
        this.#weights[kept] = value;
        kept += 1;
        const from = feature * dimensions;
        for (let d = 0; d < dimensions; d += 1) this.values[bag + d]! += value * embeddings[from + d]!;
      }
      this.#starts[nth + 1] = kept;
    }
  }

  scatter(gradient: Float32Array, rate: number): void {
    const dimensions = this.#dimensions;
    const embeddings = this.#embeddings;
    const tickets = gradient.length / dimensions;
    for (let nth = 0; nth < tickets; nth += 1) {
      const bag = nth * dimensions;
      let squares = 0;
      for (let d = 0; d < dimensions; d += 1) squares += gradient[bag + d]! * gradient[bag + d]!;
      squares /= dimensions;
      for (let at = this.#starts[nth]!; at < this.#starts[nth + 1]!; at += 1) {
        const feature = this.#features[at]!;
        const weight = this.#weights[at]!;
        this.#squares[feature]! += weight * weight * squares;
        const step = (rate * weight) / Math.sqrt(this.#squares[feature]! + 1e-8);
        const from = feature * dimensions;
        for (let d = 0; d < dimensions; d += 1) embeddings[from + d]! -= step * gradient[bag + d]!;
      }
    }
  }

  #grow(): void {
    const features = new Uint32Array(this.#features.length * 2);
    const weights = new Float32Array(this.#weights.length * 2);
    features.set(this.#features);
    weights.set(this.#weights);
    this.#features = features;
    this.#weights = weights;
  }
}

/** The heads: weights, loss, gradients and their Adagrad step in TF.js. */
class HeadStep {
  readonly #headSizes: readonly number[];
  readonly #options: NetworkOptions;
  #heads: tf.Tensor2D;
  #biases: tf.Tensor1D;
  #headSquares: tf.Tensor2D;
  #biasSquares: tf.Tensor1D;

  constructor(dimensions: number, outputs: number, headSizes: readonly number[], options: NetworkOptions) {
    this.#headSizes = headSizes;
    this.#options = options;
    this.#heads = tf.zeros([dimensions, outputs]);
    this.#biases = tf.zeros([outputs]);
    this.#headSquares = tf.fill([dimensions, outputs], 1e-6);
    this.#biasSquares = tf.fill([outputs], 1e-6);
  }

  /** One step of the heads. @returns the batch's summed loss and its gradient with respect to the bags */
  run(
    bags: Float32Array,
    tickets: Uint32Array,
    data: NetworkData,
    rate: number,
  ): { loss: number; gradient: Float32Array } {
    const size = tickets.length;
    const masks = [leafMask(data, tickets), ...data.facets.map((facet) => facetMask(facet, tickets))];
    let loss = 0;
    let gradient = new Float32Array(0);
    // Nothing is returned from the tidy: TF.js would look through every number of an array for tensors to keep.
    tf.tidy(() => {
      const lossOf = (bag: tf.Tensor2D, heads: tf.Tensor2D, biases: tf.Tensor1D): tf.Scalar => {
        const logits = tf.add(tf.matMul(bag, heads), biases) as tf.Tensor2D;
        let from = 0;
        let loss: tf.Tensor = tf.scalar(0);
        for (const [head, width] of this.#headSizes.entries()) {
          const { admitted, weights } = masks[head]!;
          const one = tf.slice(logits, [0, from], [size, width]);
          const counted = tf.mul(
            admittedLoss(one, tf.tensor2d(admitted, [size, width])),
            tf.tensor1d(weights),
          );
          const factor = head === 0 ? 1 : this.#options.facetWeight;
          loss = tf.add(loss, tf.mul(tf.sum(counted), factor));
          from += width;
        }
        return loss as tf.Scalar;
      };
      const bag = tf.tensor2d(bags, [size, bags.length / size]);
      const { value, grads } = tf.valueAndGrads(lossOf as (...tensors: tf.Tensor[]) => tf.Scalar)([
        bag,
        this.#heads,
        this.#biases,
      ]);
      const [bagGradient, headGradient, biasGradient] = grads as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      const headRate = this.#options.headRate * rate;
      [this.#heads, this.#headSquares] = adagrad(this.#heads, this.#headSquares, headGradient, headRate);
      [this.#biases, this.#biasSquares] = adagrad(this.#biases, this.#biasSquares, biasGradient, headRate);
      loss = value.dataSync()[0]!;
      gradient = bagGradient.dataSync() as Float32Array<ArrayBuffer>;
    });
    return { loss, gradient };
  }

  weights(): { heads: Float32Array; biases: Float32Array } {
    const found = {
      heads: Float32Array.from(this.#heads.dataSync()),
      biases: Float32Array.from(this.#biases.dataSync()),
    };
    for (const tensor of [this.#heads, this.#biases, this.#headSquares, this.#biasSquares]) tensor.dispose();
    return found;
  }
}

/** The tensors given are disposed of; those returned outlive the tidy they are made in. */
function adagrad<T extends tf.Tensor>(value: T, squares: T, gradient: T, rate: number): [T, T] {
  const newSquares = tf.keep(tf.add(squares, tf.square(gradient)));
  const newValue = tf.keep(tf.sub(value, tf.mul(tf.div(gradient, tf.sqrt(newSquares)), rate)));
  value.dispose();
  squares.dispose();
  return [newValue as T, newSquares as T];
}

interface Mask {
  /** Row-major: 0 where the output is admitted, else `EXCLUDED`. */
  readonly admitted: Float32Array;
  /** What each ticket counts; 0 where it says nothing. */
  readonly weights: Float32Array;
}

function leafMask({ ranges, rowWeights, leaves }: NetworkData, tickets: Uint32Array): Mask {
  const admitted = new Float32Array(tickets.length * leaves).fill(EXCLUDED);
  const weights = new Float32Array(tickets.length);
  for (let nth = 0; nth < tickets.length; nth += 1) {
    const ticket = tickets[nth]!;
    for (let at = ranges.starts[ticket]!; at < ranges.starts[ticket + 1]!; at += 1) {
      admitted.fill(0, nth * leaves + ranges.from[at]!, nth * leaves + ranges.to[at]!);
      weights[nth] = rowWeights[ticket]!;
    }
  }
  return { admitted, weights };
}

function facetMask({ size, values }: FacetLabels, tickets: Uint32Array): Mask {
  const admitted = new Float32Array(tickets.length * size).fill(EXCLUDED);
  const weights = new Float32Array(tickets.length);
  for (let nth = 0; nth < tickets.length; nth += 1) {
    const value = values[tickets[nth]!]!;
    if (value < 0) continue;
    admitted[nth * size + value] = 0;
    weights[nth] = 1;
  }
  return { admitted, weights };
}

/** One byte a number, one scale a row: ±½ % of the row's largest. */
function quantise(
  embeddings: Float32Array,
  rows: number,
  dimensions: number,
): { embeddings: Int8Array; scales: Float32Array } {
  const bytes = new Int8Array(embeddings.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let largest = 0;
    for (let d = 0; d < dimensions; d += 1) {
      largest = Math.max(largest, Math.abs(embeddings[row * dimensions + d]!));
    }
    const scale = largest / 127 || 1;
    scales[row] = scale;
    for (let d = 0; d < dimensions; d += 1) {
      bytes[row * dimensions + d] = Math.round(embeddings[row * dimensions + d]! / scale);
    }
  }
  return { embeddings: bytes, scales };
}

/** Random parts of a classifier over a small tree and a small vocabulary, for laws. */
import type { ClassifierParts } from '../../src/classifier/classifier.js';
import type { LinearWeights } from '../../src/classifier/linear-part.js';
import type { NetworkWeights } from '../../src/classifier/network.js';
import type { SparseVector } from '../../src/features/sparse-vector.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { seededRandom } from '../../training/random.js';

type Random = () => number;

const byte = (random: Random) => Math.floor(random() * 255) - 127;

/** Some rows are empty, some full; outputs ascend. */
export function randomLinear(random: Random, features: number, items: readonly number[]): LinearWeights {
  const starts = new Uint32Array(features + 1);
  const outputs: number[] = [];
  for (let feature = 0; feature < features; feature += 1) {
    const density = random() < 0.2 ? 0 : random();
    for (let output = 0; output < items.length; output += 1) if (random() < density) outputs.push(output);
    starts[feature + 1] = outputs.length;
  }
  return {
    items: Int32Array.from(items),
    starts,
    outputs: Uint16Array.from(outputs),
    weights: Int8Array.from(outputs, () => byte(random)),
    scales: Float32Array.from(items, () => 0.01 * random()),
    biases: Float32Array.from(items, () => random() - 1),
  };
}

export function randomNetwork(
  random: Random,
  rows: number,
  dimensions: number,
  headSizes: readonly number[],
): NetworkWeights {
  const outputs = headSizes.reduce((sum, size) => sum + size, 0);
  return {
    dimensions,
    rows,
    embeddings: Int8Array.from({ length: rows * dimensions }, () => byte(random)),
    scales: Float32Array.from({ length: rows }, () => 0.02 * random()),
    heads: Float32Array.from({ length: dimensions * outputs }, () => random() - 0.5),
    biases: Float32Array.from({ length: outputs }, () => random() - 0.5),
    headSizes,
  };
}

/** `size` different features of `features`. */
export function randomVector(random: Random, features: number, size: number): SparseVector {
  const all = Array.from({ length: features }, (_, feature) => feature);
  for (let at = 0; at < size; at += 1) {
    const other = at + Math.floor(random() * (features - at));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return {
    indices: Uint32Array.from(all.slice(0, size)),
    values: Float32Array.from({ length: size }, () => random()),
  };
}

export function randomParts(taxonomy: Taxonomy, features: number, seed = 1): ClassifierParts {
  const random = seededRandom(seed);
  return {
    linear: randomLinear(
      random,
      features,
      taxonomy.items.map(({ index }) => index),
    ),
    network: randomNetwork(random, Math.ceil(features / 2), 12, [taxonomy.leaves.length, 3]),
    combination: { levels: taxonomy.items.slice(0, taxonomy.depth).map((_, at) => 0.5 + at), network: 0.7 },
    calibration: {
      temperatures: new Array<number>(taxonomy.depth).fill(1.2),
      doubt: { temperature: 1, weights: new Array<number>(taxonomy.depth).fill(-0.3) },
    },
    facets: [{ facet: 'demand', temperature: 1.5 }],
  };
}

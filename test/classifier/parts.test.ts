import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../src/classifier/backend.js';
import { LinearPart } from '../../src/classifier/linear-part.js';
import { Network } from '../../src/classifier/network.js';
import { openBagSums, openEntrySums } from '../../src/classifier/sparse-kernel.js';
import { SPARSE_KERNEL } from '../../src/classifier/sparse-kernel-binary.js';
import { seededRandom } from '../../training/random.js';
import { randomLinear, randomNetwork, randomVector } from './toy-parts.js';

const random = seededRandom(7);
const items = (count: number) => Array.from({ length: count }, (_, at) => at);

describe.each([
  ['the kernel', false],
  ['the plain loops', true],
])('the linear part by %s', (_, plain) => {
  it('scores as the dense matrix it stands for', () => {
    for (const [features, outputs, size] of [
      [50, 1, 10],
      [200, 17, 60],
      // More features than go into the kernel at a time.
      [9_500, 30, 9_000],
      [10, 3, 0],
    ] as const) {
      const weights = randomLinear(random, features, items(outputs));
      const vector = randomVector(random, features, size);
      const dense = new Float64Array(outputs);
      for (const [nth, feature] of vector.indices.entries()) {
        for (let at = weights.starts[feature]!; at < weights.starts[feature + 1]!; at += 1) {
          dense[weights.outputs[at]!]! += vector.values[nth]! * weights.weights[at]!;
        }
      }
      const part = new LinearPart(weights, plain);
      const scores = new Float64Array(outputs);
      // Twice: nothing may be left of the first time.
      part.score(vector, scores);
      part.score(vector, scores);
      for (let output = 0; output < outputs; output += 1) {
        expect(scores[output]).toBe(dense[output]! * weights.scales[output]! + weights.biases[output]!);
      }
    }
  });

  it('tells what each feature adds to a sum of outputs', () => {
    const weights = randomLinear(random, 6_000, items(12));
    const part = new LinearPart(weights, plain);
    const vector = randomVector(random, 6_000, 5_000);
    const shares = Float64Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? 0.5 + at : 0));
    const each = new Float64Array(vector.indices.length);
    part.weightsOf(vector.indices, shares, each);
    const scores = new Float64Array(12);
    part.score(vector, scores);
    const whole = scores.reduce((sum, score, at) => sum + shares[at]! * (score - weights.biases[at]!), 0);
    const parts = each.reduce((sum, weight, at) => sum + weight * vector.values[at]!, 0);
    expect(parts).toBeCloseTo(whole, 6);
  });
});

describe.each([
  ['the kernel', false],
  ['the plain loops', true],
])('the network by %s', (_, plain) => {
  beforeAll(async () => {
    await chooseBackend();
  });

  // 5: fewer than the kernel's sixteen; 33: a row more than two; 12 and 64: whole ones.
  it.each([5, 12, 33, 64])('has the logits of a plain reference, with %i dimensions', (dimensions) => {
    const weights = randomNetwork(random, 300, dimensions, [21, 4]);
    const network = new Network(weights, plain);
    const vectors = [0, 1, 80, 40, 40, 40, 200, 40, 40, 40].map((size) => randomVector(random, 500, size));
    const reference = vectors.map(({ indices, values }) => {
      const bag = new Float64Array(dimensions);
      for (const [nth, feature] of indices.entries()) {
        if (feature >= weights.rows) continue;
        for (let at = 0; at < dimensions; at += 1) {
          bag[at]! +=
            values[nth]! * weights.scales[feature]! * weights.embeddings[feature * dimensions + at]!;
        }
      }
      return Array.from(weights.biases, (bias, output) =>
        bag.reduce((sum, value, at) => sum + value * weights.heads[at * 25 + output]!, bias),
      );
    });
    const agree = (logits: Float32Array, expected: readonly number[]) => {
      expect(logits.length).toBe(expected.length);
      for (const [at, value] of expected.entries()) {
        expect(Math.abs(logits[at]! - value)).toBeLessThan(1e-5 * Math.max(10, Math.abs(value)));
      }
    };
    // In one call by TF.js, one by one without it.
    agree(network.logits(vectors), reference.flat());
    for (const [at, vector] of vectors.entries()) agree(network.logits([vector]), reference[at]!);

    const own = vectors[6]!;
    const added = network
      .weightsOf(own.indices, 20)
      .reduce((sum, weight, at) => sum + weight * own.values[at]!, 0);
    expect(added + weights.biases[20]!).toBeCloseTo(reference[6]![20]!, 3);
    network.dispose();
  });
});

describe('the kernel', () => {
  it('runs on this machine: what is compared above is not the plain loops twice', () => {
    expect(openEntrySums(randomLinear(random, 10, items(3)))).not.toBeNull();
    expect(openBagSums(randomNetwork(random, 10, 8, [3]))).not.toBeNull();
  });

  it('is what its source assembles to', async () => {
    const { assembleKernel } = (await import('../../.config/build-kernel.mjs' as string)) as {
      assembleKernel(): Promise<string>;
    };
    expect(SPARSE_KERNEL).toBe(await assembleKernel());
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureWeights } from '../../training/feature-weights.js';

/** @param rows features of each ticket */
function matrixOf(rows: readonly (readonly number[])[], columns: number) {
  const starts = new Uint32Array(rows.length + 1);
  for (const [at, row] of rows.entries()) starts[at + 1] = starts[at]! + row.length;
  return { starts, features: Uint32Array.from(rows.flat()), columns };
}

/** The definition, written out over every kind. */
function divergences(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  weights: Float32Array,
  columns: number,
) {
  const kinds = [...new Set(labels)];
  const total = weights.reduce((sum, one) => sum + one, 0);
  return Array.from({ length: columns }, (_, feature) => {
    const count = (kind: number | null, having: boolean) =>
      rows.reduce(
        (sum, row, at) =>
          sum +
          ((kind === null || labels[at] === kind) && (!having || row.includes(feature)) ? weights[at]! : 0),
        0,
      );
    return kinds.reduce((sum, kind) => {
      const prior = count(kind, false) / total;
      const share = (count(kind, true) + prior) / (count(null, true) + 1);
      return sum + share * Math.log(share / prior);
    }, 0);
  });
}

describe('feature weights', () => {
  it('count what a mention tells of the item', () => {
    const rows = [
      [0, 1],
      [0, 1],
      [0, 2],
      [0, 2],
    ];
    const labels = [[5], [5], [6], [6]];
    const [everywhere, left, right] = featureWeights(
      matrixOf(rows, 3),
      labels,
      new Float32Array(4).fill(1),
      1,
    );
    expect(left).toBeCloseTo(right!, 5);
    expect(left!).toBeGreaterThan(10 * everywhere!);
  });

  it('are the root of the divergence, to a byte’s steps', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.uniqueArray(fc.nat({ max: 6 }), { minLength: 1 }),
            fc.nat({ max: 3 }),
            fc.constantFrom(0.5, 1),
          ),
          { minLength: 2, maxLength: 30 },
        ),
        (tickets) => {
          const rows = tickets.map(([row]) => row);
          const labels = tickets.map(([, label]) => label);
          const weights = Float32Array.from(tickets, ([, , weight]) => weight);
          const found = featureWeights(
            matrixOf(rows, 7),
            labels.map((one) => [one]),
            weights,
            0,
          );
          const expected = divergences(rows, labels, weights, 7).map((one) => Math.sqrt(Math.max(1e-3, one)));
          for (const [feature, weight] of found.entries()) {
            expect(weight / expected[feature]!).toBeGreaterThan(0.98);
            expect(weight / expected[feature]!).toBeLessThan(1.02);
          }
        },
      ),
    );
  });

  it('of a feature that only unlabelled tickets have is the least', () => {
    const found = featureWeights(
      matrixOf([[0], [1], [2]], 3),
      [[1], [2], []],
      new Float32Array(3).fill(1),
      0,
    );
    expect(found[2]).toBe(Math.min(...found));
    expect(found[2]).toBeGreaterThan(0);
  });

  it('of features that too few labelled tickets have are 0', () => {
    const rows = [
      [0, 1],
      [0, 1, 2],
      [0, 2],
    ];
    const weights = featureWeights(matrixOf(rows, 3), [[1], [2], []], new Float32Array(3).fill(1), 2);
    // Feature 2 is in two tickets, but one of them is held out.
    expect([...weights].map((weight) => weight > 0)).toEqual([true, true, false]);
  });

  it('are alike where there is but one item, and no more than 256', () => {
    const one = featureWeights(matrixOf([[0], [0, 1]], 2), [[1], [1]], new Float32Array(2).fill(1), 0);
    expect(one[0]).toBe(one[1]);
    const rows = Array.from({ length: 2000 }, (_, at) => [at, (at * 7) % 2000, (at * at) % 2000]);
    const many = featureWeights(
      matrixOf(rows, 2000),
      rows.map((_, at) => [at % 61]),
      new Float32Array(2000).fill(1),
      0,
    );
    expect(new Set(many).size).toBeLessThanOrEqual(256);
    expect(new Set(many).size).toBeGreaterThan(5);
  });
});

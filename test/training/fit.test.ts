/** The parts of a fit, each against what it should be. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../src/classifier/backend.js';
import { planCombination } from '../../src/classifier/combination.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { buildTaxonomy } from '../../src/taxonomy/taxonomy.js';
import { buildVocabulary } from '../../training/build-vocabulary.js';
import { chooseCost } from '../../training/choose-cost.js';
import { derivePolicy } from '../../training/derive-policy.js';
import type { PartScores } from '../../training/fit-combination.js';
import { linearItems } from '../../training/fit-parts.js';
import { ItemPrior } from '../../training/item-prior.js';
import { belongs, labelRanges } from '../../training/label-ranges.js';
import { seededRandom } from '../../training/random.js';
import { TermStore } from '../../training/term-store.js';
import { layOut, squaredLength, type TicketMatrix, weigh } from '../../training/ticket-matrix.js';
import { ItemTrainer } from '../../training/train-one-item.js';

function tree(): Taxonomy {
  const { taxonomy } = buildTaxonomy({ id: 't', version: '1', title: 't' }, [
    { code: '01', name: '甲' },
    { code: '0101', name: '甲一' },
    { code: '010101', name: '甲一一' },
    { code: '010102', name: '甲一二' },
    { code: '0102', name: '甲二' },
    { code: '010200', name: '' },
    { code: '02', name: '乙' },
    { code: '0201', name: '乙一' },
    { code: '020101', name: '乙一一' },
    { code: '020199', name: '其他乙一' },
  ]);
  return taxonomy!;
}

const index = (taxonomy: Taxonomy, code: string) => taxonomy.byCode(code)[0]!.index;

describe('what a label says of an item', () => {
  const taxonomy = tree();
  const ranges = labelRanges(taxonomy, [
    [index(taxonomy, '010101')],
    [index(taxonomy, '01')],
    [index(taxonomy, '010101'), index(taxonomy, '020101')],
    [],
  ]);
  const of = (ticket: number, code: string) => {
    const { leafStart, leafEnd } = taxonomy.at(index(taxonomy, code));
    return belongs(ranges, ticket, leafStart, leafEnd);
  };

  it('is yes at the leaf and above it, no beside it', () => {
    expect([of(0, '010101'), of(0, '0101'), of(0, '01')]).toEqual([1, 1, 1]);
    expect([of(0, '010102'), of(0, '02')]).toEqual([-1, -1]);
  });

  it('is open beneath an upper label and among several admissible items', () => {
    expect([of(1, '01'), of(1, '0101'), of(1, '010101'), of(1, '02')]).toEqual([1, 0, 0, -1]);
    expect([of(2, '010101'), of(2, '02'), of(2, '010102')]).toEqual([0, 0, -1]);
  });

  it('says nothing where there is none', () => {
    expect(of(3, '01')).toBe(0);
  });

  it('gives a classifier to items with tickets, once where an undivided row is all its parent has', () => {
    const jobs = linearItems(
      taxonomy,
      labelRanges(taxonomy, [[index(taxonomy, '010200')], [index(taxonomy, '02')]]),
    );
    const codes = jobs.map(({ item }) => taxonomy.at(item).code).sort();
    // 0201 is all that 02 has: one classifier serves both.
    expect(codes).toEqual(['01', '010200', '0201']);
  });
});

describe('the term store', () => {
  it('gives back what was added, in order, from memory and from its file', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.nat(0xffffffff), fc.integer({ min: 1, max: 9 })), { maxLength: 40 }), {
          maxLength: 60,
        }),
        fc.constantFrom(0, 1 << 30),
        (tickets, memory) => {
          const store = new TermStore(memory, 64);
          for (const one of tickets) {
            store.add(
              Uint32Array.from(one, ([hash]) => hash),
              Float32Array.from(one, ([, count]) => count),
              one.length,
            );
          }
          const back: [number, number][][] = [];
          store.forEach((ticket, hashes, counts) => {
            expect(ticket).toBe(back.length);
            back.push(Array.from(hashes, (hash, at) => [hash, counts[at]!]));
          });
          expect(back).toEqual(tickets);
          store.close();
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps features that enough tickets have, the most frequent first', () => {
    const store = new TermStore();
    const add = (...hashes: number[]) =>
      store.add(Uint32Array.from(hashes), new Float32Array(hashes.length).fill(1), hashes.length);
    add(7, 8, 9);
    add(8, 9);
    add(9);
    const vocabulary = buildVocabulary(store, { minTickets: 2, maxFeatures: 10 });
    expect([...vocabulary.hashes]).toEqual([9, 8]);
    expect([...vocabulary.weights]).toEqual([1, 1]);
    expect(buildVocabulary(store, { minTickets: 1, maxFeatures: 1 }).size).toBe(1);
    const matrix = layOut(store, vocabulary);
    weigh(matrix, store, vocabulary);
    expect([...matrix.starts]).toEqual([0, 2, 4, 5]);
    for (let row = 0; row < 3; row += 1) {
      const values = matrix.values.subarray(matrix.starts[row], matrix.starts[row + 1]);
      expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1);
    }
  });
});

function randomMatrix(rows: number, columns: number, seed: number): TicketMatrix {
  const random = seededRandom(seed);
  const starts = new Uint32Array(rows + 1);
  const features: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      if (random() < 0.5) continue;
      features.push(column);
      values.push(random() * 2 - 1);
    }
    starts[row + 1] = features.length;
  }
  return { starts, features: Uint32Array.from(features), values: Float32Array.from(values), rows, columns };
}

describe('one item against the rest', () => {
  it.each([
    ['of an item with a third of the rows', 40, 0.3],
    ['of a rare item, which is settled on a sample first', 3_000, 0.008],
  ])('finds the minimum of its objective, no small step makes it better: %s', (_, rows, share) => {
    for (const seed of [1, 2, 3]) {
      const matrix = randomMatrix(rows, 8, seed);
      const random = seededRandom(seed + 100);
      const signs = Int8Array.from({ length: rows }, () => (random() < share ? 1 : -1));
      const costs = Float32Array.from({ length: rows }, () => 0.5 + random());
      const all = new Uint8Array(rows).fill(1);
      const trainer = new ItemTrainer(matrix, costs, all, { cost: 1, maxPasses: 1000, tolerance: 1e-5 });
      trainer.train(
        Uint32Array.from({ length: rows }, (_, row) => row),
        signs,
        1,
      );
      const leave = new ItemPrior(matrix, costs, all).of(
        Uint32Array.from({ length: rows }, (_, row) => row),
        signs,
      );
      // ½ Σ w² / leave + ½b² + Σ C·cost·max(0, 1 − y·f(x))², written out again.
      const objective = (weights: Float64Array): number => {
        let value = 0;
        for (const [at, weight] of weights.entries()) value += (0.5 * weight * weight) / (leave[at] ?? 1);
        for (let row = 0; row < rows; row += 1) {
          let score = weights[8]!;
          for (let at = matrix.starts[row]!; at < matrix.starts[row + 1]!; at += 1) {
            score += weights[matrix.features[at]!]! * matrix.values[at]!;
          }
          value += costs[row]! * Math.max(0, 1 - signs[row]! * score) ** 2;
        }
        return value;
      };
      const found = Float64Array.from([...trainer.weights, trainer.bias]);
      const least = objective(found);
      for (let at = 0; at < found.length; at += 1) {
        for (const step of [0.01, -0.01]) {
          const moved = found.slice();
          moved[at]! += step;
          expect(objective(moved)).toBeGreaterThan(least);
        }
      }
    }
  });

  it('gives the same weights for the same seed', () => {
    const matrix = randomMatrix(60, 10, 9);
    const signs = Int8Array.from({ length: 60 }, (_, row) => (row % 4 === 0 ? 1 : -1));
    const train = () => {
      const trainer = new ItemTrainer(matrix, new Float32Array(60).fill(1), new Uint8Array(60).fill(1), {
        cost: 1,
        maxPasses: 30,
        tolerance: 0.1,
      });
      trainer.train(
        Uint32Array.from({ length: 60 }, (_, row) => row),
        signs,
        5,
      );
      return [...trainer.weights, trainer.bias];
    };
    expect(train()).toEqual(train());
  });
});

describe('what features may weigh for an item', () => {
  const ofSquares = (matrix: TicketMatrix, leave: Float32Array, rows: number[]) => {
    const lengths = rows.map((row) =>
      squaredLength(leave, matrix.features, matrix.values, matrix.starts[row]!, matrix.starts[row + 1]!),
    );
    return lengths.reduce((sum, length) => sum + length, 0) / rows.length;
  };

  it('is the square of their log-odds, at a length of 1 in the middle', () => {
    // Feature 0: 9 of 10 tickets of the item and 1 of 90 others; 1: 5 and 45; 2: none and 81.
    const has = (row: number) => [
      ...(row < 9 || row === 10 ? [0] : []),
      ...(row % 2 === 0 ? [1] : []),
      ...(row >= 19 ? [2] : []),
    ];
    const features = Array.from({ length: 100 }, (_, row) => has(row));
    const starts = new Uint32Array(101);
    for (const [row, own] of features.entries()) starts[row + 1] = starts[row]! + own.length;
    const matrix: TicketMatrix = {
      starts,
      features: Uint32Array.from(features.flat()),
      values: new Float32Array(features.flat().length).fill(1),
      rows: 100,
      columns: 3,
    };
    const signs = Int8Array.from({ length: 100 }, (_, row) => (row < 10 ? 1 : -1));
    const prior = new ItemPrior(matrix, new Float32Array(100).fill(1), new Uint8Array(100).fill(1));
    const rows = Uint32Array.from({ length: 100 }, (_, row) => row);
    const leave = prior.of(rows, signs);
    const odds = [(9 + 0.1) / (1 + 1), (5 + 0.1) / (45 + 1), (0 + 0.1) / (81 + 1)].map((one) =>
      Math.log(9 * one),
    );
    for (const at of [1, 2]) {
      expect(leave[at]! / leave[0]!).toBeCloseTo(odds[at]! ** 2 / odds[0]! ** 2, 4);
    }
    const [own, others] = [
      ofSquares(matrix, leave, [...rows.subarray(0, 10)]),
      ofSquares(matrix, leave, [...rows.subarray(10)]),
    ];
    expect(Math.sqrt(own * others)).toBeCloseTo(1, 4);
    expect(prior.of(rows, signs)).toEqual(leave);
  });

  it('is the same of all features where the item’s tickets have none, or there is no other ticket', () => {
    const matrix: TicketMatrix = {
      starts: Uint32Array.from([0, 0, 2, 3]),
      features: Uint32Array.from([0, 1, 1]),
      values: new Float32Array(3).fill(1),
      rows: 3,
      columns: 2,
    };
    const prior = new ItemPrior(matrix, new Float32Array(3).fill(1), new Uint8Array(3).fill(1));
    const of = (...signs: number[]) => [...prior.of(Uint32Array.from([0, 1, 2]), Int8Array.from(signs))];
    expect(of(1, -1, -1)).toEqual([1, 1]);
    expect(of(1, 1, 1)).toEqual([1, 1]);
  });

  it('is a number, whatever the tickets are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0 }),
        (features, mask) => {
          const starts = new Uint32Array(features.length + 1);
          for (const [row, own] of features.entries()) starts[row + 1] = starts[row]! + own.length;
          const entries = features.flat();
          const matrix: TicketMatrix = {
            starts,
            features: Uint32Array.from(entries),
            values: new Float32Array(entries.length).fill(0.5),
            rows: features.length,
            columns: 6,
          };
          const signs = Int8Array.from(features, (_, row) => ((mask >> row) & 1 ? 1 : -1));
          const ones = (length: number) => new Float32Array(length).fill(1);
          const prior = new ItemPrior(matrix, ones(features.length), Uint8Array.from(ones(features.length)));
          const leave = prior.of(
            Uint32Array.from(features, (_, row) => row),
            signs,
          );
          for (const one of leave) {
            expect(Number.isFinite(one)).toBe(true);
            expect(one).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});

describe('the cost of the linear part', () => {
  beforeAll(async () => {
    await chooseBackend();
  });
  const taxonomy = tree();
  const right = Array.from({ length: 200 }, (_, at) => at % taxonomy.leaves.length);
  const ranges = labelRanges(
    taxonomy,
    right.map((leaf) => [taxonomy.leaves[leaf]!]),
  );
  const plan = planCombination(taxonomy, Int32Array.from(taxonomy.leaves));
  /** Says `share` of the tickets right, all alike surely. */
  const scores = (share: number): PartScores[] =>
    right.map((leaf, row) => {
      const said = row < share * right.length ? leaf : (leaf + 1) % taxonomy.leaves.length;
      const linear = new Float64Array(taxonomy.leaves.length).fill(-1);
      linear[said] = 1;
      return { plan, linear, network: null, row };
    });

  it('is the one whose scores make the held-out tickets likeliest', () => {
    expect(chooseCost(taxonomy, [scores(0.6), scores(0.8), scores(0.7)], ranges).nth).toBe(1);
    expect(chooseCost(taxonomy, [scores(0.8), scores(0.6)], ranges).nth).toBe(0);
  });

  it('is the first where none is better, and where nothing was kept back', () => {
    expect(chooseCost(taxonomy, [scores(0.7), scores(0.7)], ranges).nth).toBe(0);
    const { nth, combination } = chooseCost(taxonomy, [[], []], ranges);
    expect(nth).toBe(0);
    expect(combination.levels).toHaveLength(taxonomy.depth);
  });
});

describe('the policy', () => {
  it('keeps the error of named answers at the target where it can, level by level', () => {
    const taxonomy = tree();
    const random = seededRandom(3);
    const judged = Array.from({ length: 4000 }, () => {
      const leaf = Math.floor(random() * taxonomy.leaves.length);
      const sure = 0.25 + 0.75 * random();
      const leaves = new Float64Array(taxonomy.leaves.length).fill((1 - sure) / (taxonomy.leaves.length - 1));
      leaves[leaf] = sure;
      const right = random() < sure ? leaf : (leaf + 1) % taxonomy.leaves.length;
      return { leaves, labels: [taxonomy.leaves[right]!], alternatives: [] };
    });
    const policy = derivePolicy(taxonomy, judged, 0.1);
    const named = judged.filter(({ leaves }) => Math.max(...leaves) >= policy.thresholds[2]!);
    const wrong = named.filter(({ leaves, labels }) => {
      const best = leaves.indexOf(Math.max(...leaves));
      return taxonomy.leaves[best] !== labels[0];
    });
    expect(named.length).toBeGreaterThan(100);
    expect(wrong.length / named.length).toBeLessThanOrEqual(0.1);
  });

  it('asks for 1 less the target where nothing was kept back to judge by', () => {
    expect(derivePolicy(tree(), [], 0.05).thresholds).toEqual([0.95, 0.95, 0.95]);
  });
});

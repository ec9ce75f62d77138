import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConformalCalibration,
  calibrationFor,
  conformalSet,
  coverageFor,
  promisedCoverages,
  type SetRequest,
  validateConformal,
} from '../../src/decision/conformal.js';
import { Distribution } from '../../src/decision/distribution.js';
import { isDuihaoError } from '../../src/errors.js';
import type { Item } from '../../src/taxonomy/item.js';
import { COVERAGES, fitConformal } from '../../training/evaluation/conformal-fit.js';
import {
  crossEvaluateConformal,
  evaluateConformal,
  reportedCalibrations,
} from '../../training/evaluation/conformal-outcome.js';
import { drawTickets, evenTree, judgedAs, smallTree, softmax } from '../evaluation/small-tree.js';

const tree = smallTree();
const plain = (threshold: number | null): ConformalCalibration => ({
  coverage: 0.9,
  threshold,
  penalty: 0,
  freeRanks: 1,
});
const codesOf = (leaves: readonly number[], calibration: ConformalCalibration, maxItems?: number) =>
  conformalSet(new Distribution(tree, Float64Array.from(leaves)), calibration, { maxItems }).items.map(
    ({ item }) => item.code,
  );

describe('a conformal set', () => {
  it('takes leaves while the probability before them is within the threshold', () => {
    expect(codesOf([0.6, 0.1, 0.25, 0.05], plain(0.5))).toEqual(['010101']);
    expect(codesOf([0.6, 0.1, 0.25, 0.05], plain(0.6))).toEqual(['010101', '0102']);
    expect(codesOf([0.5, 0.1, 0.1, 0.3], plain(0.5))).toEqual(['010101', '020101']);
  });

  it('is never empty', () => {
    expect(codesOf([0.25, 0.25, 0.25, 0.25], plain(0))).toEqual(['010101']);
  });

  it('names the parent where all its children belong', () => {
    expect(codesOf([0.4, 0.35, 0.05, 0.2], plain(0.4))).toEqual(['0101']);
    expect(codesOf([0.4, 0.3, 0.2, 0.1], plain(0.7))).toEqual(['01']);
  });

  it('names everything where the promise could not be fitted', () => {
    expect(codesOf([0.4, 0.3, 0.2, 0.1], plain(null))).toEqual(['01', '020101']);
  });

  it('climbs to the ancestor that lets in the least where the list is too long', () => {
    // 010101, 0102 and 020101: 01 in place of the first two lets in one leaf.
    expect(codesOf([0.4, 0.05, 0.35, 0.2], plain(0.75))).toEqual(['010101', '0102', '020101']);
    expect(codesOf([0.4, 0.05, 0.35, 0.2], plain(0.75), 2)).toEqual(['01', '020101']);
    // Level-1 items are never joined.
    expect(codesOf([0.4, 0.05, 0.35, 0.2], plain(0.75), 1)).toEqual(['01', '020101']);
  });

  it('shortens doubtful sets by the penalty', () => {
    const leaves = [0.28, 0.26, 0.24, 0.22];
    expect(codesOf(leaves, plain(0.8))).toEqual(['01', '020101']);
    // Places score 0, 0.26 + …: the third 0.54 + 0.2, the fourth 0.78 + 0.4.
    expect(codesOf(leaves, { ...plain(0.8), penalty: 0.2, freeRanks: 2 })).toEqual(['01']);
  });

  it('holds all its leaves, names none twice and keeps within the list where it can', () => {
    const wide = evenTree([3, 3, 4]);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 36, maxLength: 36 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        (raw, threshold, maxItems) => {
          fc.pre(raw.some((value) => value > 0));
          const distribution = new Distribution(wide, Float64Array.from(raw));
          const set = conformalSet(distribution, plain(threshold), { maxItems });
          const order = [...distribution.leaves.keys()].sort(
            (a, b) => distribution.leaves[b]! - distribution.leaves[a]! || a - b,
          );
          const within = (leaf: number) =>
            set.items.filter(({ item }) => leaf >= item.leafStart && leaf < item.leafEnd).length;
          for (const leaf of order.slice(0, set.leaves)) expect(within(leaf)).toBe(1);
          for (const leaf of order.slice(set.leaves)) expect(within(leaf)).toBeLessThanOrEqual(1);
          expect(set.items.length).toBeLessThanOrEqual(Math.max(maxItems, 3));
          for (let at = 1; at < set.items.length; at += 1) {
            expect(set.items[at]!.probability).toBeLessThanOrEqual(set.items[at - 1]!.probability);
          }
          // A higher threshold never takes a leaf away.
          expect(conformalSet(distribution, plain(threshold + 0.1)).leaves).toBeGreaterThanOrEqual(
            set.leaves,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  const wide = evenTree([3, 3, 4]);
  const weights = fc
    .array(fc.integer({ min: 0, max: 50 }), { minLength: 36, maxLength: 36 })
    .filter((raw) => raw.some((value) => value > 0))
    .map((raw) => new Distribution(wide, Float64Array.from(raw)));
  const threshold = fc.double({ min: 0, max: 1, noNaN: true });
  const holds = (items: readonly { readonly item: Item }[], leaf: number) =>
    items.some(({ item }) => leaf >= item.leafStart && leaf < item.leafEnd);

  it('lies wholly within the set of a higher coverage, whatever it is asked for', () => {
    const requests = fc.record<SetRequest>({
      maxItems: fc.integer({ min: 1, max: 8 }),
      level: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      answer: fc.option(weights, { nil: undefined }),
    });
    fc.assert(
      fc.property(weights, threshold, threshold, requests, (distribution, one, other, request) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const small = conformalSet(distribution, plain(low), request);
        const large = conformalSet(distribution, plain(high), request);
        const all = conformalSet(distribution, plain(null), request);
        for (let leaf = 0; leaf < 36; leaf += 1) {
          if (holds(small.items, leaf)) expect(holds(large.items, leaf)).toBe(true);
          if (holds(large.items, leaf)) expect(holds(all.items, leaf)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('holds the first candidate of the answer, at the level that was asked for', () => {
    fc.assert(
      fc.property(weights, weights, threshold, fc.integer({ min: 1, max: 3 }), (own, answer, at, level) => {
        const set = conformalSet(own, plain(at), { answer, level });
        const [first] = answer.top(1, level);
        expect(set.items.some(({ item }) => wide.isWithin(first!.item, item))).toBe(true);
        for (const { item, probability } of set.items) {
          expect(item.level).toBeLessThanOrEqual(level);
          expect(probability).toBe(answer.probability(item));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out what the answer was restricted from, and is empty where nothing is left', () => {
    const own = new Distribution(tree, Float64Array.of(0.5, 0.3, 0.15, 0.05));
    const answer = own.restrict(undefined, [tree.byId('01.0101')!]);
    const set = conformalSet(own, plain(0.9), { answer });
    expect(set.items.map(({ item }) => item.code)).toEqual(['0102']);
    expect(set.items[0]!.probability).toBeCloseTo(0.75);
    expect(set.leaves).toBe(1);
    const none = own.restrict([tree.byId('01')!], [tree.byId('01')!]);
    expect(conformalSet(own, plain(null), { answer: none })).toMatchObject({ items: [], leaves: 0 });
  });

  it('is refused with figures that make no sense', () => {
    for (const wrong of [
      { ...plain(0.5), coverage: 1 },
      plain(-1),
      plain(Number.NaN),
      { ...plain(0.5), penalty: -1 },
      { ...plain(0.5), freeRanks: 0 },
    ]) {
      try {
        validateConformal(wrong);
        expect.unreachable();
      } catch (error) {
        expect(isDuihaoError(error) && error.code).toBe('conformal-invalid');
      }
    }
    expect(validateConformal(plain(null))).toEqual(plain(null));
  });
});

describe('an asked coverage', () => {
  const calibrations = [0.99, 0.9, 0.95].map((coverage) => ({ ...plain(0.5), coverage }));

  it('gets the next that is promised', () => {
    expect(promisedCoverages(calibrations)).toEqual([0.9, 0.95, 0.99]);
    for (const [asked, promised] of [
      [0.1, 0.9],
      [0.9, 0.9],
      [0.9001, 0.95],
      [0.99, 0.99],
    ] as const) {
      expect(calibrationFor(calibrations, asked).coverage).toBe(promised);
    }
  });

  it('is unknown above what is promised, where a set would be everything, and in a model that promises nothing', () => {
    const faultOf = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        return isDuihaoError(error) ? [error.code, error.details] : error;
      }
      return 'nothing';
    };
    expect(faultOf(() => calibrationFor(calibrations, 0.995))).toEqual(['coverage-unknown', { most: 0.99 }]);
    const few = [
      { ...plain(0.5), coverage: 0.8 },
      { ...plain(null), coverage: 0.9 },
    ];
    expect(faultOf(() => calibrationFor(few, 0.9))).toEqual(['coverage-unknown', { most: 0.8 }]);
    expect(faultOf(() => coverageFor([], 0.5))).toEqual(['coverage-unknown', {}]);
  });
});

describe('fitting conformal sets', () => {
  const wide = evenTree([4, 4, 4]);
  const judge = (count: number, seed: number, sharpness: number) =>
    drawTickets(wide, count, seed).map(({ logits, leaf }) => ({
      leaves: softmax(logits.map((logit) => logit * sharpness)),
      labels: [wide.leaves[leaf]!],
      alternatives: [],
    }));

  it('takes the score of the right rank, by hand', () => {
    // Probability before the right leaf: 0, 0, 0.5, 0.8; with penalty 0.01 beyond the fifth place, none is added.
    const judged = [
      judgedAs(tree, [0.7, 0.1, 0.1, 0.1], ['010101']),
      judgedAs(tree, [0.1, 0.1, 0.1, 0.7], ['020101']),
      judgedAs(tree, [0.3, 0.5, 0.1, 0.1], ['010101']),
      judgedAs(tree, [0.5, 0.3, 0.1, 0.1], ['0102']),
      // Cannot be told at the leaves.
      judgedAs(tree, [0.5, 0.3, 0.1, 0.1], ['01']),
    ];
    const fitted = fitConformal(tree, judged, { coverages: [0.4, 0.6, 0.8, 0.9], seed: 1 });
    expect(fitted.map(({ threshold }) => threshold)).toEqual([0, 0.5, 0.8, null]);
    expect(fitted.map(({ coverage }) => coverage)).toEqual([0.4, 0.6, 0.8, 0.9]);
  });

  // A model too sure of itself, a calibrated one, and one that is too shy: the promise does not depend on it.
  it.each([3, 1, 0.4])('keeps its promise on average over draws, logits multiplied by %d', (sharpness) => {
    const coverages = [0.8, 0.9, 0.95];
    const draws = 30;
    const sums = coverages.map(() => 0);
    for (let draw = 0; draw < draws; draw += 1) {
      const calibrations = fitConformal(wide, judge(200, 100 + draw, sharpness), { coverages, seed: draw });
      const outcomes = evaluateConformal(wide, judge(200, 900 + draw, sharpness), calibrations);
      for (const [at, { covered, coveredByItems }] of outcomes.entries()) {
        sums[at]! += covered / draws;
        expect(coveredByItems).toBeGreaterThanOrEqual(covered);
      }
    }
    // 6,000 tickets with 30 thresholds: standard error about 0.006 at 0.8.
    for (const [at, coverage] of coverages.entries()) {
      expect(sums[at]!).toBeGreaterThan(coverage - 0.02);
      // Not bought with sets that are far too large, where the first candidate alone is not enough.
      if (sharpness === 1) expect(sums[at]!).toBeLessThan(coverage + 0.03);
    }
  });

  it('keeps its promise where it chose the penalty by itself', () => {
    const coverages = [0.9];
    const calibrations = fitConformal(wide, judge(3000, 5, 1), { coverages, seed: 2 });
    const [outcome] = evaluateConformal(wide, judge(3000, 6, 1), calibrations);
    expect(outcome!.covered).toBeGreaterThan(0.88);
    expect(outcome!.covered).toBeLessThan(0.93);
    expect(outcome!.meanItems).toBeLessThanOrEqual(5);
    expect(outcome!.meanLeaves).toBeGreaterThan(1);
    // The same seed chooses the same.
    expect(fitConformal(wide, judge(3000, 5, 1), { coverages, seed: 2 })).toEqual(calibrations);
  });

  it('gives all coverages one penalty and rising thresholds, so that sets only grow', () => {
    for (const count of [30, 3000]) {
      const fitted = fitConformal(wide, judge(count, 8, 1), { seed: 1 });
      expect(fitted.map(({ coverage }) => coverage)).toEqual(COVERAGES);
      expect(new Set(fitted.map(({ penalty, freeRanks }) => `${penalty} ${freeRanks}`)).size).toBe(1);
      const thresholds = fitted.map(({ threshold }) => threshold ?? Number.POSITIVE_INFINITY);
      expect(thresholds).toEqual([...thresholds].sort((a, b) => a - b));
      // 30 tickets cannot promise 0.99.
      expect(fitted.at(-1)!.threshold === null).toBe(count === 30);
    }
  });

  it('is judged on tickets it was not fitted on, and of those only that count', () => {
    const judged = judge(1000, 9, 1);
    const outcomes = crossEvaluateConformal(wide, judged, 4, (at) => at < 600);
    expect(outcomes.map(({ coverage, rows }) => [coverage, rows])).toEqual(
      [0.8, 0.9, 0.95, 0.99].map((coverage) => [coverage, 600]),
    );
    for (const { coverage, covered, coveredByItems } of outcomes) {
      // Standard error of 600 tickets at 0.8: 0.016.
      expect(Math.abs(covered - coverage)).toBeLessThan(0.05);
      expect(coveredByItems).toBeGreaterThanOrEqual(covered);
    }
    expect(crossEvaluateConformal(wide, judged, 4, (at) => at < 600)).toEqual(outcomes);
    expect(crossEvaluateConformal(wide, [], 4, () => true)[0]).toMatchObject({
      rows: 0,
      covered: Number.NaN,
    });
  });

  it('is told of at some coverages; at all of a model that has none of these', () => {
    const fitted = fitConformal(wide, judge(300, 5, 1), { seed: 1 });
    expect(reportedCalibrations(fitted).map(({ coverage }) => coverage)).toEqual([0.8, 0.9, 0.95, 0.99]);
    const odd = [{ ...plain(0.5), coverage: 0.77 }];
    expect(reportedCalibrations(odd)).toEqual(odd);
  });

  it('says nothing about no tickets', () => {
    const calibrations = fitConformal(wide, [], { coverages: [0.9], seed: 1 });
    expect(calibrations[0]!.threshold).toBeNull();
    expect(evaluateConformal(wide, [], calibrations)[0]).toMatchObject({ rows: 0, covered: Number.NaN });
  });
});

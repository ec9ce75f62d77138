import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConformalCalibration, conformalSet, validateConformal } from '../../src/decision/conformal.js';
import { Distribution } from '../../src/decision/distribution.js';
import { isDuihaoError } from '../../src/errors.js';
import { evaluateConformal, fitConformal } from '../../training/evaluation/conformal-fit.js';
import { drawTickets, evenTree, judgedAs, smallTree, softmax } from '../evaluation/small-tree.js';

const tree = smallTree();
const plain = (threshold: number | null): ConformalCalibration => ({
  coverage: 0.9,
  threshold,
  penalty: 0,
  freeRanks: 1,
});
const codesOf = (leaves: readonly number[], calibration: ConformalCalibration, maxItems?: number) =>
  conformalSet(new Distribution(tree, Float64Array.from(leaves)), calibration, maxItems).items.map(
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
          const set = conformalSet(distribution, plain(threshold), maxItems);
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

  it('says nothing about no tickets', () => {
    const calibrations = fitConformal(wide, [], { coverages: [0.9], seed: 1 });
    expect(calibrations[0]!.threshold).toBeNull();
    expect(evaluateConformal(wide, [], calibrations)[0]).toMatchObject({ rows: 0, covered: Number.NaN });
  });
});

/** The paired comparison against figures worked out by hand, and its laws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTail } from '../../src/decision/paired-test.js';
import { comparePairs, verdictOf } from '../../training/evaluation/compare-models.js';

const pairs = (both: number, onlyCandidate: number, onlyCurrent: number, neither = 0) => [
  ...Array.from({ length: both }, () => [true, true] as const),
  ...Array.from({ length: onlyCandidate }, () => [true, false] as const),
  ...Array.from({ length: onlyCurrent }, () => [false, true] as const),
  ...Array.from({ length: neither }, () => [false, false] as const),
];

describe('the paired comparison', () => {
  it('tests as McNemar exactly, by hand', () => {
    expect(binomialTail(10, 8)).toBeCloseTo((45 + 10 + 1) / 1024, 14);
    expect(binomialTail(0, 0)).toBe(1);
    expect(binomialTail(3, 4)).toBe(0);
    const level = comparePairs(3, pairs(80, 2, 8, 10), 1);
    expect(level).toMatchObject({
      rows: 100,
      candidateTop1: 0.82,
      currentTop1: 0.88,
      onlyCandidate: 2,
      onlyCurrent: 8,
    });
    expect(level.difference).toBeCloseTo(-0.06, 12);
    expect(level.p).toBeCloseTo(112 / 1024, 12);
    expect(level.pWorse).toBeCloseTo(56 / 1024, 12);
    // Not significant, yet six points lost.
    expect(level.fault).toBe('loses-too-much');
    expect(comparePairs(3, pairs(80, 2, 9, 9), 1).fault).toBe('significantly-worse');
    expect(comparePairs(3, pairs(980, 9, 10), 1).fault).toBeNull();
  });

  it('calls equals even, a proven gain better, and a loss at one level worse whatever the other gains', () => {
    const [equal, gain, loss] = [pairs(90, 0, 0, 10), pairs(70, 20, 2, 8), pairs(70, 2, 20, 8)].map((one) =>
      comparePairs(1, one, 1),
    );
    expect(equal).toMatchObject({
      difference: 0,
      p: 1,
      pWorse: 1,
      fault: null,
      interval: { low: 0, high: 0 },
    });
    expect(verdictOf([equal!, equal!])).toBe('even');
    expect(verdictOf([equal!, gain!])).toBe('better');
    expect(verdictOf([loss!, gain!])).toBe('worse');
    const slight = comparePairs(1, pairs(900, 5, 9), 1);
    expect(verdictOf([slight, gain!])).toBe('even');
  });

  it('mirrors when the models change places, and its interval holds the difference', () => {
    const count = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(count, count, count, count, (both, one, other, neither) => {
        fc.pre(both + one + other + neither > 0);
        const there = comparePairs(2, pairs(both, one, other, neither), 5);
        const back = comparePairs(2, pairs(both, other, one, neither), 5);
        expect(there.difference).toBeCloseTo(-back.difference, 12);
        expect(there.p).toBeCloseTo(back.p, 12);
        // Both tails of one count: together 1 and the count’s own probability.
        expect(there.pWorse + back.pWorse).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(there.interval.low).toBeLessThanOrEqual(there.difference + 1e-9);
        expect(there.interval.high).toBeGreaterThanOrEqual(there.difference - 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('tells tails of many throws without underflow', () => {
    expect(binomialTail(20_001, 10_001)).toBeCloseTo(0.5, 9);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(2000), (throws, least) => {
        const tail = binomialTail(throws, least);
        expect(tail + binomialTail(throws, throws - least + 1)).toBeCloseTo(1, 6);
      }),
      { numRuns: 200 },
    );
  });
});

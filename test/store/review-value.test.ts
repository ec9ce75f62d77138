/** The order of the queue. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mislabelledDoubt, reviewValue } from '../../src/store/review-value.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('the value of a look at a label', () => {
  it('follows the margin by which suspects are ranked, and stays between nothing and the cause’s weight', () => {
    fc.assert(
      fc.property(share, share, share, share, (given, suggested, otherGiven, otherSuggested) => {
        const value = (a: number, b: number) => reviewValue('likely-mislabelled', mislabelledDoubt(a, b));
        const [one, other] = [value(given, suggested), value(otherGiven, otherSuggested)];
        expect(one).toBeGreaterThanOrEqual(0);
        expect(one).toBeLessThanOrEqual(0.8);
        const margins = given - suggested - (otherGiven - otherSuggested);
        if (Math.abs(margins) > 1e-9) expect(Math.sign(other - one)).toBe(Math.sign(margins));
      }),
    );
  });
});

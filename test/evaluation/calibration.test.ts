import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyCalibration,
  type Calibration,
  doubtOf,
  identityCalibration,
  planCalibration,
  validateCalibration,
} from '../../src/classifier/calibration.js';
import { Distribution } from '../../src/decision/distribution.js';
import { isDuihaoError } from '../../src/errors.js';
import { fitCalibration } from '../../training/evaluation/calibration-fit.js';
import { evaluate } from '../../training/evaluation/evaluate.js';
import { seededRandom } from '../../training/random.js';
import { drawTickets, evenTree, indexOf, smallTree, softmax } from './small-tree.js';

const tree = smallTree();
const plan = planCalibration(tree);

/** Alike for every ticket. */
const plainly = (temperatures: readonly number[]): Calibration => ({
  temperatures,
  doubt: { temperature: 1, weights: temperatures.map(() => 0) },
});

/** Leaves that a model too sure of itself (or too shy) would give, calibrated or not. */
function judge(
  taxonomy: ReturnType<typeof evenTree>,
  drawn: ReturnType<typeof drawTickets>,
  sharpness: number,
  calibration: Calibration,
) {
  const own = planCalibration(taxonomy);
  return drawn.map(({ logits, leaf }) => {
    const leaves = new Float64Array(logits.length);
    applyCalibration(
      own,
      logits.map((logit) => logit * sharpness),
      calibration,
      leaves,
    );
    return { leaves, labels: [taxonomy.leaves[leaf]!], alternatives: [] };
  });
}

const raw = (
  taxonomy: ReturnType<typeof evenTree>,
  drawn: ReturnType<typeof drawTickets>,
  sharpness: number,
) =>
  drawn.map(({ logits, leaf }) => ({
    leafLogProbabilities: logits.map((logit) => logit * sharpness),
    labels: [taxonomy.leaves[leaf]!],
  }));

describe('a calibration', () => {
  it('changes nothing where every temperature is 1', () => {
    const logits = Float64Array.from([0.3, -1, 2, 0]);
    const out = new Float64Array(4);
    applyCalibration(plan, logits, identityCalibration(tree), out);
    expect([...out]).toEqual([...softmax(logits)].map((value) => expect.closeTo(value, 12)));
  });

  it('softens each branching by its own level, by hand', () => {
    // p = 0.4, 0.1, 0.3, 0.2. Level 3 at 1/2: 010101 : 010102 = 16 : 1, and 0101 scores √(0.16 + 0.01) = √0.17;
    // level 2 at 1: 0101 : 0102 = √0.17 : 0.3; level 1 at 2: 01 : 02 = √(√0.17 + 0.3) : √0.2.
    const logs = Float64Array.from([0.4, 0.1, 0.3, 0.2].map(Math.log));
    const out = new Float64Array(4);
    applyCalibration(plan, logs, plainly([2, 1, 0.5]), out);
    const deep = Math.sqrt(0.17);
    const one = Math.sqrt(deep + 0.3) / (Math.sqrt(deep + 0.3) + Math.sqrt(0.2));
    expect([...out]).toEqual([
      expect.closeTo(one * (deep / (deep + 0.3)) * (16 / 17), 12),
      expect.closeTo(one * (deep / (deep + 0.3)) * (1 / 17), 12),
      expect.closeTo(one * (0.3 / (deep + 0.3)), 12),
      expect.closeTo(1 - one, 12),
    ]);
  });

  it('is plain temperature scaling of the leaves where all temperatures are equal', () => {
    const logits = Float64Array.from([0.3, -1, 2, 0]);
    const out = new Float64Array(4);
    applyCalibration(plan, logits, plainly([1.7, 1.7, 1.7]), out);
    const plain = softmax(logits.map((logit) => logit / 1.7));
    expect([...out]).toEqual([...plain].map((value) => expect.closeTo(value, 12)));
  });

  it('multiplies the temperature by what a ticket doubts, by hand', () => {
    // The best leaf has 0.4, so the doubt is 0.6 and level 1 has the temperature e^(0.5 · 0.6).
    const logs = Float64Array.from([0.4, 0.1, 0.3, 0.2].map(Math.log));
    expect(doubtOf(logs, 1)).toBeCloseTo(0.6, 12);
    const out = new Float64Array(4);
    const doubt = { temperature: 1, weights: [0.5, 0, 0] };
    applyCalibration(plan, logs, { temperatures: [1, 1, 1], doubt }, out);
    const odds = (0.8 / 0.2) ** Math.exp(-0.3);
    expect(out[3]).toBeCloseTo(1 / (1 + odds), 12);
    expect(out[0]! / out[1]!).toBeCloseTo(4, 12);
  });

  it('sums to 1, falls along each path and keeps the order of siblings', () => {
    const wide = evenTree([3, 2, 4]);
    const own = planCalibration(wide);
    const logit = fc.double({ min: -900, max: 900, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(logit, { minLength: 24, maxLength: 24 }),
        fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (logits, temperatures, weights) => {
          const out = new Float64Array(24);
          const doubt = { temperature: temperatures[0]!, weights };
          applyCalibration(own, Float64Array.from(logits), { temperatures, doubt }, out);
          expect(out.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
          const distribution = new Distribution(wide, out);
          for (const item of wide.items) {
            const parent = wide.parentOf(item);
            if (parent) {
              expect(distribution.probability(item)).toBeLessThanOrEqual(
                distribution.probability(parent) + 1e-12,
              );
            }
          }
          for (let leaf = 0; leaf < 24; leaf += 1) {
            for (let other = leaf - (leaf % 4); other < leaf; other += 1) {
              if (logits[leaf]! > logits[other]!) expect(out[leaf]!).toBeGreaterThanOrEqual(out[other]!);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('survives leaves without any probability and writes over its own input', () => {
    const none = Float64Array.from([-Infinity, -Infinity, -Infinity, -Infinity]);
    applyCalibration(plan, none, identityCalibration(tree), none);
    expect([...none]).toEqual([0.125, 0.125, 0.25, 0.5]);
    const some = Float64Array.from([-Infinity, 0, -Infinity, 0]);
    applyCalibration(plan, some, identityCalibration(tree), some);
    expect([...some]).toEqual([0, 0.5, 0, 0.5]);
  });

  it('is refused where a temperature is missing, zero or no number', () => {
    const fine = [1, 1, 1];
    const wrong: Calibration[] = [
      plainly([1, 1]),
      plainly([1, 0, 1]),
      plainly([1, Number.NaN, 1]),
      { temperatures: fine, doubt: { temperature: 0, weights: fine } },
      { temperatures: fine, doubt: { temperature: 1, weights: [0, 0] } },
      { temperatures: fine, doubt: { temperature: 1, weights: [0, Number.NaN, 0] } },
      // As a manifest of another version may have it.
      { temperatures: fine } as unknown as Calibration,
    ];
    for (const calibration of wrong) {
      try {
        validateCalibration(calibration, 3);
        expect.unreachable();
      } catch (error) {
        expect(isDuihaoError(error) && error.code).toBe('calibration-invalid');
      }
    }
  });
});

/** At a doubt of 0.7, about the mean of the drawn tickets. */
const averageTemperatures = ({ temperatures, doubt }: Calibration) =>
  temperatures.map((temperature, at) => temperature * Math.exp(0.7 * doubt.weights[at]!));

describe('fitting a calibration', () => {
  const wide = evenTree([4, 4, 4]);
  const dev = drawTickets(wide, 1500, 11);
  const test = drawTickets(wide, 3000, 12);

  it.each([0.5, 2.5])('brings the calibration error down for logits multiplied by %d', (sharpness) => {
    const fit = fitCalibration(wide, planCalibration(wide), raw(wide, dev, sharpness));
    const options = { acceptAlternatives: false, seed: 1 };
    const before = evaluate(wide, judge(wide, test, sharpness, identityCalibration(wide)), options);
    const after = evaluate(wide, judge(wide, test, sharpness, fit), options);
    for (const [at, level] of after.levels.entries()) {
      expect(before.levels[at]!.ece).toBeGreaterThan(0.08);
      expect(level.ece).toBeLessThan(0.03);
      expect(level.aurc).toBeLessThan(before.levels[at]!.aurc + 0.01);
    }
    for (const temperature of averageTemperatures(fit)) {
      expect(temperature / sharpness).toBeGreaterThan(0.85);
      expect(temperature / sharpness).toBeLessThan(1.15);
    }
    expect(fit.sharedTemperature / sharpness).toBeCloseTo(1, 1);
    for (const { before: from, after: to } of fit.levels) expect(to).toBeLessThan(from);
  });

  it('leaves a model alone that is calibrated', () => {
    const fit = fitCalibration(wide, planCalibration(wide), raw(wide, dev, 1));
    for (const temperature of averageTemperatures(fit)) {
      expect(temperature).toBeGreaterThan(0.88);
      expect(temperature).toBeLessThan(1.12);
    }
    for (const weight of fit.doubt.weights) expect(Math.abs(weight)).toBeLessThan(0.5);
  });

  it('finds different temperatures where levels differ', () => {
    // Level 1 is too sure: p(level 1) ∝ p³, the rest is right. Its scores being trebled, 3 undoes it.
    const own = planCalibration(wide);
    const tickets = dev.map(({ logits, leaf }) => {
      const given = logits.map((_, at) => {
        const branch = wide.ancestorAt(wide.leafAt(at), 1);
        const beneath = logits.slice(branch.leafStart, branch.leafEnd);
        return logits[at]! + 2 * Math.log(beneath.reduce((sum, value) => sum + Math.exp(value), 0));
      });
      return { leafLogProbabilities: given, labels: [wide.leaves[leaf]!] };
    });
    const temperatures = averageTemperatures(fitCalibration(wide, own, tickets));
    expect(temperatures[0]!).toBeGreaterThan(2.6);
    expect(temperatures[0]!).toBeLessThan(3.4);
    for (const temperature of temperatures.slice(1)) {
      expect(Math.abs(Math.log(temperature))).toBeLessThan(0.12);
    }
  });

  it('sharpens doubtful tickets and softens sure ones where the model errs that way', () => {
    // What is sure is said too surely, what is doubtful too timidly: undone by a weight below 0.
    const own = planCalibration(wide);
    const distort = (drawn: ReturnType<typeof drawTickets>) =>
      drawn.map(({ logits, leaf }) => ({
        leafLogProbabilities: logits.map((logit) => logit * 2.5 * Math.exp(-1.5 * doubtOf(logits, 1))),
        labels: [wide.leaves[leaf]!],
      }));
    const fit = fitCalibration(wide, own, distort(dev));
    const eceOf = (calibration: Calibration) => {
      const judged = distort(test).map(({ leafLogProbabilities, labels }) => {
        const leaves = new Float64Array(leafLogProbabilities.length);
        applyCalibration(own, leafLogProbabilities, calibration, leaves);
        return { leaves, labels, alternatives: [] };
      });
      return evaluate(wide, judged, { acceptAlternatives: false, seed: 1 }).levels[2]!.ece;
    };
    const shared = plainly(fit.temperatures.map(() => fit.sharedTemperature));
    for (const weight of fit.doubt.weights) expect(weight).toBeLessThan(-0.3);
    expect(eceOf(fit)).toBeLessThan(0.04);
    expect(eceOf(fit)).toBeLessThan(0.7 * eceOf(shared));
  });

  it('uses tickets labelled at an upper level as far down as they go', () => {
    const upper = dev.map(({ logits, leaf }) => ({
      leafLogProbabilities: logits.map((logit) => logit * 3),
      labels: [wide.ancestorAt(wide.leafAt(leaf), 1).index],
    }));
    const { temperatures, levels } = fitCalibration(wide, planCalibration(wide), upper);
    expect(levels.map(({ branchings }) => branchings)).toEqual([1500, 0, 0]);
    expect(temperatures[0]!).toBeGreaterThan(1.5);
    // Levels nobody told of follow the shared temperature.
    expect(temperatures[1]).toBeCloseTo(temperatures[0]!, 1);
  });

  it('makes the first candidates as probable as they are right where no temperature suits all tickets', () => {
    // Scores of every third ticket have large errors, and nothing in them tells which.
    const random = seededRandom(11);
    const noise = () => random() + random() + random() - random() - random() - random();
    const noisy = raw(wide, drawTickets(wide, 4000, 12), 1).map(({ leafLogProbabilities, labels }, at) => ({
      leafLogProbabilities: leafLogProbabilities.map((score) => score + (at % 3 === 0 ? 5 : 0.5) * noise()),
      labels,
    }));
    const own = planCalibration(wide);
    const fit = fitCalibration(wide, own, noisy.slice(0, 2000));
    let gap = 0;
    for (const { leafLogProbabilities, labels } of noisy.slice(2000)) {
      const leaves = new Float64Array(leafLogProbabilities.length);
      applyCalibration(own, leafLogProbabilities, fit, leaves);
      const best = leaves.indexOf(Math.max(...leaves));
      gap += leaves[best]! - (wide.leaves[best] === labels[0] ? 1 : 0);
    }
    expect(Math.abs(gap / 2000)).toBeLessThan(0.02);
  });

  it('does not trust a handful of tickets', () => {
    const few = raw(wide, dev, 1)
      .slice(0, 3)
      .map(({ leafLogProbabilities }) => {
        const best = leafLogProbabilities.indexOf(Math.max(...leafLogProbabilities));
        return { leafLogProbabilities, labels: [wide.leaves[best]!] };
      });
    // All right: likelihood alone would ask for a temperature of 0.
    for (const temperature of fitCalibration(wide, planCalibration(wide), few).temperatures) {
      expect(temperature).toBeGreaterThan(0.25);
    }
    expect(fitCalibration(wide, planCalibration(wide), []).temperatures).toEqual([
      expect.closeTo(1, 4),
      expect.closeTo(1, 4),
      expect.closeTo(1, 4),
    ]);
  });

  it('survives impossible labels, several labels and tickets without any', () => {
    const leafLogProbabilities = Float64Array.from([-Infinity, 0, -1, -2]);
    const labels = (...codes: string[]) => codes.map((code) => indexOf(tree, code));
    const fit = fitCalibration(tree, plan, [
      { leafLogProbabilities, labels: labels('010101') },
      { leafLogProbabilities, labels: labels('010102', '0102') },
      { leafLogProbabilities, labels: [] },
      { leafLogProbabilities: leafLogProbabilities.map(() => -Infinity), labels: labels('010101') },
    ]);
    expect(fit.levels.map(({ branchings }) => branchings)).toEqual([2, 1, 1]);
    for (const temperature of fit.temperatures) {
      expect(temperature).toBeGreaterThanOrEqual(0.02);
      expect(temperature).toBeLessThanOrEqual(51);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { applyCalibration, planCalibration } from '../../src/classifier/calibration.js';
import { fitCalibration } from '../../training/evaluation/calibration-fit.js';
import { crossCalibrate } from '../../training/evaluation/cross-calibrate.js';
import { drawTickets, evenTree } from './small-tree.js';

const tree = evenTree([3, 3]);
const plan = planCalibration(tree);
const tickets = drawTickets(tree, 60, 4).map(({ logits, leaf }) => ({
  leafLogProbabilities: logits.map((logit) => 3 * logit),
  labels: [tree.leaves[leaf]!],
}));

describe('cross-calibrating', () => {
  it('calibrates each ticket without its own label', () => {
    const once = crossCalibrate(tree, plan, tickets, 7);
    // Another label changes the others' distributions, never the ticket's own.
    const changed = tickets.map((ticket, at) =>
      at === 5
        ? { ...ticket, labels: [tree.leaves[(tree.leaves.indexOf(ticket.labels[0]!) + 4) % 9]!] }
        : ticket,
    );
    const again = crossCalibrate(tree, plan, changed, 7);
    expect(again[5]).toEqual(once[5]);
    expect(again).not.toEqual(once);
  });

  it('is the same for the same seed, sums to 1 and hardly differs from a fit on all', () => {
    const once = crossCalibrate(tree, plan, tickets, 7);
    expect(crossCalibrate(tree, plan, tickets, 7)).toEqual(once);
    const fit = fitCalibration(tree, plan, tickets);
    for (const [at, leaves] of once.entries()) {
      expect(leaves.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      const full = new Float64Array(9);
      applyCalibration(plan, tickets[at]!.leafLogProbabilities, fit, full);
      for (let leaf = 0; leaf < 9; leaf += 1) expect(Math.abs(leaves[leaf]! - full[leaf]!)).toBeLessThan(0.2);
    }
  });

  it('survives one ticket and none', () => {
    expect(crossCalibrate(tree, plan, [], 1)).toEqual([]);
    expect(crossCalibrate(tree, plan, tickets.slice(0, 1), 1)).toHaveLength(1);
  });
});

/**
 * Which cost of the linear part suits the tickets: noisy labels want a small one, and so do titles of a few words. Told by
 * the likelihood of tickets that the fits have not seen, each put together with its own best combination.
 */
import { type Combination, combine } from '../src/classifier/combination.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import { fitCombination, type PartScores } from './fit-combination.js';
import { admits, type LabelRanges } from './label-ranges.js';

/** One impossible label must not decide. */
const MOST_LOSS = 100;

export interface ChosenCost {
  /** Its place in the list of fits. */
  readonly nth: number;
  readonly combination: Combination;
}

/**
 * @param byCost of each cost what the parts fitted with it say of the same tickets; the first is kept where none is better
 * @param ranges of the tickets, by the scores' `row`
 */
export function chooseCost(
  taxonomy: Taxonomy,
  byCost: readonly (readonly PartScores[])[],
  ranges: LabelRanges,
): ChosenCost {
  const sizes = { leaves: taxonomy.leaves.length, depth: taxonomy.depth };
  let best: (ChosenCost & { loss: number }) | undefined;
  for (const [nth, scores] of byCost.entries()) {
    const combination = fitCombination(sizes, scores, ranges);
    const loss = byCost.length > 1 ? lossOf(sizes.leaves, scores, combination, ranges) : 0;
    if (!best || loss < best.loss) best = { nth, combination, loss };
  }
  return best!;
}

/** −log of the probability of what the labels admit, summed. */
function lossOf(
  leaves: number,
  scores: readonly PartScores[],
  combination: Combination,
  ranges: LabelRanges,
): number {
  const logits = new Float64Array(leaves);
  let loss = 0;
  for (const { plan, linear, network, row } of scores) {
    combine(plan, combination, linear, network, logits);
    const highest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    let all = 0;
    let admitted = 0;
    for (let leaf = 0; leaf < leaves; leaf += 1) {
      const weight = Math.exp(logits[leaf]! - highest);
      all += weight;
      if (admits(ranges, row, leaf)) admitted += weight;
    }
    loss += Math.min(MOST_LOSS, Math.log(all) - Math.log(admitted));
  }
  return loss;
}

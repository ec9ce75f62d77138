/** Which items are taken for which: where a guide for agents, or more tickets, would help most. */
import type { Item } from '../../src/taxonomy/item.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { LevelJudgement } from './judgement.js';

export interface ConfusedPair {
  readonly truth: Item;
  readonly predicted: Item;
  readonly count: number;
  /** Of the tickets that are `truth`'s. */
  readonly share: number;
  /** Level down to which the two agree; 0 where they already part at level 1. */
  readonly sharedLevel: number;
}

/** Most frequent first; equal ones by share, then in the tree's order. */
export function confusedPairs(taxonomy: Taxonomy, judgement: LevelJudgement, count: number): ConfusedPair[] {
  const support = new Map<number, number>();
  const pairs = new Map<number, number>();
  const size = taxonomy.items.length;
  for (let row = 0; row < judgement.rows; row += 1) {
    const truth = judgement.truth[row]!;
    support.set(truth, (support.get(truth) ?? 0) + 1);
    const predicted = judgement.predicted[row]!;
    if (predicted < 0 || judgement.rank[row] === 0) continue;
    const key = truth * size + predicted;
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
  }
  return [...pairs]
    .map(([key, times]) => {
      const truth = taxonomy.at(Math.floor(key / size));
      const predicted = taxonomy.at(key % size);
      return {
        truth,
        predicted,
        count: times,
        share: times / support.get(truth.index)!,
        sharedLevel: sharedLevel(taxonomy, truth, predicted),
      };
    })
    .sort(
      (a, b) =>
        b.count - a.count ||
        b.share - a.share ||
        a.truth.index - b.truth.index ||
        a.predicted.index - b.predicted.index,
    )
    .slice(0, count);
}

function sharedLevel(taxonomy: Taxonomy, a: Item, b: Item): number {
  for (let level = Math.min(a.level, b.level); level > 0; level -= 1) {
    if (taxonomy.ancestorAt(a, level).index === taxonomy.ancestorAt(b, level).index) return level;
  }
  return 0;
}

/**
 * The parts' scores → one logit per leaf: a weighted sum of the linear part's scores along the leaf's path and of
 * the network's logit. The few weights are fitted on tickets neither part has seen (stacking; Wolpert, 1992).
 */
import type { Taxonomy } from '../taxonomy/taxonomy.js';

export interface Combination {
  /** `levels[level − 1]` weighs the linear score of the leaf's ancestor at that level; the leaf's own where it lies higher. */
  readonly levels: readonly number[];
  /** Weighs the network's logit. */
  readonly network: number;
}

/** What an item without a linear classifier scores: as certainly not meant as any. */
export const UNSEEN_SCORE = -1;

/** Where each leaf finds its path's outputs in the linear part; made once. */
export interface CombinationPlan {
  readonly leaves: number;
  readonly depth: number;
  /** Row-major, depth × leaves: output of the ancestor at that level, −1 where it has none. */
  readonly outputs: Int32Array;
}

/** @param items item index of each output of the linear part */
export function planCombination(taxonomy: Taxonomy, items: Int32Array): CombinationPlan {
  const outputOf = new Map<string, number>();
  // Items with the same leaves are one to the classifier: an undivided row and its parent.
  const key = (from: number, to: number) => `${from}:${to}`;
  for (const [output, index] of items.entries()) {
    const { leafStart, leafEnd } = taxonomy.at(index);
    outputOf.set(key(leafStart, leafEnd), output);
  }
  const leaves = taxonomy.leaves.length;
  const outputs = new Int32Array(taxonomy.depth * leaves);
  for (let leaf = 0; leaf < leaves; leaf += 1) {
    for (let level = 1; level <= taxonomy.depth; level += 1) {
      const { leafStart, leafEnd } = taxonomy.ancestorAt(taxonomy.leafAt(leaf), level);
      outputs[(level - 1) * leaves + leaf] = outputOf.get(key(leafStart, leafEnd)) ?? -1;
    }
  }
  return { leaves, depth: taxonomy.depth, outputs };
}

/**
 * @param scores of the linear part, one per output
 * @param network logits of the leaves, or null without a network
 * @param out one logit per leaf
 */
export function combine(
  plan: CombinationPlan,
  combination: Combination,
  scores: Float64Array,
  network: Float32Array | null,
  out: Float64Array,
): void {
  const { leaves, depth, outputs } = plan;
  for (let leaf = 0; leaf < leaves; leaf += 1) out[leaf] = network ? combination.network * network[leaf]! : 0;
  for (let level = 0; level < depth; level += 1) {
    const weight = combination.levels[level]!;
    if (weight === 0) continue;
    const from = level * leaves;
    for (let leaf = 0; leaf < leaves; leaf += 1) {
      const output = outputs[from + leaf]!;
      out[leaf]! += weight * (output < 0 ? UNSEEN_SCORE : scores[output]!);
    }
  }
}

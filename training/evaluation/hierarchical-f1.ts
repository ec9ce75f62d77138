/**
 * Precision and recall over whole paths: an answer that misses the item but meets its parents is not as wrong
 * as one from another branch. Each item stands for the set of itself and its ancestors (root left out), and
 * the sets are compared, summed over tickets (Kiritchenko et al., 2005; the set-based measures of Kosmopoulos
 * et al., "Evaluation measures for hierarchical classification", Data Mining and Knowledge Discovery 29, 2015).
 */
import type { Item } from '../../src/taxonomy/item.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { JudgedTicket } from './judged-ticket.js';

export interface HierarchicalScore {
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** A prediction is judged down to the label's level: what lies deeper than the label is not known to be wrong. */
export class HierarchicalTally {
  readonly #taxonomy: Taxonomy;
  #rows = 0;
  #shared = 0;
  #predicted = 0;
  #right = 0;

  constructor(taxonomy: Taxonomy) {
    this.#taxonomy = taxonomy;
  }

  /** @param predicted null where there was no answer; @param right admissible items: the nearest one is taken. */
  add(predicted: Item | null, right: readonly Item[]): void {
    let best: { shared: number; predicted: number; right: number } | undefined;
    for (const item of right) {
      const answer = predicted && this.#taxonomy.ancestorAt(predicted, item.level);
      const shared = answer ? this.#sharedLevels(answer, item) : 0;
      const counts = { shared, predicted: answer?.level ?? 0, right: item.level };
      if (
        !best ||
        counts.shared * (best.predicted + best.right) > best.shared * (counts.predicted + counts.right)
      ) {
        best = counts;
      }
    }
    if (!best) return;
    this.#rows += 1;
    this.#shared += best.shared;
    this.#predicted += best.predicted;
    this.#right += best.right;
  }

  /** Levels that the two paths have in common. */
  #sharedLevels(a: Item, b: Item): number {
    for (let level = Math.min(a.level, b.level); level > 0; level -= 1) {
      if (this.#taxonomy.ancestorAt(a, level).index === this.#taxonomy.ancestorAt(b, level).index)
        return level;
    }
    return 0;
  }

  /** NaN without rows. */
  score(): HierarchicalScore {
    const precision = this.#predicted === 0 && this.#rows > 0 ? 0 : this.#shared / this.#predicted;
    const recall = this.#shared / this.#right;
    const f1 =
      this.#shared === 0 && this.#rows > 0 ? 0 : (2 * this.#shared) / (this.#predicted + this.#right);
    return { rows: this.#rows, precision, recall, f1 };
  }
}

/** Of the most probable leaf of each ticket that has a label. */
export function hierarchicalScore(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  acceptAlternatives: boolean,
): HierarchicalScore {
  const tally = new HierarchicalTally(taxonomy);
  for (const { leaves, labels, alternatives } of judged) {
    const right = (acceptAlternatives ? [...labels, ...alternatives] : labels).map((index) =>
      taxonomy.at(index),
    );
    let best = -1;
    let probability = 0;
    for (let leaf = 0; leaf < leaves.length; leaf += 1) {
      if (leaves[leaf]! > probability) {
        probability = leaves[leaf]!;
        best = leaf;
      }
    }
    tally.add(best < 0 ? null : taxonomy.leafAt(best), right);
  }
  return tally.score();
}

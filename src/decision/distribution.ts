/**
 * A probability for every leaf, and by prefix sums for every item: the sum of the leaves beneath, so that
 * confidence never rises from parent to child and the items of one level never sum to more than 1.
 */
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';

export class Distribution {
  readonly taxonomy: Taxonomy;
  /** One value per leaf in the taxonomy's leaf order; sums to 1. */
  readonly leaves: Float64Array;
  readonly #prefix: Float64Array;

  /** @param leaves non-negative, one per leaf; scaled to sum to 1. All zero stays all zero. */
  constructor(taxonomy: Taxonomy, leaves: Float64Array) {
    this.taxonomy = taxonomy;
    let total = 0;
    for (let leaf = 0; leaf < leaves.length; leaf += 1) total += leaves[leaf]!;
    const scale = total > 0 ? 1 / total : 0;
    this.leaves = leaves.map((value) => value * scale);
    this.#prefix = new Float64Array(leaves.length + 1);
    for (let leaf = 0; leaf < leaves.length; leaf += 1) {
      this.#prefix[leaf + 1] = this.#prefix[leaf]! + this.leaves[leaf]!;
    }
  }

  /** In [0, 1]. */
  probability(item: Item): number {
    const sum = this.#prefix[item.leafEnd]! - this.#prefix[item.leafStart]!;
    return sum < 0 ? 0 : sum > 1 ? 1 : sum;
  }

  /** True when no leaf has any probability: everything was excluded. */
  get isEmpty(): boolean {
    return this.#prefix[this.#prefix.length - 1] === 0;
  }

  /**
   * The distribution given that the item lies within one of `within` (if any are named) and within none of
   * `without`.
   */
  restrict(within: readonly Item[] | undefined, without: readonly Item[] | undefined): Distribution {
    if (!within?.length && !without?.length) return this;
    const kept = new Float64Array(this.leaves.length);
    if (within?.length) {
      for (const item of within) kept.set(this.leaves.subarray(item.leafStart, item.leafEnd), item.leafStart);
    } else kept.set(this.leaves);
    for (const item of without ?? []) kept.fill(0, item.leafStart, item.leafEnd);
    return new Distribution(this.taxonomy, kept);
  }

  /** Items to answer with at `level`: those of that level, and leaves that lie higher. Best first, at most k. */
  top(k: number, level: number): { item: Item; probability: number }[] {
    const { taxonomy } = this;
    const best: { item: Item; probability: number }[] = [];
    let previous = -1;
    for (let leaf = 0; leaf < this.leaves.length; leaf += 1) {
      const item = taxonomy.ancestorAt(taxonomy.leafAt(leaf), level);
      if (item.index === previous) continue;
      previous = item.index;
      const probability = this.probability(item);
      if (probability <= 0) continue;
      if (best.length === k && probability <= best[k - 1]!.probability) continue;
      let at = best.length;
      while (at > 0 && best[at - 1]!.probability < probability) at -= 1;
      best.splice(at, 0, { item, probability });
      if (best.length > k) best.pop();
    }
    return best;
  }
}

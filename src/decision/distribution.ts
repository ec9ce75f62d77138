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
    const scaled = new Float64Array(leaves.length);
    const prefix = new Float64Array(leaves.length + 1);
    let sum = 0;
    for (let leaf = 0; leaf < leaves.length; leaf += 1) {
      scaled[leaf] = leaves[leaf]! * scale;
      sum += scaled[leaf]!;
      prefix[leaf + 1] = sum;
    }
    this.leaves = scaled;
    this.#prefix = prefix;
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
    const { items, starts, ends } = levelOf(taxonomy, level);
    const prefix = this.#prefix;
    const places: number[] = [];
    const values: number[] = [];
    for (let at = 0; at < starts.length; at += 1) {
      const probability = prefix[ends[at]!]! - prefix[starts[at]!]!;
      if (!(probability > 0)) continue;
      const full = values.length === k;
      if (full && probability <= values[k - 1]!) continue;
      let place = full ? k - 1 : values.length;
      while (place > 0 && values[place - 1]! < probability) {
        values[place] = values[place - 1]!;
        places[place] = places[place - 1]!;
        place -= 1;
      }
      values[place] = probability;
      places[place] = items[at]!;
    }
    return places.map((index, at) => ({ item: taxonomy.at(index), probability: Math.min(1, values[at]!) }));
  }
}

/** The items to answer with at a level, as flat arrays: made once for each tree and level, walked for every ticket. */
interface Level {
  readonly items: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const levels = new WeakMap<Taxonomy, Map<number, Level>>();

function levelOf(taxonomy: Taxonomy, level: number): Level {
  let known = levels.get(taxonomy);
  if (!known) {
    known = new Map();
    levels.set(taxonomy, known);
  }
  const made = known.get(level) ?? listLevel(taxonomy, level);
  known.set(level, made);
  return made;
}

function listLevel(taxonomy: Taxonomy, level: number): Level {
  const items: Item[] = [];
  for (let leaf = 0; leaf < taxonomy.leaves.length; leaf += 1) {
    const item = taxonomy.ancestorAt(taxonomy.leafAt(leaf), level);
    if (item.index !== items.at(-1)?.index) items.push(item);
  }
  return {
    items: Int32Array.from(items, ({ index }) => index),
    starts: Int32Array.from(items, ({ leafStart }) => leafStart),
    ends: Int32Array.from(items, ({ leafEnd }) => leafEnd),
  };
}

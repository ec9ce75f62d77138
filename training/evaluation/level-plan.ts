/**
 * The items one answers with at a level: those of the level, and leaves that lie higher. In leaf order they
 * cut the leaves into contiguous groups, so that their probabilities are differences of prefix sums.
 */
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';

export interface LevelPlan {
  readonly level: number;
  /** Item index of each group. */
  readonly items: Int32Array;
  /** Group g holds the leaves `starts[g] … starts[g + 1] − 1`; one entry more than there are groups. */
  readonly starts: Int32Array;
  readonly groupOfLeaf: Int32Array;
}

export function planLevel(taxonomy: Taxonomy, level: number): LevelPlan {
  const items: number[] = [];
  const starts: number[] = [];
  const groupOfLeaf = new Int32Array(taxonomy.leaves.length);
  for (let leaf = 0; leaf < groupOfLeaf.length; leaf += 1) {
    const { index } = taxonomy.ancestorAt(taxonomy.leafAt(leaf), level);
    if (index !== items.at(-1)) {
      items.push(index);
      starts.push(leaf);
    }
    groupOfLeaf[leaf] = items.length - 1;
  }
  return {
    level,
    items: Int32Array.from(items),
    starts: Int32Array.from([...starts, groupOfLeaf.length]),
    groupOfLeaf,
  };
}

/** One plan per level, level 1 first. */
export function planLevels(taxonomy: Taxonomy): LevelPlan[] {
  return Array.from({ length: taxonomy.depth }, (_, at) => planLevel(taxonomy, at + 1));
}

/**
 * The group a label means at the plan's level; −1 where the label is too high in the tree to tell, or retired.
 * A label with one leaf beneath it means that leaf, however high it stands (0106 and its undivided 010600).
 */
export function groupOfLabel(plan: LevelPlan, taxonomy: Taxonomy, label: number): number {
  const { leafStart, leafEnd } = taxonomy.at(label);
  if (leafEnd <= leafStart) return -1;
  const group = plan.groupOfLeaf[leafStart]!;
  return plan.groupOfLeaf[leafEnd - 1] === group ? group : -1;
}

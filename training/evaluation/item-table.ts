/** Figures of each item at its own level, and their plain mean over items (macro-F1), where rare items weigh as much as common ones. */
import type { Item } from '../../src/taxonomy/item.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { LevelJudgement } from './judgement.js';

export interface ItemFigures {
  readonly item: Item;
  /** Judged tickets whose right item it is. */
  readonly support: number;
  /** Judged tickets it was the first candidate of. */
  readonly predicted: number;
  /** NaN where it was never predicted. */
  readonly precision: number;
  /** NaN where it has no support. */
  readonly recall: number;
  /** 0 where it was never right. */
  readonly f1: number;
  /** Probability that the right item got, on average over its tickets; NaN without support. */
  readonly meanProbability: number;
  /** Tickets of the training set at or beneath it; undefined where the counts are not known. */
  readonly trained?: number;
}

/** Items with support or predictions among those of the judgement's level and higher leaves, in the tree's order. */
export function itemFigures(
  taxonomy: Taxonomy,
  judgement: LevelJudgement,
  trainCounts?: Uint32Array,
): ItemFigures[] {
  const count = taxonomy.items.length;
  const support = new Uint32Array(count);
  const predicted = new Uint32Array(count);
  const hits = new Uint32Array(count);
  const probability = new Float64Array(count);
  for (let row = 0; row < judgement.rows; row += 1) {
    const truth = judgement.truth[row]!;
    const answer = judgement.predicted[row]!;
    support[truth]! += 1;
    probability[truth]! += judgement.truthProbability[row]!;
    if (answer >= 0) predicted[answer]! += 1;
    if (judgement.rank[row] === 0) hits[truth]! += 1;
  }
  const figures: ItemFigures[] = [];
  for (const item of taxonomy.items) {
    const [s, p, h] = [support[item.index]!, predicted[item.index]!, hits[item.index]!];
    if (s === 0 && p === 0) continue;
    figures.push({
      item,
      support: s,
      predicted: p,
      precision: h / p,
      recall: h / s,
      f1: (2 * h) / (s + p),
      meanProbability: probability[item.index]! / s,
      ...(trainCounts ? { trained: sumOf(trainCounts, item.leafStart, item.leafEnd) } : {}),
    });
  }
  return figures;
}

/** Over items that are the right or the given answer at least once; NaN without any. */
export function macroF1(figures: readonly ItemFigures[]): number {
  let sum = 0;
  for (const { f1 } of figures) sum += f1;
  return sum / figures.length;
}

function sumOf(counts: Uint32Array, from: number, to: number): number {
  let sum = 0;
  for (let leaf = from; leaf < to; leaf += 1) sum += counts[leaf]!;
  return sum;
}

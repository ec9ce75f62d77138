/** How the model does on items it has seen never, seldom or often: an average hides the rare ones. */
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { LevelJudgement } from './judgement.js';

export interface ShotBand {
  /** Training tickets of the right leaf, both ends included; `to` is null for "and more". */
  readonly from: number;
  readonly to: number | null;
  readonly rows: number;
  /** Different right leaves among the rows. */
  readonly items: number;
  readonly top1: number;
  readonly top5: number;
}

const BANDS: readonly (readonly [number, number | null])[] = [
  [0, 0],
  [1, 5],
  [6, 20],
  [21, null],
];

/** @param judgement of the deepest level, where the right items are leaves */
export function fewShotBands(
  taxonomy: Taxonomy,
  judgement: LevelJudgement,
  trainCounts: Uint32Array,
): ShotBand[] {
  const tallies = BANDS.map(() => ({ rows: 0, items: new Set<number>(), hits1: 0, hits5: 0 }));
  for (let row = 0; row < judgement.rows; row += 1) {
    const item = taxonomy.at(judgement.truth[row]!);
    const trained = trainCounts[item.leafStart] ?? 0;
    const tally = tallies[BANDS.findIndex(([from, to]) => trained >= from && trained <= (to ?? Infinity))]!;
    tally.rows += 1;
    tally.items.add(item.index);
    if (judgement.rank[row]! < 1) tally.hits1 += 1;
    if (judgement.rank[row]! < 5) tally.hits5 += 1;
  }
  return tallies.map(({ rows, items, hits1, hits5 }, at) => ({
    from: BANDS[at]![0],
    to: BANDS[at]![1],
    rows,
    items: items.size,
    top1: hits1 / rows,
    top5: hits5 / rows,
  }));
}

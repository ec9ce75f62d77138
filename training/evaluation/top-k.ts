/** How often the right item is among the first k candidates. */
import type { LevelJudgement } from './judgement.js';

/** In [0, 1]; NaN without rows. */
export function topK(judgement: LevelJudgement, k: number): number {
  let hits = 0;
  for (let row = 0; row < judgement.rows; row += 1) if (judgement.rank[row]! < k) hits += 1;
  return hits / judgement.rows;
}

/** Rows from the most to the least confident, and whether each was right: what calibration and selection look at. */
import type { LevelJudgement } from './judgement.js';

export interface RankedAnswers {
  /** Falling. */
  readonly confidence: Float64Array;
  /** 1 where the first candidate was right. */
  readonly right: Uint8Array;
}

export function rankAnswers(judgement: LevelJudgement): RankedAnswers {
  const order = new Uint32Array(judgement.rows);
  for (let row = 0; row < order.length; row += 1) order[row] = row;
  order.sort((a, b) => judgement.confidence[b]! - judgement.confidence[a]!);
  const confidence = new Float64Array(order.length);
  const right = new Uint8Array(order.length);
  for (let at = 0; at < order.length; at += 1) {
    confidence[at] = judgement.confidence[order[at]!]!;
    right[at] = judgement.rank[order[at]!] === 0 ? 1 : 0;
  }
  return { confidence, right };
}

/** What a policy makes of the answers at a level: how many climb, and how many of the rest are wrong. */
import type { Policy } from '../../src/decision/policy.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { LevelJudgement } from './judgement.js';

export interface PolicyOutcome {
  /** Of the level. */
  readonly threshold: number;
  /** Share of tickets that get a fallback instead of an item of the level. */
  readonly fallbackRate: number;
  /** Share of wrong ones among the specific answers; NaN where all climb. */
  readonly answeredError: number;
}

/** Answers exactly where `decide` would be specific. */
export function policyOutcome(taxonomy: Taxonomy, judgement: LevelJudgement, policy: Policy): PolicyOutcome {
  const thresholdAt = (level: number) => policy.thresholds[Math.min(level, policy.thresholds.length) - 1]!;
  let answered = 0;
  let wrong = 0;
  for (let row = 0; row < judgement.rows; row += 1) {
    const predicted = judgement.predicted[row]!;
    if (predicted < 0) continue;
    if (judgement.confidence[row]! < thresholdAt(taxonomy.at(predicted).level)) continue;
    answered += 1;
    if (judgement.rank[row] !== 0) wrong += 1;
  }
  return {
    threshold: thresholdAt(judgement.level),
    fallbackRate: 1 - answered / judgement.rows,
    answeredError: wrong / answered,
  };
}

/** Thresholds per level for a target error, from tickets the model was not fitted on. */
import { Distribution } from '../src/decision/distribution.js';
import { type Policy, type ScoredAnswer, thresholdFor } from '../src/decision/policy.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { JudgedTicket } from './evaluation/judged-ticket.js';

/** Without tickets to judge by, an item must be as probable as the target asks. */
export function derivePolicy(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  targetError: number,
): Policy {
  const answers: ScoredAnswer[][] = Array.from({ length: taxonomy.depth }, () => []);
  for (const { leaves, labels } of judged) {
    const distribution = new Distribution(taxonomy, leaves);
    for (let level = 1; level <= taxonomy.depth; level += 1) {
      // A label above the level cannot judge it; a leaf that lies higher is its own answer.
      const told = labels.filter((label) => {
        const item = taxonomy.at(label);
        return item.level >= level || item.leafEnd - item.leafStart === 1;
      });
      const [best] = distribution.top(1, level);
      if (!best || told.length === 0) continue;
      const right = told.some((label) => {
        const item = taxonomy.at(label);
        return item.leafStart >= best.item.leafStart && item.leafEnd <= best.item.leafEnd;
      });
      answers[level - 1]!.push({ probability: best.probability, right });
    }
  }
  return {
    targetError,
    thresholds: answers.map((one) => (one.length === 0 ? 1 - targetError : thresholdFor(one, targetError))),
  };
}

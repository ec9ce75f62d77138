/** Distribution + policy → decision: a specific item, or the nearest 其他 99 under the deepest certain ancestor. */
import type { Item } from '../taxonomy/item.js';
import type { Decision, FallbackReason } from './decision.js';
import type { Distribution } from './distribution.js';
import type { Policy } from './policy.js';

/**
 * Names the most probable item at `level` if it reaches that level's threshold; else climbs its path to the
 * deepest ancestor that reaches its own, and answers with the nearest existing catch-all there.
 */
export function decide(distribution: Distribution, policy: Policy, level: number): Decision {
  const [best] = distribution.top(1, level);
  if (!best) return fallback(distribution, null, 'no-candidates');
  if (best.probability >= thresholdAt(policy, best.item.level)) {
    return { kind: 'specific', item: best.item, probability: best.probability };
  }
  for (let at = distribution.taxonomy.parentOf(best.item); at; at = distribution.taxonomy.parentOf(at)) {
    if (distribution.probability(at) >= thresholdAt(policy, at.level)) {
      return fallback(distribution, at, 'low-confidence');
    }
  }
  return fallback(distribution, null, 'low-confidence');
}

/** The answer where the model was not asked or could not read. */
export function fallback(distribution: Distribution, under: Item | null, reason: FallbackReason): Decision {
  return {
    kind: 'fallback',
    item: distribution.taxonomy.catchAllOf(under),
    under,
    reason,
    probability: under ? distribution.probability(under) : 1,
  };
}

/** A tree may be deeper than the policy it came with: deeper levels ask as much as the deepest known. */
function thresholdAt(policy: Policy, level: number): number {
  return policy.thresholds[Math.min(level, policy.thresholds.length) - 1]!;
}

/**
 * How certain Duihao must be before it names an item: one threshold per level, derived from the dev split
 * for a target error (selective classification: El-Yaniv & Wiener, JMLR 2010).
 */
import { DuihaoError } from '../errors.js';

export interface Policy {
  /** Accepted error among the answers that are not fallbacks, in (0, 1). */
  readonly targetError: number;
  /** `thresholds[level − 1]`, each in [0, 1]: the probability an item of that level must reach. */
  readonly thresholds: readonly number[];
}

/** @throws DuihaoError `policy-invalid` */
export function validatePolicy(policy: Policy): Policy {
  const fine = (value: number) => Number.isFinite(value) && value >= 0 && value <= 1;
  if (!fine(policy.targetError) || policy.thresholds.length === 0 || !policy.thresholds.every(fine)) {
    throw new DuihaoError(
      'invalid-input',
      'policy-invalid',
      'a policy needs a target error and one threshold per level, all in [0, 1]',
    );
  }
  return policy;
}

export interface ScoredAnswer {
  /** Probability of the first candidate at the level. */
  readonly probability: number;
  readonly right: boolean;
}

/**
 * The lowest threshold at which the answers at or above it err at most `targetError` of the time, judged on
 * answers the model was not fitted on. Where none does, the threshold is just above the highest probability
 * seen, so that everything climbs.
 */
export function thresholdFor(answers: readonly ScoredAnswer[], targetError: number): number {
  const sorted = [...answers].sort((a, b) => b.probability - a.probability);
  let wrong = 0;
  let threshold = Math.min(1, (sorted[0]?.probability ?? 1) + 1e-6);
  for (let taken = 0; taken < sorted.length; taken += 1) {
    const answer = sorted[taken]!;
    if (!answer.right) wrong += 1;
    const next = sorted[taken + 1];
    if (next && next.probability === answer.probability) continue;
    if (wrong / (taken + 1) <= targetError) threshold = answer.probability;
  }
  return threshold;
}

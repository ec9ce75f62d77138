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
 * Answers that the probabilities themselves stand for. Of a few dozen answers the share of wrong ones jumps with each, and one
 * wrong label at the top would send everything to 其他; so what the calibrated probabilities say of an answer's error counts as
 * so many answers more. Of 100 judged tickets the share of tickets named varies by 9 points instead of 12 with it, and no
 * policy climbs always; of a thousand it hardly matters.
 */
const PRIOR_ANSWERS = 20;

/**
 * The lowest threshold at which the answers at or above it are expected to err at most `targetError` of the time, judged on
 * answers the model was not fitted on, and by their probabilities where these are few. Where none does, the threshold
 * is just above the highest probability seen, so that everything climbs.
 */
export function thresholdFor(answers: readonly ScoredAnswer[], targetError: number): number {
  const sorted = [...answers].sort((a, b) => b.probability - a.probability);
  let wrong = 0;
  let doubt = 0;
  let threshold = Math.min(1, (sorted[0]?.probability ?? 1) + 1e-6);
  for (let at = 0; at < sorted.length; at += 1) {
    const answer = sorted[at]!;
    if (!answer.right) wrong += 1;
    doubt += 1 - answer.probability;
    const next = sorted[at + 1];
    if (next && next.probability === answer.probability) continue;
    const taken = at + 1;
    const error = (wrong + (PRIOR_ANSWERS * doubt) / taken) / (taken + PRIOR_ANSWERS);
    if (error <= targetError) threshold = answer.probability;
  }
  return threshold;
}

/**
 * Calibrated distributions for the very tickets a calibration is fitted on, each by a calibration that has not
 * seen it (cross-fitting): so that figures, thresholds and conformal sets taken from the dev split are not
 * flattered by having been fitted on it, and no ticket is lost to a third split.
 */
import { applyCalibration, type CalibrationPlan } from '../../src/classifier/calibration.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { seededRandom } from '../random.js';
import { fitCalibration, type UncalibratedTicket } from './calibration-fit.js';

export const FOLDS = 5;

/** In the tickets' order. With fewer tickets than folds each is left out once. */
export function crossCalibrate(
  taxonomy: Taxonomy,
  plan: CalibrationPlan,
  tickets: readonly UncalibratedTicket[],
  seed: number,
  folds = FOLDS,
): Float64Array[] {
  const count = Math.min(folds, tickets.length);
  const foldOf = assignFolds(tickets.length, count, seed);
  const calibrated = new Array<Float64Array>(tickets.length);
  for (let fold = 0; fold < count; fold += 1) {
    const others = tickets.filter((_, at) => foldOf[at] !== fold);
    const calibration = fitCalibration(taxonomy, plan, others);
    for (const [at, { leafLogProbabilities }] of tickets.entries()) {
      if (foldOf[at] !== fold) continue;
      const leaves = new Float64Array(leafLogProbabilities.length);
      applyCalibration(plan, leafLogProbabilities, calibration, leaves);
      calibrated[at] = leaves;
    }
  }
  return calibrated;
}

/** Folds of equal size, by chance: of each ticket, which. */
export function assignFolds(tickets: number, folds: number, seed: number): Int32Array {
  const foldOf = Int32Array.from({ length: tickets }, (_, at) => at % folds);
  const random = seededRandom(seed);
  for (let at = tickets - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [foldOf[at], foldOf[other]] = [foldOf[other]!, foldOf[at]!];
  }
  return foldOf;
}

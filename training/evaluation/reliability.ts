/**
 * Does confidence mean what it says? Bins that hold equally many answers, their mean confidence beside the
 * share that was right (expected calibration error over equal-mass bins: Nguyen & O'Connor, EMNLP 2015;
 * Roelofs et al., AISTATS 2022, find them less biased than bins of equal width).
 */
import { seededRandom } from '../random.js';
import type { RankedAnswers } from './confidence-order.js';

export interface ReliabilityBin {
  readonly rows: number;
  /** Lowest and highest confidence in the bin. */
  readonly from: number;
  readonly to: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
}

export const BINS = 15;

/** Least confident bin first. Equal confidences share a bin, so that the tickets' order does not matter. */
export function reliabilityBins(answers: RankedAnswers, bins = BINS): ReliabilityBin[] {
  const { confidence, right } = answers;
  const rows = confidence.length;
  const found: ReliabilityBin[] = [];
  let from = 0;
  for (let bin = 1; bin <= bins && from < rows; bin += 1) {
    let to = Math.round((bin * rows) / bins);
    if (to <= from) continue;
    while (to < rows && confidence[to] === confidence[to - 1]) to += 1;
    let sum = 0;
    let hits = 0;
    for (let at = from; at < to; at += 1) {
      sum += confidence[at]!;
      hits += right[at]!;
    }
    found.push({
      rows: to - from,
      from: confidence[to - 1]!,
      to: confidence[from]!,
      meanConfidence: sum / (to - from),
      accuracy: hits / (to - from),
    });
    from = to;
  }
  return found.reverse();
}

/** Mean gap between confidence and accuracy, weighted by rows; NaN without rows. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  let rows = 0;
  let gap = 0;
  for (const bin of bins) {
    rows += bin.rows;
    gap += bin.rows * Math.abs(bin.meanConfidence - bin.accuracy);
  }
  return gap / rows;
}

/** The widest gap of any bin; NaN without rows. */
export function maximumCalibrationError(bins: readonly ReliabilityBin[]): number {
  if (bins.length === 0) return Number.NaN;
  return Math.max(...bins.map((bin) => Math.abs(bin.meanConfidence - bin.accuracy)));
}

const NOISE_DRAWS = 200;

/**
 * What the expected calibration error of a perfectly calibrated model would be on so many rows: with few rows a
 * bin's accuracy strays from its confidence by chance alone, so no model gets below this on average. Seeded.
 */
export function calibrationNoise(answers: RankedAnswers, seed: number, bins = BINS): number {
  const { confidence } = answers;
  if (confidence.length === 0) return Number.NaN;
  const random = seededRandom(seed);
  const right = new Uint8Array(confidence.length);
  let sum = 0;
  for (let draw = 0; draw < NOISE_DRAWS; draw += 1) {
    for (let at = 0; at < right.length; at += 1) right[at] = random() < confidence[at]! ? 1 : 0;
    sum += expectedCalibrationError(reliabilityBins({ confidence, right }, bins));
  }
  return sum / NOISE_DRAWS;
}

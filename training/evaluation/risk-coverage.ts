/**
 * What one gains by answering only when confident: the error among the answered (risk) against the share
 * that is answered (coverage). AURC, the area beneath, is the mean risk over all coverages (Geifman, Uziel &
 * El-Yaniv, ICLR 2019). Equal confidences are answered together, so that the tickets' order does not matter.
 */
import type { RankedAnswers } from './confidence-order.js';

export interface RiskCoveragePoint {
  readonly coverage: number;
  readonly risk: number;
  /** Answering at or above this confidence gives the point. */
  readonly threshold: number;
}

/** Rising coverage; one point for each distinct confidence. */
export function riskCoverage(answers: RankedAnswers): RiskCoveragePoint[] {
  const { confidence, right } = answers;
  const rows = confidence.length;
  const points: RiskCoveragePoint[] = [];
  let wrong = 0;
  for (let at = 0; at < rows; at += 1) {
    wrong += 1 - right[at]!;
    if (at + 1 < rows && confidence[at + 1] === confidence[at]) continue;
    points.push({ coverage: (at + 1) / rows, risk: wrong / (at + 1), threshold: confidence[at]! });
  }
  return points;
}

/** In [0, 1], less is better; NaN without rows. */
export function areaUnderRiskCoverage(points: readonly RiskCoveragePoint[]): number {
  if (points.length === 0) return Number.NaN;
  let area = 0;
  let before = 0;
  for (const { coverage, risk } of points) {
    area += (coverage - before) * risk;
    before = coverage;
  }
  return area;
}

/** The largest share that can be answered with at most `error` of it wrong; 0 where none can. */
export function coverageAtError(points: readonly RiskCoveragePoint[], error: number): number {
  let coverage = 0;
  for (const point of points) if (point.risk <= error) coverage = point.coverage;
  return coverage;
}

/** At most `count` points, evenly spread over coverage, first and last included: for plots. */
export function thinCurve(points: readonly RiskCoveragePoint[], count: number): RiskCoveragePoint[] {
  if (points.length <= count) return [...points];
  return Array.from(
    { length: count },
    (_, at) => points[Math.round((at * (points.length - 1)) / (count - 1))]!,
  );
}

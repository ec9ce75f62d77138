/**
 * Calibrates the parts of a classifier, put together, on tickets that the fits have not seen: temperatures, and the
 * distributions from which thresholds and conformal sets are taken.
 */
import {
  applyCalibration,
  type Calibration,
  identityCalibration,
  planCalibration,
} from '../src/classifier/calibration.js';
import { Classifier, type FacetHead, softmax } from '../src/classifier/classifier.js';
import {
  type Combination,
  type CombinationPlan,
  combine,
  planCombination,
} from '../src/classifier/combination.js';
import type { SparseVector } from '../src/features/sparse-vector.js';
import type { Vectorizer } from '../src/features/vectorizer.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import { fitCalibration } from './evaluation/calibration-fit.js';
import { crossCalibrate } from './evaluation/cross-calibrate.js';
import { type LevelReliability, levelReliability } from './evaluation/evaluate.js';
import type { FacetCase } from './evaluation/facet-figures.js';
import { type JudgedTicket, judgedOf } from './evaluation/judged-ticket.js';
import { minimise } from './evaluation/minimise.js';
import type { FacetLabels } from './facet-labels.js';
import type { PartScores } from './fit-combination.js';
import type { FittedParts } from './fit-parts.js';
import type { LabelledTicket } from './labelled-ticket.js';

export interface Calibrated {
  readonly calibration: Calibration;
  readonly facets: FacetHead[];
  readonly judged: JudgedTicket[];
  readonly uncalibrated: LevelReliability[];
  readonly facetCases: FacetCase[][];
}

/** A ticket as a fit that has not seen it scores it. */
export interface KeptTicket extends PartScores {
  readonly ticket: LabelledTicket;
  /** Its values, one of each facet; none of a dev ticket. */
  readonly facets: readonly number[];
  readonly headSizes: readonly number[];
}

/** The parts' scores alone, by one fit. */
export class PartScorer {
  readonly #raw: Classifier;
  readonly #plan: CombinationPlan;
  readonly #headSizes: readonly number[];

  constructor(taxonomy: Taxonomy, vectorizer: Vectorizer, parts: FittedParts) {
    const calibration = identityCalibration(taxonomy);
    this.#raw = new Classifier(taxonomy, vectorizer, {
      ...parts,
      combination: { levels: calibration.temperatures, network: 0 },
      calibration,
      facets: [],
    });
    this.#plan = planCombination(taxonomy, parts.linear.items);
    this.#headSizes = parts.network?.headSizes ?? [];
  }

  score(vector: SparseVector, row: number): PartScores & Pick<KeptTicket, 'headSizes'> {
    return { plan: this.#plan, row, headSizes: this.#headSizes, ...this.#raw.scores(vector) };
  }

  dispose(): void {
    this.#raw.dispose();
  }
}

/** @param kept in the order of the result's `judged` */
export function calibrateParts(
  taxonomy: Taxonomy,
  kept: readonly KeptTicket[],
  combination: Combination,
  facets: readonly FacetLabels[],
  seed: number,
): Calibrated {
  const leaves = taxonomy.leaves.length;
  const calibration = identityCalibration(taxonomy);
  const logits = kept.map(({ plan, linear, network }) => {
    const out = new Float64Array(leaves);
    combine(plan, combination, linear, network, out);
    return out;
  });
  const calibrationPlan = planCalibration(taxonomy);
  const cases = logits.map((leafLogProbabilities, at) => ({
    leafLogProbabilities,
    labels: kept[at]!.ticket.labels,
  }));
  const fitted = fitCalibration(taxonomy, calibrationPlan, cases);
  // Each without itself: a calibration fitted on a ticket flatters it.
  const judged = crossCalibrate(taxonomy, calibrationPlan, cases, seed).map((one, at) =>
    judgedOf(kept[at]!.ticket, one),
  );
  // Last: it takes the place of the logits.
  const uncalibrated = levelReliability(
    taxonomy,
    logits.map((one, at) => {
      applyCalibration(calibrationPlan, one, calibration, one);
      return judgedOf(kept[at]!.ticket, one);
    }),
  );
  const facetLogits = facets.map((_, head) => logitsOfFacet(taxonomy, kept, head));
  return {
    calibration: { temperatures: fitted.temperatures, doubt: fitted.doubt },
    facets: facets.map((labels, head) => ({
      facet: labels.facet,
      temperature: facetTemperature(facetLogits[head]!),
    })),
    facetCases: facetLogits.map(crossTemper),
    judged,
    uncalibrated,
  };
}

interface FacetLogits {
  /** The value's number in the facet's table. */
  readonly value: number;
  readonly logits: Float32Array;
}

/** What one facet's head says of the tickets that tell the facet. */
function logitsOfFacet(taxonomy: Taxonomy, kept: readonly KeptTicket[], head: number): FacetLogits[] {
  return kept.flatMap(({ facets, network, headSizes }) => {
    const value = facets[head] ?? -1;
    if (value < 0 || !network) return [];
    let from = taxonomy.leaves.length;
    for (let at = 0; at < head; at += 1) from += headSizes[at + 1]!;
    return [{ value, logits: network.subarray(from, from + (headSizes[head + 1] ?? 0)) }];
  });
}

/** The temperature that makes the tickets likeliest, by golden-section search; 1 where there are too few. */
function facetTemperature(cases: readonly FacetLogits[]): number {
  if (cases.length < 20) return 1;
  const loss = (log: number) => {
    let sum = 0;
    for (const { value, logits } of cases) sum -= Math.log(softmax(logits, Math.exp(log))[value]! + 1e-12);
    return sum;
  };
  return Math.exp(minimise(Math.log(0.1), Math.log(10), loss));
}

/** Each half with the temperature of the other: a temperature fitted on a ticket flatters it. */
function crossTemper(cases: readonly FacetLogits[]): FacetCase[] {
  const halves = [0, 1].map((half) => facetTemperature(cases.filter((_, at) => at % 2 !== half)));
  return cases.map(({ value, logits }, at) => ({
    value,
    probabilities: softmax(logits, halves[at % 2]!),
  }));
}

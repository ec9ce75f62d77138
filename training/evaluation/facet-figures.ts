/** How often a facet's head (诉求类别, 诉求人 …) is right on tickets it has not seen, and whether its probabilities can be believed. */
import type { Facet } from '../../src/taxonomy/facets.js';
import { bootstrapTopK, type Interval } from './bootstrap.js';
import type { RankedAnswers } from './confidence-order.js';
import {
  calibrationNoise,
  expectedCalibrationError,
  type ReliabilityBin,
  reliabilityBins,
} from './reliability.js';

/** A ticket whose value is known, and what the head says of it. */
export interface FacetCase {
  /** The value's number in the facet's table. */
  readonly value: number;
  /** One per value, summing to 1. */
  readonly probabilities: Float64Array;
}

export interface FacetFigures {
  /** The facet's id. */
  readonly facet: string;
  readonly name: string;
  readonly rows: number;
  /** NaN without rows, as all shares here. */
  readonly accuracy: number;
  readonly accuracyInterval: Interval;
  /** What always answering the most frequent value would reach on the same tickets. */
  readonly majority: number;
  readonly ece: number;
  /** What the error of a perfectly calibrated head would be on so many tickets. */
  readonly eceNoise: number;
  readonly bins: readonly ReliabilityBin[];
  readonly values: readonly FacetValueFigures[];
}

export interface FacetValueFigures {
  readonly code: string;
  readonly name: string;
  readonly support: number;
  readonly predicted: number;
  readonly precision: number;
  readonly recall: number;
}

export function facetFigures(facet: Facet, cases: readonly FacetCase[], seed: number): FacetFigures {
  const answers = cases.map(({ value, probabilities }) => {
    const best = bestOf(probabilities);
    return { value, best, confidence: probabilities[best] ?? 0 };
  });
  const sorted = [...answers].sort((a, b) => b.confidence - a.confidence);
  const ranked: RankedAnswers = {
    confidence: Float64Array.from(sorted, ({ confidence }) => confidence),
    right: Uint8Array.from(sorted, ({ value, best }) => (value === best ? 1 : 0)),
  };
  const bins = reliabilityBins(ranked);
  const support = facet.values.map((_, at) => answers.filter(({ value }) => value === at).length);
  const hits = answers.filter(({ value, best }) => value === best).length;
  const [accuracyInterval] = bootstrapTopK(
    Int32Array.from(answers, ({ value, best }) => (value === best ? 0 : 1)),
    [1],
    seed,
  );
  return {
    facet: facet.id,
    name: facet.name,
    rows: cases.length,
    accuracy: hits / cases.length,
    accuracyInterval: accuracyInterval!,
    majority: Math.max(0, ...support) / cases.length,
    ece: expectedCalibrationError(bins),
    eceNoise: calibrationNoise(ranked, seed),
    bins,
    values: facet.values.map(({ code, name }, at) => {
      const predicted = answers.filter(({ best }) => best === at).length;
      const right = answers.filter(({ value, best }) => value === at && best === at).length;
      return {
        code,
        name,
        support: support[at]!,
        predicted,
        precision: right / predicted,
        recall: right / support[at]!,
      };
    }),
  };
}

/** The first of the most probable. */
function bestOf(probabilities: Float64Array): number {
  let best = 0;
  for (let at = 1; at < probabilities.length; at += 1) {
    if (probabilities[at]! > probabilities[best]!) best = at;
  }
  return best;
}

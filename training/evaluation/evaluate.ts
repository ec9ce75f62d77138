/** Judged tickets → every figure of quality there is: per level, for the leaves, per item. Reads as the report does. */
import type { Policy } from '../../src/decision/policy.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { bootstrapTopK, type Interval } from './bootstrap.js';
import { rankAnswers } from './confidence-order.js';
import { type ConfusedPair, confusedPairs } from './confusion.js';
import { fewShotBands, type ShotBand } from './few-shot.js';
import { type HierarchicalScore, hierarchicalScore } from './hierarchical-f1.js';
import { type ItemFigures, itemFigures, macroF1 } from './item-table.js';
import type { JudgedTicket } from './judged-ticket.js';
import { judgeLevels, type LevelJudgement } from './judgement.js';
import { type PolicyOutcome, policyOutcome } from './policy-outcome.js';
import {
  calibrationNoise,
  expectedCalibrationError,
  maximumCalibrationError,
  type ReliabilityBin,
  reliabilityBins,
} from './reliability.js';
import {
  areaUnderRiskCoverage,
  coverageAtError,
  type RiskCoveragePoint,
  riskCoverage,
  thinCurve,
} from './risk-coverage.js';
import { topK } from './top-k.js';

export interface EvaluateOptions {
  /** A ticket's second admissible item counts as right too. */
  readonly acceptAlternatives: boolean;
  /** Training tickets per leaf, for the rows by training count. */
  readonly trainCounts?: Uint32Array | undefined;
  readonly policy?: Policy | undefined;
  /** Of the bootstrap. */
  readonly seed: number;
}

/** Shares are in [0, 1] and NaN where there are no rows to take them of. */
export interface LevelFigures {
  readonly level: number;
  /** Tickets whose label tells the item at this level. */
  readonly rows: number;
  readonly top1: number;
  readonly top3: number;
  readonly top5: number;
  readonly top1Interval: Interval;
  readonly top5Interval: Interval;
  /** Expected and maximum calibration error of the first candidate's probability, equal-mass bins. */
  readonly ece: number;
  readonly mce: number;
  /** The `ece` that chance alone gives a perfectly calibrated model on so many rows. */
  readonly eceNoise: number;
  readonly aurc: number;
  readonly coverageAtError: readonly { readonly error: number; readonly coverage: number }[];
  readonly macroF1: number;
  readonly policy?: PolicyOutcome;
  readonly bins: readonly ReliabilityBin[];
  /** Thinned for plots. */
  readonly curve: readonly RiskCoveragePoint[];
}

/** How far the first candidate's probability of a level is to be believed. */
export type LevelReliability = Pick<LevelFigures, 'level' | 'ece' | 'bins'>;

export interface Evaluation {
  readonly rows: number;
  /** Tickets without any label that is in use; part of `rows`, judged nowhere. */
  readonly unjudged: number;
  readonly acceptAlternatives: boolean;
  /** Level 1 first. */
  readonly levels: readonly LevelFigures[];
  readonly leaf: {
    readonly rows: number;
    readonly top1: number;
    readonly top3: number;
    readonly top5: number;
  };
  readonly hierarchical: HierarchicalScore;
  readonly fewShot?: readonly ShotBand[];
  readonly confusions: readonly ConfusedPair[];
  /** Each item at its own level, in the tree's order; those that occur neither as truth nor as answer left out. */
  readonly items: readonly ItemFigures[];
}

const ERRORS = [0.02, 0.05, 0.1];
const PAIRS = 30;
const CURVE_POINTS = 101;

/** @throws DuihaoError `judged-ticket-invalid`, `item-unknown` */
export function evaluate(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  options: EvaluateOptions,
): Evaluation {
  const judgements = judgeLevels(taxonomy, judged, options.acceptAlternatives);
  const tables = judgements.map((judgement) => itemFigures(taxonomy, judgement, options.trainCounts));
  const deepest = judgements.at(-1)!;
  return {
    rows: judged.length,
    unjudged: judged.filter(({ labels }) => !labels.some((label) => isInUse(taxonomy, label))).length,
    acceptAlternatives: options.acceptAlternatives,
    levels: judgements.map((judgement, at) =>
      levelFigures(taxonomy, judgement, macroF1(tables[at]!), options),
    ),
    // At the deepest level every group is one leaf.
    leaf: { rows: deepest.rows, top1: topK(deepest, 1), top3: topK(deepest, 3), top5: topK(deepest, 5) },
    hierarchical: hierarchicalScore(taxonomy, judged, options.acceptAlternatives),
    ...(options.trainCounts ? { fewShot: fewShotBands(taxonomy, deepest, options.trainCounts) } : {}),
    confusions: confusedPairs(taxonomy, deepest, PAIRS),
    items: tables
      .flatMap((table, at) => table.filter(({ item }) => item.level === judgements[at]!.level))
      .sort((a, b) => a.item.index - b.item.index),
  };
}

/** Without the rest of the figures. @throws DuihaoError `judged-ticket-invalid`, `item-unknown` */
export function levelReliability(taxonomy: Taxonomy, judged: readonly JudgedTicket[]): LevelReliability[] {
  return judgeLevels(taxonomy, judged, false).map((judgement) => {
    const bins = reliabilityBins(rankAnswers(judgement));
    return { level: judgement.level, ece: expectedCalibrationError(bins), bins };
  });
}

function levelFigures(
  taxonomy: Taxonomy,
  judgement: LevelJudgement,
  macro: number,
  { policy, seed }: EvaluateOptions,
): LevelFigures {
  const answers = rankAnswers(judgement);
  const bins = reliabilityBins(answers);
  const curve = riskCoverage(answers);
  const [top1Interval, top5Interval] = bootstrapTopK(judgement.rank, [1, 5], seed);
  return {
    level: judgement.level,
    rows: judgement.rows,
    top1: topK(judgement, 1),
    top3: topK(judgement, 3),
    top5: topK(judgement, 5),
    top1Interval: top1Interval!,
    top5Interval: top5Interval!,
    ece: expectedCalibrationError(bins),
    mce: maximumCalibrationError(bins),
    eceNoise: calibrationNoise(answers, seed),
    aurc: areaUnderRiskCoverage(curve),
    coverageAtError: ERRORS.map((error) => ({ error, coverage: coverageAtError(curve, error) })),
    macroF1: macro,
    ...(policy ? { policy: policyOutcome(taxonomy, judgement, policy) } : {}),
    bins,
    curve: thinCurve(curve, CURVE_POINTS),
  };
}

function isInUse(taxonomy: Taxonomy, index: number): boolean {
  const { leafStart, leafEnd } = taxonomy.at(index);
  return leafEnd > leafStart;
}

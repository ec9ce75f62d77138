/**
 * An evaluation as scripts read it: `metrics.json` and `duihao evaluate --json`. The first keys are a stable
 * contract (`rows`, `levels`, `leaf`); others may be added behind them.
 */
import type { Item } from '../../src/taxonomy/item.js';
import type { Evaluation, LevelFigures } from './evaluate.js';

/** Shares to 6 digits; null where there was nothing to take the share of. */
export function evaluationToJson(evaluation: Evaluation): Record<string, unknown> {
  return roundFigures({
    rows: evaluation.rows,
    levels: evaluation.levels.map(levelToJson),
    leaf: evaluation.leaf,
    unjudged: evaluation.unjudged,
    acceptAlternatives: evaluation.acceptAlternatives,
    hierarchical: evaluation.hierarchical,
    ...(evaluation.fewShot ? { fewShot: evaluation.fewShot } : {}),
    confusions: evaluation.confusions.map(({ truth, predicted, ...rest }) => ({
      truth: nameOf(truth),
      predicted: nameOf(predicted),
      ...rest,
    })),
    items: evaluation.items.map(({ item, ...rest }) => ({ ...nameOf(item), level: item.level, ...rest })),
  }) as Record<string, unknown>;
}

function levelToJson(figures: LevelFigures): Record<string, unknown> {
  const {
    level,
    rows,
    top1,
    top3,
    top5,
    ece,
    eceNoise,
    mce,
    aurc,
    top1Interval,
    top5Interval,
    bins,
    curve,
    ...rest
  } = figures;
  return {
    level,
    rows,
    top1,
    top3,
    top5,
    ece,
    eceNoise,
    mce,
    aurc,
    top1Interval,
    top5Interval,
    ...rest,
    bins,
    curve,
  };
}

function nameOf(item: Item): Record<string, string> {
  return { item: item.id, code: item.code, name: item.displayName };
}

/** To 6 digits; null for what was not measured. */
export function roundFigures(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toFixed(6)) : null;
  if (Array.isArray(value)) return value.map(roundFigures);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roundFigures(inner)]));
  }
  return value;
}

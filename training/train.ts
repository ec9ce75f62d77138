/**
 * A hotline's labelled tickets → a model in a folder. Reads as the flow does: read, split, fit and calibrate, derive
 * the policy, judge, write it all down.
 */

import { resolve } from 'node:path';
import { chooseBackend } from '../src/classifier/backend.js';
import { identityCalibration } from '../src/classifier/calibration.js';
import { Classifier } from '../src/classifier/classifier.js';
import { Vectorizer } from '../src/features/vectorizer.js';
import type { Manifest } from '../src/model-store/manifest.js';
import { type ModelContent, refuseForeignFolder, saveModel } from '../src/model-store/model-folder.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import { openSegmenter, type Segmenter, type SegmenterName } from '../src/text/segment.js';
import { countLeaves } from './count-leaves.js';
import { derivePolicy } from './derive-policy.js';
import { answerTickets } from './evaluation/answer-tickets.js';
import { fitConformal } from './evaluation/conformal-fit.js';
import { type ConformalOutcome, crossEvaluateConformal } from './evaluation/conformal-outcome.js';
import { type Evaluation, evaluate, type LevelReliability, levelReliability } from './evaluation/evaluate.js';
import { countReasons } from './evaluation/evaluate-tickets.js';
import { evaluationToJson, roundFigures } from './evaluation/evaluation-json.js';
import { type FacetCase, facetFigures } from './evaluation/facet-figures.js';
import { type JudgedTicket, judgedOf } from './evaluation/judged-ticket.js';
import { type FitResult, fitClassifier, type Stage } from './fit-classifier.js';
import { exampleTickets, itemTickets } from './item-tickets.js';
import type { LabelledTicket } from './labelled-ticket.js';
import { rejectedCsv } from './rejected-csv.js';
import { renderModelCard } from './report/model-card.js';
import { renderReport } from './report/report-html.js';
import type { DataFacts, TrainingReport } from './report/training-facts.js';
import { planFolds, splitTickets } from './split.js';
import { reportSuspects, type SuspectReport } from './suspect-report.js';
import { type TrainOptions, validateTraining } from './train-options.js';
import { type DataRequest, facetLabels, readTrainingData, type TrainingData } from './training-data.js';

export interface TrainRequest extends DataRequest {
  readonly out: string;
  /** How the labels came about, in the words of whoever trains. */
  readonly labelOrigin: string;
  readonly segmenter?: SegmenterName | undefined;
  readonly options: TrainOptions;
}

export interface TrainHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onStage: (stage: Stage | 'read' | 'judge', share: number) => void;
  /** The data as it was understood, before the work begins. */
  readonly onData?: ((data: TrainingData, extras: DataFacts['extras']) => void) | undefined;
}

export interface TrainOutcome {
  readonly manifest: Manifest;
  readonly report: TrainingReport;
  /** Held-out and dev tickets whose label is likely wrong, by a fit that had not seen them. */
  readonly suspects: SuspectReport;
}

/** @throws DuihaoError `training-options-invalid`, `no-tickets`, `interrupted`, and those of reading and saving */
export async function train(request: TrainRequest, hooks: TrainHooks): Promise<TrainOutcome> {
  const started = performance.now();
  const options = validateTraining(request.options);
  // Before the work, not after it.
  await refuseForeignFolder(resolve(request.out));
  const data = await readTrainingData(request, (_, share) => hooks.onStage('read', share));
  const { taxonomy } = data;
  const examples =
    options.exampleWeight > 0
      ? await exampleTickets(taxonomy, options.exampleWeight)
      : { tickets: [], rejections: [] };
  const items = options.itemWeight > 0 ? itemTickets(taxonomy, options.itemWeight) : [];
  const extras = [...items, ...examples.tickets];
  hooks.onData?.(data, extrasOf(items, examples.tickets));

  const segmenter = await openSegmenter(request.segmenter);
  const plan = planFolds(data.train.length, options.heldOut);
  const folds = options.refit ? plan.folds : 1;
  const split = splitTickets(data.train, { ...plan, folds }, options.seed);
  const heldOut = split.folds.flat();
  const facets = facetLabels(request.facets, data.facetIds, [...data.train, ...extras]);
  const fit = await fitClassifier(
    { taxonomy, segmenter, train: data.train, folds: split.folds, extras, dev: data.dev, facets },
    options,
    hooks.signal,
    hooks.onStage,
  );

  hooks.onStage('judge', 0);
  const policy = derivePolicy(taxonomy, fit.judged, options.targetError);
  const conformal = fitConformal(taxonomy, fit.judged, { seed: options.seed });
  const content: ModelContent = {
    taxonomy,
    features: options.features,
    vocabulary: fit.vocabulary,
    segmenter,
    parts: fit.parts,
    policy,
    conformal,
    facetTable: request.facets,
  };
  // Without a dev file the held-out tickets judge the first fit, which had not seen them.
  const given = data.dev.length > 0;
  const { judged, facetCases } = given
    ? await judgeTickets(content, segmenter, data.dev, hooks.signal)
    : { judged: fit.judged, facetCases: fit.facetCases };
  const uncalibrated = given
    ? await reliabilityBefore(content, segmenter, data.dev, hooks.signal)
    : fit.uncalibrated;
  const facetEvaluation = fit.parts.facets.map(({ facet }, head) =>
    facetFigures(request.facets.facets.find(({ id }) => id === facet)!, facetCases[head] ?? [], options.seed),
  );
  const evaluation =
    judged.length > 0
      ? evaluate(taxonomy, judged, {
          acceptAlternatives: false,
          seed: options.seed,
          policy,
          trainCounts: countLeaves(data.taxonomy, data.train),
        })
      : null;
  const trainedAt = new Date().toISOString();
  const facts = factsOf(data, split, extrasOf(items, examples.tickets));
  const settings = await settingsOf(options, segmenter, fit);
  const reportOf = (manifest: Manifest): TrainingReport => ({
    model: { id: manifest.id, version: manifest.version, trainedAt },
    taxonomy,
    data: facts,
    labelOrigin: request.labelOrigin,
    evaluatedOn: given
      ? `开发集（${request.dev.map((path) => path.split(/[\\/]/).at(-1)).join('、')}）`
      : '留出的训练工单（由未见过它们的第一次拟合作答）',
    evaluation,
    facets: facetEvaluation,
    uncalibrated,
    temperatures: fit.parts.calibration.temperatures,
    policy,
    conformal: conformalFacts(taxonomy, fit.judged, heldOut.length, options.seed),
    settings,
    seconds: (performance.now() - started) / 1000,
  });
  let report: TrainingReport | undefined;
  const manifest = await saveModel(request.out, content, trainedAt, (one) => {
    report = reportOf(one);
    return filesOf(report, evaluation, data);
  });
  hooks.onStage('judge', 1);
  // In the order in which the fits judged them.
  const seen = [...heldOut.map((row) => data.train[row]!), ...data.dev];
  return {
    manifest,
    report: report ?? reportOf(manifest),
    suspects: reportSuspects(taxonomy, fit.judged, seen),
  };
}

function filesOf(report: TrainingReport, evaluation: Evaluation | null, data: TrainingData) {
  const { model, data: facts, settings, seconds, evaluatedOn } = report;
  const metrics = {
    ...(evaluation ? evaluationToJson(evaluation) : { rows: 0, levels: [], leaf: null }),
    facets: roundFigures(report.facets ?? []),
    conformal: roundFigures(report.conformal ?? []),
    evaluatedOn,
    model,
    data: facts,
    settings: Object.fromEntries(settings),
    seconds: Math.round(seconds * 10) / 10,
  };
  const rejected = rejectedCsv(data.rejections);
  return {
    'metrics.json': `${JSON.stringify(metrics, null, 2)}\n`,
    'report.html': renderReport(report),
    'MODEL_CARD.md': renderModelCard(report),
    ...(rejected === '' ? {} : { 'rejected.csv': rejected }),
  };
}

async function judgeTickets(
  { taxonomy, features, vocabulary, parts, facetTable }: ModelContent,
  segmenter: Segmenter,
  tickets: readonly LabelledTicket[],
  signal: AbortSignal | undefined,
): Promise<{ judged: JudgedTicket[]; facetCases: FacetCase[][] }> {
  const classifier = new Classifier(taxonomy, new Vectorizer(features, vocabulary, segmenter), parts);
  const judged: JudgedTicket[] = [];
  const facetCases = parts.facets.map((): FacetCase[] => []);
  const facets = parts.facets.map(({ facet }) => facetTable?.facets.find(({ id }) => id === facet));
  try {
    for await (const stretch of answerTickets(tickets, (asked) => classifier.classify(asked), signal)) {
      for (const { labelled, answer } of stretch) {
        judged.push(judgedOf(labelled, answer.leaves));
        for (const [head, facet] of facets.entries()) {
          const code = facet && labelled.ticket.facets?.[facet.id];
          const value = code === undefined ? -1 : facet!.values.findIndex((one) => one.code === code);
          if (value >= 0) facetCases[head]!.push({ value, probabilities: answer.facets[head]! });
        }
      }
    }
  } finally {
    classifier.dispose();
  }
  return { judged, facetCases };
}

/** Of the very model that is kept, without its calibration. */
async function reliabilityBefore(
  content: ModelContent,
  segmenter: Segmenter,
  tickets: readonly LabelledTicket[],
  signal: AbortSignal | undefined,
): Promise<LevelReliability[]> {
  const parts = { ...content.parts, calibration: identityCalibration(content.taxonomy) };
  const { judged } = await judgeTickets({ ...content, parts }, segmenter, tickets, signal);
  return levelReliability(content.taxonomy, judged);
}

function extrasOf(
  items: readonly LabelledTicket[],
  examples: readonly LabelledTicket[],
): DataFacts['extras'] {
  return [
    ...(items.length > 0 ? [{ what: '事项名称与俗称', count: items.length }] : []),
    ...(examples.length > 0 ? [{ what: '对号自拟的示例工单', count: examples.length }] : []),
  ];
}

function factsOf(
  data: TrainingData,
  split: ReturnType<typeof splitTickets>,
  extras: DataFacts['extras'],
): DataFacts {
  const heldOut = split.folds.flat().length;
  const levels: number[] = new Array(data.taxonomy.depth).fill(0);
  for (const { labels } of data.train) {
    const level = Math.min(...labels.map((label) => data.taxonomy.at(label).level));
    levels[level - 1]! += 1;
  }
  return {
    files: data.files,
    rejections: countReasons(data.rejections),
    nearDuplicates: split.nearDuplicates,
    cut: data.cut,
    split: {
      by: data.dev.length > 0 ? 'given' : heldOut > 0 ? split.by : 'none',
      train: data.train.length,
      dev: data.dev.length > 0 ? data.dev.length : heldOut,
    },
    labelLevels: levels,
    extras,
  };
}

/** @param heldOut so many of the judged tickets were held out of `--tickets`; the others are of `--dev` */
function conformalFacts(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  heldOut: number,
  seed: number,
): { on: string; outcomes: readonly ConformalOutcome[] }[] {
  const outcomes = (counts: (at: number) => boolean) =>
    crossEvaluateConformal(taxonomy, judged, seed, counts);
  return [
    ...(heldOut > 0 ? [{ on: '留出的训练工单', outcomes: outcomes((at) => at < heldOut) }] : []),
    ...(judged.length > heldOut ? [{ on: '开发集', outcomes: outcomes((at) => at >= heldOut) }] : []),
  ];
}

async function settingsOf(
  options: TrainOptions,
  segmenter: Segmenter,
  { vocabulary, parts, cost }: FitResult,
): Promise<(readonly [string, string])[]> {
  const { network } = options;
  return [
    ['种子', String(options.seed)],
    ['计算后端', await chooseBackend()],
    ['分词', segmenter.name],
    ['特征数', String(vocabulary.size)],
    ['线性部分的权重数', String(parts.linear.weights.length)],
    ['线性部分的代价', String(cost)],
    ['网络', `${network.dimensions} 维，${network.epochs} 轮，丢弃 ${network.drop}`],
    ['组合', [...parts.combination.levels, parts.combination.network].map((one) => one.toFixed(2)).join(' ')],
    ['校准温度', parts.calibration.temperatures.map((one) => one.toFixed(2)).join(' ')],
    ['示例权重', `${options.exampleWeight}；事项名称 ${options.itemWeight}`],
    ['目标错误率', String(options.targetError)],
  ];
}

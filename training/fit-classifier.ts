/**
 * Labelled tickets → a calibrated classifier. Twice: first without the held-out tickets, on which combination,
 * calibration, thresholds and sets are then fitted; then with all of them, for the weights that are kept.
 */
import { chooseBackend } from '../src/classifier/backend.js';
import {
  applyCalibration,
  type Calibration,
  identityCalibration,
  planCalibration,
} from '../src/classifier/calibration.js';
import { Classifier, type ClassifierParts, type FacetHead, softmax } from '../src/classifier/classifier.js';
import { type Combination, combine, planCombination } from '../src/classifier/combination.js';
import type { SparseVector } from '../src/features/sparse-vector.js';
import { Vectorizer } from '../src/features/vectorizer.js';
import type { Vocabulary } from '../src/features/vocabulary.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { Segmenter } from '../src/text/segment.js';
import { buildVocabulary, vocabularyLimits } from './build-vocabulary.js';
import { countTickets } from './count-tickets.js';
import { fitCalibration } from './evaluation/calibration-fit.js';
import { crossCalibrate } from './evaluation/cross-calibrate.js';
import { type LevelReliability, levelReliability } from './evaluation/evaluate.js';
import type { FacetCase } from './evaluation/facet-figures.js';
import { type JudgedTicket, judgedOf } from './evaluation/judged-ticket.js';
import { minimise } from './evaluation/minimise.js';
import type { FacetLabels } from './facet-labels.js';
import { featureWeights } from './feature-weights.js';
import { fitCombination, type PartScores } from './fit-combination.js';
import { type FittedParts, fitParts, linearJobs } from './fit-parts.js';
import { type LabelRanges, labelRanges } from './label-ranges.js';
import type { LabelledTicket } from './labelled-ticket.js';
import { layOut, type TicketMatrix, weigh } from './ticket-matrix.js';
import type { TrainOptions } from './train-options.js';

export interface FitInput {
  readonly taxonomy: Taxonomy;
  readonly segmenter: Segmenter;
  /** Real tickets to fit on. */
  readonly train: readonly LabelledTicket[];
  /** Those of `train` that are kept back at first, by index. */
  readonly heldOut: ReadonlySet<number>;
  /** Pseudo-tickets and examples. */
  readonly extras: readonly LabelledTicket[];
  /** Tickets the user keeps back for good: fitted on never, calibrated on. */
  readonly dev: readonly LabelledTicket[];
  /** One entry for each of `train`, then of `extras`. */
  readonly facets: readonly FacetLabels[];
}

export interface FitResult {
  readonly vocabulary: Vocabulary;
  readonly parts: ClassifierParts;
  /** Held-out and dev tickets with the distributions of the first fit: for thresholds and sets. */
  readonly judged: readonly JudgedTicket[];
  /** Of the same tickets, before calibration. */
  readonly uncalibrated: readonly LevelReliability[];
  /** Of each facet with a head, the held-out tickets that tell it, as the first fit answers them. */
  readonly facetCases: readonly (readonly FacetCase[])[];
}

export type Stage = 'features' | 'first-fit' | 'calibration' | 'final-fit';
export type OnStage = (stage: Stage, share: number) => void;

/** Entries × outputs up to which everything is fitted a second time with the held-out tickets in. */
const REFIT_COST = 4e10;
/** Row visits × items up to which every item sees all tickets. */
const ROW_VISITS = 120e6;

export async function fitClassifier(
  input: FitInput,
  options: TrainOptions,
  signal: AbortSignal | undefined,
  onStage: OnStage,
): Promise<FitResult> {
  const { taxonomy, segmenter, train, heldOut, extras, dev } = input;
  await chooseBackend();
  const fitted = [...train, ...extras];
  const store = await countTickets(
    texts(fitted),
    fitted.length,
    options.features,
    segmenter,
    signal,
    (share) => onStage('features', share),
  );
  const vocabulary = buildVocabulary(store, vocabularyLimits(store.tickets));
  const matrix = layOut(store, vocabulary);
  const rowWeights = new Float32Array(new SharedArrayBuffer(4 * fitted.length));
  for (const [row, { weight }] of fitted.entries()) rowWeights[row] = weight;

  const allLabels = fitted.map(({ labels }) => labels);
  const allRanges = labelRanges(taxonomy, allLabels);
  const outputs = linearJobs(taxonomy, allRanges).length;
  const networkOptions = {
    ...options.network,
    epochs: epochsFor(options.network.epochs, fitted.length),
    maxRows: rowsFor(options, outputs * vocabulary.size),
  };
  const reweigh = (labels: readonly (readonly number[])[]) => {
    vocabulary.weights.set(featureWeights(matrix, labels, rowWeights));
    weigh(matrix, store, vocabulary);
  };
  const runFit = (stage: Stage, ranges: LabelRanges, facets: readonly FacetLabels[]): Promise<FittedParts> =>
    fitParts(
      taxonomy,
      {
        matrix,
        ranges,
        rowWeights,
        linearOptions: options.linear,
        maxRows: Math.max(20_000, Math.floor(ROW_VISITS / Math.max(1, outputs))),
        network: { leaves: taxonomy.leaves.length, options: networkOptions, facets },
        seed: options.seed,
        threads: options.threads,
        maxWeights: options.maxWeights,
      },
      signal,
      ({ share }) => onStage(stage, share),
    );

  const firstLabels = allLabels.map((labels, row) => (heldOut.has(row) ? [] : labels));
  // Not by the labels of the held-out tickets: they must be as new to the first fit as any to come.
  reweigh(firstLabels);
  const first = await runFit(
    'first-fit',
    labelRanges(taxonomy, firstLabels),
    input.facets.map((one) => hideFacets(one, heldOut)),
  );
  onStage('calibration', 0);
  const vectorizer = new Vectorizer(options.features, vocabulary, segmenter);
  const kept: { ticket: LabelledTicket; vector: SparseVector; facets: readonly number[] }[] = [
    ...[...heldOut].map((row) => ({
      ticket: train[row]!,
      vector: rowOf(matrix, row),
      facets: input.facets.map(({ values }) => values[row]!),
    })),
    ...dev.map((ticket) => ({ ticket, vector: vectorizer.vectorize(ticket.ticket), facets: [] })),
  ];
  const refit = options.refit && heldOut.size > 0 && matrix.features.length * outputs <= REFIT_COST;
  if (refit) reweigh(allLabels);
  store.close();
  // Neither asks for the other's result, so the threads fit while this one calibrates.
  const [last, calibrated] = await Promise.all([
    refit ? runFit('final-fit', allRanges, input.facets) : first,
    (async () => {
      const done = calibrate(taxonomy, vectorizer, first, kept, input.facets, options.seed);
      onStage('calibration', 1);
      return done;
    })(),
  ]);
  return {
    vocabulary,
    parts: {
      ...last,
      combination: calibrated.combination,
      calibration: calibrated.calibration,
      facets: calibrated.facets,
    },
    judged: calibrated.judged,
    uncalibrated: calibrated.uncalibrated,
    facetCases: calibrated.facetCases,
  };
}

/** Ticket visits that a network needs: many tickets are each seen less often. */
const TICKET_VISITS = 400_000;
const FEWEST_EPOCHS = 3;

function epochsFor(most: number, tickets: number): number {
  return Math.min(most, Math.max(FEWEST_EPOCHS, Math.round(TICKET_VISITS / tickets)));
}

/** Bytes that the linear part's weights (three each) and the embeddings (one a dimension) share in a model's folder. */
const WEIGHT_BYTES = 13_500_000;

/** Few items leave room for the embeddings of rarer features. */
function rowsFor({ network, maxWeights }: TrainOptions, weights: number): number {
  const left = WEIGHT_BYTES - 3 * Math.min(maxWeights, weights);
  return Math.max(network.maxRows, Math.floor(left / network.dimensions));
}

function* texts(tickets: readonly LabelledTicket[]) {
  for (const { ticket } of tickets) yield ticket;
}

function hideFacets(labels: FacetLabels, heldOut: ReadonlySet<number>): FacetLabels {
  const values = new Int16Array(new SharedArrayBuffer(labels.values.byteLength));
  values.set(labels.values);
  for (const row of heldOut) values[row] = -1;
  return { ...labels, values };
}

/** With the values of now: they are written anew for the last fit. */
function rowOf({ starts, features, values }: TicketMatrix, row: number): SparseVector {
  return {
    indices: features.subarray(starts[row]!, starts[row + 1]!),
    values: values.slice(starts[row]!, starts[row + 1]!),
  };
}

interface Calibrated {
  readonly combination: Combination;
  readonly calibration: Calibration;
  readonly facets: FacetHead[];
  readonly judged: JudgedTicket[];
  readonly uncalibrated: LevelReliability[];
  readonly facetCases: FacetCase[][];
}

function calibrate(
  taxonomy: Taxonomy,
  vectorizer: Vectorizer,
  parts: FittedParts,
  kept: readonly { ticket: LabelledTicket; vector: SparseVector; facets: readonly number[] }[],
  facets: readonly FacetLabels[],
  seed: number,
): Calibrated {
  const leaves = taxonomy.leaves.length;
  const calibration = identityCalibration(taxonomy);
  const raw = new Classifier(taxonomy, vectorizer, {
    ...parts,
    combination: { levels: calibration.temperatures, network: 0 },
    calibration,
    facets: [],
  });
  const plan = planCombination(taxonomy, parts.linear.items);
  const scored = kept.map(({ vector }) => raw.scores(vector));
  raw.dispose();
  const combination = fitCombination(
    plan,
    scored.map(({ linear, network }, row): PartScores => ({ linear, network, row })),
    labelRanges(
      taxonomy,
      kept.map(({ ticket }) => ticket.labels),
    ),
  );
  const logits = scored.map(({ linear, network }) => {
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
  const facetLogits = facets.map((_, head) => logitsOfFacet(taxonomy, parts, scored, kept, head));
  return {
    combination,
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
function logitsOfFacet(
  taxonomy: Taxonomy,
  { network }: FittedParts,
  scored: readonly { network: Float32Array | null }[],
  kept: readonly { facets: readonly number[] }[],
  head: number,
): FacetLogits[] {
  const sizes = network?.headSizes ?? [];
  let from = taxonomy.leaves.length;
  for (let at = 0; at < head; at += 1) from += sizes[at + 1]!;
  const size = sizes[head + 1] ?? 0;
  return kept.flatMap(({ facets }, at) => {
    const value = facets[head] ?? -1;
    const logits = scored[at]!.network;
    return value >= 0 && logits ? [{ value, logits: logits.subarray(from, from + size) }] : [];
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

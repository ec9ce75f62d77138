/**
 * Labelled tickets → a calibrated classifier. First without the held-out tickets, once for each fold, on which
 * combination, calibration, thresholds and sets are then fitted; then with all of them, for the weights that are kept.
 */
import { chooseBackend } from '../src/classifier/backend.js';
import type { ClassifierParts } from '../src/classifier/classifier.js';
import type { SparseVector } from '../src/features/sparse-vector.js';
import { Vectorizer } from '../src/features/vectorizer.js';
import type { Vocabulary } from '../src/features/vocabulary.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { Segmenter } from '../src/text/segment.js';
import { buildVocabulary, vocabularyLimits } from './build-vocabulary.js';
import { calibrateParts, type KeptTicket, PartScorer } from './calibrate-parts.js';
import { chooseCost } from './choose-cost.js';
import { countTickets } from './count-tickets.js';
import type { LevelReliability } from './evaluation/evaluate.js';
import type { FacetCase } from './evaluation/facet-figures.js';
import type { JudgedTicket } from './evaluation/judged-ticket.js';
import type { FacetLabels } from './facet-labels.js';
import { featureWeights } from './feature-weights.js';
import { type FittedParts, fitParts, linearItems } from './fit-parts.js';
import { type LabelRanges, labelRanges } from './label-ranges.js';
import type { LabelledTicket } from './labelled-ticket.js';
import { layOut, type TicketMatrix, weigh } from './ticket-matrix.js';
import type { TrainOptions } from './train-options.js';

export interface FitInput {
  readonly taxonomy: Taxonomy;
  readonly segmenter: Segmenter;
  /** Real tickets to fit on. */
  readonly train: readonly LabelledTicket[];
  /** Those of `train` that each first fit leaves out, by index; more than one fold only where there is a last fit. */
  readonly folds: readonly (readonly number[])[];
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
  /** Of the linear part: the one that suited the held-out tickets best. */
  readonly cost: number;
  /** Held-out tickets as the fit that left them out answers them, then dev's, as the last of these fits does: for thresholds and sets. */
  readonly judged: readonly JudgedTicket[];
  /** Of the same tickets, before calibration. */
  readonly uncalibrated: readonly LevelReliability[];
  /** Of each facet with a head, the held-out tickets that tell it, as the fit that left them out answers them. */
  readonly facetCases: readonly (readonly FacetCase[])[];
}

export type Stage = 'features' | 'first-fit' | 'calibration' | 'final-fit';
export type OnStage = (stage: Stage, share: number) => void;

/** Entries × outputs up to which everything is fitted a second time with the held-out tickets in. */
const REFIT_COST = 4e10;
/** Row visits × items up to which every item sees all tickets. */
const ROW_VISITS = 120e6;
/** Entries × outputs up to which other costs of the linear part are tried. */
const CHOICE_COST = 3e8;

export async function fitClassifier(
  input: FitInput,
  options: TrainOptions,
  signal: AbortSignal | undefined,
  onStage: OnStage,
): Promise<FitResult> {
  const { taxonomy, segmenter, train, extras, dev } = input;
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
  const limits = vocabularyLimits(store.tickets);
  const vocabulary = buildVocabulary(store, limits);
  const matrix = layOut(store, vocabulary);
  const rowWeights = new Float32Array(new SharedArrayBuffer(4 * fitted.length));
  for (const [row, { weight }] of fitted.entries()) rowWeights[row] = weight;

  const allLabels = fitted.map(({ labels }) => labels);
  const allRanges = labelRanges(taxonomy, allLabels);
  const outputs = linearItems(taxonomy, allRanges).length;
  const networkOptions = {
    ...options.network,
    epochs: epochsFor(options.network.epochs, fitted.length),
    maxRows: rowsFor(options, outputs * vocabulary.size),
  };
  const reweigh = (labels: readonly (readonly number[])[]) => {
    vocabulary.weights.set(featureWeights(matrix, labels, rowWeights, limits.minTickets));
    weigh(matrix, store, vocabulary);
  };
  const runFit = (
    stage: Stage,
    costs: readonly number[],
    ranges: LabelRanges,
    facets: readonly FacetLabels[],
    ofStage = (share: number) => share,
  ): Promise<FittedParts[]> =>
    fitParts(
      taxonomy,
      {
        matrix,
        ranges,
        rowWeights,
        linearOptions: options.linear,
        costs,
        maxRows: Math.max(20_000, Math.floor(ROW_VISITS / Math.max(1, outputs))),
        network: { leaves: taxonomy.leaves.length, options: networkOptions, facets },
        seed: options.seed,
        threads: options.threads,
        maxWeights: options.maxWeights,
      },
      signal,
      ({ share }) => onStage(stage, ofStage(share)),
    );

  const vectorizer = new Vectorizer(options.features, vocabulary, segmenter);
  const own = options.linear.cost;
  const costs =
    matrix.features.length * outputs <= CHOICE_COST
      ? [own, ...options.otherCosts.filter((cost) => cost !== own)]
      : [own];
  /** Of each cost, the same tickets. */
  const keptByCost = costs.map((): KeptTicket[] => []);
  // Without any ticket to hold out there is still dev to calibrate on.
  const folds = input.folds.length > 0 ? input.folds : [[]];
  let firsts: FittedParts[] = [];
  for (const [fold, rows] of folds.entries()) {
    const heldOut = new Set(rows);
    const labels = allLabels.map((own, row) => (heldOut.has(row) ? [] : own));
    // Not by the labels of the held-out tickets: they must be as new to this fit as any to come.
    reweigh(labels);
    firsts = await runFit(
      'first-fit',
      costs,
      labelRanges(taxonomy, labels),
      input.facets.map((one) => hideFacets(one, heldOut)),
      (share) => (fold + share) / folds.length,
    );
    for (const [nth, kept] of keptByCost.entries()) {
      const scorer = new PartScorer(taxonomy, vectorizer, firsts[nth]!);
      for (const row of rows) {
        kept.push({
          ticket: train[row]!,
          facets: input.facets.map(({ values }) => values[row]!),
          ...scorer.score(rowOf(matrix, row), kept.length),
        });
      }
      if (fold === folds.length - 1) {
        for (const ticket of dev) {
          kept.push({
            ticket,
            facets: [],
            ...scorer.score(vectorizer.vectorize(ticket.ticket), kept.length),
          });
        }
      }
      scorer.dispose();
    }
  }
  onStage('calibration', 0);
  const { nth, combination } = chooseCost(
    taxonomy,
    keptByCost,
    labelRanges(
      taxonomy,
      keptByCost[0]!.map(({ ticket }) => ticket.labels),
    ),
  );
  const cost = costs[nth]!;
  const kept = keptByCost[nth]!;
  const refit = options.refit && input.folds.length > 0 && matrix.features.length * outputs <= REFIT_COST;
  if (refit) reweigh(allLabels);
  store.close();
  // Neither asks for the other's result, so the threads fit while this one calibrates.
  const [last, calibrated] = await Promise.all([
    refit ? runFit('final-fit', [cost], allRanges, input.facets).then(([parts]) => parts!) : firsts[nth]!,
    (async () => {
      const done = calibrateParts(taxonomy, kept, combination, input.facets, options.seed);
      onStage('calibration', 1);
      return done;
    })(),
  ]);
  return {
    vocabulary,
    cost,
    parts: {
      ...last,
      combination,
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

/** Bytes that the linear part's weights (three each) and the embeddings (one a dimension) could fill in a model's folder. */
const WEIGHT_BYTES = 13_500_000;
/** Weights that a linear part of many items is thought to fill it with, though half of them are not kept. */
const MANY_WEIGHTS = 2_400_000;

/** Few items leave room for the embeddings of rarer features. */
function rowsFor({ network }: TrainOptions, weights: number): number {
  const left = WEIGHT_BYTES - 3 * Math.min(MANY_WEIGHTS, weights);
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

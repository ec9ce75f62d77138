/**
 * Thresholds of the conformal sets, from tickets the model was not fitted on. Only tickets labelled down to a leaf
 * can tell whether a set of leaves holds the right one.
 */
import { type ConformalCalibration, conformalScore, rankLeaves } from '../../src/decision/conformal.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { seededRandom } from '../random.js';
import type { JudgedTicket } from './judged-ticket.js';

export interface ConformalOptions {
  /** Default `COVERAGES`. */
  readonly coverages?: readonly number[];
  /** Draws the tickets that choose the penalty. */
  readonly seed: number;
}

/**
 * What a model promises: an asked coverage gets the next of these. Finer where sets grow fast. So many held-out
 * tickets are needed for the last: 0.99 takes 99 of them.
 */
export const COVERAGES: readonly number[] = [
  ...[50, 55, 60, 65, 70, 75, 80, 85, 90],
  ...[91, 92, 93, 94, 95, 96, 97, 98, 99],
].map((percent) => percent / 100);

/** What Angelopoulos et al. found to do for most models; used where there are too few tickets to choose. */
const DEFAULT_PENALTY = { penalty: 0.01, freeRanks: 5 } as const;
const PENALTIES = [
  { penalty: 0, freeRanks: 1 },
  { penalty: 0.001, freeRanks: 5 },
  { penalty: 0.01, freeRanks: 2 },
  DEFAULT_PENALTY,
  { penalty: 0.05, freeRanks: 2 },
  { penalty: 0.05, freeRanks: 5 },
] as const;
/** With fewer tickets all are needed for the threshold itself. */
const ENOUGH_TO_CHOOSE = 500;
/** Share that chooses the penalty. These are not used again: the promise holds for tickets that chose nothing. */
const CHOOSING = 0.2;

/** Of each leaf-labelled ticket what a score needs: probability before the right leaf, and its place. */
export interface RightPlace {
  readonly massBefore: number;
  readonly place: number;
}

/**
 * One calibration per coverage, all with the same penalty: only then does a ticket's set for a higher coverage hold
 * that for a lower one. Tickets with several labels count by the one the model places best.
 */
export function fitConformal(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  { coverages = COVERAGES, seed }: ConformalOptions,
): ConformalCalibration[] {
  const leafJudged = judged.filter((ticket) => rightLeaves(taxonomy, ticket).length > 0);
  const random = seededRandom(seed);
  const chooses = leafJudged.map(() => leafJudged.length >= ENOUGH_TO_CHOOSE && random() < CHOOSING);
  const choosing = leafJudged.filter((_, at) => chooses[at]);
  const places = leafJudged.filter((_, at) => !chooses[at]).map((ticket) => rightPlace(taxonomy, ticket));
  const shape = choosing.length > 0 ? choosePenalty(taxonomy, choosing) : DEFAULT_PENALTY;
  return coverages.map((coverage) => ({
    coverage,
    threshold: thresholdOf(places, shape, coverage),
    ...shape,
  }));
}

/** The ⌈(n + 1) · coverage⌉-th smallest score; null where n is too small for the promise. */
function thresholdOf(
  places: readonly RightPlace[],
  shape: Pick<ConformalCalibration, 'penalty' | 'freeRanks'>,
  coverage: number,
): number | null {
  const scores = Float64Array.from(places, ({ massBefore, place }) =>
    conformalScore(massBefore, place, shape),
  );
  scores.sort();
  return scores[Math.ceil((scores.length + 1) * coverage) - 1] ?? null;
}

/** Coverages that the penalty is chosen for: where sets are longer than one or two leaves. */
const CHOOSING_FOR = [0.9, 0.95, 0.99];

/**
 * The shape whose sets are smallest, fitted and judged on the same tickets: by the product of the mean sizes, so
 * that the largest sets do not decide alone.
 */
function choosePenalty(taxonomy: Taxonomy, judged: readonly JudgedTicket[]) {
  const places = judged.map((ticket) => rightPlace(taxonomy, ticket));
  const orders = judged.map(({ leaves }) => sortedFalling(leaves));
  let best: { shape: (typeof PENALTIES)[number]; size: number } | undefined;
  for (const shape of PENALTIES) {
    let size = 1;
    for (const coverage of CHOOSING_FOR) {
      const threshold = thresholdOf(places, shape, coverage);
      // Depends on the number of tickets alone: then no shape has one.
      if (threshold !== null) size *= meanSize(orders, threshold, shape);
    }
    if (!best || size < best.size) best = { shape, size };
  }
  return best?.shape ?? DEFAULT_PENALTY;
}

function meanSize(
  orders: readonly Float64Array[],
  threshold: number,
  shape: Pick<ConformalCalibration, 'penalty' | 'freeRanks'>,
): number {
  let size = 0;
  for (const sorted of orders) {
    let before = 0;
    for (let place = 0; place < sorted.length; place += 1) {
      if (conformalScore(before, place, shape) > threshold) break;
      before += sorted[place]!;
      size += 1;
    }
  }
  return size / orders.length;
}

function sortedFalling(leaves: Float64Array): Float64Array {
  return leaves.slice().sort().reverse();
}

export function rightPlace(taxonomy: Taxonomy, ticket: JudgedTicket): RightPlace {
  const right = rightLeaves(taxonomy, ticket);
  let massBefore = 0;
  let place = 0;
  for (const leaf of rankLeaves(ticket.leaves)) {
    if (right.includes(leaf)) break;
    massBefore += ticket.leaves[leaf]!;
    place += 1;
  }
  return { massBefore, place };
}

/** Leaves of the labels; none where one of the labels stands above the leaves. */
export function rightLeaves(taxonomy: Taxonomy, { labels }: JudgedTicket): number[] {
  const leaves: number[] = [];
  for (const label of labels) {
    const { leafStart, leafEnd } = taxonomy.at(label);
    if (leafEnd - leafStart > 1) return [];
    if (leafEnd > leafStart) leaves.push(leafStart);
  }
  return leaves;
}

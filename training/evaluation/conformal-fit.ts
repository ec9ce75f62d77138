/**
 * Thresholds of the conformal sets, from tickets the model was not fitted on, and how the sets turn out on
 * tickets the thresholds were not fitted on. Only tickets labelled down to a leaf can tell whether a set of
 * leaves holds the right one.
 */
import {
  type ConformalCalibration,
  conformalScore,
  conformalSet,
  rankLeaves,
} from '../../src/decision/conformal.js';
import { Distribution } from '../../src/decision/distribution.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { seededRandom } from '../random.js';
import type { JudgedTicket } from './judged-ticket.js';

export interface ConformalOptions {
  readonly coverages: readonly number[];
  /** Draws the tickets that choose the penalty. */
  readonly seed: number;
}

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
interface RightPlace {
  readonly massBefore: number;
  readonly place: number;
}

/** One calibration per coverage. Tickets with several labels count by the one the model places best. */
export function fitConformal(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  { coverages, seed }: ConformalOptions,
): ConformalCalibration[] {
  const leafJudged = judged.filter((ticket) => rightLeaves(taxonomy, ticket).length > 0);
  const random = seededRandom(seed);
  const chooses = leafJudged.map(() => leafJudged.length >= ENOUGH_TO_CHOOSE && random() < CHOOSING);
  const choosing = leafJudged.filter((_, at) => chooses[at]);
  const places = leafJudged.filter((_, at) => !chooses[at]).map((ticket) => rightPlace(taxonomy, ticket));
  return coverages.map((coverage) => {
    const shape = choosing.length > 0 ? choosePenalty(taxonomy, choosing, coverage) : DEFAULT_PENALTY;
    return { coverage, threshold: thresholdOf(places, shape, coverage), ...shape };
  });
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

/** The shape whose sets are smallest on average, fitted and judged on the same tickets. */
function choosePenalty(taxonomy: Taxonomy, judged: readonly JudgedTicket[], coverage: number) {
  const places = judged.map((ticket) => rightPlace(taxonomy, ticket));
  const orders = judged.map(({ leaves }) => sortedFalling(leaves));
  let best: { shape: (typeof PENALTIES)[number]; size: number } | undefined;
  for (const shape of PENALTIES) {
    const threshold = thresholdOf(places, shape, coverage);
    if (threshold === null) continue;
    let size = 0;
    for (const sorted of orders) {
      let before = 0;
      for (let place = 0; place < sorted.length; place += 1) {
        if (conformalScore(before, place, shape) > threshold) break;
        before += sorted[place]!;
        size += 1;
      }
    }
    if (!best || size < best.size) best = { shape, size };
  }
  return best?.shape ?? DEFAULT_PENALTY;
}

function sortedFalling(leaves: Float64Array): Float64Array {
  return leaves.slice().sort().reverse();
}

function rightPlace(taxonomy: Taxonomy, ticket: JudgedTicket): RightPlace {
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
function rightLeaves(taxonomy: Taxonomy, { labels }: JudgedTicket): number[] {
  const leaves: number[] = [];
  for (const label of labels) {
    const { leafStart, leafEnd } = taxonomy.at(label);
    if (leafEnd - leafStart > 1) return [];
    if (leafEnd > leafStart) leaves.push(leafStart);
  }
  return leaves;
}

export interface ConformalOutcome {
  /** Promised. */
  readonly coverage: number;
  /** Tickets labelled down to a leaf. */
  readonly rows: number;
  /** Share whose set of leaves holds the right one: what is promised. */
  readonly covered: number;
  /** Share whose shortened list holds it: at least as many. */
  readonly coveredByItems: number;
  readonly meanLeaves: number;
  readonly meanItems: number;
  /** Share of sets that are a single leaf. */
  readonly single: number;
  /** Share of lists that name an item above the leaves. */
  readonly withAncestor: number;
}

/** NaN without rows. */
export function evaluateConformal(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  calibrations: readonly ConformalCalibration[],
): ConformalOutcome[] {
  const rows = judged
    .map((ticket) => ({ ticket, right: rightLeaves(taxonomy, ticket) }))
    .filter(({ right }) => right.length > 0)
    .map(({ ticket, right }) => ({
      distribution: new Distribution(taxonomy, ticket.leaves),
      right,
      ...rightPlace(taxonomy, ticket),
    }));
  return calibrations.map((calibration) => {
    let covered = 0;
    let coveredByItems = 0;
    let leaves = 0;
    let items = 0;
    let single = 0;
    let withAncestor = 0;
    for (const { distribution, right, place } of rows) {
      const set = conformalSet(distribution, calibration);
      // The set is the first so many leaves.
      if (place < set.leaves) covered += 1;
      if (right.some((leaf) => set.items.some(({ item }) => leaf >= item.leafStart && leaf < item.leafEnd))) {
        coveredByItems += 1;
      }
      leaves += set.leaves;
      items += set.items.length;
      if (set.leaves === 1) single += 1;
      if (set.items.some(({ item }) => !taxonomy.isLeaf(item))) withAncestor += 1;
    }
    const count = rows.length;
    return {
      coverage: calibration.coverage,
      rows: count,
      covered: covered / count,
      coveredByItems: coveredByItems / count,
      meanLeaves: leaves / count,
      meanItems: items / count,
      single: single / count,
      withAncestor: withAncestor / count,
    };
  });
}

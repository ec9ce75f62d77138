/**
 * How conformal sets turn out: how often they hold the right item, and how long they are. Reports tell of it for
 * tickets the thresholds were not fitted on.
 */
import { type ConformalCalibration, conformalSet } from '../../src/decision/conformal.js';
import { Distribution } from '../../src/decision/distribution.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { fitConformal, rightLeaves, rightPlace } from './conformal-fit.js';
import { assignFolds, FOLDS } from './cross-calibrate.js';
import type { JudgedTicket } from './judged-ticket.js';

/** Coverages that reports tell of. */
const REPORTED: readonly number[] = [0.8, 0.9, 0.95, 0.99];
/** Tickets taken for figures: more would not change their second digit. */
const MOST_TICKETS = 5000;

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

/** Of a model's calibrations those that reports tell of; all, where it has none of them. */
export function reportedCalibrations(
  calibrations: readonly ConformalCalibration[],
): readonly ConformalCalibration[] {
  const reported = calibrations.filter(({ coverage }) => REPORTED.includes(coverage));
  return reported.length > 0 ? reported : calibrations;
}

/**
 * Each fifth of the tickets by thresholds fitted on the other four: what a new ticket can expect.
 * @param counts which tickets are told of, by their place; the others only help to fit
 */
export function crossEvaluateConformal(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  seed: number,
  counts: (at: number) => boolean,
): ConformalOutcome[] {
  const foldOf = assignFolds(judged.length, FOLDS, seed);
  const step = Math.max(1, Math.ceil(judged.length / MOST_TICKETS));
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const others = judged.filter((_, at) => foldOf[at] !== fold && at % step === 0);
    const own = judged.filter((_, at) => foldOf[at] === fold && at % step === 0 && counts(at));
    return evaluateConformal(taxonomy, own, fitConformal(taxonomy, others, { coverages: REPORTED, seed }));
  });
  return REPORTED.map((_, at) => pool(folds.map((outcomes) => outcomes[at]!)));
}

/** Shares and means of all the outcomes' tickets together. */
function pool(outcomes: readonly ConformalOutcome[]): ConformalOutcome {
  const some = outcomes.filter(({ rows }) => rows > 0);
  const rows = some.reduce((sum, one) => sum + one.rows, 0);
  const mean = (of: (one: ConformalOutcome) => number) =>
    some.reduce((sum, one) => sum + of(one) * one.rows, 0) / rows;
  return {
    coverage: outcomes[0]!.coverage,
    rows,
    covered: mean(({ covered }) => covered),
    coveredByItems: mean(({ coveredByItems }) => coveredByItems),
    meanLeaves: mean(({ meanLeaves }) => meanLeaves),
    meanItems: mean(({ meanItems }) => meanItems),
    single: mean(({ single }) => single),
    withAncestor: mean(({ withAncestor }) => withAncestor),
  };
}

/**
 * Tickets whose label is likely wrong, by confident learning (Northcutt, Jiang & Chuang, Confident Learning: Estimating
 * Uncertainty in Dataset Labels, JAIR 70, 2021): an item counts as confidently meant where its probability reaches what
 * the model says on average of tickets that carry its label. Ticket and label must be strangers to the model that judges.
 */
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { JudgedTicket } from './evaluation/judged-ticket.js';
import { rightGroups } from './evaluation/judgement.js';
import { groupOfLabel, type LevelPlan, planLevels } from './evaluation/level-plan.js';

export interface Suspect {
  /** Which ticket of the input. */
  readonly ticket: number;
  /** The deepest level that its label tells; given and suggested stand there. */
  readonly level: number;
  /** Item indexes. Of several admissible labels the likeliest. */
  readonly given: number;
  readonly suggested: number;
  /** Of all admissible labels together. */
  readonly givenProbability: number;
  readonly suggestedProbability: number;
  /** The highest level at which the two differ: 1 where the label is not even of the right branch. */
  readonly differsAt: number;
}

export interface SuspectSearch {
  /** The likeliest error first: by the margin of the given label over the suggested one. */
  readonly suspects: readonly Suspect[];
  /** Tickets that were looked at; labels that only retired items carry cannot be. */
  readonly judged: number;
  /** Share of wrong labels by the confident joint, its rows scaled to the items' counts. */
  readonly errorShare: number;
}

/**
 * An item with one or two labelled tickets has no average worth the name: it is drawn towards the mean of all
 * tickets as if that many more had been seen. 0 is the paper's own threshold.
 */
const PRIOR_TICKETS = 3;

/** @param judged held-out or out-of-fold; of tickets the model was fitted on it would find nothing */
export function findSuspects(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  priorTickets = PRIOR_TICKETS,
): SuspectSearch {
  const plans = planLevels(taxonomy);
  const done = new Uint8Array(judged.length);
  const suspects: Suspect[] = [];
  let seen = 0;
  let errors = 0;
  // Deepest level first: a ticket is judged where its label says most.
  for (const plan of plans.toReversed()) {
    const thresholds = thresholdsOf(taxonomy, plan, judged, priorTickets);
    const joint = new Joint(plan.items.length);
    for (const [ticket, { leaves, labels, alternatives }] of judged.entries()) {
      if (done[ticket]) continue;
      const given = rightGroups(plan, taxonomy, labels);
      if (given.length === 0) continue;
      done[ticket] = 1;
      seen += 1;
      const probabilities = groupProbabilities(plan, leaves);
      const meant = confidentGroup(probabilities, thresholds);
      const admissible = [...given, ...alternatives.map((one) => groupOfLabel(plan, taxonomy, one))];
      const wrong = meant >= 0 && !admissible.includes(meant);
      if (given.length === 1) joint.add(given[0]!, meant, wrong);
      if (!wrong) continue;
      const likeliest = given.reduce((best, one) =>
        probabilities[one]! > probabilities[best]! ? one : best,
      );
      suspects.push({
        ticket,
        level: plan.level,
        given: plan.items[likeliest]!,
        suggested: plan.items[meant]!,
        givenProbability: given.reduce((sum, one) => sum + probabilities[one]!, 0),
        suggestedProbability: probabilities[meant]!,
        differsAt: firstDifference(taxonomy, plan.items[likeliest]!, plan.items[meant]!),
      });
    }
    errors += joint.errors();
  }
  const margin = (one: Suspect) => one.givenProbability - one.suggestedProbability;
  suspects.sort((a, b) => margin(a) - margin(b) || a.ticket - b.ticket);
  return { suspects, judged: seen, errorShare: seen > 0 ? errors / seen : 0 };
}

/** Mean probability of each item over the tickets labelled with it, and with it alone. */
function thresholdsOf(
  taxonomy: Taxonomy,
  plan: LevelPlan,
  judged: readonly JudgedTicket[],
  priorTickets: number,
): Float64Array {
  const sums = new Float64Array(plan.items.length);
  const counts = new Uint32Array(plan.items.length);
  let [sum, count] = [0, 0];
  for (const { leaves, labels } of judged) {
    const groups = rightGroups(plan, taxonomy, labels);
    if (groups.length !== 1) continue;
    const own = probabilityOf(plan, leaves, groups[0]!);
    sums[groups[0]!]! += own;
    counts[groups[0]!]! += 1;
    sum += own;
    count += 1;
  }
  const mean = count > 0 ? sum / count : 1;
  return sums.map((own, group) => {
    const weight = counts[group]! + priorTickets;
    // Without tickets and without a prior nothing is known of the item: it is never confidently meant.
    return weight > 0 ? (own + priorTickets * mean) / weight : Number.POSITIVE_INFINITY;
  });
}

/** The likeliest of the items that reach their threshold; −1 where none does. */
function confidentGroup(probabilities: Float64Array, thresholds: Float64Array): number {
  let best = -1;
  for (let group = 0; group < probabilities.length; group += 1) {
    if (probabilities[group]! < thresholds[group]!) continue;
    if (best < 0 || probabilities[group]! > probabilities[best]!) best = group;
  }
  return best;
}

function groupProbabilities(plan: LevelPlan, leaves: Float64Array): Float64Array {
  return Float64Array.from(plan.items, (_, group) => probabilityOf(plan, leaves, group));
}

function probabilityOf({ starts }: LevelPlan, leaves: Float64Array, group: number): number {
  let sum = 0;
  for (let leaf = starts[group]!; leaf < starts[group + 1]!; leaf += 1) sum += leaves[leaf]!;
  return sum;
}

function firstDifference(taxonomy: Taxonomy, one: number, other: number): number {
  const [a, b] = [taxonomy.pathOf(taxonomy.at(one)), taxonomy.pathOf(taxonomy.at(other))];
  let level = 0;
  while (level < a.length && level < b.length && a[level]!.index === b[level]!.index) level += 1;
  return level + 1;
}

/** The confident joint, as far as the share of errors needs it: per given item, how many are meant elsewhere. */
class Joint {
  readonly #labelled: Uint32Array;
  readonly #confident: Uint32Array;
  readonly #elsewhere: Uint32Array;

  constructor(groups: number) {
    this.#labelled = new Uint32Array(groups);
    this.#confident = new Uint32Array(groups);
    this.#elsewhere = new Uint32Array(groups);
  }

  add(given: number, meant: number, wrong: boolean): void {
    this.#labelled[given]! += 1;
    if (meant < 0) return;
    this.#confident[given]! += 1;
    if (wrong) this.#elsewhere[given]! += 1;
  }

  /** Expected wrong labels: an item's share among its confident tickets, taken to all of its tickets. */
  errors(): number {
    let sum = 0;
    for (let group = 0; group < this.#labelled.length; group += 1) {
      const confident = this.#confident[group]!;
      if (confident > 0) sum += (this.#labelled[group]! * this.#elsewhere[group]!) / confident;
    }
    return sum;
  }
}

/**
 * What the model said at each level beside what was right, in columns: every figure of an evaluation is
 * computed from these, so that the leaves of a ticket are added up once.
 */
import { DuihaoError } from '../../src/errors.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { JudgedTicket } from './judged-ticket.js';
import { groupOfLabel, type LevelPlan, planLevels } from './level-plan.js';

/** One entry per ticket whose label reaches the level. */
export interface LevelJudgement {
  readonly level: number;
  readonly rows: number;
  /** Which ticket of the input. */
  readonly ticket: Int32Array;
  /** Item index of the first candidate; −1 where no item had any probability. */
  readonly predicted: Int32Array;
  readonly confidence: Float64Array;
  /** The right item: the first candidate where it is admissible, else the first label. */
  readonly truth: Int32Array;
  /** Probability of the label (of all admissible items together, where there are several). */
  readonly truthProbability: Float64Array;
  /** Place of the best right item among the candidates, from 0; `UNRANKED` where it had no probability. */
  readonly rank: Int32Array;
}

export const UNRANKED = 0x7fffffff;

/**
 * Judges every level, level 1 first. A ticket counts at a level when each of its labels tells the item there.
 * @throws DuihaoError `judged-ticket-invalid`
 */
export function judgeLevels(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  acceptAlternatives: boolean,
): LevelJudgement[] {
  const plans = planLevels(taxonomy);
  const columns = plans.map(() => new Columns(judged.length));
  const prefix = new Float64Array(taxonomy.leaves.length + 1);
  for (let ticket = 0; ticket < judged.length; ticket += 1) {
    const { leaves, labels, alternatives } = judged[ticket]!;
    addUp(leaves, prefix, ticket);
    for (let at = 0; at < plans.length; at += 1) {
      const plan = plans[at]!;
      const right = rightGroups(plan, taxonomy, labels);
      if (right.length === 0) continue;
      const first = right[0]!;
      if (acceptAlternatives) {
        for (const alternative of alternatives) {
          const group = groupOfLabel(plan, taxonomy, alternative);
          if (group >= 0 && !right.includes(group)) right.push(group);
        }
      }
      columns[at]!.add(ticket, plan, prefix, first, right);
    }
  }
  return columns.map((column, at) => column.finish(plans[at]!.level));
}

/** Distinct groups of the labels; none where one of them does not reach the level. */
export function rightGroups(plan: LevelPlan, taxonomy: Taxonomy, labels: readonly number[]): number[] {
  const groups: number[] = [];
  for (const label of labels) {
    const group = groupOfLabel(plan, taxonomy, label);
    if (group < 0) {
      const { leafStart, leafEnd } = taxonomy.at(label);
      // A retired label says nothing; one that stands too high says that the level cannot be told.
      if (leafEnd > leafStart) return [];
    } else if (!groups.includes(group)) groups.push(group);
  }
  return groups;
}

function addUp(leaves: Float64Array, prefix: Float64Array, ticket: number): void {
  if (leaves.length !== prefix.length - 1) {
    throw new DuihaoError(
      'invalid-input',
      'judged-ticket-invalid',
      `judged ticket ${ticket} has ${leaves.length} leaves, the taxonomy ${prefix.length - 1}`,
    );
  }
  let sum = 0;
  for (let leaf = 0; leaf < leaves.length; leaf += 1) sum += leaves[leaf]!;
  if (!Number.isFinite(sum)) {
    throw new DuihaoError(
      'invalid-input',
      'judged-ticket-invalid',
      `judged ticket ${ticket} has a leaf whose probability is no number`,
    );
  }
  // Scaled first, then added up, as Distribution does: ties then fall the same way to the last bit.
  const scale = sum > 0 ? 1 / sum : 0;
  for (let leaf = 0; leaf < leaves.length; leaf += 1)
    prefix[leaf + 1] = prefix[leaf]! + leaves[leaf]! * scale;
}

class Columns {
  #rows = 0;
  readonly #ticket: Int32Array;
  readonly #predicted: Int32Array;
  readonly #confidence: Float64Array;
  readonly #truth: Int32Array;
  readonly #truthProbability: Float64Array;
  readonly #rank: Int32Array;

  constructor(capacity: number) {
    this.#ticket = new Int32Array(capacity);
    this.#predicted = new Int32Array(capacity);
    this.#confidence = new Float64Array(capacity);
    this.#truth = new Int32Array(capacity);
    this.#truthProbability = new Float64Array(capacity);
    this.#rank = new Int32Array(capacity);
  }

  add(ticket: number, plan: LevelPlan, prefix: Float64Array, label: number, right: readonly number[]): void {
    const { starts, items } = plan;
    const probability = (group: number) => prefix[starts[group + 1]!]! - prefix[starts[group]!]!;
    let bestRight = right[0]!;
    let together = 0;
    for (const group of right) {
      const value = probability(group);
      together += value;
      const best = probability(bestRight);
      if (value > best || (value === best && group < bestRight)) bestRight = group;
    }
    const reference = probability(bestRight);
    let rank = 0;
    let top = -1;
    let topProbability = 0;
    let low = prefix[0]!;
    for (let group = 0; group < items.length; group += 1) {
      const high = prefix[starts[group + 1]!]!;
      const value = high - low;
      low = high;
      // Ties go to the earlier item, as in Distribution.top.
      if (value > topProbability) {
        topProbability = value;
        top = group;
      }
      if (value > reference || (value === reference && group < bestRight)) rank += 1;
    }
    const row = this.#rows;
    this.#rows += 1;
    this.#ticket[row] = ticket;
    this.#predicted[row] = top < 0 ? -1 : items[top]!;
    this.#confidence[row] = Math.min(1, topProbability);
    this.#rank[row] = reference > 0 ? rank : UNRANKED;
    this.#truth[row] = items[right.includes(top) ? top : label]!;
    this.#truthProbability[row] = Math.min(1, together);
  }

  finish(level: number): LevelJudgement {
    const rows = this.#rows;
    return {
      level,
      rows,
      ticket: this.#ticket.subarray(0, rows),
      predicted: this.#predicted.subarray(0, rows),
      confidence: this.#confidence.subarray(0, rows),
      truth: this.#truth.subarray(0, rows),
      truthProbability: this.#truthProbability.subarray(0, rows),
      rank: this.#rank.subarray(0, rows),
    };
  }
}

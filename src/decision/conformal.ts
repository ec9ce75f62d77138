/**
 * Instead of one item, the smallest set that holds the right one with a promised probability, whatever the
 * model is worth: split conformal prediction with adaptive, regularised sets over the leaves (Romano, Sesia &
 * Candès, NeurIPS 2020; Angelopoulos et al., ICLR 2021), then written as few items of the tree. The promise is
 * about the average ticket, and holds while tickets are like those the threshold was fitted on.
 */
import { DuihaoError } from '../errors.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Candidate } from './decision.js';
import type { Distribution } from './distribution.js';

export interface ConformalCalibration {
  /** Promised probability that the set holds the right item, in (0, 1). */
  readonly coverage: number;
  /** Leaves whose score is at most this belong to the set; null: too few tickets to promise it, all belong. */
  readonly threshold: number | null;
  /** Added to a leaf's score for each place beyond `freeRanks`: keeps the sets of doubtful tickets short. */
  readonly penalty: number;
  readonly freeRanks: number;
}

export interface ConformalSet {
  readonly coverage: number;
  /**
   * Items that together hold every leaf of the set, most probable first; none lies within another. More leaves
   * than these lie beneath them only where the list had to be shortened or ends at an upper level.
   */
  readonly items: readonly Candidate[];
  /** Leaves in the set itself. */
  readonly leaves: number;
}

/** Sums of the same leaves may differ in the last bits. */
const ROUNDING = 1e-12;

/** So many items a person can still choose from at a glance. */
export const MAX_SET_ITEMS = 5;

/** @throws DuihaoError `conformal-invalid` */
export function validateConformal(calibration: ConformalCalibration): ConformalCalibration {
  const { coverage, threshold, penalty, freeRanks } = calibration;
  const fine =
    coverage > 0 &&
    coverage < 1 &&
    (threshold === null || (Number.isFinite(threshold) && threshold >= 0)) &&
    Number.isFinite(penalty) &&
    penalty >= 0 &&
    Number.isInteger(freeRanks) &&
    freeRanks >= 1;
  if (!fine) {
    throw new DuihaoError(
      'invalid-input',
      'conformal-invalid',
      'a conformal calibration needs a coverage in (0, 1), a threshold of 0 or more or null, a penalty of 0 or more and 1 or more free ranks',
    );
  }
  return calibration;
}

/** Leaf numbers, most probable first; equal ones in the tree's order. */
export function rankLeaves(leaves: Float64Array): Uint32Array {
  const order = new Uint32Array(leaves.length);
  for (let leaf = 0; leaf < order.length; leaf += 1) order[leaf] = leaf;
  return order.sort((a, b) => leaves[b]! - leaves[a]! || a - b);
}

/**
 * The score of a leaf: probability of all leaves that come before it, plus a penalty for coming late. The
 * first leaf scores 0, so that no set is empty. @param place from 0
 */
export function conformalScore(
  massBefore: number,
  place: number,
  { penalty, freeRanks }: Pick<ConformalCalibration, 'penalty' | 'freeRanks'>,
): number {
  return massBefore + penalty * Math.max(0, place + 1 - freeRanks);
}

export interface SetRequest {
  /** A longer list is shortened by putting ancestors in place of their descendants. Default `MAX_SET_ITEMS`. */
  readonly maxItems?: number | undefined;
  /** No item beneath this level is named. Default: the tree's depth. */
  readonly level?: number | undefined;
  /**
   * What the ticket is answered with, where that is not the distribution the threshold was fitted for: moved by
   * what agents chose, or restricted to some items. It gives the probabilities; its first item is always in the
   * set, and leaves to which it gives none are not. Neither breaks the promise, as far as the right item is
   * among those it was restricted to.
   */
  readonly answer?: Distribution | undefined;
}

/**
 * A list for a higher coverage by the same scores always holds that for a lower one: leaves only come, and what
 * was once shortened stays so. Level-1 items are never joined, so that more than `maxItems` of them may remain.
 */
export function conformalSet(
  distribution: Distribution,
  calibration: ConformalCalibration,
  { maxItems = MAX_SET_ITEMS, level, answer = distribution }: SetRequest = {},
): ConformalSet {
  const { taxonomy } = distribution;
  const deepest = level ?? taxonomy.depth;
  const list = new ItemList(taxonomy, maxItems);
  const [first] = answer.top(1, deepest);
  if (first) list.add(first.item);
  const leaves = leavesWithin(distribution.leaves, calibration).filter(
    (leaf) => answer === distribution || answer.leaves[leaf]! > 0,
  );
  for (const leaf of leaves) list.add(taxonomy.ancestorAt(taxonomy.leafAt(leaf), deepest));
  return {
    coverage: calibration.coverage,
    items: list.items
      .map((item) => ({ item, path: taxonomy.pathOf(item), probability: answer.probability(item) }))
      .sort((a, b) => b.probability - a.probability || a.item.index - b.item.index),
    leaves: leaves.length,
  };
}

/** Leaves whose score is within the threshold, most probable first: scores rise along that order. */
function leavesWithin(leaves: Float64Array, calibration: ConformalCalibration): Uint32Array {
  const order = rankLeaves(leaves);
  const { threshold } = calibration;
  if (threshold === null) return order;
  let before = 0;
  let place = 0;
  for (const leaf of order) {
    if (conformalScore(before, place, calibration) > threshold + ROUNDING) break;
    before += leaves[leaf]!;
    place += 1;
  }
  return order.subarray(0, place);
}

/** Disjoint items that hold all that was added, in as few lines as allowed. */
class ItemList {
  readonly #taxonomy: Taxonomy;
  readonly #most: number;
  #items: Item[] = [];

  constructor(taxonomy: Taxonomy, most: number) {
    this.#taxonomy = taxonomy;
    this.#most = most;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    if (this.#items.some((one) => this.#taxonomy.isWithin(item, one))) return;
    this.#replace(item);
    this.#joinWhole(item);
    while (this.#items.length > this.#most) {
      const parent = this.#cheapest();
      if (!parent) return;
      this.#replace(parent);
      this.#joinWhole(parent);
    }
  }

  #replace(parent: Item): void {
    this.#items = [...this.#items.filter((one) => !this.#taxonomy.isWithin(one, parent)), parent];
  }

  /** Where all beneath an ancestor is in the list, the ancestor itself; with a single line it says no more. */
  #joinWhole(item: Item): void {
    for (const ancestor of this.#ancestors(item)) {
      const { lines, leaves } = this.#beneath(ancestor);
      if (lines > 1 && leaves === leavesOf(ancestor)) this.#replace(ancestor);
    }
  }

  /** The ancestor that lets in the least for each line it saves; the deepest of equals. */
  #cheapest(): Item | undefined {
    const surplus = this.#items.length - this.#most;
    let best: { readonly item: Item; readonly cost: number } | undefined;
    for (const item of new Set(this.#items.flatMap((one) => this.#ancestors(one)))) {
      const { lines, leaves } = this.#beneath(item);
      if (lines < 2) continue;
      // Once the list is short enough, saving more is worth nothing.
      const cost = (leavesOf(item) - leaves) / Math.min(lines - 1, surplus);
      if (!best || cost < best.cost || (cost === best.cost && item.level > best.item.level)) {
        best = { item, cost };
      }
    }
    return best?.item;
  }

  #beneath(ancestor: Item): { lines: number; leaves: number } {
    let lines = 0;
    let leaves = 0;
    for (const one of this.#items) {
      if (!this.#taxonomy.isWithin(one, ancestor)) continue;
      lines += 1;
      leaves += leavesOf(one);
    }
    return { lines, leaves };
  }

  /** From the parent up. */
  #ancestors(item: Item): Item[] {
    const above: Item[] = [];
    for (let at = this.#taxonomy.parentOf(item); at; at = this.#taxonomy.parentOf(at)) above.push(at);
    return above;
  }
}

const leavesOf = ({ leafStart, leafEnd }: Item): number => leafEnd - leafStart;

/** Coverages for which a set smaller than everything can be promised, rising. */
export function promisedCoverages(calibrations: readonly ConformalCalibration[]): number[] {
  return calibrations
    .filter(({ threshold }) => threshold !== null)
    .map(({ coverage }) => coverage)
    .sort((a, b) => a - b);
}

/**
 * The lowest of `promised` (rising) that is at least what is asked.
 * @throws DuihaoError `coverage-unknown`
 */
export function coverageFor(promised: readonly number[], asked: number): number {
  const found = promised.find((coverage) => coverage >= asked - ROUNDING);
  if (found !== undefined) return found;
  const most = promised.at(-1);
  throw new DuihaoError(
    'invalid-input',
    'coverage-unknown',
    most === undefined
      ? 'this model promises no coverage: it was trained without enough held-out tickets, or moved to another list; train it again'
      : `this model promises coverages up to ${most}; more held-out tickets in training let it promise more`,
    most === undefined ? {} : { most },
  );
}

/** @throws DuihaoError `coverage-unknown` */
export function calibrationFor(
  calibrations: readonly ConformalCalibration[],
  asked: number,
): ConformalCalibration {
  const coverage = coverageFor(promisedCoverages(calibrations), asked);
  return calibrations.find((one) => one.coverage === coverage && one.threshold !== null)!;
}

/**
 * Instead of one item, the smallest set that holds the right one with a promised probability, whatever the
 * model is worth: split conformal prediction with adaptive, regularised sets over the leaves (Romano, Sesia &
 * Candès, NeurIPS 2020; Angelopoulos et al., ICLR 2021), then written as few items of the tree. The promise is
 * about the average ticket, and holds while tickets are like those the threshold was fitted on.
 */
import { DuihaoError } from '../errors.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
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
   * than asked for lie beneath them only where the list had to be shortened.
   */
  readonly items: readonly { readonly item: Item; readonly probability: number }[];
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

/**
 * @param maxItems a longer list is shortened by putting parents in place of their children, those first that
 *   let in the least beside; level-1 items are never joined, so that more than `maxItems` of them may remain.
 */
export function conformalSet(
  distribution: Distribution,
  calibration: ConformalCalibration,
  maxItems = MAX_SET_ITEMS,
): ConformalSet {
  const { taxonomy, leaves } = distribution;
  const chosen = new Uint8Array(leaves.length);
  const count = chooseLeaves(leaves, calibration, chosen);
  const items = shorten(taxonomy, cover(taxonomy, chosen), chosen, maxItems);
  return {
    coverage: calibration.coverage,
    items: items
      .map((item) => ({ item, probability: distribution.probability(item) }))
      .sort((a, b) => b.probability - a.probability || a.item.index - b.item.index),
    leaves: count,
  };
}

function chooseLeaves(leaves: Float64Array, calibration: ConformalCalibration, chosen: Uint8Array): number {
  const { threshold } = calibration;
  if (threshold === null) {
    chosen.fill(1);
    return chosen.length;
  }
  let before = 0;
  let place = 0;
  // Scores rise along the order: the first one above the threshold ends the set.
  for (const leaf of rankLeaves(leaves)) {
    if (conformalScore(before, place, calibration) > threshold + ROUNDING) break;
    chosen[leaf] = 1;
    before += leaves[leaf]!;
    place += 1;
  }
  return place;
}

/** The fewest items that hold just the chosen leaves: where all beneath an item are chosen, the item itself. */
function cover(taxonomy: Taxonomy, chosen: Uint8Array): Item[] {
  const before = new Uint32Array(chosen.length + 1);
  for (let leaf = 0; leaf < chosen.length; leaf += 1) before[leaf + 1] = before[leaf]! + chosen[leaf]!;
  const items: Item[] = [];
  const visit = (index: number): void => {
    const item = taxonomy.at(index);
    const inside = before[item.leafEnd]! - before[item.leafStart]!;
    if (inside === 0) return;
    if (inside === item.leafEnd - item.leafStart) items.push(onlyLeafOf(taxonomy, item));
    else for (const child of item.children) visit(child);
  };
  for (const root of taxonomy.roots) visit(root);
  return items;
}

/** An item with a single leaf says no more than the leaf. */
function onlyLeafOf(taxonomy: Taxonomy, item: Item): Item {
  return item.leafEnd - item.leafStart === 1 ? taxonomy.leafAt(item.leafStart) : item;
}

function shorten(taxonomy: Taxonomy, items: Item[], chosen: Uint8Array, maxItems: number): Item[] {
  let list = items;
  while (list.length > maxItems) {
    // Every ancestor of an item in the list, with how many items it would replace.
    const replaced = new Map<number, number>();
    for (const item of list) {
      for (let at = taxonomy.parentOf(item); at; at = taxonomy.parentOf(at)) {
        replaced.set(at.index, (replaced.get(at.index) ?? 0) + 1);
      }
    }
    let best: { item: Item; cost: number } | undefined;
    for (const [index, count] of replaced) {
      if (count < 2) continue;
      const item = taxonomy.at(index);
      let extra = 0;
      for (let leaf = item.leafStart; leaf < item.leafEnd; leaf += 1) extra += 1 - chosen[leaf]!;
      // Once the list is short enough, saving more is worth nothing.
      const cost = extra / Math.min(count - 1, list.length - maxItems);
      if (!best || cost < best.cost || (cost === best.cost && item.level > best.item.level)) {
        best = { item, cost };
      }
    }
    if (!best) return list;
    const parent = best.item;
    list = [...list.filter((item) => !taxonomy.isWithin(item, parent)), parent];
  }
  return list;
}

/**
 * A classifier whose answers are carried over to another version of its list. What it says of the leaves it was
 * trained on becomes, share by share, what it says of the leaves they became: the probability of a merged item is
 * the sum of its parts', that of a split one is divided among its heirs, and an item nothing became gets none.
 */
import type { TicketText } from '../features/vectorizer.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Classified, Classifier } from './classifier.js';
import type { Stretch } from './explain.js';

/** What asks a model: a classifier of its own list, or one whose answers were carried over. */
export type ItemClassifier = Pick<Classifier, 'classify' | 'explain' | 'dispose'>;

/** Leaf o of the old list became `leaves[at]` with `shares[at]`, for `starts[o] ≤ at < starts[o + 1]`. */
export interface LeafMoves {
  readonly starts: Uint32Array;
  readonly leaves: Uint32Array;
  /** In (0, 1]; those of one old leaf sum to at most 1. */
  readonly shares: Float32Array;
}

/** @param out one value per new leaf, summing to 1; all zero where everything probable has gone */
export function moveLeaves(moves: LeafMoves, old: Float64Array, out: Float64Array): void {
  out.fill(0);
  let sum = 0;
  for (let leaf = 0; leaf < old.length; leaf += 1) {
    for (let at = moves.starts[leaf]!; at < moves.starts[leaf + 1]!; at += 1) {
      const moved = old[leaf]! * moves.shares[at]!;
      out[moves.leaves[at]!]! += moved;
      sum += moved;
    }
  }
  if (sum > 0) for (let leaf = 0; leaf < out.length; leaf += 1) out[leaf]! /= sum;
}

/** First `before`, then `after`. */
export function composeMoves(before: LeafMoves, after: LeafMoves): LeafMoves {
  const rows = before.starts.length - 1;
  return packMoves(
    Array.from({ length: rows }, (_, leaf) => {
      const row = new Map<number, number>();
      for (let at = before.starts[leaf]!; at < before.starts[leaf + 1]!; at += 1) {
        const between = before.leaves[at]!;
        for (let to = after.starts[between]!; to < after.starts[between + 1]!; to += 1) {
          const share = before.shares[at]! * after.shares[to]!;
          row.set(after.leaves[to]!, (row.get(after.leaves[to]!) ?? 0) + share);
        }
      }
      return row;
    }),
  );
}

/** @param rows for each old leaf: new leaf → share */
export function packMoves(rows: readonly ReadonlyMap<number, number>[]): LeafMoves {
  const starts = new Uint32Array(rows.length + 1);
  for (const [leaf, row] of rows.entries()) starts[leaf + 1] = starts[leaf]! + row.size;
  const sorted = rows.flatMap((row) => [...row].sort(([a], [b]) => a - b));
  return {
    starts,
    leaves: Uint32Array.from(sorted, ([leaf]) => leaf),
    shares: Float32Array.from(sorted, ([, share]) => share),
  };
}

/** Do the arrays lead from one list to the other without leaving either? */
export function isSound({ starts, leaves, shares }: LeafMoves, from: Taxonomy, to: Taxonomy): boolean {
  return (
    starts.length === from.leaves.length + 1 &&
    starts[0] === 0 &&
    starts.every((start, at) => at === 0 || start >= starts[at - 1]!) &&
    starts.at(-1) === leaves.length &&
    shares.length === leaves.length &&
    leaves.every((leaf) => leaf < to.leaves.length) &&
    shares.every((share) => share > 0 && share <= 1)
  );
}

export class MovedClassifier implements ItemClassifier {
  readonly #own: Classifier;
  readonly #moves: LeafMoves;
  readonly #leaves: number;
  /** What was answered → what the classifier itself had said, for explaining. */
  readonly #answers = new WeakMap<Classified, Classified>();

  constructor(taxonomy: Taxonomy, own: Classifier, moves: LeafMoves) {
    this.#own = own;
    this.#moves = moves;
    this.#leaves = taxonomy.leaves.length;
  }

  classify(
    tickets: readonly TicketText[],
    withOccurrences?: boolean,
    withFingerprints?: boolean,
  ): Classified[] {
    return this.#own.classify(tickets, withOccurrences, withFingerprints).map((own) => {
      const leaves = new Float64Array(this.#leaves);
      moveLeaves(this.#moves, own.leaves, leaves);
      const moved = { ...own, leaves };
      this.#answers.set(moved, own);
      return moved;
    });
  }

  /** What spoke for the old leaf that gave the new one most of its probability. */
  explain(classified: Classified, leaf: number, most?: number): Stretch[] {
    const own = this.#answers.get(classified);
    if (!own) return [];
    let best = -1;
    let largest = 0;
    for (let old = 0; old < own.leaves.length; old += 1) {
      for (let at = this.#moves.starts[old]!; at < this.#moves.starts[old + 1]!; at += 1) {
        const given = own.leaves[old]! * this.#moves.shares[at]!;
        if (this.#moves.leaves[at] === leaf && given > largest) {
          best = old;
          largest = given;
        }
      }
    }
    return best < 0 ? [] : this.#own.explain(own, best, most);
  }

  dispose(): void {
    this.#own.dispose();
  }
}

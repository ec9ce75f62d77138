/**
 * Moves a model to another version of its list without training: by what became of each item (taxonomy diff), by a
 * correspondence table where one is given. Refused where a leaf of the old list leads nowhere, unless the caller says
 * that such tickets go to the nearest 其他.
 *
 * Renamed, moved and merged items keep their exact probabilities. A split one is divided by the table's weights
 * (equally without): the model cannot tell the heirs apart before it is trained again, so that its confidence ends at
 * what they have in common. New items get nothing. Conformal sets promise a coverage that the moved tree was not
 * calibrated for and are left out.
 */
import { composeMoves, type LeafMoves, packMoves } from '../classifier/moved-classifier.js';
import { DuihaoError } from '../errors.js';
import type { CorrespondenceTable } from '../taxonomy/correspondence.js';
import { diffTaxonomies, type TaxonomyDiff } from '../taxonomy/diff.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { ModelContent } from './model-folder.js';

/** What became of the old list's leaves. */
export interface MigrationAccount {
  /** Leaves with a single new leaf of their own. */
  readonly carried: number;
  /** Leaves that share their new leaf with others, those of an item that is no longer divided among them. */
  readonly merged: readonly Item[];
  /** Leaves divided among several. */
  readonly split: readonly Item[];
  /** Leaves that lead nowhere and went to the nearest catch-all. */
  readonly toCatchAll: readonly Item[];
  /** Leaves of the new list that nothing became: never suggested before the next training. */
  readonly unreached: readonly Item[];
}

export interface MigrationOptions {
  /** Maps items of the model's list to the new one, before what the diff says. */
  readonly table?: CorrespondenceTable | undefined;
  /** Leaves that lead nowhere go to the nearest catch-all of the new list. */
  readonly toCatchAll?: boolean | undefined;
}

/** @throws DuihaoError `migration-needless`, `migration-incomplete` (`details.items`: what leads nowhere) */
export function migrateModel(
  model: ModelContent,
  to: Taxonomy,
  options: MigrationOptions = {},
): { content: ModelContent; account: MigrationAccount } {
  const from = model.taxonomy;
  if (from.digest === to.digest) {
    throw new DuihaoError(
      'conflict',
      'migration-needless',
      `the model answers with ${to.meta.id} ${to.meta.version} already`,
      { taxonomy: to.digest },
    );
  }
  const { moves, account, lost } = planMoves(from, to, options);
  if (lost.length > 0) {
    throw new DuihaoError(
      'conflict',
      'migration-incomplete',
      `${lost.length} of ${from.leaves.length} items lead nowhere in ${to.meta.id} ${to.meta.version}, first ${lost[0]!.code}; give a correspondence table, let them go to the nearest catch-all, or train again`,
      { items: lost.map(({ code }) => code), leaves: from.leaves.length },
    );
  }
  const trained = model.moved?.trained ?? from;
  return {
    content: {
      ...model,
      taxonomy: to,
      conformal: [],
      moved: { trained, moves: model.moved ? composeMoves(model.moved.moves, moves) : moves },
    },
    account,
  };
}

function planMoves(
  from: Taxonomy,
  to: Taxonomy,
  { table, toCatchAll }: MigrationOptions,
): { moves: LeafMoves; account: MigrationAccount; lost: Item[] } {
  const diff = diffTaxonomies(from, to);
  const mapped = new Set(table?.entries.map(({ from: id }) => id));
  const lost: Item[] = [];
  const sent: Item[] = [];
  const rows = from.leaves.map((index): Map<number, number> => {
    const old = from.at(index);
    const row = spread(heirsOf(old, diff, table, mapped));
    if (row.size > 0) return row;
    const catchAll = toCatchAll ? nearestCatchAll(old, diff) : null;
    (catchAll ? sent : lost).push(old);
    return catchAll ? spread([{ item: catchAll, weight: 1 }]) : row;
  });
  const givers = new Map<number, number>();
  for (const row of rows) for (const leaf of row.keys()) givers.set(leaf, (givers.get(leaf) ?? 0) + 1);
  const olds = rows.map((row, leaf) => ({ row, old: from.leafAt(leaf) }));
  const isSingle = (row: Map<number, number>) => row.size === 1;
  const isShared = (row: Map<number, number>) => isSingle(row) && givers.get([...row.keys()][0]!)! > 1;
  const elsewhere = new Set(sent);
  return {
    moves: packMoves(rows),
    lost,
    account: {
      carried: rows.filter((row) => isSingle(row) && !isShared(row)).length,
      merged: olds.filter(({ row, old }) => isShared(row) && !elsewhere.has(old)).map(({ old }) => old),
      split: olds.filter(({ row }) => row.size > 1).map(({ old }) => old),
      toCatchAll: sent,
      unreached: to.leaves.flatMap((index, leaf) => (givers.has(leaf) ? [] : [to.at(index)])),
    },
  };
}

interface Heir {
  readonly item: Item;
  readonly weight: number;
}

/**
 * By a row of its own in the table, else by the diff, else by a row of an item above, else the item above itself where
 * the new list no longer divides it.
 */
function heirsOf(
  old: Item,
  diff: TaxonomyDiff,
  table: CorrespondenceTable | undefined,
  mapped: ReadonlySet<string>,
): readonly Heir[] {
  const byTable = () => table?.admissible(`@${old.id}`) ?? [];
  if (mapped.has(old.id)) return byTable();
  const heirs = diff.became.get(old.index) ?? [];
  if (heirs.length > 0) return heirs.map((item) => ({ item, weight: 1 / heirs.length }));
  const above = nearestLeft(old, diff);
  const rows = byTable();
  return rows.length > 0 || !above || !diff.to.isLeaf(above) ? rows : [{ item: above, weight: 1 }];
}

/** An heir above the leaves is all of them in equal shares: no more is known. */
function spread(heirs: readonly Heir[]): Map<number, number> {
  const row = new Map<number, number>();
  for (const { item, weight } of heirs) {
    const share = weight / (item.leafEnd - item.leafStart);
    for (let leaf = item.leafStart; leaf < item.leafEnd; leaf += 1) {
      row.set(leaf, (row.get(leaf) ?? 0) + share);
    }
  }
  return row;
}

function nearestCatchAll(old: Item, diff: TaxonomyDiff): Item | null {
  return diff.to.catchAllOf(nearestLeft(old, diff));
}

/** What the nearest item above became, where it is one item. */
function nearestLeft(old: Item, { from, became }: TaxonomyDiff): Item | null {
  for (let at = from.parentOf(old); at; at = from.parentOf(at)) {
    const [now, ...others] = became.get(at.index) ?? [];
    if (now && others.length === 0) return now;
  }
  return null;
}

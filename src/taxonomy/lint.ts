/**
 * Uniqueness and consistency of a list and all its cities' overlays together: what breaks the rules (errors
 * of building and merging) and what is merely suspicious (warnings that no single file shows).
 */
import { liveSuccessors } from './diff.js';
import type { Item } from './item.js';
import { mergeOverlays, type Overlay } from './overlay.js';
import type { Taxonomy, TaxonomyFault } from './taxonomy.js';

export interface LintResult {
  /** Everything together; null when a rule is broken. */
  readonly merged: Taxonomy | null;
  readonly faults: readonly TaxonomyFault[];
}

export function lintTaxonomy(list: Taxonomy, overlays: readonly Overlay[]): LintResult {
  const { taxonomy: merged, faults } =
    overlays.length === 0 ? { taxonomy: list, faults: [] } : mergeOverlays(list, overlays);
  const tree = merged ?? list;
  return {
    merged,
    faults: [
      ...faults,
      ...siblingNames(tree),
      ...deadEnds(tree),
      ...missingCatchAlls(tree),
      ...sharedWords(tree),
    ],
  };
}

function warning(fault: string, item: Item, message: string): TaxonomyFault {
  return {
    fault,
    severity: 'warning',
    row: undefined,
    code: item.code,
    message,
    ...(item.owner === '' ? {} : { source: item.owner }),
  };
}

/** Two items in use under one parent with the same name: agents cannot tell them apart. */
function siblingNames(tree: Taxonomy): TaxonomyFault[] {
  const seen = new Map<string, Item>();
  return tree.items.flatMap((item) => {
    if (item.retired) return [];
    const key = `${item.parent} ${item.displayName}`;
    const there = seen.get(key);
    if (!there) {
      seen.set(key, item);
      return [];
    }
    return [warning('sibling-name', item, `${item.code} 与 ${there.code} 同级同名：${item.displayName}`)];
  });
}

/** A retired item whose tickets would go nowhere. */
function deadEnds(tree: Taxonomy): TaxonomyFault[] {
  return tree.items
    .filter((item) => item.retired && liveSuccessors(tree, item).length === 0)
    .map((item) =>
      warning('successor-missing', item, `${item.code} ${item.displayName} 已停用，没有在用的接替事项`),
    );
}

/** A city's own subdivision without a 99: what fits none of its items has no seat. */
function missingCatchAlls(tree: Taxonomy): TaxonomyFault[] {
  return tree.items
    .filter((item) => {
      const live = tree.childrenOf(item).filter((child) => !child.retired);
      return live.some((child) => child.owner !== '') && !live.some((child) => child.isCatchAll);
    })
    .map((item) =>
      warning('catch-all-missing', item, `${item.code} ${item.displayName} 已细分，但没有收容项 99`),
    );
}

/** A search word that two leaves share says little; that of one leaf being another's name misleads. */
function sharedWords(tree: Taxonomy): TaxonomyFault[] {
  const names = new Map<string, Item>();
  for (const index of tree.leaves) names.set(tree.at(index).displayName, tree.at(index));
  return tree.leaves.flatMap((index) => {
    const item = tree.at(index);
    return item.words.flatMap((word) => {
      const other = names.get(word);
      if (!other || other.index === item.index) return [];
      return [warning('word-misleads', item, `${item.code} 的检索词“${word}”是 ${other.code} 的名称`)];
    });
  });
}

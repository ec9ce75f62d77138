/** What changed from one version of a list to the next. */
import type { Item } from './item.js';
import type { Taxonomy } from './taxonomy.js';

export type TaxonomyChange =
  | { readonly kind: 'added'; readonly item: Item }
  /** No longer in use, still in the list. */
  | { readonly kind: 'retired'; readonly item: Item; readonly successors: readonly Item[] }
  /** Gone from the list: its code could be given again by mistake. */
  | { readonly kind: 'removed'; readonly item: Item }
  /** Retired before, in use again; under another name its code has been given a second meaning. */
  | { readonly kind: 'restored'; readonly from: Item; readonly to: Item }
  | { readonly kind: 'renamed'; readonly from: Item; readonly to: Item }
  /** Another place or code, the same item. */
  | { readonly kind: 'moved'; readonly from: Item; readonly to: Item }
  | { readonly kind: 'split'; readonly from: Item; readonly to: readonly Item[] }
  | { readonly kind: 'merged'; readonly from: readonly Item[]; readonly to: Item };

export interface TaxonomyDiff {
  readonly from: Taxonomy;
  readonly to: Taxonomy;
  readonly changes: readonly TaxonomyChange[];
  /** Old item's index → the items it became: itself, its successors, or none. */
  readonly became: ReadonlyMap<number, readonly Item[]>;
}

/**
 * Items are the same when their place is; then successors named by the new version count; then an item that
 * left and one that came under the same name, beneath the same parent first, else if the name is the only one.
 */
export function diffTaxonomies(from: Taxonomy, to: Taxonomy): TaxonomyDiff {
  const changes: TaxonomyChange[] = [];
  const became = new Map<number, readonly Item[]>();
  const taken = new Set<number>();
  const gone: Item[] = [];
  for (const old of from.items) {
    const now = to.byId(old.id);
    if (!now) gone.push(old);
    else {
      taken.add(now.index);
      comparePlace(old, now, to, became, changes);
    }
  }
  const arrivals = to.items.filter((item) => !taken.has(item.index) && !item.retired);
  for (const old of gone) {
    const moved = old.retired ? undefined : findMoved(from, old, arrivals, taken, became);
    if (moved) {
      taken.add(moved.index);
      became.set(old.index, [moved]);
      changes.push({ kind: 'moved', from: old, to: moved });
    } else {
      became.set(old.index, []);
      changes.push({ kind: 'removed', item: old });
    }
  }
  for (const item of arrivals) if (!taken.has(item.index)) changes.push({ kind: 'added', item });
  return { from, to, changes: mergeAndSplit(from, changes), became };
}

function comparePlace(
  old: Item,
  now: Item,
  to: Taxonomy,
  became: Map<number, readonly Item[]>,
  changes: TaxonomyChange[],
): void {
  if (now.retired) {
    const successors = liveSuccessors(to, now);
    became.set(old.index, successors);
    if (!old.retired) changes.push({ kind: 'retired', item: old, successors });
    return;
  }
  became.set(old.index, [now]);
  if (old.retired) changes.push({ kind: 'restored', from: old, to: now });
  else if (old.name !== now.name) changes.push({ kind: 'renamed', from: old, to: now });
}

/** Successors that are retired themselves are followed to their own. */
export function liveSuccessors(taxonomy: Taxonomy, item: Item): Item[] {
  const live = new Map<number, Item>();
  const seen = new Set<string>([item.id]);
  const open = [...item.successors];
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const next = taxonomy.byId(id);
    if (!next) continue;
    if (next.retired) open.push(...next.successors);
    else live.set(next.index, next);
  }
  return [...live.values()];
}

function findMoved(
  from: Taxonomy,
  old: Item,
  arrivals: readonly Item[],
  taken: ReadonlySet<number>,
  became: ReadonlyMap<number, readonly Item[]>,
): Item | undefined {
  const sameName = arrivals.filter((item) => !taken.has(item.index) && item.displayName === old.displayName);
  const parent = from.parentOf(old);
  const parents = parent ? (became.get(parent.index) ?? []) : [];
  const beneath = sameName.filter((item) => parents.some((one) => one.index === item.parent));
  if (beneath.length === 1) return beneath[0];
  const sameLevel = sameName.filter(({ level }) => level === old.level);
  return sameLevel.length === 1 ? sameLevel[0] : undefined;
}

/**
 * One retired item with several successors was split; several with the same one successor were merged, and so was
 * one whose successor had been in use already.
 */
function mergeAndSplit(from: Taxonomy, changes: readonly TaxonomyChange[]): TaxonomyChange[] {
  const into = new Map<number, Item[]>();
  for (const change of changes) {
    if (change.kind !== 'retired' || change.successors.length !== 1) continue;
    const [heir] = change.successors;
    into.set(heir!.index, [...(into.get(heir!.index) ?? []), change.item]);
  }
  const done = new Set<number>();
  return changes.flatMap((change): TaxonomyChange[] => {
    if (change.kind !== 'retired') return [change];
    if (change.successors.length > 1) return [{ kind: 'split', from: change.item, to: change.successors }];
    const heir = change.successors[0];
    if (!heir) return [change];
    const before = from.byId(heir.id);
    const merged = [...(before && !before.retired ? [before] : []), ...into.get(heir.index)!];
    if (merged.length === 1) return [{ kind: 'moved', from: change.item, to: heir }];
    if (done.has(heir.index)) return [];
    done.add(heir.index);
    return [{ kind: 'merged', from: merged, to: heir }];
  });
}

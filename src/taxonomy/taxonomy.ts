/**
 * The tree of items (分类体系): built once, never changed, looked up by place, by code and by leaf.
 *
 * Leaves are numbered in pre-order, so the leaves beneath any item are one contiguous range; a node's
 * probability is then a difference of two prefix sums (decision/distribution.ts).
 */
import { createHash } from 'node:crypto';
import { DuihaoError } from '../errors.js';
import { type CodeScheme, draftItems, type TaxonomyFault } from './draft.js';
import type { Item, ItemRow } from './item.js';

export type { CodeScheme, TaxonomyFault } from './draft.js';

export interface TaxonomyMeta {
  /** E.g. `db44t2479-2024`. */
  readonly id: string;
  /** E.g. `2024` or `2024+shenzhen-3`. */
  readonly version: string;
  readonly title: string;
}

export class Taxonomy {
  readonly meta: TaxonomyMeta;
  readonly scheme: CodeScheme;
  /** Pre-order: parents before children. */
  readonly items: readonly Item[];
  /** Indexes of the level-1 items. */
  readonly roots: readonly number[];
  /** Item index of each leaf, in pre-order. Retired items are none; one whose children all are retired is. */
  readonly leaves: readonly number[];
  /** The deepest level. */
  readonly depth: number;
  /** SHA-256 (hex) of ids, names and flags in order: what a model is bound to. Words are not part of it. */
  readonly digest: string;
  readonly #byId = new Map<string, Item>();
  readonly #byCode = new Map<string, Item | Item[]>();
  #byName: Map<string, Item[]> | undefined;

  /** Use `buildTaxonomy`. */
  constructor(meta: TaxonomyMeta, scheme: CodeScheme, items: readonly Item[]) {
    this.meta = meta;
    this.scheme = scheme;
    this.items = items;
    const roots: number[] = [];
    const leaves: number[] = [];
    let depth = 0;
    const hash = createHash('sha256');
    // Hashed in stretches: a call for each line costs more than the hashing.
    let lines = '';
    for (const item of items) {
      if (item.parent < 0) roots.push(item.index);
      if (item.level > depth) depth = item.level;
      // Of the items that hold just this leaf the deepest comes last.
      if (item.leafEnd === item.leafStart + 1) leaves[item.leafStart] = item.index;
      this.#byId.set(item.id, item);
      this.#register(item.code, item);
      if (item.fullCode !== item.code) this.#register(item.fullCode, item);
      lines += `${item.id}\t${item.name}\t${item.isCatchAll ? 1 : 0}${item.isUndivided ? 1 : 0}${item.retired ? 1 : 0}\n`;
      if (lines.length > 1 << 16) {
        hash.update(lines);
        lines = '';
      }
    }
    hash.update(lines);
    this.roots = roots;
    this.leaves = leaves;
    this.depth = depth;
    this.digest = hash.digest('hex');
  }

  #register(code: string, item: Item): void {
    const there = this.#byCode.get(code);
    if (there === undefined) this.#byCode.set(code, item);
    else if (Array.isArray(there)) there.push(item);
    else this.#byCode.set(code, [there, item]);
  }

  /** @throws DuihaoError `item-unknown` for an index outside the tree. */
  at(index: number): Item {
    const item = this.items[index];
    if (!item) throw new DuihaoError('not-found', 'item-unknown', `no item number ${index} in the taxonomy`);
    return item;
  }

  leafAt(leaf: number): Item {
    return this.at(this.leaves[leaf] ?? -1);
  }

  byId(id: string): Item | undefined {
    return this.#byId.get(id);
  }

  /**
   * Every item the code may mean, in pre-order: two for `090499`; for a padded code such as `0106000000`
   * the level-2 item and its undivided row. Empty when unknown. The code is taken as it is: clean what
   * people type with `parseCode` first.
   */
  byCode(code: string): readonly Item[] {
    const found = this.#byCode.get(code);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  /** Items of that name (or, for undivided rows, of their parent's), in pre-order. The index is made on first use. */
  byName(name: string): readonly Item[] {
    if (!this.#byName) {
      this.#byName = new Map();
      for (const item of this.items) {
        const there = this.#byName.get(item.displayName);
        if (there) there.push(item);
        else this.#byName.set(item.displayName, [item]);
      }
    }
    return this.#byName.get(name) ?? [];
  }

  parentOf(item: Item): Item | undefined {
    return item.parent < 0 ? undefined : this.at(item.parent);
  }

  childrenOf(item: Item): Item[] {
    return item.children.map((index) => this.at(index));
  }

  /** From level 1 to the item itself. */
  pathOf(item: Item): Item[] {
    const path: Item[] = [];
    for (let at: Item | undefined = item; at; at = this.parentOf(at)) path.push(at);
    return path.reverse();
  }

  /** In use, and with no child in use: where tickets land. */
  isLeaf(item: Item): boolean {
    return item.leafEnd === item.leafStart + 1 && this.leaves[item.leafStart] === item.index;
  }

  /** The item itself or its ancestor at that level. */
  ancestorAt(item: Item, level: number): Item {
    let at = item;
    while (at.level > level && at.parent >= 0) at = this.at(at.parent);
    return at;
  }

  /** Does `item` lie at or beneath `ancestor`? */
  isWithin(item: Item, ancestor: Item): boolean {
    return item.level >= ancestor.level && this.ancestorAt(item, ancestor.level).index === ancestor.index;
  }

  /**
   * The catch-all a ticket falls back to when `under` is the deepest certain item (null: not even level 1):
   * the catch-all child of the nearest ancestor (itself included; last the root) that really owns one,
   * followed down while it is not a leaf (99 → 9999 → 999900). A look-up in the tree, never string
   * arithmetic: `0899` does not exist. Null where the tree owns none.
   */
  catchAllOf(under: Item | null): Item | null {
    if (under?.isCatchAll) return this.#descendCatchAll(under);
    for (let at: Item | undefined = under ?? undefined; at; at = this.parentOf(at)) {
      const own = this.#catchAllAmong(at.children);
      if (own) return this.#descendCatchAll(own);
      if (at.isCatchAll) return this.#descendCatchAll(at);
    }
    const own = this.#catchAllAmong(this.roots);
    return own ? this.#descendCatchAll(own) : null;
  }

  #catchAllAmong(indexes: readonly number[]): Item | undefined {
    for (const index of indexes) {
      const item = this.at(index);
      if (item.isCatchAll && !item.retired) return item;
    }
    return undefined;
  }

  #descendCatchAll(item: Item): Item {
    let at = item;
    for (;;) {
      const next: Item | undefined =
        this.#catchAllAmong(at.children) ??
        (at.children.length === 1 && this.at(at.children[0]!).isUndivided
          ? this.at(at.children[0]!)
          : undefined);
      if (!next) return at;
      at = next;
    }
  }
}

/**
 * Builds the tree and reports every violation at once.
 * @param scheme by default guessed from the rows
 * @returns `taxonomy` is null when a fault is an error.
 */
export function buildTaxonomy(
  meta: TaxonomyMeta,
  rows: readonly ItemRow[],
  scheme?: CodeScheme,
): { taxonomy: Taxonomy | null; faults: readonly TaxonomyFault[] } {
  const draft = draftItems(rows, scheme);
  const broken = draft.faults.some(({ severity }) => severity === 'error');
  return { taxonomy: broken ? null : new Taxonomy(meta, draft.scheme, draft.items), faults: draft.faults };
}

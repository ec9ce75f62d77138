/**
 * The tree of items (分类体系): built once, never changed, looked up by place, by code and by leaf.
 *
 * Leaves are numbered in pre-order, so the leaves beneath any item are one contiguous range; a node's
 * probability is then a difference of two prefix sums (decision/distribution.ts).
 */
import { createHash } from 'node:crypto';
import { DuihaoError } from '../errors.js';
import type { Item, ItemId, ItemRow } from './item.js';

export interface TaxonomyMeta {
  /** E.g. `db44t2479-2024`. */
  readonly id: string;
  /** E.g. `2024` or `2024+shenzhen-3`. */
  readonly version: string;
  readonly title: string;
}

/** `db44`: digits, two a level, 99 = 其他, padded to ten. `free`: any other list. */
export type CodeScheme = 'db44' | 'free';

export interface TaxonomyFault {
  /** Stable, kebab-case. */
  readonly fault: string;
  readonly severity: 'error' | 'warning';
  /** In the file the row came from, from 1; undefined for the list as a whole. */
  readonly row: number | undefined;
  readonly code: string;
  readonly message: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Item> & { children: number[]; row: number | undefined; pathKey: string };

export class Taxonomy {
  readonly meta: TaxonomyMeta;
  readonly scheme: CodeScheme;
  /** Pre-order: parents before children. */
  readonly items: readonly Item[];
  /** Indexes of the level-1 items. */
  readonly roots: readonly number[];
  /** Item index of each leaf, in pre-order. */
  readonly leaves: readonly number[];
  /** The deepest level. */
  readonly depth: number;
  /** SHA-256 (hex) of ids, names and flags in order: what a model is bound to. Words are not part of it. */
  readonly digest: string;
  readonly #byId = new Map<string, Item>();
  readonly #byCode = new Map<string, Item[]>();

  /** Use `buildTaxonomy`. */
  constructor(meta: TaxonomyMeta, scheme: CodeScheme, items: readonly Item[]) {
    this.meta = meta;
    this.scheme = scheme;
    this.items = items;
    const roots: number[] = [];
    const leaves: number[] = [];
    let depth = 0;
    const hash = createHash('sha256');
    for (const item of items) {
      if (item.parent < 0) roots.push(item.index);
      if (item.children.length === 0) leaves.push(item.index);
      if (item.level > depth) depth = item.level;
      this.#byId.set(item.id, item);
      this.#register(item.code, item);
      if (item.fullCode !== item.code) this.#register(item.fullCode, item);
      hash.update(
        `${item.id}\t${item.name}\t${item.isCatchAll ? 1 : 0}${item.isUndivided ? 1 : 0}${item.retired ? 1 : 0}\n`,
      );
    }
    this.roots = roots;
    this.leaves = leaves;
    this.depth = depth;
    this.digest = hash.digest('hex');
  }

  #register(code: string, item: Item): void {
    const there = this.#byCode.get(code);
    if (there) there.push(item);
    else this.#byCode.set(code, [item]);
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
    return this.#byCode.get(code) ?? [];
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

  isLeaf(item: Item): boolean {
    return item.children.length === 0;
  }

  /** The item itself or its ancestor at that level. */
  ancestorAt(item: Item, level: number): Item {
    let at = item;
    while (at.level > level && at.parent >= 0) at = this.at(at.parent);
    return at;
  }

  /** Does `item` lie at or beneath `ancestor`? */
  isWithin(item: Item, ancestor: Item): boolean {
    return (
      item.leafStart >= ancestor.leafStart && item.leafEnd <= ancestor.leafEnd && item.level >= ancestor.level
    );
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

/** `%`, `.`, `/` and white space would break ids; everything else, Chinese included, stays readable. */
export function escapeIdPart(part: string): string {
  return part.replace(/[%./\s?#\\]/gu, (character) => encodeURIComponent(character).replace('.', '%2E'));
}

/**
 * Builds the tree and reports every violation at once.
 * @returns `taxonomy` is null when a fault is an error.
 */
export function buildTaxonomy(
  meta: TaxonomyMeta,
  rows: readonly ItemRow[],
): { taxonomy: Taxonomy | null; faults: readonly TaxonomyFault[] } {
  const faults: TaxonomyFault[] = [];
  const fault = (severity: TaxonomyFault['severity'], name: string, row: ItemRow, message: string) =>
    faults.push({ fault: name, severity, row: row.row, code: row.code, message });
  const scheme: CodeScheme = rows.length > 0 && rows.every(isDb44Row) ? 'db44' : 'free';

  const drafts: Draft[] = [];
  const byPathKey = new Map<string, Draft>();
  const byCode = new Map<string, Draft[]>();
  const ordered =
    scheme === 'db44' ? [...rows].sort((a, b) => a.code.length - b.code.length) : sortByDepth(rows);
  for (const row of ordered) {
    const parent = findParent(row, scheme, byPathKey, byCode);
    if (parent === 'missing') {
      fault('error', 'parent-missing', row, `the parent of ${row.code} (${row.name}) is not in the list`);
      continue;
    }
    if (parent === 'ambiguous') {
      fault(
        'error',
        'parent-ambiguous',
        row,
        `the parent code of ${row.code} stands for several items; give its path`,
      );
      continue;
    }
    const pathKey = `${parent ? `${parent.pathKey}.` : ''}${escapeIdPart(row.code)}`;
    if (byPathKey.has(pathKey)) {
      fault('error', 'place-duplicate', row, `${row.code} stands twice under the same parent`);
      continue;
    }
    if (row.name === '' && !(scheme === 'db44' && row.code.endsWith('00'))) {
      fault('error', 'name-missing', row, `${row.code} has no name`);
      continue;
    }
    const namesakes = byCode.get(row.code);
    if (namesakes && scheme === 'db44') {
      fault(
        'warning',
        'code-duplicate',
        row,
        `${row.code} is given twice: ${row.name} and ${namesakes[0]!.name}`,
      );
    }
    const isUndivided = scheme === 'db44' && row.code.length > 2 && row.code.endsWith('00');
    const draft: Draft = {
      index: -1,
      id: pathKey as ItemId,
      code: row.code,
      fullCode: scheme === 'db44' ? row.code.padEnd(10, '0') : row.code,
      name: row.name,
      displayName: row.name !== '' ? row.name : (parent?.displayName ?? row.code),
      level: parent ? parent.level + 1 : 1,
      parent: -1,
      children: [],
      leafStart: 0,
      leafEnd: 0,
      words: row.words ?? [],
      isCatchAll: row.catchAll ?? (scheme === 'db44' ? row.code.endsWith('99') : row.name.startsWith('其他')),
      isUndivided,
      retired: row.retired ?? false,
      successors: row.successors ?? [],
      row: row.row,
      pathKey,
    };
    drafts.push(draft);
    byPathKey.set(pathKey, draft);
    if (namesakes) namesakes.push(draft);
    else byCode.set(row.code, [draft]);
  }
  if (rows.length === 0) {
    faults.push({
      fault: 'taxonomy-empty',
      severity: 'error',
      row: undefined,
      code: '',
      message: 'the list has no items',
    });
  }
  if (faults.some((one) => one.severity === 'error')) return { taxonomy: null, faults };
  return { taxonomy: new Taxonomy(meta, scheme, inPreOrder(drafts)), faults };
}

function isDb44Row(row: ItemRow): boolean {
  return /^(?:\d\d){1,5}(?:Z(?:\d\d)+)?$/.test(row.code);
}

function sortByDepth(rows: readonly ItemRow[]): ItemRow[] {
  if (rows.every((row) => row.path)) return [...rows].sort((a, b) => a.path!.length - b.path!.length);
  const byCode = new Map(rows.map((row) => [row.code, row]));
  const depthOf = (row: ItemRow): number => {
    let depth = 0;
    const seen = new Set<string>();
    for (
      let at: ItemRow | undefined = row;
      at?.parentCode && !seen.has(at.code);
      at = byCode.get(at.parentCode)
    ) {
      seen.add(at.code);
      depth += 1;
    }
    return depth;
  };
  return rows
    .map((row) => ({ row, depth: depthOf(row) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ row }) => row);
}

function findParent(
  row: ItemRow,
  scheme: CodeScheme,
  byPathKey: ReadonlyMap<string, Draft>,
  byCode: ReadonlyMap<string, readonly Draft[]>,
): Draft | undefined | 'missing' | 'ambiguous' {
  if (row.path) {
    if (row.path.length <= 1) return undefined;
    return byPathKey.get(row.path.slice(0, -1).map(escapeIdPart).join('.')) ?? 'missing';
  }
  const parentCode =
    row.parentCode !== undefined ? row.parentCode : scheme === 'db44' ? db44ParentCode(row.code) : null;
  if (parentCode === null || parentCode === '') return undefined;
  const found = byCode.get(parentCode);
  if (!found) return 'missing';
  return found.length > 1 ? 'ambiguous' : found[0]!;
}

function db44ParentCode(code: string): string | null {
  if (code.length <= 2) return null;
  const shorter = code.slice(0, -2);
  return shorter.endsWith('Z') ? shorter.slice(0, -1) : shorter;
}

function inPreOrder(drafts: readonly Draft[]): Item[] {
  const childrenOf = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const cut = draft.pathKey.lastIndexOf('.');
    const key = cut < 0 ? '' : draft.pathKey.slice(0, cut);
    const there = childrenOf.get(key);
    if (there) there.push(draft);
    else childrenOf.set(key, [draft]);
  }
  const items: Draft[] = [];
  let leaves = 0;
  const stack: { draft: Draft; next: number; children: readonly Draft[] }[] = [];
  const enter = (draft: Draft, parent: number) => {
    draft.index = items.length;
    draft.parent = parent;
    draft.leafStart = leaves;
    items.push(draft);
    const children = childrenOf.get(draft.pathKey) ?? [];
    if (children.length === 0) leaves += 1;
    if (parent >= 0) items[parent]!.children.push(draft.index);
    stack.push({ draft, next: 0, children });
  };
  for (const root of childrenOf.get('') ?? []) {
    enter(root, -1);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const child = top.children[top.next];
      if (child) {
        top.next += 1;
        enter(child, top.draft.index);
      } else {
        top.draft.leafEnd = leaves;
        stack.pop();
      }
    }
  }
  return items.map(({ row: _row, pathKey: _pathKey, ...item }) => item);
}

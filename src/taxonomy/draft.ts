/** Rows of a list → items in pre-order, with every violation found on the way. */
import type { Item, ItemId, ItemRow } from './item.js';

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
  /** The overlay that the row is from; absent for the list itself. */
  readonly source?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Omit<Item, 'children' | 'successors'>> & {
  children: number[];
  successors: ItemId[];
  kids: Draft[];
  above: Draft | undefined;
  row: ItemRow;
};

const DB44_CODE = /^(?:\d\d){1,5}$|^\d{10}Z(?:\d\d)+$/;

/** The id of an item with that code beneath `parentId` (undefined at level 1). */
export function placeId(parentId: string | undefined, code: string, owner: string): ItemId {
  // Behind Z each city codes on its own: the owner keeps two cities' items apart.
  const own = owner !== '' && code.includes('Z') ? `${escapeIdPart(code)}~${owner}` : escapeIdPart(code);
  return (parentId === undefined ? own : `${parentId}.${own}`) as ItemId;
}

/** `%`, `.`, `/` and white space would break ids; everything else, Chinese included, stays readable. */
export function escapeIdPart(part: string): string {
  if (/^\d+$/.test(part)) return part;
  if (!/[%./\s?#\\]/u.test(part)) return part;
  return part.replace(/[%./\s?#\\]/gu, (character) => encodeURIComponent(character).replace('.', '%2E'));
}

/** What the code (db44) or the name (free) says about being a catch-all. */
export function isCatchAllByForm(scheme: CodeScheme, code: string, name: string): boolean {
  return scheme === 'db44' ? code.endsWith('99') : name.startsWith('其他');
}

/**
 * `db44` when most codes have its form and no row's given parent contradicts its widths; single rows that
 * break the form are then faults, not a reason to read the whole list differently.
 */
export function guessScheme(rows: readonly ItemRow[]): CodeScheme {
  let fitting = 0;
  for (const row of rows) {
    if (!DB44_CODE.test(row.code)) continue;
    const parent = row.path ? (row.path.length > 1 ? row.path.at(-2)! : null) : row.parentCode;
    if (parent === null) {
      if (row.code.length !== 2) continue;
    } else if (parent !== undefined && parent !== '' && !parent.startsWith('@')) {
      const above = parent.split('@')[0]!;
      if (!row.code.includes('Z') && above.length !== row.code.length - 2) continue;
    }
    fitting += 1;
  }
  return rows.length > 0 && fitting >= rows.length / 2 ? 'db44' : 'free';
}

/** @param scheme by default guessed from the rows */
export function draftItems(
  rows: readonly ItemRow[],
  scheme: CodeScheme = guessScheme(rows),
): { scheme: CodeScheme; items: Item[]; faults: TaxonomyFault[] } {
  const places = new Places(scheme);
  const faults: TaxonomyFault[] = [];
  if (rows.length === 0) {
    const message = '列表中没有任何事项';
    faults.push({ fault: 'taxonomy-empty', severity: 'error', row: undefined, code: '', message });
  }
  if (scheme === 'free' && rows.some((row) => row.parentCode && !row.path)) places.addWaiting(rows, faults);
  else for (const row of inOrderOfDepth(rows, scheme)) places.add(row, faults);
  for (const draft of places.drafts) {
    resolveSuccessors(draft, places, faults);
    checkCatchAll(draft, scheme, faults);
  }
  return { scheme, items: inPreOrder(places.roots), faults: faults.sort(byRow) };
}

const byRow = (a: TaxonomyFault, b: TaxonomyFault) => (a.row ?? 0) - (b.row ?? 0);

/** The items placed so far, found by id and by code. */
class Places {
  readonly roots: Draft[] = [];
  readonly drafts: Draft[] = [];
  readonly #scheme: CodeScheme;
  readonly #byId = new Map<string, Draft>();
  readonly #byCode = new Map<string, Draft | Draft[]>();

  constructor(scheme: CodeScheme) {
    this.#scheme = scheme;
  }

  /**
   * Where codes do not tell depths: a row whose parent has not come yet waits for it; a plain code that
   * several rows have can be judged only when all of them are placed.
   */
  addWaiting(rows: readonly ItemRow[], faults: TaxonomyFault[]): void {
    const count = new Map<string, number>();
    for (const { code } of rows) count.set(code, (count.get(code) ?? 0) + 1);
    const waiting = new Map<string, ItemRow[]>();
    const place = (first: ItemRow) => {
      const open = [first];
      for (let row = open.pop(); row; row = open.pop()) {
        const draft = this.add(row, faults);
        if (!draft) continue;
        for (const key of [draft.code, `${draft.code}@${draft.above?.code}`, `@${draft.id}`]) {
          if (key === draft.code && (count.get(key) ?? 0) > 1) continue;
          open.push(...(waiting.get(key) ?? []).reverse());
          waiting.delete(key);
        }
      }
    };
    for (const row of rows) {
      const parent = row.parentCode ?? '';
      if (parent === '' || ((count.get(parent) ?? 0) <= 1 && this.find(parent).length > 0)) place(row);
      else {
        const there = waiting.get(parent);
        if (there) there.push(row);
        else waiting.set(parent, [row]);
      }
    }
    // What still waits has no parent, or one of several: `add` says which.
    for (const left of waiting.values()) {
      for (const row of left) place(row);
    }
    const order = new Map(rows.map((row, index) => [row, index]));
    const inFileOrder = (a: Draft, b: Draft) => order.get(a.row)! - order.get(b.row)!;
    for (const { kids } of this.drafts) kids.sort(inFileOrder);
    this.roots.sort(inFileOrder);
  }

  /** Undefined when the row cannot be placed; a fault says why. */
  add(row: ItemRow, faults: TaxonomyFault[]): Draft | undefined {
    const scheme = this.#scheme;
    const report = (severity: TaxonomyFault['severity'], fault: string, message: string) =>
      faults.push({ fault, severity, ...whereOf(row), message });
    const bad = codeFault(row.code, scheme);
    if (bad) {
      report('error', bad.fault, bad.message);
      return undefined;
    }
    const above = this.#parentOf(row);
    if (above === 'missing') {
      report('error', 'parent-missing', `${row.code} ${row.name} 的上级不在列表中`);
      return undefined;
    }
    if (above === 'ambiguous') {
      report('error', 'parent-ambiguous', `${row.code} 的上级编码对应多个事项，请写成“编码@上级编码”`);
      return undefined;
    }
    const owner = row.owner ?? '';
    const id = placeId(above?.id, row.code, owner);
    const there = this.#byId.get(id);
    if (there) {
      report('error', 'place-duplicate', `${row.code} 在同一上级之下出现两次${rowHint(there.row)}`);
      return undefined;
    }
    const isUndivided = scheme === 'db44' && /(?:^|[^Z])00$/.test(row.code) && row.code.length > 2;
    if (row.name === '' && !isUndivided) {
      report('error', 'name-missing', `${row.code} 没有名称`);
      return undefined;
    }
    if (above?.retired && !row.retired) {
      report('error', 'parent-retired', `${row.code} 的上级 ${above.code} 已停用`);
    }
    if (scheme === 'db44' && this.#byCode.has(row.code)) {
      const first = this.withCode(row.code).find((one) => !one.code.includes('Z') || one.owner === owner);
      if (first) {
        report(
          'warning',
          'code-duplicate',
          `${row.code} 重复：${row.name} 与 ${first.name}${rowHint(first.row)}`,
        );
      }
    }
    if (scheme === 'db44' && above && !isOwnPrefix(above.code, row.code)) {
      report('warning', 'parent-differs', `${row.code} 列在 ${above.code} 之下，但编码不以它开头`);
    }
    const draft: Draft = {
      index: -1,
      id,
      code: row.code,
      fullCode: scheme === 'db44' ? row.code.padEnd(10, '0') : row.code,
      name: row.name,
      displayName: row.name !== '' ? row.name : (above?.displayName ?? row.code),
      level: above ? above.level + 1 : 1,
      parent: -1,
      children: [],
      leafStart: 0,
      leafEnd: 0,
      words: row.words ?? [],
      isCatchAll:
        row.catchAll ??
        (isCatchAllByForm(scheme, row.code, row.name) || (isUndivided && (above?.isCatchAll ?? false))),
      isUndivided,
      retired: row.retired ?? false,
      successors: [],
      owner,
      kids: [],
      above,
      row,
    };
    this.drafts.push(draft);
    (above ? above.kids : this.roots).push(draft);
    this.#byId.set(id, draft);
    const before = this.#byCode.get(row.code);
    if (before === undefined) this.#byCode.set(row.code, draft);
    else if (Array.isArray(before)) before.push(draft);
    else this.#byCode.set(row.code, [before, draft]);
    return draft;
  }

  withCode(code: string): readonly Draft[] {
    const found = this.#byCode.get(code);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  /** A code, `code@parent` or `@id`. */
  find(reference: string): readonly Draft[] {
    if (reference.startsWith('@')) {
      const draft = this.#byId.get(reference.slice(1));
      return draft ? [draft] : [];
    }
    const whole = this.withCode(reference);
    const at = reference.lastIndexOf('@');
    if (whole.length > 0 || at < 0) return whole;
    const parent = reference.slice(at + 1);
    return this.withCode(reference.slice(0, at)).filter((draft) => draft.above?.code === parent);
  }

  #parentOf(row: ItemRow): Draft | undefined | 'missing' | 'ambiguous' {
    if (row.path) {
      if (row.path.length <= 1) return undefined;
      return this.#byId.get(row.path.slice(0, -1).map(escapeIdPart).join('.')) ?? 'missing';
    }
    if (row.parentCode === null) return undefined;
    let found: readonly Draft[];
    if (row.parentCode) found = this.find(row.parentCode);
    else if (this.#scheme === 'free' || row.code.length <= 2) return undefined;
    else found = this.#parentByCode(row);
    // Behind Z the parent is the same city's or the list's own.
    if (found.length > 1) {
      const own = found.filter(({ owner }) => owner === '' || owner === (row.owner ?? ''));
      if (own.length === 1) found = own;
    }
    return found.length === 0 ? 'missing' : found.length > 1 ? 'ambiguous' : found[0]!;
  }

  #parentByCode({ code }: ItemRow): readonly Draft[] {
    const shorter = code.slice(0, -2);
    if (!code.includes('Z') || !shorter.endsWith('Z')) return this.withCode(shorter);
    // The first group behind Z hangs on the item its ten digits mean: the undivided row rather than its parent.
    for (let base = shorter.slice(0, -1); ; base = base.slice(0, -2)) {
      const found = this.withCode(base);
      if (found.length > 0 || !base.endsWith('00')) return found;
    }
  }
}

const whereOf = ({ row, code, source }: ItemRow) => ({
  row,
  code,
  ...(source === undefined ? {} : { source }),
});

const rowHint = (row: ItemRow) => (row.row === undefined ? '' : `（另见第 ${row.row} 行）`);

/** Does `child` continue `parent`: `0801` → `080102`; `0801020000Z01` continues `080102`? */
function isOwnPrefix(parent: string, child: string): boolean {
  if (child.startsWith(parent)) return true;
  return child.includes('Z') && child.startsWith(parent.replace(/(?:00)+$/, ''));
}

function codeFault(code: string, scheme: CodeScheme): { fault: string; message: string } | undefined {
  if (code === '') return { fault: 'code-missing', message: '没有编码' };
  if (scheme === 'free') return undefined;
  if (DB44_CODE.test(code)) {
    if (!code.includes('00')) return undefined;
    const filled = code.replace(/Z.*$/, '').replace(/(?:00)+$/, '');
    if (filled === '') return { fault: 'code-level-one', message: `${code}：第 1 级不能为 00` };
    if (filled.match(/../g)!.includes('00'))
      return { fault: 'code-gap', message: `${code}：为 00 的一级之下不能再有编码` };
    if (code.includes('Z') && code.split('Z')[1]!.match(/../g)!.includes('00'))
      return { fault: 'city-zero', message: `${code}：Z 之后的一级不能为 00` };
    return undefined;
  }
  if (/^\d+$/.test(code)) {
    const hint = code.length % 2 === 1 ? '：是否丢失了前导 0？请把该列设为文本格式' : '';
    return { fault: 'code-width', message: `${code} 为 ${code.length} 位，应为 2、4、6、8 或 10 位${hint}` };
  }
  if (/^\d*Z\d*$/.test(code))
    return { fault: 'code-width', message: `${code}：Z 之前须为 10 位，之后每级两位` };
  return { fault: 'code-invalid', message: `${code} 不是由数字组成的编码` };
}

function resolveSuccessors(draft: Draft, places: Places, faults: TaxonomyFault[]): void {
  for (const reference of draft.row.successors ?? []) {
    const found = places.find(reference);
    if (found.length === 1) draft.successors.push(found[0]!.id);
    else {
      faults.push({
        fault: found.length === 0 ? 'successor-unknown' : 'successor-ambiguous',
        severity: 'error',
        ...whereOf(draft.row),
        message: `${draft.code} 的接替事项 ${reference} ${found.length === 0 ? '不在列表中' : '对应多个事项'}`,
      });
    }
  }
}

/** What is coded 99 should be called 其他 and hold no named items; the issued list itself breaks the latter. */
function checkCatchAll(draft: Draft, scheme: CodeScheme, faults: TaxonomyFault[]): void {
  if (scheme !== 'db44' || (!draft.isCatchAll && !draft.name.startsWith('其'))) return;
  const report = (at: Draft, severity: TaxonomyFault['severity'], fault: string, message: string) =>
    faults.push({ fault, severity, ...whereOf(at.row), message });
  if (draft.isCatchAll && draft.name !== '' && !/^其[他它]/.test(draft.name)) {
    report(draft, 'warning', 'catch-all-name', `${draft.code} 编为 99，名称却不是“其他…”：${draft.name}`);
    for (const kid of draft.kids) {
      if (!kid.isCatchAll)
        report(kid, 'error', 'catch-all-child', `${kid.code} 的上级 ${draft.code} 编为 99 却不是收容项`);
    }
  } else if (draft.isCatchAll && draft.level > 1) {
    for (const kid of draft.kids) {
      if (!kid.isCatchAll)
        report(
          kid,
          'warning',
          'catch-all-child',
          `${kid.code} 列在收容项 ${draft.code} 之下，自身不是收容项`,
        );
    }
  } else if (!draft.isCatchAll && /^其[他它]/.test(draft.name) && !draft.isUndivided) {
    report(draft, 'warning', 'catch-all-code', `${draft.name} 名为“其他”，编码 ${draft.code} 却不是 99`);
  }
}

/** Parents before children, whatever the file's order, where codes or paths tell depths. */
function inOrderOfDepth(rows: readonly ItemRow[], scheme: CodeScheme): readonly ItemRow[] {
  const depthOf = ({ path, code }: ItemRow) => path?.length ?? (scheme === 'db44' ? code.length : 1);
  return [...rows].sort((a, b) => depthOf(a) - depthOf(b));
}

/** Numbers items and leaves. A leaf is in use and has no child in use; retired items hold no leaves. */
function inPreOrder(roots: readonly Draft[]): Item[] {
  const items: Draft[] = [];
  let leaves = 0;
  const stack: { draft: Draft; next: number }[] = [];
  const enter = (draft: Draft) => {
    draft.index = items.length;
    draft.parent = draft.above ? draft.above.index : -1;
    draft.leafStart = leaves;
    items.push(draft);
    draft.above?.children.push(draft.index);
    if (!draft.retired && draft.kids.every((kid) => kid.retired)) leaves += 1;
    stack.push({ draft, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const kid = top.draft.kids[top.next];
      top.next += 1;
      if (kid) enter(kid);
      else {
        top.draft.leafEnd = leaves;
        stack.pop();
      }
    }
  }
  // Written out: taking three fields off 200,000 drafts by a rest pattern takes four times as long.
  return items.map((draft) => ({
    index: draft.index,
    id: draft.id,
    code: draft.code,
    fullCode: draft.fullCode,
    name: draft.name,
    displayName: draft.displayName,
    level: draft.level,
    parent: draft.parent,
    children: draft.children,
    leafStart: draft.leafStart,
    leafEnd: draft.leafEnd,
    words: draft.words,
    isCatchAll: draft.isCatchAll,
    isUndivided: draft.isUndivided,
    retired: draft.retired,
    successors: draft.successors,
    owner: draft.owner,
  }));
}

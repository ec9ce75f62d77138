/**
 * 对照表: which items of a list the codes of another list correspond to, many to many, with weights. Legacy
 * labels become sets of admissible items; relabelling narrows candidates to them; a model moves to a new
 * version by it.
 */
import { DuihaoError } from '../errors.js';
import { openTable } from '../table/table.js';
import { liveSuccessors, type TaxonomyDiff } from './diff.js';
import type { Item } from './item.js';
import { cleanListCode } from './list-rows.js';
import { resolveLabel } from './resolve-label.js';
import type { Taxonomy, TaxonomyFault } from './taxonomy.js';

export interface CorrespondenceEntry {
  /** The old code as written, or the old item's id where the old list is known. */
  readonly from: string;
  readonly to: Item;
  /** Positive; what the rows of one old code weigh against each other. */
  readonly weight: number;
}

export interface Admissible {
  readonly item: Item;
  /** In (0, 1]; the admissible items of one old code sum to 1. */
  readonly weight: number;
}

export class CorrespondenceTable {
  readonly from: Taxonomy | null;
  readonly to: Taxonomy;
  readonly entries: readonly CorrespondenceEntry[];
  readonly #admissible = new Map<string, Admissible[]>();

  /** Entries of one old code to the same item are added up. */
  constructor(from: Taxonomy | null, to: Taxonomy, entries: readonly CorrespondenceEntry[]) {
    this.from = from;
    this.to = to;
    this.entries = entries;
    const sums = new Map<string, Map<number, number>>();
    for (const entry of entries) {
      const weights = sums.get(entry.from) ?? new Map<number, number>();
      sums.set(entry.from, weights);
      weights.set(entry.to.index, (weights.get(entry.to.index) ?? 0) + entry.weight);
    }
    for (const [key, weights] of sums) {
      let total = 0;
      for (const weight of weights.values()) total += weight;
      this.#admissible.set(
        key,
        [...weights]
          .map(([index, weight]) => ({ item: to.at(index), weight: weight / total }))
          .sort((a, b) => b.weight - a.weight || a.item.index - b.item.index),
      );
    }
  }

  /**
   * The items an old code (as the old tickets write it) may stand for, heaviest first; empty when the table
   * says nothing. Where the old list is known, an item without a row of its own takes its parent's.
   */
  admissible(oldCode: string): readonly Admissible[] {
    if (!this.from) return this.#admissible.get(cleanListCode(oldCode)) ?? [];
    const label = resolveLabel(this.from, oldCode);
    const candidates =
      label.kind === 'item' ? [label.item] : label.reason === 'label-ambiguous' ? label.items : [];
    if (candidates.length === 1) return this.#ofItem(this.from, candidates[0]!);
    // An ambiguous old code admits what all of its meanings admit, in equal shares.
    const shares = candidates.map((item) => this.#ofItem(this.from!, item)).filter((one) => one.length > 0);
    const weights = new Map<number, number>();
    for (const share of shares) {
      for (const { item, weight } of share)
        weights.set(item.index, (weights.get(item.index) ?? 0) + weight / shares.length);
    }
    return [...weights].map(([index, weight]) => ({ item: this.to.at(index), weight }));
  }

  #ofItem(from: Taxonomy, old: Item): readonly Admissible[] {
    for (let at: Item | undefined = old; at; at = from.parentOf(at)) {
      const own = this.#admissible.get(at.id);
      if (own) return own;
    }
    return [];
  }

  /** Leaves of the old list without a row of their own; empty where the old list is not known. */
  get unmapped(): Item[] {
    const { from } = this;
    if (!from) return [];
    return from.leaves.map((index) => from.at(index)).filter((item) => !this.#admissible.has(item.id));
  }
}

/** From one version to the next: items that stayed, moved, were split or merged. */
export function correspondenceOfDiff({ from, to, became }: TaxonomyDiff): CorrespondenceTable {
  const entries: CorrespondenceEntry[] = [];
  for (const [index, items] of became) {
    for (const item of items) entries.push({ from: from.at(index).id, to: item, weight: 1 });
  }
  return new CorrespondenceTable(from, to, entries);
}

type Field = 'from' | 'to' | 'weight';

const HEADINGS: Readonly<Record<Field, readonly string[]>> = {
  from: ['from', 'old', 'oldcode', 'source', '旧编码', '原编码', '旧事项', '原事项', '旧', '原', '来源编码'],
  to: ['to', 'new', 'newcode', 'target', '新编码', '现编码', '新事项', '新', '目标编码', '对应编码'],
  weight: ['weight', 'share', '权重', '比例', '占比'],
};
/** Written by `taxonomy match` for the person who confirms. */
const READ_BY_PEOPLE = ['fromname', 'toname', 'score', 'reasons', 'rank', '旧名称', '新名称', '备注', 'note'];

/**
 * CSV, XLSX or JSON lines with a column for the old code, one for the new, and maybe a weight (`0.6`, `60%`).
 * A row without a new code says that the old item has no counterpart, and is passed over.
 * @throws DuihaoError `columns-missing`, `correspondence-invalid` with `details.faults`, `file-…`
 */
export async function loadCorrespondence(
  path: string,
  to: Taxonomy,
  from: Taxonomy | null = null,
): Promise<{ table: CorrespondenceTable; faults: readonly TaxonomyFault[] }> {
  const table = await openTable(path);
  let columns = table.format === 'jsonl' ? null : findColumns(path, table.columns);
  const faults: TaxonomyFault[] = [];
  const entries: CorrespondenceEntry[] = [];
  for await (const { row, cells, message } of table.rows) {
    const report = (fault: string, code: string, text: string) =>
      faults.push({ fault, severity: 'error', row, code, message: text });
    if (!cells) {
      report('row-malformed', '', message ?? '');
      continue;
    }
    columns ??= findColumns(path, Object.keys(cells));
    const text = (field: Field) => {
      const column = columns![field];
      return column === undefined ? '' : String(cells[column] ?? '').trim();
    };
    const [old, now] = [text('from'), text('to')];
    if (now === '' && old !== '') continue;
    const weight = readWeight(text('weight'));
    if (weight === null) report('weight-invalid', old, '权重应为正数或百分比');
    const source = from ? resolve(from, old, 'from', report) : cleanListCode(old);
    const target = resolve(to, now, 'to', report);
    if (source !== null && target !== null && weight !== null) {
      const id = typeof source === 'string' ? source : source.id;
      // A table made for an earlier version may name items that have been replaced since.
      const heirs = target.retired ? liveSuccessors(to, target) : [target];
      if (heirs.length === 0) report('to-retired', now, `${now} 已停用且没有接替事项`);
      for (const item of heirs) entries.push({ from: id, to: item, weight: weight / heirs.length });
    }
  }
  if (faults.length > 0) {
    const first = faults[0]!;
    throw new DuihaoError(
      'invalid-input',
      'correspondence-invalid',
      `${path} 有 ${faults.length} 处错误，第 ${first.row} 行：${first.message}`,
      { path, faults },
    );
  }
  return { table: new CorrespondenceTable(from, to, entries), faults };
}

function findColumns(path: string, headings: readonly string[]): Partial<Record<Field, string>> {
  const columns: Partial<Record<Field, string>> = {};
  const plain = (heading: string) =>
    heading
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s_\-()]/gu, '');
  for (const heading of headings) {
    for (const field of ['from', 'to', 'weight'] as const) {
      if (HEADINGS[field].includes(plain(heading))) columns[field] ??= heading;
    }
  }
  if (columns.from === undefined || columns.to === undefined) {
    // Two columns without telling names: the old one first.
    const others = headings.filter((heading) => !READ_BY_PEOPLE.includes(plain(heading)));
    if (others.length === 2 && columns.from === undefined && columns.to === undefined)
      return { from: others[0]!, to: others[1]! };
    throw new DuihaoError(
      'invalid-input',
      'columns-missing',
      `${path}：对照表需要“旧编码/from”与“新编码/to”两列`,
      {
        path,
        headings,
      },
    );
  }
  return columns;
}

function resolve(
  taxonomy: Taxonomy,
  text: string,
  side: 'from' | 'to',
  report: (fault: string, code: string, message: string) => void,
): Item | null {
  const label = resolveLabel(taxonomy, text);
  if (label.kind === 'item') return label.item;
  const among = label.reason === 'label-ambiguous' ? '对应多个事项，请写成“编码@上级编码”' : '不在分类体系中';
  report(`${side}-${label.reason.replace('label-', '')}`, text, `${text || '（空）'} ${among}`);
  return null;
}

/** 1 by default; null when it is none. */
function readWeight(text: string): number | null {
  if (text === '') return 1;
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  return Number.isFinite(value) && value > 0 ? value : null;
}

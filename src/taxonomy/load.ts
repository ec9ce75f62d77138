/** A list of items in a file (CSV, XLSX, JSON, JSON lines, SKOS) → `Taxonomy`. */
import { readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { DuihaoError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { openTable } from '../table/table.js';
import type { ItemRow } from './item.js';
import { type GridRow, listRows } from './list-rows.js';
import { isSkos, skosRows } from './skos.js';
import { isSnapshot, taxonomyFromJson } from './snapshot.js';
import {
  buildTaxonomy,
  type CodeScheme,
  type Taxonomy,
  type TaxonomyFault,
  type TaxonomyMeta,
} from './taxonomy.js';

/** The standard's own list. */
export const defaultTaxonomyPath: string = join(packageRoot, 'data/taxonomy/db44t2479-2024.csv');

export interface LoadOptions {
  /** By default from `<file without extension>.meta.json` beside it, the JSON document, or the file's name. */
  readonly meta?: Partial<TaxonomyMeta> | undefined;
  /** By default what the document says, else guessed. */
  readonly scheme?: CodeScheme | undefined;
  /**
   * Of a list that others made and nobody will mend: rows whose place is taken already are left out with a
   * warning. Tickets of that code are the first row's.
   */
  readonly skipRepeated?: boolean | undefined;
}

export interface ListFile {
  readonly meta: TaxonomyMeta;
  readonly scheme: CodeScheme | undefined;
  readonly rows: readonly ItemRow[];
  /** Of reading; those of the tree come from `buildTaxonomy`. */
  readonly faults: readonly TaxonomyFault[];
  /** Heading → what it was taken for. */
  readonly columns: Readonly<Record<string, string>>;
  readonly levels: ReadonlyMap<number, number>;
}

const MAX_BYTES = 256 << 20;
const MAX_ITEMS = 1_000_000;

/**
 * Warnings and unknown columns do not keep a list from loading.
 * @throws DuihaoError `taxonomy-invalid` with `details.faults`, `columns-missing`, `file-…`
 */
export async function loadTaxonomy(path: string, options: LoadOptions = {}): Promise<Taxonomy> {
  const { taxonomy, faults } = await checkTaxonomy(path, options);
  if (taxonomy) return taxonomy;
  const errors = faults.filter(({ severity, fault }) => severity === 'error' && fault !== 'column-unknown');
  const [first] = errors;
  const where = first?.row === undefined ? '' : `，第 ${first.row} 行`;
  throw new DuihaoError(
    'invalid-input',
    'taxonomy-invalid',
    `${path} 有 ${errors.length} 处错误${where}：${first?.message ?? ''}（用 duihao taxonomy check 查看全部）`,
    { path, faults },
  );
}

/** The tree, if there is nothing but warnings and unknown columns, and everything that is wrong with the file. */
export async function checkTaxonomy(
  path: string,
  options: LoadOptions = {},
): Promise<{
  taxonomy: Taxonomy | null;
  faults: TaxonomyFault[];
  columns: Readonly<Record<string, string>>;
}> {
  if (isJson(path)) {
    const json = await readJson(path);
    if (isSnapshot(json)) return { taxonomy: taxonomyFromJson(json), faults: [], columns: {} };
  }
  const list = await readList(path, options);
  const { built, skipped } = buildSkipping(list, options.skipRepeated ?? false);
  const faults = [...list.faults, ...skipped, ...built.faults];
  if (built.taxonomy) faults.push(...levelFaults(built.taxonomy, list));
  faults.sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
  const fatal = faults.some(({ severity, fault }) => severity === 'error' && fault !== 'column-unknown');
  return { taxonomy: fatal ? null : built.taxonomy, faults, columns: list.columns };
}

function buildSkipping(
  { meta, rows, scheme }: ListFile,
  skipRepeated: boolean,
): { built: ReturnType<typeof buildTaxonomy>; skipped: TaxonomyFault[] } {
  const built = buildTaxonomy(meta, rows, scheme);
  const repeated = built.faults.filter(({ fault }) => fault === 'place-duplicate');
  if (!skipRepeated || repeated.length === 0) return { built, skipped: [] };
  const left = new Set(repeated.map(({ row }) => row));
  return {
    built: buildTaxonomy(
      meta,
      rows.filter(({ row }) => row === undefined || !left.has(row)),
      scheme,
    ),
    skipped: repeated.map((one): TaxonomyFault => ({ ...one, severity: 'warning' })),
  };
}

function levelFaults(taxonomy: Taxonomy, list: ListFile): TaxonomyFault[] {
  const faults: TaxonomyFault[] = [];
  for (const row of list.rows) {
    const level = list.levels.get(row.row ?? 0);
    if (level === undefined) continue;
    const found = taxonomy.byCode(row.code);
    if (found.length > 0 && !found.some((item) => item.level === level)) {
      const message = `${row.code} 位于第 ${found[0]!.level} 级，文件写作第 ${level} 级`;
      faults.push({ fault: 'level-differs', severity: 'error', row: row.row, code: row.code, message });
    }
  }
  return faults;
}

/** @throws DuihaoError `columns-missing`, `file-…`, `taxonomy-too-large` */
export async function readList(path: string, options: LoadOptions = {}): Promise<ListFile> {
  const json = isJson(path) ? await readJson(path) : undefined;
  if (isSkos(json)) {
    const skos = skosRows(json);
    const meta = await metaOf(path, skos.meta, options);
    return {
      meta: meta.meta,
      scheme: options.scheme ?? skos.scheme,
      rows: skos.rows,
      faults: [],
      columns: {},
      levels: new Map(),
    };
  }
  const { meta, scheme } = await metaOf(path, json, options);
  const { grid, faults } = json === undefined ? await tableGrid(path) : jsonGrid(path, json);
  if (grid.length > MAX_ITEMS) {
    throw new DuihaoError('too-large', 'taxonomy-too-large', `${path} 超过 ${MAX_ITEMS} 行`, { path });
  }
  const list = listRows(grid, scheme);
  return { ...list, meta, scheme, faults: [...faults, ...list.faults] };
}

function isJson(path: string): boolean {
  return ['.json', '.jsonld'].includes(extname(path).toLowerCase());
}

async function readJson(path: string): Promise<unknown> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile())
    throw new DuihaoError('not-found', 'file-not-found', `no such file: ${path}`, { path });
  if (info.size > MAX_BYTES) throw new DuihaoError('too-large', 'file-too-large', `${path} 过大`, { path });
  try {
    return JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new DuihaoError(
      'invalid-input',
      'file-malformed',
      `${path} 不是有效的 JSON`,
      { path },
      { cause: error },
    );
  }
}

async function tableGrid(path: string): Promise<{ grid: GridRow[]; faults: TaxonomyFault[] }> {
  const table = await openTable(path);
  const faults: TaxonomyFault[] = [];
  const keys = new Map<string, number>(table.columns.map((column, index) => [column, index]));
  const grid: GridRow[] = [{ row: 1, cells: table.columns }];
  for await (const { row, cells, fault, message } of table.rows) {
    if (!cells) {
      faults.push({
        fault: fault ?? 'row-malformed',
        severity: 'error',
        row,
        code: '',
        message: message ?? '',
      });
      continue;
    }
    if (fault === 'column-count')
      faults.push({ fault, severity: 'warning', row, code: '', message: message ?? '' });
    grid.push({ row, cells: cellsOf(cells, keys) });
  }
  if (table.format === 'jsonl') grid[0] = { row: 0, cells: [...keys.keys()] };
  return { grid, faults };
}

/** Columns that appear later get a place of their own behind the others. */
function cellsOf(record: Readonly<Record<string, unknown>>, keys: Map<string, number>): string[] {
  const cells: string[] = new Array(keys.size).fill('');
  for (const key in record) {
    let at = keys.get(key);
    if (at === undefined) {
      at = keys.size;
      keys.set(key, at);
    }
    cells[at] = cellText(record[key]);
  }
  return cells;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cellText).join('\n');
  if (typeof value === 'string' && !/[\s\p{Cc}\u200b\ufeff]/u.test(value)) return value;
  // Control characters have no place in a name and cannot be written to XLSX.
  return String(value)
    .replace(/(?![\n\r\t])[\p{Cc}\u200b\ufeff]/gu, '')
    .trim();
}

/** An array of objects, or an object with `items`. */
function jsonGrid(path: string, json: unknown): { grid: GridRow[]; faults: TaxonomyFault[] } {
  const items = Array.isArray(json) ? json : (json as { items?: unknown } | null)?.items;
  if (!Array.isArray(items)) {
    throw new DuihaoError('invalid-input', 'file-malformed', `${path} 应为事项数组，或带 items 数组的对象`, {
      path,
    });
  }
  const keys = new Map<string, number>();
  const faults: TaxonomyFault[] = [];
  const grid: GridRow[] = [];
  for (const [index, item] of items.entries()) {
    if (typeof item === 'object' && item !== null && !Array.isArray(item))
      grid.push({ row: index + 1, cells: cellsOf(item as Record<string, unknown>, keys) });
    else {
      const message = '不是对象';
      faults.push({ fault: 'row-malformed', severity: 'error', row: index + 1, code: '', message });
    }
  }
  return { grid: [{ row: 0, cells: [...keys.keys()] }, ...grid], faults };
}

async function metaOf(
  path: string,
  json: unknown,
  options: LoadOptions,
): Promise<{ meta: TaxonomyMeta; scheme: CodeScheme | undefined }> {
  const stem = path.slice(0, path.length - extname(path).length);
  const sidecar = await readFile(`${stem}.meta.json`, 'utf8').catch(() => null);
  let beside: unknown = {};
  if (sidecar !== null) {
    try {
      beside = JSON.parse(sidecar);
    } catch (error) {
      const message = `${stem}.meta.json 不是有效的 JSON`;
      throw new DuihaoError('invalid-input', 'file-malformed', message, { path }, { cause: error });
    }
  }
  const id = basename(stem);
  const said: Record<string, unknown> = {
    ...(beside as object),
    ...(Array.isArray(json) ? {} : (json as object | undefined)),
  };
  const text = (key: keyof TaxonomyMeta, otherwise: string) => {
    const value = options.meta?.[key] ?? said[key];
    return typeof value === 'string' && value !== '' ? value : otherwise;
  };
  const scheme = said.scheme === 'db44' || said.scheme === 'free' ? said.scheme : undefined;
  return {
    meta: { id: text('id', id), version: text('version', '1'), title: text('title', id) },
    scheme: options.scheme ?? scheme,
  };
}

/**
 * Cells of a list → rows of items. Two shapes: one row an item with named columns, or the printed table with
 * columns per level, where merged cells leave blanks beneath.
 */
import { DuihaoError } from '../errors.js';
import type { CodeScheme, TaxonomyFault } from './draft.js';
import type { ItemRow } from './item.js';
import { type ColumnRole, type ListField, roleOf } from './list-columns.js';

/** A row of the file: its number from 1 and its cells as text. */
export interface GridRow {
  readonly row: number;
  readonly cells: readonly string[];
}

export interface ListRows {
  readonly rows: readonly ItemRow[];
  readonly faults: TaxonomyFault[];
  /** Heading → what it was taken for (`code`, `level 2 name`, `ignored`, `unknown`), to be shown. */
  readonly columns: Readonly<Record<string, string>>;
  /** Row → what the file says of the item's level, to be held against the tree. */
  readonly levels: ReadonlyMap<number, number>;
}

/** A title above the headings and a second heading row are looked for this far down. */
const HEADING_ROWS = 6;

/**
 * @param scheme where the file says it: codes of a `free` list stay as they are written
 * @throws DuihaoError `columns-missing`
 */
export function listRows(grid: readonly GridRow[], scheme?: CodeScheme): ListRows {
  const { roles, headings, from } = findHeadings(grid);
  const columns: Record<string, string> = {};
  const faults: TaxonomyFault[] = [];
  for (const [index, role] of roles.entries()) {
    if (role.kind === 'blank') continue;
    columns[headings[index]!] = describeRole(role);
    if (role.kind === 'unknown') {
      faults.push({
        fault: 'column-unknown',
        severity: 'error',
        row: grid[from - 1]?.row || undefined,
        code: '',
        message: `不认识的列：${headings[index]}（不读入）`,
      });
    }
  }
  const body = grid.slice(from);
  const perLevel = roles.filter((role) => role.kind === 'level').length >= 2;
  const read = perLevel ? printedRows(body, roles, faults) : flatRows(body, roles, faults);
  return { ...read, rows: scheme === 'free' ? read.rows : tidyCodes(read.rows), faults, columns };
}

function describeRole(role: ColumnRole): string {
  if (role.kind === 'field') return role.field;
  return role.kind === 'level'
    ? `level ${role.level}${role.part === 'both' ? '' : ` ${role.part}`}`
    : role.kind;
}

function findHeadings(grid: readonly GridRow[]): { roles: ColumnRole[]; headings: string[]; from: number } {
  for (let at = 0; at < Math.min(HEADING_ROWS, grid.length); at += 1) {
    const headings = grid[at]!.cells;
    const second = grid[at + 1]?.cells;
    const spread = second && isSecondHeading(second) ? joinHeadings(headings, second) : null;
    const names = spread ?? [...headings];
    const roles = names.map(roleOf);
    if (isUsable(roles)) return { roles, headings: names, from: at + (spread ? 2 : 1) };
  }
  throw new DuihaoError(
    'invalid-input',
    'columns-missing',
    '找不到编码列：需要“编码/code”与“名称/name”两列，或“一级、二级、三级”分级列',
    { headings: grid[0]?.cells ?? [] },
  );
}

function isUsable(roles: readonly ColumnRole[]): boolean {
  const has = (field: ListField) => roles.some((role) => role.kind === 'field' && role.field === field);
  return has('code') || roles.filter((role) => role.kind === 'level').length >= 2;
}

/** 编码 | 名称 | 编码 | 名称 … under 一级 | | 二级 | … */
function isSecondHeading(cells: readonly string[]): boolean {
  const words = cells.filter((cell) => cell !== '');
  return words.length >= 2 && words.every((cell) => /^(?:编码|代码|名称|code|name|备注|说明)$/i.test(cell));
}

/** Merged headings stand over several columns and leave blanks to their right. */
function joinHeadings(first: readonly string[], second: readonly string[]): string[] {
  let above = '';
  return second.map((below, index) => {
    const here = first[index] ?? '';
    if (here !== '' && !/^column \d+$/.test(here)) above = here;
    return below === '' || roleOf(above).kind !== 'level' ? above : `${above}${below}`;
  });
}

type Read = Omit<ListRows, 'faults' | 'columns'>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function flatRows(body: readonly GridRow[], roles: readonly ColumnRole[], faults: TaxonomyFault[]): Read {
  const at = new Map<ListField, number>();
  for (const [index, role] of roles.entries()) {
    if (role.kind === 'field' && !at.has(role.field)) at.set(role.field, index);
  }
  const levels = new Map<number, number>();
  const rows: ItemRow[] = [];
  const place = (field: ListField) => at.get(field) ?? -1;
  // Looked up once: a large list has hundreds of thousands of rows.
  const [codeAt, nameAt, parentAt, pathAt] = [place('code'), place('name'), place('parent'), place('path')];
  const [wordsAt, retiredAt, heirsAt] = [place('words'), place('retired'), place('successors')];
  const [catchAllAt, ownerAt, levelAt] = [place('catchAll'), place('owner'), place('level')];
  for (const { row, cells } of body) {
    if (cells.every((text) => text === '')) continue;
    const code = (cells[codeAt] ?? '').trim();
    const parent = (cells[parentAt] ?? '').trim();
    const path = parentAt < 0 ? splitPath(cells[pathAt] ?? '') : NOTHING;
    const catchAll = cells[catchAllAt] ?? '';
    const read: Mutable<ItemRow> = {
      code,
      name: oneLine(cells[nameAt] ?? ''),
      words: splitList(cells[wordsAt] ?? ''),
      retired: isYes(cells[retiredAt] ?? '', row, code, faults),
      successors: splitList(cells[heirsAt] ?? ''),
      owner: cells[ownerAt] ?? '',
      row,
    };
    if (parent !== '') read.parentCode = parent;
    if (path.length > 0 && path.at(-1) === code) read.path = path;
    if (catchAll !== '') read.catchAll = isYes(catchAll, row, code, faults);
    rows.push(read);
    const level = cells[levelAt] ?? '';
    if (level !== '' && Number.isInteger(Number(level))) levels.set(row, Number(level));
  }
  return { rows, levels };
}

function printedRows(body: readonly GridRow[], roles: readonly ColumnRole[], faults: TaxonomyFault[]): Read {
  const depth = Math.max(...roles.map((role) => (role.kind === 'level' ? role.level : 0)));
  const codeColumn = roles.findIndex((role) => role.kind === 'field' && role.field === 'code');
  const wordsColumn = roles.findIndex((role) => role.kind === 'field' && role.field === 'words');
  const rows: ItemRow[] = [];
  const byPath = new Map<string, ItemRow>();
  let path: { code: string; name: string }[] = [];
  for (const { row, cells } of body) {
    const own = codeColumn < 0 ? '' : cleanListCode(cells[codeColumn] ?? '');
    const fresh = levelCells(cells, roles, depth, own);
    const deepest = fresh.findLastIndex((cell) => cell !== null);
    if (deepest < 0) continue;
    for (let level = 0; level <= deepest; level += 1) {
      const cell = fresh[level] ?? path[level];
      if (!cell) {
        const message = `第 ${level + 1} 级为空，而第 ${deepest + 1} 级有值`;
        faults.push({ fault: 'level-missing', severity: 'error', row, code: own, message });
        break;
      }
      if (fresh[level] && path[level]?.code !== cell.code) path = path.slice(0, level);
      path[level] = cell;
      const codes = path.slice(0, level + 1).map(({ code }) => code);
      const key = JSON.stringify(codes);
      const there = byPath.get(key);
      if (there && (level < deepest || !fresh[level])) {
        if (fresh[level] && cell.name !== '' && there.name !== cell.name) {
          const message = `${cell.code} 的名称 ${cell.name} 与第 ${there.row} 行的 ${there.name} 不同`;
          faults.push({ fault: 'name-differs', severity: 'error', row, code: cell.code, message });
        }
        continue;
      }
      const words = level === deepest && wordsColumn >= 0 ? splitList(cells[wordsColumn] ?? '') : [];
      const read: ItemRow = { code: cell.code, name: cell.name, path: codes, words, row };
      rows.push(read);
      byPath.set(key, read);
    }
    path = path.slice(0, deepest + 1);
  }
  return { rows, levels: new Map() };
}

/** The row's own cell of every level; null where it is blank (merged with the one above, or not subdivided). */
function levelCells(
  cells: readonly string[],
  roles: readonly ColumnRole[],
  depth: number,
  ownCode: string,
): ({ code: string; name: string } | null)[] {
  const codes = new Array<string>(depth).fill('');
  const names = new Array<string>(depth).fill('');
  for (const [index, role] of roles.entries()) {
    const text = cells[index] ?? '';
    if (role.kind !== 'level' || text === '') continue;
    const at = role.level - 1;
    if (role.part === 'code') codes[at] = cleanListCode(text);
    else if (role.part === 'name') names[at] = oneLine(text);
    else {
      // 01 科教文体 in one cell, or just a name.
      const both = /^([0-9０-９]{2,10})[\s、.．:：-]*(.*)$/su.exec(text);
      if (both) codes[at] = cleanListCode(both[1]!);
      names[at] = oneLine(both ? both[2]!.trim() : text);
    }
  }
  const deepest = Math.max(
    codes.findLastIndex((code) => code !== ''),
    names.findLastIndex((name) => name !== ''),
  );
  return codes.map((code, at) => {
    const name = names[at]!;
    if (code === '' && name === '') return null;
    if (code !== '') return { code, name };
    // One code column beside names per level: it belongs to the deepest; those above are its beginnings.
    if (ownCode === '') return { code: name, name };
    return { code: at === deepest ? ownCode : ownCode.slice(0, 2 * (at + 1)), name };
  });
}

/** Digits in full-width form or with spaces become plain digits; anything else stays as it is written. */
export function cleanListCode(text: string): string {
  if (/^\d+$/.test(text)) return text;
  const tight = text
    .normalize('NFKC')
    .replace(/[\s\u200b]+/gu, '')
    .toUpperCase();
  return /^\d+(?:Z\d+)?$/.test(tight) ? tight : text.trim();
}

/** Codes as people type them made plain; where all have ten digits, the filling zeros are taken off. */
function tidyCodes(rows: readonly ItemRow[]): readonly ItemRow[] {
  const isPlain = ({ code, parentCode, path, successors }: ItemRow) =>
    /^\d+$/.test(code) && !parentCode && !path && !successors?.length;
  const plain = rows.map((row) => (isPlain(row) ? row : withCodes(row, cleanListCode)));
  if (!plain.every(({ code }) => /^\d{10}(?:Z\d+)?$/.test(code))) return plain;
  const short = (code: string) => (code.length === 10 ? code.replace(/(?:00)+$/, '') || code : code);
  return plain.map((row) => withCodes(row, short));
}

function withCodes(row: ItemRow, tidy: (code: string) => string): ItemRow {
  // `code`, `code@parent` or `@id`.
  const reference = (text: string) => (text.startsWith('@') ? text : text.split('@').map(tidy).join('@'));
  return {
    ...row,
    code: tidy(row.code),
    ...(row.parentCode ? { parentCode: reference(row.parentCode) } : {}),
    ...(row.path ? { path: row.path.map(tidy) } : {}),
    ...(row.successors ? { successors: row.successors.map(reference) } : {}),
  };
}

/** Wrapped cells: Chinese closes up, other scripts keep a space. */
function oneLine(text: string): string {
  if (!/[\r\n]/.test(text)) return text;
  return text
    .replace(/(\p{Script=Han})\s*[\r\n]+\s*(?=\p{Script=Han})/gu, '$1')
    .replace(/\s*[\r\n]+\s*/gu, ' ');
}

const NOTHING: readonly string[] = [];

/** Lists in one cell: `；` `;` `、` `|` `，` `,` or line breaks between. */
export function splitList(text: string): readonly string[] {
  if (text === '') return NOTHING;
  const parts = text
    .split(/[;；、|，,\n\r]+/u)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length < 2 ? parts : [...new Set(parts)];
}

function splitPath(text: string): readonly string[] {
  if (text === '') return NOTHING;
  return text
    .split(/[>＞/|\n]/u)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isYes(text: string, row: number, code: string, faults: TaxonomyFault[]): boolean {
  if (text === '') return false;
  const plain = text.trim().toLowerCase();
  if (['1', 'true', 'yes', 'y', '是', '停用', '已停用', '废止', '√'].includes(plain)) return true;
  if (!['', '0', 'false', 'no', 'n', '否', '在用', '启用'].includes(plain)) {
    const message = `应为“是”或“否”，现为 ${text.slice(0, 20)}`;
    faults.push({ fault: 'flag-invalid', severity: 'error', row, code, message });
  }
  return false;
}

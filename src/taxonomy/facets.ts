/**
 * Facets (扩展码): facts added to an item's code, such as 诉求类别 and 诉求人. The standard's tables, their order
 * and the separator are not known to us: `data/facets/default.json` is Duihao's default, and a file of the
 * same shape replaces it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuihaoError } from '../errors.js';
import { packageRoot } from '../package-root.js';

declare const extensionBrand: unique symbol;
/** One facet's value as it stands in a combined code: prefix and value code, e.g. `A03`. */
export type ExtensionCode = string & { readonly [extensionBrand]: true };

export interface FacetValue {
  /** Digits, as many as the facet's `width`. */
  readonly code: string;
  readonly name: string;
  /** What tickets' columns write for it. */
  readonly aliases: readonly string[];
}

export interface Facet {
  /** Stable, e.g. `demand`. */
  readonly id: string;
  /** 诉求类别 */
  readonly name: string;
  /** One or more letters, Z excepted; empty in the positional style. */
  readonly prefix: string;
  /** Digits of a value's code, 1–4. */
  readonly width: number;
  /** Headings under which a ticket file gives this facet: ties a column to its own calibrated head. */
  readonly columns: readonly string[];
  readonly values: readonly FacetValue[];
}

export interface FacetTable {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /**
   * `prefixed`: only the facets that are known, each with its letter (`…-A03-B01`). `positional`: every facet
   * in its place, zeros where it is not known (`…-03-00`).
   */
  readonly style: 'prefixed' | 'positional';
  /** Between the item's code and the extension codes, and between these. */
  readonly separator: string;
  /** In the order of the combined code. */
  readonly facets: readonly Facet[];
}

export const defaultFacetsPath: string = join(packageRoot, 'data/facets/default.json');

/** @throws DuihaoError `file-not-found`, `file-malformed`, `facets-invalid` */
export async function loadFacets(path: string = defaultFacetsPath): Promise<FacetTable> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT';
    throw new DuihaoError(
      missing ? 'not-found' : 'invalid-input',
      missing ? 'file-not-found' : 'file-malformed',
      missing ? `no such file: ${path}` : `${path} 不是有效的 JSON`,
      { path },
      { cause: error },
    );
  }
  const table = readFacetTable(json);
  const faults = facetFaults(table);
  if (faults.length > 0) {
    throw new DuihaoError('invalid-input', 'facets-invalid', `${path}：${faults.join('；')}`, {
      path,
      faults,
    });
  }
  return table;
}

/** Every field in its type; what is missing becomes empty and is found by `facetFaults`. */
export function readFacetTable(json: unknown): FacetTable {
  const record = asRecord(json);
  const facets = asList(record.facets).map((facet): Facet => {
    const one = asRecord(facet);
    return {
      id: asText(one.id),
      name: asText(one.name),
      prefix: asText(one.prefix).toUpperCase(),
      width: typeof one.width === 'number' ? one.width : 2,
      columns: asList(one.columns).map(asText),
      values: asList(one.values).map((value) => {
        const it = asRecord(value);
        return { code: asText(it.code), name: asText(it.name), aliases: asList(it.aliases).map(asText) };
      }),
    };
  });
  return {
    id: asText(record.id),
    version: asText(record.version),
    title: asText(record.title),
    style: record.style === 'positional' ? 'positional' : 'prefixed',
    separator: typeof record.separator === 'string' ? record.separator : '-',
    facets,
  };
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What keeps combined codes from being parsed back, for people; empty for a good table. */
export function facetFaults(table: FacetTable): string[] {
  const faults: string[] = [];
  if (table.facets.length === 0) faults.push('没有扩展维度');
  if (/[\dA-Za-z]/.test(table.separator)) faults.push('分隔符不能是数字或字母');
  if (table.style === 'positional' && table.separator === '') faults.push('定位式组合码须有分隔符');
  for (const [index, facet] of table.facets.entries()) {
    const name = facet.name || facet.id || `第 ${index + 1} 个维度`;
    const others = table.facets.slice(0, index);
    if (facet.id === '' || facet.name === '') faults.push(`${name} 缺少 id 或 name`);
    if (others.some((other) => other.id === facet.id)) faults.push(`${name} 的 id 重复`);
    if (!Number.isInteger(facet.width) || facet.width < 1 || facet.width > 4)
      faults.push(`${name} 的 width 应为 1–4`);
    if (table.style === 'prefixed') {
      if (!/^[A-Y]+$/.test(facet.prefix)) faults.push(`${name} 的 prefix 应为 A–Y 的字母`);
      const clash = others.find(
        (other) => other.prefix.startsWith(facet.prefix) || facet.prefix.startsWith(other.prefix),
      );
      if (clash) faults.push(`${name} 与 ${clash.name} 的 prefix 分不开`);
    }
    faults.push(...valueFaults(table, facet, name));
  }
  return faults;
}

function valueFaults(table: FacetTable, facet: Facet, name: string): string[] {
  const faults: string[] = [];
  const codes = new Set<string>();
  const words = new Set<string>();
  if (facet.values.length === 0) faults.push(`${name} 没有取值`);
  for (const value of facet.values) {
    if (!/^\d+$/.test(value.code) || value.code.length !== facet.width)
      faults.push(`${name} 的取值 ${value.code} 应为 ${facet.width} 位数字`);
    if (table.style === 'positional' && /^0+$/.test(value.code))
      faults.push(`${name} 的取值 ${value.code} 全为 0：定位式中 0 表示未知`);
    if (codes.has(value.code)) faults.push(`${name} 的取值 ${value.code} 重复`);
    codes.add(value.code);
    for (const word of [value.name, ...value.aliases]) {
      if (word === '' || words.has(word)) faults.push(`${name} 的名称“${word}”为空或重复`);
      words.add(word);
    }
  }
  return faults;
}

/** The facet that a ticket file's heading stands for. */
export function facetOfColumn(table: FacetTable, heading: string): Facet | undefined {
  const plain = heading.normalize('NFKC').trim().toLowerCase();
  return table.facets.find((facet) =>
    [facet.id, facet.name, ...facet.columns].some((column) => column.toLowerCase() === plain),
  );
}

/** The value that a cell's text stands for: a code, a name or an alias. */
export function facetValueOf(facet: Facet, text: string): FacetValue | undefined {
  const plain = text.normalize('NFKC').trim();
  const code = plain.toUpperCase().startsWith(facet.prefix) ? plain.slice(facet.prefix.length) : plain;
  return facet.values.find(
    (value) =>
      value.code === code ||
      value.name === plain ||
      value.aliases.some((alias) => alias.toLowerCase() === plain.toLowerCase()),
  );
}

/** A column of a ticket file that tells a facet. */
export interface FacetColumn {
  readonly column: string;
  readonly facet: Facet;
}

/** Columns whose headings name a facet; the first where there are several. */
export function facetColumns(table: FacetTable, headings: readonly string[]): FacetColumn[] {
  const found = new Map<string, FacetColumn>();
  for (const column of headings) {
    const facet = facetOfColumn(table, column);
    if (facet && !found.has(facet.id)) found.set(facet.id, { column, facet });
  }
  return [...found.values()];
}

/**
 * Combined codes (组合码): an item's code with the extension codes that are known, in the order of the facet
 * table. `parseCombinedCode(composeCombinedCode(x)) = x`, whatever the order the facets were given in.
 */
import { type CodeFault, type CodeRules, DEFAULT_CODE_RULES, type ItemCode, parseCode } from './code.js';
import { type ExtensionCode, type Facet, type FacetTable, type FacetValue, facetValueOf } from './facets.js';

declare const combinedBrand: unique symbol;
export type CombinedCode = string & { readonly [combinedBrand]: true };

export interface Extension {
  readonly facet: Facet;
  readonly value: FacetValue;
}

export interface CombinedParts {
  readonly item: ItemCode;
  /** In the table's order, each facet at most once. */
  readonly extensions: readonly Extension[];
}

export interface CombinedFault {
  readonly fault:
    | CodeFault['fault']
    | 'facet-unknown'
    | 'facet-value-unknown'
    | 'facet-repeated'
    | 'facet-incomplete';
  /** UTF-16 offset and length in the text as it was typed. */
  readonly position: number;
  readonly length: number;
  readonly message: string;
}

export type CombinedParse =
  | ({ readonly ok: true; readonly typed: string } & CombinedParts)
  | { readonly ok: false; readonly faults: readonly CombinedFault[] };

export function extensionCode({ facet, value }: Extension): ExtensionCode {
  return `${facet.prefix}${value.code}` as ExtensionCode;
}

/** An item's code alone where no facet is known. A facet given twice keeps its last value. */
export function composeCombinedCode(
  table: FacetTable,
  item: ItemCode,
  extensions: readonly Extension[],
): CombinedCode {
  if (extensions.length === 0) return item as string as CombinedCode;
  const values = new Map(extensions.map(({ facet, value }) => [facet.id, value]));
  const parts: string[] = [item];
  for (const facet of table.facets) {
    const value = values.get(facet.id);
    if (table.style === 'positional') parts.push(value?.code ?? '0'.repeat(facet.width));
    else if (value) parts.push(extensionCode({ facet, value }));
  }
  return parts.join(table.separator) as CombinedCode;
}

/** Reads facets as people give them: facet id or name → value's code, name or alias. */
export function readExtensions(
  table: FacetTable,
  given: Readonly<Record<string, string>>,
): { extensions: Extension[]; faults: CombinedFault[] } {
  const extensions: Extension[] = [];
  const faults: CombinedFault[] = [];
  for (const [name, text] of Object.entries(given)) {
    const facet = table.facets.find((one) => one.id === name || one.name === name || one.prefix === name);
    const value = facet && facetValueOf(facet, text);
    if (value) extensions.push({ facet, value });
    else {
      const message = facet
        ? `${facet.name} 没有取值 ${text}；可用：${facet.values.map((one) => one.name).join('、')}`
        : `没有扩展维度 ${name}；可用：${table.facets.map((one) => one.name).join('、')}`;
      faults.push({
        fault: facet ? 'facet-value-unknown' : 'facet-unknown',
        position: 0,
        length: 0,
        message,
      });
    }
  }
  return { extensions: inOrder(table, extensions), faults };
}

function inOrder(table: FacetTable, extensions: readonly Extension[]): Extension[] {
  return table.facets.flatMap((facet) => extensions.filter((one) => one.facet.id === facet.id).slice(-1));
}

/** Separators may be left out in the prefixed style; full-width forms and spaces are forgiven in both. */
export function parseCombinedCode(
  table: FacetTable,
  text: string,
  rules: CodeRules = DEFAULT_CODE_RULES,
): CombinedParse {
  const folded = foldWidth(text);
  const cut = table.style === 'prefixed' ? firstPrefix(table, folded) : positionalCut(table, folded);
  const head = cut < 0 ? text : text.slice(0, cut);
  const code = parseCode(stripEnd(head, table.separator), rules);
  const faults: CombinedFault[] = code.ok ? [] : [...code.faults];
  const extensions: Extension[] = [];
  if (cut >= 0) {
    if (table.style === 'prefixed') readPrefixed(table, folded, cut, extensions, faults);
    else readPositional(table, folded, cut, extensions, faults);
  }
  if (!code.ok || faults.length > 0) return { ok: false, faults };
  return { ok: true, item: code.code, typed: code.typed, extensions: inOrder(table, extensions) };
}

/** One UTF-16 unit for one, so that offsets stay true. */
function foldWidth(text: string): string {
  let folded = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!.normalize('NFKC').toUpperCase();
    folded += sign.length === 1 ? sign : text[at]!;
  }
  return folded;
}

function stripEnd(text: string, separator: string): string {
  let end = text.trimEnd();
  while (separator !== '' && end.endsWith(separator)) end = end.slice(0, -separator.length).trimEnd();
  return end;
}

/** Where the first extension code begins; letters that no facet has are left to the item's code to refuse. */
function firstPrefix(table: FacetTable, folded: string): number {
  const starts = table.facets.map(({ prefix }) => folded.indexOf(prefix)).filter((at) => at >= 0);
  return starts.length > 0 ? Math.min(...starts) : -1;
}

/** Where the last separators that leave exactly the facets' digits begin. */
function positionalCut(table: FacetTable, folded: string): number {
  const parts = folded.split(table.separator);
  if (parts.length <= table.facets.length) return -1;
  const tail = parts.slice(-table.facets.length);
  const fits = tail.every((part, at) => part.trim().length === table.facets[at]!.width);
  if (!fits) return -1;
  return folded.length - tail.join(table.separator).length;
}

function readPrefixed(
  table: FacetTable,
  folded: string,
  from: number,
  extensions: Extension[],
  faults: CombinedFault[],
): void {
  let at = from;
  while (at < folded.length) {
    if (table.separator !== '' && folded.startsWith(table.separator, at)) {
      at += table.separator.length;
      continue;
    }
    if (/[\s\-‐–—_.·]/u.test(folded[at]!)) {
      at += 1;
      continue;
    }
    const facet = table.facets.find(({ prefix }) => folded.startsWith(prefix, at));
    const run = /^[A-Z]*\d*/.exec(folded.slice(at))![0] || folded[at]!;
    if (!facet) {
      faults.push({
        fault: 'facet-unknown',
        position: at,
        length: run.length,
        message: `没有以 ${run.replace(/\d+$/, '')} 开头的扩展码`,
      });
      at += run.length;
      continue;
    }
    const code = folded.slice(at + facet.prefix.length, at + facet.prefix.length + facet.width);
    readValue(facet, code, at, facet.prefix.length + code.length, extensions, faults);
    at += facet.prefix.length + Math.max(1, /^\d*/.exec(code)![0].length);
  }
}

function readPositional(
  table: FacetTable,
  folded: string,
  from: number,
  extensions: Extension[],
  faults: CombinedFault[],
): void {
  let at = from;
  for (const facet of table.facets) {
    const raw = folded.slice(at).split(table.separator)[0]!;
    const code = raw.trim();
    if (!/^0+$/.test(code)) readValue(facet, code, at, raw.length, extensions, faults);
    at += raw.length + table.separator.length;
  }
}

function readValue(
  facet: Facet,
  code: string,
  position: number,
  length: number,
  extensions: Extension[],
  faults: CombinedFault[],
): void {
  const report = (fault: CombinedFault['fault'], message: string) =>
    faults.push({ fault, position, length, message });
  const value = facet.values.find((one) => one.code === code);
  if (!/^\d+$/.test(code) || code.length < facet.width)
    report('facet-incomplete', `${facet.name} 应为 ${facet.width} 位数字`);
  else if (!value) report('facet-value-unknown', `${facet.name} 没有取值 ${code}`);
  else if (extensions.some((one) => one.facet.id === facet.id))
    report('facet-repeated', `${facet.name} 出现两次`);
  else extensions.push({ facet, value });
}

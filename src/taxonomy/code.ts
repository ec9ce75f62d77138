/**
 * The algebra of item codes (基本码 and the city's part behind Z). Five levels of two digits, a level that is
 * not subdivided is filled with 00 down to level five; what a city adds beyond level five follows a Z in groups
 * of two digits (the width is Duihao's default: the standard's text on it is not known to us).
 *
 * A parsed code is always in its full form: ten digits, or ten digits, Z and the groups. Functions of parsed
 * codes are total: they never throw. Laws: `parseCode(formatCode(x, style)) = x` for every style; ancestors
 * sort before their descendants; `ancestorsOf(x).length = number of filled levels − 1`.
 */

declare const baseBrand: unique symbol;
declare const cityBrand: unique symbol;

/** 基本码: ten digits. */
export type BaseCode = string & { readonly [baseBrand]: true };
/** Z-extended: ten digits, `Z`, one or more groups of digits. */
export type CityCode = string & { readonly [cityBrand]: true };
export type ItemCode = BaseCode | CityCode;

/** Digits of a group behind Z, and how many groups there may be. */
export interface CodeRules {
  readonly groupWidth: number;
  readonly maxGroups: number;
}

export const DEFAULT_CODE_RULES: CodeRules = { groupWidth: 2, maxGroups: 10 };

/** Levels before Z. */
export const BASE_LEVELS = 5;
const BASE_WIDTH = BASE_LEVELS * 2;
/** More is not a code someone typed. */
const MAX_TYPED = 200;

export type CodeFaultKind =
  | 'code-empty'
  /** A character that no code holds. */
  | 'code-character'
  /** An odd number of digits: a leading zero may have been lost. */
  | 'code-width'
  | 'code-too-long'
  /** A filled level below one that is 00. */
  | 'code-gap'
  /** Level 1 is 00. */
  | 'code-level-one'
  /** Z must follow ten digits. */
  | 'city-base-width'
  | 'city-empty'
  | 'city-width'
  | 'city-too-long'
  /** A group of zeros behind Z. */
  | 'city-zero';

export interface CodeFault {
  readonly fault: CodeFaultKind;
  /** UTF-16 offset and length in the text as it was typed. */
  readonly position: number;
  readonly length: number;
  readonly message: string;
}

export type CodeParse =
  | {
      readonly ok: true;
      readonly kind: 'base';
      readonly code: BaseCode;
      /** What was typed, cleaned but not padded: tells `010600` from `0106`. */
      readonly typed: string;
    }
  | { readonly ok: true; readonly kind: 'city'; readonly code: CityCode; readonly typed: string }
  | { readonly ok: false; readonly faults: readonly CodeFault[] };

interface Sign {
  readonly sign: string;
  readonly position: number;
}

/** Full-width forms become ASCII; spaces, hyphens and dots between groups are taken off. */
function clean(text: string): Sign[] {
  const signs: Sign[] = [];
  for (let position = 0; position < text.length; position += 1) {
    const sign = text[position]!.normalize('NFKC').toUpperCase();
    if (!/^[\s\-‐‑–—_.·\u200b\ufeff]*$/u.test(sign)) signs.push({ sign, position });
  }
  return signs;
}

/** Reads 2–10 digits, or ten digits with a city's part; all faults at once, with their positions. */
export function parseCode(text: string, rules: CodeRules = DEFAULT_CODE_RULES): CodeParse {
  const faults: CodeFault[] = [];
  const fault = (kind: CodeFaultKind, position: number, length: number, message: string) =>
    faults.push({ fault: kind, position, length, message });
  if (text.length > MAX_TYPED) {
    fault('code-too-long', MAX_TYPED, text.length - MAX_TYPED, `编码过长（${text.length} 个字符）`);
    return { ok: false, faults };
  }
  const signs = clean(text);
  if (signs.length === 0) {
    fault('code-empty', 0, text.length, '编码为空');
    return { ok: false, faults };
  }
  const z = signs.findIndex(({ sign }) => sign === 'Z');
  for (const [index, { sign, position }] of signs.entries()) {
    if (!/^\d$/.test(sign) && index !== z)
      fault('code-character', position, 1, `第 ${position + 1} 个字符不是数字`);
  }
  const base = z < 0 ? signs : signs.slice(0, z);
  checkBase(base, z < 0, text, fault);
  const city = z < 0 ? [] : signs.slice(z + 1);
  if (z >= 0) checkCity(city, signs[z]!.position, rules, fault);
  if (faults.length > 0) return { ok: false, faults: faults.sort((a, b) => a.position - b.position) };
  const digits = join(base);
  if (z < 0) {
    return { ok: true, kind: 'base', code: digits.padEnd(BASE_WIDTH, '0') as BaseCode, typed: digits };
  }
  const code = `${digits}Z${join(city)}` as CityCode;
  return { ok: true, kind: 'city', code, typed: code };
}

const join = (signs: readonly Sign[]) => signs.map(({ sign }) => sign).join('');

type Report = (kind: CodeFaultKind, position: number, length: number, message: string) => void;

function checkBase(base: readonly Sign[], alone: boolean, text: string, fault: Report): void {
  const end = base.length > 0 ? base.at(-1)!.position + 1 : 0;
  if (base.length > BASE_WIDTH) {
    const from = base[BASE_WIDTH]!.position;
    fault('code-too-long', from, end - from, `基本码至多 10 位，多出 ${base.length - BASE_WIDTH} 位`);
  } else if (!alone && base.length < BASE_WIDTH) {
    fault('city-base-width', 0, end, `Z 之前须为 10 位基本码，现为 ${base.length} 位`);
  } else if (base.length % 2 === 1) {
    fault('code-width', end - 1, 1, `每级两位，现为 ${base.length} 位：是否丢失了前导 0？`);
  }
  let empty = -1;
  for (let at = 0; at + 1 < base.length && at < BASE_WIDTH; at += 2) {
    const position = base[at]!.position;
    const length = base[at + 1]!.position + 1 - position;
    if (base[at]!.sign !== '0' || base[at + 1]!.sign !== '0') {
      if (empty >= 0) fault('code-gap', position, length, `第 ${at / 2 + 1} 级有值而第 ${empty + 1} 级为 00`);
    } else if (at === 0) fault('code-level-one', position, length, '第 1 级不能为 00');
    else if (empty < 0) empty = at / 2;
  }
  if (base.length === 0 && alone) fault('code-empty', 0, text.length, '编码为空');
}

function checkCity(city: readonly Sign[], z: number, rules: CodeRules, fault: Report): void {
  const { groupWidth, maxGroups } = rules;
  if (city.length === 0) {
    fault('city-empty', z, 1, 'Z 之后没有编码');
    return;
  }
  const end = city.at(-1)!.position + 1;
  if (city.length > groupWidth * maxGroups) {
    const from = city[groupWidth * maxGroups]!.position;
    fault('city-too-long', from, end - from, `Z 之后至多 ${maxGroups} 级`);
  }
  const over = city.length % groupWidth;
  if (over !== 0)
    fault('city-width', city[city.length - over]!.position, over, `Z 之后每级 ${groupWidth} 位`);
  for (let at = 0; at + groupWidth <= city.length; at += groupWidth) {
    const group = city.slice(at, at + groupWidth);
    if (group.every(({ sign }) => sign === '0')) {
      const from = group[0]!.position;
      fault('city-zero', from, group.at(-1)!.position + 1 - from, 'Z 之后的一级不能全为 0');
    }
  }
}

/** All faults, in the order of their positions; empty for a good code. */
export function validateCode(text: string, rules: CodeRules = DEFAULT_CODE_RULES): readonly CodeFault[] {
  const parsed = parseCode(text, rules);
  return parsed.ok ? [] : parsed.faults;
}

export function isCityCode(code: ItemCode): code is CityCode {
  return code.length > BASE_WIDTH;
}

/** The first ten digits. */
export function baseOf(code: ItemCode): BaseCode {
  return code.slice(0, BASE_WIDTH) as BaseCode;
}

/** The filled levels' own digits: `0801020000` → `['08', '01', '02']`; groups behind Z follow. */
export function groupsOf(code: ItemCode, rules: CodeRules = DEFAULT_CODE_RULES): string[] {
  const groups: string[] = [];
  for (let at = 0; at < BASE_WIDTH && code.slice(at, at + 2) !== '00'; at += 2)
    groups.push(code.slice(at, at + 2));
  for (let at = BASE_WIDTH + 1; at < code.length; at += rules.groupWidth)
    groups.push(code.slice(at, at + rules.groupWidth));
  return groups;
}

/** 1–5 for a base code; 6 and more behind Z, wherever the base code ends. */
export function levelOf(code: ItemCode, rules: CodeRules = DEFAULT_CODE_RULES): number {
  if (isCityCode(code)) return BASE_LEVELS + (code.length - BASE_WIDTH - 1) / rules.groupWidth;
  return groupsOf(code).length;
}

/** From level 1 to the parent; empty at level 1. */
export function ancestorsOf(code: ItemCode, rules: CodeRules = DEFAULT_CODE_RULES): ItemCode[] {
  const ancestors: ItemCode[] = [];
  const base = baseOf(code);
  for (let end = 2; end <= BASE_WIDTH && base.slice(end - 2, end) !== '00'; end += 2) {
    ancestors.push(base.slice(0, end).padEnd(BASE_WIDTH, '0') as BaseCode);
  }
  for (let end = BASE_WIDTH + 1 + rules.groupWidth; end <= code.length; end += rules.groupWidth) {
    ancestors.push(code.slice(0, end) as CityCode);
  }
  ancestors.pop();
  return ancestors;
}

/** Is its last filled level 99 (for wider groups behind Z: all nines)? */
export function isCatchAllCode(code: ItemCode, rules: CodeRules = DEFAULT_CODE_RULES): boolean {
  return /^9+$/.test(groupsOf(code, rules).at(-1) ?? '');
}

export type CodeStyle =
  /** `0801020000` */
  | 'full'
  /** `080102`: without the filling zeros. */
  | 'short'
  /** `08-01-02-00-00`, groups behind Z too. */
  | 'grouped';

export function formatCode(
  code: ItemCode,
  style: CodeStyle = 'full',
  rules: CodeRules = DEFAULT_CODE_RULES,
): string {
  switch (style) {
    case 'full':
      return code;
    case 'short':
      return isCityCode(code) ? code : groupsOf(code).join('');
    case 'grouped': {
      const base = baseOf(code).match(/../g)!.join('-');
      if (!isCityCode(code)) return base;
      const groups = code.slice(BASE_WIDTH + 1).match(new RegExp(`.{1,${rules.groupWidth}}`, 'g'))!;
      return `${base}-Z${groups.join('-')}`;
    }
  }
}

/** Pre-order: an ancestor sorts before its descendants, siblings by number. */
export function compareCodes(a: ItemCode, b: ItemCode): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

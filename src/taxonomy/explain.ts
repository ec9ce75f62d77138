/** A code in words, Chinese and English: its levels, what fills it up, what items of the tree it stands for. */
import {
  BASE_LEVELS,
  baseOf,
  type CodeRules,
  DEFAULT_CODE_RULES,
  formatCode,
  groupsOf,
  type ItemCode,
  isCatchAllCode,
  isCityCode,
  levelOf,
} from './code.js';
import type { Item } from './item.js';
import type { Taxonomy } from './taxonomy.js';

export type Language = 'zh' | 'en';

export interface CodeExplanation {
  readonly code: ItemCode;
  readonly short: string;
  /** 1–5, 6 and more behind Z. */
  readonly level: number;
  readonly isCatchAll: boolean;
  /** What it stands for in the tree; several for an ambiguous code, none for an unknown one. */
  readonly items: readonly Item[];
  /** A sentence for people, one line an item. */
  readonly text: string;
}

const NUMERALS = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

/** The words of one language. */
interface Speech {
  readonly level: (level: number) => string;
  readonly head: (code: string, level: number, facts: string) => string;
  readonly filled: (from: number) => string;
  readonly city: string;
  readonly catchAll: string;
  readonly between: string;
  readonly unknown: (title: string) => string;
  readonly several: (count: number) => string;
  readonly notes: (notes: readonly string[]) => string;
  readonly undivided: string;
  readonly isCatchAll: string;
  readonly owner: (owner: string) => string;
  readonly retired: (successors: readonly string[]) => string;
}

const chinese: Speech = {
  level: (level) => `${NUMERALS[level - 1] ?? `第 ${level} `}级`,
  head: (code, level, facts) => `${code}：${chinese.level(level)}事项编码（${facts}）`,
  filled: (from) =>
    from < BASE_LEVELS ? `第 ${from}–${BASE_LEVELS} 级未细分，以 00 补足` : '第 5 级未细分，以 00 补足',
  city: 'Z 之后为地市自编部分',
  catchAll: '末级 99 为收容项“其他”',
  between: '，',
  unknown: (title) => `《${title}》中没有这个编码`,
  several: (count) => `此编码对应 ${count} 个事项：`,
  notes: (notes) => `（${notes.join('；')}）`,
  undivided: '未细分，工单直接归入此行',
  isCatchAll: '收容项',
  owner: (owner) => `由 ${owner} 编制`,
  retired: (successors) => (successors.length > 0 ? `已停用，由 ${successors.join('、')} 接替` : '已停用'),
};

const english: Speech = {
  level: (level) => `level ${level}`,
  head: (code, level, facts) => `${code}: code of a level-${level} item (${facts})`,
  filled: (from) =>
    from < BASE_LEVELS
      ? `levels ${from}–${BASE_LEVELS} not subdivided: filled with 00`
      : 'level 5 not subdivided: filled with 00',
  city: 'what follows Z is coded by the city',
  catchAll: 'ends in 99: a catch-all',
  between: ', ',
  unknown: (title) => `not a code of ${title}`,
  several: (count) => `the code stands for ${count} items:`,
  notes: (notes) => ` (${notes.join('; ')})`,
  undivided: 'not subdivided: tickets land on this row',
  isCatchAll: 'catch-all',
  owner: (owner) => `coded by ${owner}`,
  retired: (successors) =>
    successors.length > 0 ? `retired, succeeded by ${successors.join(', ')}` : 'retired',
};

export function explainCode(
  code: ItemCode,
  taxonomy: Taxonomy | null,
  language: Language = 'zh',
  rules: CodeRules = DEFAULT_CODE_RULES,
): CodeExplanation {
  const speech = language === 'zh' ? chinese : english;
  const items = taxonomy ? taxonomy.byCode(code) : [];
  const level = levelOf(code, rules);
  const lines = [speech.head(code, level, factsOf(code, speech, rules))];
  if (taxonomy && items.length === 0) lines.push(speech.unknown(taxonomy.meta.title));
  if (items.length > 1 && !items.at(-1)!.isUndivided) lines.push(speech.several(items.length));
  if (taxonomy) lines.push(...items.map((item) => explainItem(taxonomy, item, language)));
  return {
    code,
    short: formatCode(code, 'short', rules),
    level,
    isCatchAll: isCatchAllCode(code, rules),
    items,
    text: lines.join('\n'),
  };
}

/** The item's path and what is particular about it. */
export function explainItem(taxonomy: Taxonomy, item: Item, language: Language = 'zh'): string {
  const speech = language === 'zh' ? chinese : english;
  const named = (one: Item) => `${one.code} ${one.displayName}`;
  const successors = item.successors.map((id) => {
    const successor = taxonomy.byId(id);
    return successor ? named(successor) : id;
  });
  const notes = [
    ...(item.isUndivided ? [speech.undivided] : []),
    ...(item.isCatchAll ? [speech.isCatchAll] : []),
    ...(item.owner === '' ? [] : [speech.owner(item.owner)]),
    ...(item.retired ? [speech.retired(successors)] : []),
  ];
  const path = taxonomy.pathOf(item).map(named).join(' › ');
  return notes.length > 0 ? `${path}${speech.notes(notes)}` : path;
}

function factsOf(code: ItemCode, speech: Speech, rules: CodeRules): string {
  const filled = groupsOf(baseOf(code)).length;
  const facts = groupsOf(code, rules).map((digits, at) => {
    const level = at < filled ? at + 1 : BASE_LEVELS + 1 + at - filled;
    return `${speech.level(level)} ${digits}`;
  });
  if (filled < BASE_LEVELS) facts.push(speech.filled(filled + 1));
  if (isCityCode(code)) facts.push(speech.city);
  if (isCatchAllCode(code, rules)) facts.push(speech.catchAll);
  return facts.join(speech.between);
}

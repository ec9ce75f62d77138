/** The columns a relabelled file has more than the legacy one, and what stands in them. */
import type { Suggestion } from '../suggest/suggestion.js';
import type { Facet } from '../taxonomy/facets.js';

type Field =
  | 'code'
  | 'name'
  | 'kind'
  | 'probability'
  | 'under'
  | 'reason'
  | 'combinedCode'
  | 'tableNote'
  | 'error';

const CHINESE: Readonly<Record<Field, string>> = {
  code: '编码',
  name: '名称',
  kind: '判定',
  probability: '概率',
  under: '上级',
  reason: '原因',
  combinedCode: '组合码',
  tableNote: '对照说明',
  error: '错误',
};
const ENGLISH: Readonly<Record<Field, string>> = {
  code: 'code',
  name: 'name',
  kind: 'kind',
  probability: 'probability',
  under: 'under',
  reason: 'reason',
  combinedCode: 'combined_code',
  tableNote: 'table_note',
  error: 'error',
};

export type AnswerCell = string | number | null;

export interface AnswerColumns {
  /** Headings in order; none is also a heading of the input. */
  readonly names: readonly string[];
  /** The place of the probability in `names`: the one number. */
  readonly probability: number;
  /** The place of the error column in `names`. */
  readonly error: number;
  /** One cell per column. */
  readonly answered: (suggestion: Suggestion, tableNote: string) => AnswerCell[];
  readonly unreadable: (error: string) => AnswerCell[];
}

/**
 * @param facets those the answers carry, in the order of the combined code
 * @param withTable is there a correspondence table?
 */
export function answerColumns(
  headings: readonly string[],
  facets: readonly Pick<Facet, 'id' | 'name'>[],
  withTable: boolean,
): AnswerColumns {
  const chinese = headings.some((heading) => /\p{Script=Han}/u.test(heading));
  const words = chinese ? CHINESE : ENGLISH;
  const taken = new Set(headings);
  const names: string[] = [];
  const cells: ((suggestion: Suggestion, note: string) => AnswerCell)[] = [];
  const add = (name: string, cell: (suggestion: Suggestion, note: string) => AnswerCell) => {
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
    taken.add(free);
    names.push(free);
    cells.push(cell);
  };
  add(words.code, ({ decision }) => decision.item?.fullCode ?? null);
  add(words.name, ({ decision }) => decision.item?.displayName ?? null);
  add(words.kind, ({ decision }) => decision.kind);
  // Four digits: what more there are differ between processors and mean nothing.
  const probability = names.length;
  add(words.probability, ({ decision }) => Number(decision.probability.toFixed(4)));
  add(words.under, ({ decision }) =>
    decision.kind === 'fallback' ? (decision.under?.fullCode ?? null) : null,
  );
  add(words.reason, ({ decision }) => (decision.kind === 'fallback' ? decision.reason : null));
  if (facets.length > 0) {
    add(words.combinedCode, ({ combinedCode }) => combinedCode ?? null);
    for (const { id, name } of facets) {
      add(chinese ? name : id, ({ facets }) => facets.find(({ facet }) => facet === id)?.name ?? null);
    }
  }
  if (withTable) add(words.tableNote, (_, note) => (note === '' ? null : note));
  add(words.error, () => null);
  const error = names.length - 1;
  return {
    names,
    probability,
    error,
    answered: (suggestion, note) => cells.map((cell) => cell(suggestion, note)),
    unreadable: (text) => names.map((_, at) => (at === error ? text : null)),
  };
}

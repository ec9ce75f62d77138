/**
 * Rows with their answers → text of the new file. Where the new file has the old one's format, a row's own
 * text is copied and the answers are written behind it; `reverse.ts` takes them off again. Else the cells are
 * written anew, in UTF-8.
 *
 * Cells that a spreadsheet would take for a formula (`=…`) are left as they are in the copied columns; the
 * added ones hold codes, numbers and the taxonomy's names only.
 */

import { type CsvRecord, quoteCell, quoteRaw } from '../table/csv-records.js';
import type { TableFormat } from '../table/table.js';
import type { AnswerCell, AnswerColumns } from './answer-columns.js';
import { FileText } from './file-text.js';
import { addMembers } from './json-lines.js';
import type { Source, SourceRow } from './source.js';

export interface RowWriter {
  readonly text: FileText;
  /** Units of `text`: BOM and heading line. */
  readonly heading: string;
  readonly row: (row: SourceRow, answer: readonly AnswerCell[]) => string;
}

export function rowWriter(source: Source, format: 'csv' | 'jsonl', columns: AnswerColumns): RowWriter {
  if (format === 'csv')
    return source.format === 'csv' ? csvBehindCsv(source, columns) : csvAnew(source, columns);
  return source.format === 'jsonl' ? jsonBehindJson(source, columns) : jsonAnew(source, columns);
}

/** Does the writer copy rows, so that `reverse` gives them back? */
export const copiesRows = (from: TableFormat, to: TableFormat): boolean => from === to && from !== 'xlsx';

const cellText = (cell: AnswerCell): string =>
  cell === null ? '' : typeof cell === 'number' ? cell.toFixed(4) : cell;

function csvBehindCsv(source: Source, { names }: AnswerColumns): RowWriter {
  const { text, delimiter, columns, heading } = source;
  const tail = (cells: readonly AnswerCell[]) =>
    cells.map((cell) => delimiter + quoteCell(text.encode(cellText(cell)), delimiter)).join('');
  const whole = ({ raw, lineEnd }: CsvRecord) => raw + lineEnd;
  const last = heading.at(-1)!;
  const body = (row: SourceRow, record: CsvRecord): string => {
    const { raw, starts } = record;
    if (row.fault === undefined) return raw;
    const width = columns.length;
    if (row.fault !== 'column-count') return quoteRaw(raw) + delimiter.repeat(width - 1);
    if (starts.length < width) return raw + delimiter.repeat(width - starts.length);
    // Too many cells: the last column takes all that is left, as it stands.
    const from = starts[width - 1]!;
    return raw.slice(0, from) + quoteRaw(raw.slice(from));
  };
  return {
    text,
    heading: source.bom + heading.slice(0, -1).map(whole).join('') + last.raw + tail(names) + last.lineEnd,
    row: (row, answer) => {
      const record = row.record!;
      if (row.kind === 'blank') return whole(record);
      const lineEnd = row.fault === 'row-too-large' ? last.lineEnd : record.lineEnd;
      return body(row, record) + tail(answer) + lineEnd;
    },
  };
}

const members = (names: readonly string[], cells: readonly AnswerCell[]) =>
  names.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(cells[at] ?? null)}`).join(',');

/** What an unreadable line becomes in JSON lines: its text under `raw`. */
export const RAW_MEMBER = 'raw';

function jsonBehindJson(source: Source, { names, error }: AnswerColumns): RowWriter {
  const { text } = source;
  return {
    text,
    heading: source.bom,
    row: (row, answer) => {
      const { raw, lineEnd } = row.record!;
      if (row.kind === 'blank') return raw + lineEnd;
      if (row.kind === 'unreadable') {
        const broken = {
          [names[error]!]: answer[error],
          [RAW_MEMBER]: text.decode(raw),
        };
        return text.encode(JSON.stringify(broken)) + (row.fault === 'row-too-large' ? '\n' : lineEnd);
      }
      const isEmpty = /^\s*\{\s*\}\s*$/.test(raw);
      return addMembers(raw, text.encode(members(names, answer)), isEmpty) + lineEnd;
    },
  };
}

function csvAnew(source: Source, { names }: AnswerColumns): RowWriter {
  const { columns } = source;
  const text = new FileText('utf-8');
  const line = (cells: readonly string[]) =>
    `${text.encode(cells.map((cell) => quoteCell(cell, ',')).join(','))}\n`;
  const plain = (value: unknown) =>
    typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  return {
    text,
    // Excel takes a CSV without a BOM for GB18030.
    heading: text.bom + line([...columns, ...names]),
    row: (row, answer) => {
      if (row.kind === 'blank') return '';
      const cells = columns.map((column) => plain(row.value(column)));
      if (row.record && row.kind === 'unreadable') cells[0] = source.text.decode(row.record.raw);
      return line([...cells, ...answer.map(cellText)]);
    },
  };
}

function jsonAnew(source: Source, { names }: AnswerColumns): RowWriter {
  const { columns } = source;
  const text = new FileText('utf-8');
  return {
    text,
    heading: '',
    row: (row, answer) => {
      if (row.kind === 'blank') return '';
      const own = columns
        .map((column) => [column, row.value(column)] as const)
        .filter(([, value]) => value !== undefined)
        .map(([column, value]) => `${JSON.stringify(column)}:${JSON.stringify(value)}`);
      if (row.record && row.kind === 'unreadable')
        own.push(`${JSON.stringify(RAW_MEMBER)}:${JSON.stringify(source.text.decode(row.record.raw))}`);
      return `${text.encode(`{${[...own, members(names, answer)].join(',')}}`)}\n`;
    },
  };
}

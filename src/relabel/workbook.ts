/**
 * A finished CSV → an XLSX workbook, for people who open files with Excel, which takes the zeros off codes in
 * CSV: here they are text. It is made in memory, hence the limit.
 */
import { DuihaoError } from '../errors.js';
import type { Encoding } from '../table/encoding.js';
import { openTable } from '../table/table.js';
import type { AnswerColumns } from './answer-columns.js';

/** 50,000 rows of twelve columns took 650 MB and six seconds. */
export const MAX_WORKBOOK_ROWS = 50_000;
/** Excel's own limit, in UTF-16 units. */
const MAX_CELL = 32_767;

type Cell = { readonly value: string | number } | null;

/** @throws DuihaoError `cell-too-long` */
export async function workbookOf(
  csv: string,
  encoding: Encoding,
  columns: number,
  { probability }: AnswerColumns,
): Promise<Buffer> {
  const table = await openTable(csv, { format: 'csv', encoding });
  const sheet: Cell[][] = [table.columns.map((value) => ({ value }))];
  for await (const { row, cells } of table.rows) {
    sheet.push(
      table.columns.map((column, at): Cell => {
        const text = String(cells?.[column] ?? '');
        if (text.length > MAX_CELL) {
          throw new DuihaoError(
            'too-large',
            'cell-too-long',
            `row ${row} has a cell of more than ${MAX_CELL} characters, which no workbook can hold; write to .csv instead`,
            { row },
          );
        }
        if (text === '') return null;
        // Control characters, which XML cannot write, are left out by the writer.
        return { value: at === columns + probability ? Number(text) : text };
      }),
    );
  }
  // Not before it is needed: a server that starts would read its 78 files for nothing.
  const { default: writeXlsx } = await import('write-excel-file/node');
  return writeXlsx(sheet).toBuffer();
}

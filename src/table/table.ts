/**
 * Rows of a file people bring: CSV or TSV, XLSX, JSON lines. One shape for training tickets, taxonomies and
 * correspondence tables. Bad rows are handed over with what is wrong, never dropped.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { DuihaoError } from '../errors.js';
import { type CsvRecord, csvRecords, rawCell, unquote } from './csv-records.js';
import { detectEncoding, type Encoding } from './encoding.js';

export type TableFormat = 'csv' | 'xlsx' | 'jsonl';

export interface TableRow {
  /** CSV: the line the record starts on; XLSX: the sheet's row; JSON lines: the line. From 1, headings counted. */
  readonly row: number;
  /** Column → value; strings except in JSON lines. Null when the row could not be read. */
  readonly cells: Readonly<Record<string, unknown>> | null;
  /** Stable reason when something is wrong with the row. */
  readonly fault?: 'row-malformed' | 'column-count' | 'row-too-large';
  /** For people: what is wrong. Holds no cell content. */
  readonly message?: string;
}

export interface Table {
  readonly format: TableFormat;
  readonly encoding: Encoding | null;
  /** Headings in order; empty for JSON lines. */
  readonly columns: readonly string[];
  readonly bytes: number;
  /** Can be iterated once. */
  readonly rows: AsyncIterable<TableRow>;
  /** Bytes read so far, for progress. */
  readonly position: () => number;
}

export interface OpenTableOptions {
  readonly encoding?: Encoding | undefined;
  readonly format?: TableFormat | undefined;
  /** XLSX: the sheet's name or number from 1; default the first. */
  readonly sheet?: string | number | undefined;
}

/** XLSX is a zip of XML and is read whole. */
const MAX_XLSX_BYTES = 200 << 20;

/** @throws DuihaoError `file-not-found`, `file-empty`, `file-too-large`, `file-format-unknown`, `file-malformed` */
export async function openTable(path: string, options: OpenTableOptions = {}): Promise<Table> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile())
    throw new DuihaoError('not-found', 'file-not-found', `no such file: ${path}`, { path });
  if (info.size === 0) throw new DuihaoError('invalid-input', 'file-empty', `${path} is empty`, { path });
  const format = options.format ?? (await formatOf(path));
  if (format === 'xlsx') return openXlsx(path, info.size, options.sheet);
  const encoding = options.encoding ?? (await detectEncoding(path));
  return format === 'csv' ? openCsv(path, info.size, encoding) : openJsonLines(path, info.size, encoding);
}

/** What a file's name says; null where it says nothing known. */
export function formatOfName(path: string): TableFormat | null {
  switch (extname(path).toLowerCase()) {
    case '.csv':
    case '.tsv':
    case '.txt':
      return 'csv';
    case '.jsonl':
    case '.ndjson':
      return 'jsonl';
    case '.xlsx':
      return 'xlsx';
  }
  return null;
}

/** By the name, else by how it begins. @throws DuihaoError `file-format-unknown` */
export async function formatOf(path: string): Promise<TableFormat> {
  const named = formatOfName(path);
  if (named) return named;
  if (extname(path).toLowerCase() === '.xls') {
    throw new DuihaoError(
      'invalid-input',
      'file-format-unknown',
      `${path}: save the old .xls format as .xlsx or CSV first`,
      { path },
    );
  }
  const head = await readHead(path, 4);
  if (head.toString('latin1').startsWith('PK')) return 'xlsx';
  return head.toString('latin1').trimStart().startsWith('{') ? 'jsonl' : 'csv';
}

async function readHead(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Decodes a stream of bytes chunk by chunk; a BOM is taken off. */
async function* decode(
  path: string,
  encoding: Encoding,
  count: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    count(chunk.length);
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

async function* lines(
  path: string,
  encoding: Encoding,
  count: (bytes: number) => void,
): AsyncGenerator<string> {
  let rest = '';
  for await (const text of decode(path, encoding, count)) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield part.endsWith('\r') ? part.slice(0, -1) : part;
  }
  if (rest !== '') yield rest;
}

function openJsonLines(path: string, bytes: number, encoding: Encoding): Table {
  let position = 0;
  async function* rows(): AsyncGenerator<TableRow> {
    let row = 0;
    for await (const line of lines(path, encoding, (count) => (position += count))) {
      row += 1;
      if (line.trim() === '') continue;
      let cells: unknown;
      try {
        cells = JSON.parse(line);
      } catch {
        yield { row, cells: null, fault: 'row-malformed', message: 'not valid JSON' };
        continue;
      }
      if (typeof cells !== 'object' || cells === null || Array.isArray(cells)) {
        yield { row, cells: null, fault: 'row-malformed', message: 'not a JSON object' };
      } else yield { row, cells: cells as Record<string, unknown> };
    }
  }
  return { format: 'jsonl', encoding, columns: [], bytes, rows: rows(), position: () => position };
}

/** Comma, tab, semicolon or the full-width comma: whichever the heading line has most of. */
export function guessDelimiter(heading: string): string {
  let best = ',';
  let most = 0;
  for (const delimiter of [',', '\t', ';', '，', '|']) {
    const count = heading.split(delimiter).length - 1;
    if (count > most) [best, most] = [delimiter, count];
  }
  return best;
}

/** Headings as given, trimmed; a blank one becomes `column N`, a repeated one `name (2)`. */
export function nameColumns(headings: readonly unknown[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading, index) => {
    const name =
      String(heading ?? '')
        .replace(/^\uFEFF/, '')
        .trim() || `column ${index + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

async function openCsv(path: string, bytes: number, encoding: Encoding): Promise<Table> {
  let position = 0;
  let heading = '';
  for await (const line of lines(path, encoding, () => undefined)) {
    heading = line;
    if (line.trim() !== '') break;
  }
  const delimiter = guessDelimiter(heading);
  const records = csvRecords(
    decode(path, encoding, (count) => (position += count)),
    delimiter,
  );
  const cellsOf = (record: CsvRecord) =>
    record.starts.map((_, cell) => unquote(rawCell(record, cell, delimiter)));
  const columns = await headingOf(records, cellsOf, path);
  async function* rows(): AsyncGenerator<TableRow> {
    for await (const record of records) {
      const row = record.line;
      if (record.starts.length === 0) continue;
      if (record.fault) {
        const message =
          record.fault === 'row-too-large'
            ? 'the record is too large: is a quote missing?'
            : 'malformed CSV: is a quote missing?';
        yield { row, cells: null, fault: record.fault, message };
        continue;
      }
      const found = cellsOf(record);
      const cells: Record<string, unknown> = {};
      for (const [column, name] of columns.entries()) cells[name] = found[column] ?? '';
      if (found.length === columns.length) yield { row, cells };
      else {
        const message = `${found.length} cells where the heading has ${columns.length}`;
        yield { row, cells, fault: 'column-count', message };
      }
    }
  }
  return { format: 'csv', encoding, columns, bytes, rows: rows(), position: () => position };
}

async function headingOf(
  records: AsyncGenerator<CsvRecord>,
  cellsOf: (record: CsvRecord) => string[],
  path: string,
): Promise<string[]> {
  for (;;) {
    const { value: record, done } = await records.next();
    if (done) throw new DuihaoError('invalid-input', 'file-empty', `${path} has no heading row`, { path });
    if (record.fault) {
      throw new DuihaoError(
        'invalid-input',
        'file-malformed',
        `${path}: the heading line opens a quote that is never closed`,
        { path },
      );
    }
    if (record.starts.length > 0) return nameColumns(cellsOf(record));
  }
}

async function openXlsx(path: string, bytes: number, sheet: string | number | undefined): Promise<Table> {
  if (bytes > MAX_XLSX_BYTES) {
    throw new DuihaoError(
      'too-large',
      'file-too-large',
      `${path} is larger than ${MAX_XLSX_BYTES >> 20} MB: export it as CSV`,
      { path },
    );
  }
  // Not before it is needed: most runs read no workbook, and a server that starts would load the library for nothing.
  const { readSheet } = await import('read-excel-file/node');
  let cells: unknown[][];
  try {
    cells = (await readSheet(path, sheet ?? 1)) as unknown[][];
  } catch (error) {
    throw new DuihaoError(
      'invalid-input',
      'file-malformed',
      `${path} is not a readable XLSX file`,
      { path },
      { cause: error },
    );
  }
  const first = cells.findIndex((row) => row.some((cell) => cell !== null && cell !== ''));
  if (first < 0) throw new DuihaoError('invalid-input', 'file-empty', `${path} has no heading row`, { path });
  const columns = nameColumns(cells[first]!);
  async function* rows(): AsyncGenerator<TableRow> {
    for (let index = first + 1; index < cells.length; index += 1) {
      const record = cells[index]!;
      if (record.every((cell) => cell === null || cell === '')) continue;
      const named: Record<string, unknown> = {};
      for (let column = 0; column < columns.length; column += 1)
        named[columns[column]!] = cellText(record[column]);
      yield { row: index + 1, cells: named };
    }
  }
  return { format: 'xlsx', encoding: null, columns, bytes, rows: rows(), position: () => bytes };
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString();
  return String(cell);
}

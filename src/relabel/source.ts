/**
 * The legacy file, read once from start to end in constant memory. CSV and JSON lines keep the text of every
 * row, so that it is copied and not written anew; XLSX is read whole by the table reader.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { DuihaoError } from '../errors.js';
import { type CsvRecord, csvRecords, rawCell, unquote } from '../table/csv-records.js';
import { detectEncoding, type Encoding } from '../table/encoding.js';
import { formatOf, guessDelimiter, nameColumns, openTable, type TableFormat } from '../table/table.js';
import { FileText } from './file-text.js';
import { jsonLines } from './json-lines.js';

export interface SourceRow {
  /** The line (XLSX: the sheet's row) it starts on, from 1. */
  readonly row: number;
  /** A blank line is copied and not counted. */
  readonly kind: 'row' | 'blank' | 'unreadable';
  /** For `unreadable`: stable. */
  readonly fault?: 'row-malformed' | 'row-too-large' | 'column-count';
  /** For people, without any of the row's content. */
  readonly message?: string;
  /** As it stands in the file. Null in XLSX. */
  readonly record: CsvRecord | null;
  /** Of a column; undefined where the row has none. */
  readonly value: (column: string) => unknown;
}

export interface Source {
  readonly path: string;
  readonly format: TableFormat;
  readonly text: FileText;
  /** CSV only. */
  readonly delimiter: string;
  /** Units: the BOM, or nothing. */
  readonly bom: string;
  /** CSV: blank lines before the heading line, and that line. */
  readonly heading: readonly CsvRecord[];
  /** JSON lines: every key of the file, in the order they first appear. */
  readonly columns: readonly string[];
  readonly bytes: number;
  readonly modified: number;
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Can be iterated once. */
  readonly rows: AsyncIterable<SourceRow>;
  /** Bytes read so far. */
  readonly position: () => number;
}

export interface OpenSourceOptions {
  readonly encoding?: Encoding | undefined;
  readonly format?: TableFormat | undefined;
  readonly sheet?: string | number | undefined;
}

/** More keys than this in a JSON-lines file are data and not columns. */
const MAX_KEYS = 2000;

/** @throws DuihaoError of `openTable`, and `columns-too-many` */
export async function openSource(path: string, options: OpenSourceOptions = {}): Promise<Source> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile())
    throw new DuihaoError('not-found', 'file-not-found', `no such file: ${path}`, { path });
  if (info.size === 0) throw new DuihaoError('invalid-input', 'file-empty', `${path} is empty`, { path });
  const format = options.format ?? (await formatOf(path));
  const common = { path, format, bytes: info.size, modified: info.mtimeMs, digest: await digestOf(path) };
  if (format === 'xlsx') return openXlsx(common, options);
  const encoding = options.encoding ?? (await detectEncoding(path));
  return format === 'csv' ? openCsv(common, encoding) : openJsonLines(common, encoding);
}

type Common = Pick<Source, 'path' | 'format' | 'bytes' | 'modified' | 'digest'>;

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The first line that is not blank, decoded; the delimiter is guessed from it as the table reader does. */
async function headingLine(path: string, encoding: Encoding): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1 << 18), 0, 1 << 18, 0);
    const lines = new TextDecoder(encoding).decode(buffer.subarray(0, bytesRead)).split(/\r\n|\r|\n/);
    return lines.find((line) => line.trim() !== '') ?? '';
  } finally {
    await file.close();
  }
}

/** Takes the BOM off the first piece. */
export async function* withoutBom(
  pieces: AsyncIterable<string>,
  bom: string,
  found: (bom: string) => void,
): AsyncGenerator<string> {
  let start: string | null = '';
  for await (const piece of pieces) {
    if (start === null) {
      yield piece;
      continue;
    }
    start += piece;
    if (start.length < bom.length) continue;
    const has = start.startsWith(bom);
    if (has) found(bom);
    yield has ? start.slice(bom.length) : start;
    start = null;
  }
  if (start) yield start;
}

async function openCsv(common: Common, encoding: Encoding): Promise<Source> {
  const { path } = common;
  const delimiterText = guessDelimiter(await headingLine(path, encoding));
  const text = new FileText(encoding, delimiterText);
  const delimiter = text.encode(delimiterText);
  let position = 0;
  let bom = '';
  const pieces = withoutBom(
    text.read(path, (bytes) => (position += bytes)),
    text.bom,
    (found) => (bom = found),
  );
  const records = csvRecords(pieces, delimiter);
  const heading: CsvRecord[] = [];
  let columns: string[] = [];
  while (columns.length === 0) {
    const next = await records.next();
    if (next.done)
      throw new DuihaoError('invalid-input', 'file-empty', `${path} has no heading row`, { path });
    heading.push(next.value);
    if (next.value.fault) {
      throw new DuihaoError(
        'invalid-input',
        'file-malformed',
        `${path}: the heading line opens a quote that is never closed`,
        { path },
      );
    }
    const record = next.value;
    columns =
      record.starts.length === 0
        ? []
        : nameColumns(record.starts.map((_, cell) => text.decode(unquote(rawCell(record, cell, delimiter)))));
  }
  const places = new Map(columns.map((column, place) => [column, place]));
  async function* rows(): AsyncGenerator<SourceRow> {
    for await (const record of records) {
      const value = (column: string) => {
        const place = places.get(column);
        if (place === undefined || place >= record.starts.length || record.fault) return undefined;
        return text.decode(unquote(rawCell(record, place, delimiter)));
      };
      const found = record.starts.length;
      const common = { row: record.line, record, value };
      if (record.fault) {
        const message =
          record.fault === 'row-malformed' ? 'a quote is opened and never closed' : 'the line does not end';
        yield { ...common, kind: 'unreadable', fault: record.fault, message };
      } else if (found === 0) yield { ...common, kind: 'blank' };
      else if (found !== columns.length) {
        const message = `${found} cells where the heading has ${columns.length}`;
        yield { ...common, kind: 'unreadable', fault: 'column-count', message };
      } else yield { ...common, kind: 'row' };
    }
  }
  return { ...common, text, delimiter, bom, heading, columns, rows: rows(), position: () => position };
}

async function openJsonLines(common: Common, encoding: Encoding): Promise<Source> {
  const { path } = common;
  const text = new FileText(encoding);
  let bom = '';
  const lines = (count?: (bytes: number) => void) =>
    jsonLines(withoutBom(text.read(path, count), text.bom, (found) => (bom = found)));
  const columns = new Set<string>();
  for await (const { raw } of lines()) {
    for (const key of Object.keys(parseObject(text.decode(raw)) ?? {})) columns.add(key);
    if (columns.size > MAX_KEYS) {
      throw new DuihaoError(
        'too-large',
        'columns-too-many',
        `${path} has more than ${MAX_KEYS} different keys: they cannot all be columns`,
        { path },
      );
    }
  }
  let position = 0;
  async function* rows(): AsyncGenerator<SourceRow> {
    for await (const { raw, lineEnd, line, cut } of lines((bytes) => (position += bytes))) {
      const record: CsvRecord = { raw, lineEnd, starts: [], line };
      const common = { row: line, record };
      if (cut) {
        const value = () => undefined;
        yield {
          ...common,
          value,
          kind: 'unreadable',
          fault: 'row-too-large',
          message: 'the line does not end',
        };
        continue;
      }
      const decoded = text.decode(raw);
      const cells = parseObject(decoded);
      const value = (column: string) => (cells && Object.hasOwn(cells, column) ? cells[column] : undefined);
      if (decoded.trim() === '') yield { ...common, value, kind: 'blank' };
      else if (!cells)
        yield { ...common, value, kind: 'unreadable', fault: 'row-malformed', message: 'not a JSON object' };
      else yield { ...common, value, kind: 'row' };
    }
  }
  return {
    ...common,
    text,
    delimiter: '',
    bom,
    heading: [],
    columns: [...columns],
    rows: rows(),
    position: () => position,
  };
}

export function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

async function openXlsx(common: Common, { sheet }: OpenSourceOptions): Promise<Source> {
  const table = await openTable(common.path, { format: 'xlsx', sheet });
  let position = 0;
  async function* rows(): AsyncGenerator<SourceRow> {
    for await (const { row, cells } of table.rows) {
      position = common.bytes;
      yield { row, kind: 'row', record: null, value: (column) => cells?.[column] };
    }
  }
  return {
    ...common,
    text: new FileText('utf-8'),
    delimiter: '',
    bom: '',
    heading: [],
    columns: table.columns,
    rows: rows(),
    position: () => position,
  };
}

/** A file that grew while it was read is neither the old nor the new one. @throws DuihaoError `input-changed` */
export async function refuseChangedInput({ path, bytes, modified }: Source): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (info?.size === bytes && info.mtimeMs === modified) return;
  throw new DuihaoError(
    'conflict',
    'input-changed',
    `${path} was changed while it was read; start anew with --force when it is at rest`,
    { path },
  );
}

/**
 * Ticket files → tickets with the labels as they are written. What cannot be used becomes a `Rejection` with
 * its file, row and reason; nothing is skipped silently.
 */
import { basename } from 'node:path';
import type { Encoding } from '../src/table/encoding.js';
import { openTable, type TableRow } from '../src/table/table.js';
import { guessColumns, type TicketColumns } from '../src/table/ticket-columns.js';
import { type FacetColumn, type FacetTable, facetColumns, facetValueOf } from '../src/taxonomy/facets.js';
import type { Ticket } from '../src/text/ticket.js';

/** A label as it stands in the file, not yet looked up. */
export interface WrittenLabel {
  /** Level 1 first, where the file has a column per level or a list. */
  readonly path?: readonly string[];
  /** A single code, name or `code@parent`. */
  readonly code?: string;
}

export interface WrittenTicket {
  readonly ticket: Ticket;
  readonly label: WrittenLabel;
  readonly alternative?: string;
  readonly time?: number;
  readonly source: { readonly file: string; readonly row: number };
}

export interface Rejection {
  readonly file: string;
  readonly row: number;
  /** Stable: `row-malformed`, `column-count`, `row-too-large`, `text-empty`, `label-missing`, `label-unknown`, … */
  readonly reason: string;
  readonly message: string;
  /** The row as it was read, so that it can be mended and brought again. */
  readonly record: Readonly<Record<string, unknown>> | null;
}

export interface TicketFile {
  readonly path: string;
  readonly encoding: Encoding | null;
  readonly columns: TicketColumns;
  readonly tickets: WrittenTicket[];
  /** Facets that have a column, and which. */
  readonly facetColumns: readonly FacetColumn[];
  readonly rejections: Rejection[];
  /** Rows of the file, headings and blank lines not counted. */
  readonly rows: number;
  /** Tickets whose text was cut to `MAX_TEXT`. */
  readonly cut: number;
}

export interface ReadTicketsOptions {
  readonly columns?: TicketColumns | undefined;
  readonly encoding?: Encoding | undefined;
  /** False: rows without a label are tickets too (unlabelled text for pre-training). */
  readonly needLabel?: boolean | undefined;
  /** Columns whose headings name one of its facets are read into `Ticket.facets`. */
  readonly facets?: FacetTable | undefined;
  readonly onProgress?: ((done: { rows: number; bytes: number; totalBytes: number }) => void) | undefined;
}

/** UTF-16 units of text that are kept; what a citizen wrote beyond this does not change what it is about. */
export const MAX_TEXT = 20_000;
export const MAX_TITLE = 500;

/** @throws DuihaoError of `openTable` and `guessColumns` */
export async function readTickets(path: string, options: ReadTicketsOptions = {}): Promise<TicketFile> {
  const table = await openTable(path, { encoding: options.encoding });
  const needLabel = options.needLabel ?? true;
  let columns =
    table.format === 'jsonl' ? undefined : guessColumns(table.columns, options.columns, needLabel);
  const file = basename(path);
  const tickets: WrittenTicket[] = [];
  const rejections: Rejection[] = [];
  let rows = 0;
  let cut = 0;
  let facets: readonly FacetColumn[] =
    options.facets && columns ? facetColumns(options.facets, table.columns) : [];
  for await (const row of table.rows) {
    rows += 1;
    if (rows % 2000 === 0) options.onProgress?.({ rows, bytes: table.position(), totalBytes: table.bytes });
    if (!row.cells || row.fault) {
      rejections.push(reject(file, row, row.fault ?? 'row-malformed', row.message ?? 'unreadable'));
      continue;
    }
    if (!columns) {
      columns = guessColumns(Object.keys(row.cells), options.columns, needLabel);
      if (options.facets) facets = facetColumns(options.facets, Object.keys(row.cells));
    }
    const title = textOf(cellOf(row, columns.title));
    const text = textOf(cellOf(row, columns.text));
    if (title === '' && text === '') {
      rejections.push(reject(file, row, 'text-empty', 'neither title nor text'));
      continue;
    }
    const label = labelOf(row, columns);
    if (!label && needLabel) {
      rejections.push(reject(file, row, 'label-missing', 'no code'));
      continue;
    }
    if (text.length > MAX_TEXT || title.length > MAX_TITLE) cut += 1;
    const id = textOf(cellOf(row, columns.id));
    const alternative = textOf(cellOf(row, columns.alternative));
    const time = timeOf(cellOf(row, columns.date));
    const known = facetsOf(row, facets);
    tickets.push({
      ticket: {
        id: id === '' ? `${file}:${row.row}` : id,
        ...(title === '' ? {} : { title: title.slice(0, MAX_TITLE) }),
        text: text.slice(0, MAX_TEXT),
        ...(known === undefined ? {} : { facets: known }),
      },
      label: label ?? {},
      ...(alternative === '' ? {} : { alternative }),
      ...(time === undefined ? {} : { time }),
      source: { file, row: row.row },
    });
  }
  options.onProgress?.({ rows, bytes: table.bytes, totalBytes: table.bytes });
  return {
    path,
    encoding: table.encoding,
    columns: columns ?? {},
    facetColumns: facets,
    tickets,
    rejections,
    rows,
    cut,
  };
}

function reject(file: string, row: TableRow, reason: string, message: string): Rejection {
  return { file, row: row.row, reason, message, record: row.cells };
}

function cellOf(row: TableRow, column: string | undefined): unknown {
  return column === undefined ? undefined : row.cells?.[column];
}

function textOf(cell: unknown): string {
  if (cell === undefined || cell === null || typeof cell === 'object') return '';
  return String(cell).trim();
}

/** What its columns say that the facets' values know; the rest is not known. */
function facetsOf(row: TableRow, columns: readonly FacetColumn[]): Record<string, string> | undefined {
  let facets: Record<string, string> | undefined;
  for (const { column, facet } of columns) {
    const value = facetValueOf(facet, textOf(cellOf(row, column)));
    if (!value) continue;
    facets ??= {};
    facets[facet.id] = value.code;
  }
  return facets;
}

function labelOf(row: TableRow, columns: TicketColumns): WrittenLabel | undefined {
  const cell = cellOf(row, columns.label);
  if (Array.isArray(cell)) return pathLabel(cell);
  const single = textOf(cell);
  if (columns.label !== undefined) return single === '' ? undefined : { code: single };
  return pathLabel((columns.levels ?? []).map((column) => cellOf(row, column)));
}

/** The path ends at the first blank cell: a ticket may be labelled at an upper level only. */
function pathLabel(cells: readonly unknown[]): WrittenLabel | undefined {
  const texts = cells.map(textOf);
  const end = texts.indexOf('');
  const path = end < 0 ? texts : texts.slice(0, end);
  return path.length === 0 ? undefined : { path };
}

/** ISO dates, `2018/2/8 9:05`, `20180208`, `2018年2月8日`, milliseconds; undefined when it is none. */
export function timeOf(cell: unknown): number | undefined {
  if (typeof cell === 'number' && cell > 1e11) return cell;
  const text = textOf(cell);
  const match =
    /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T\s]+(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?)?/.exec(
      text,
    );
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = match;
  const time = Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, +second);
  const date = new Date(time);
  return date.getUTCMonth() === +month! - 1 && date.getUTCDate() === +day! ? time : undefined;
}

/**
 * CSV split into records that keep their text as it stands: quotes, spaces, line ends, blank lines. What is copied
 * comes out unit by unit, and a lost quote costs one line, where a parser without the text loses the rest of the
 * file.
 */

export interface CsvRecord {
  /** Without the line end. */
  readonly raw: string;
  /** `\n`, `\r\n`, `\r`, or empty at the end of the file. */
  readonly lineEnd: string;
  /** Where each cell starts in `raw`. Empty for a blank line. */
  readonly starts: readonly number[];
  /** The line the record starts on, from 1. */
  readonly line: number;
  /**
   * `row-malformed`: a quote is opened and never closed; the line stands alone and is not cut into cells.
   * `row-too-large`: a piece of a line that does not end.
   */
  readonly fault?: 'row-malformed' | 'row-too-large';
}

/** Units; a record beyond this is a lost quote, not a ticket. */
export const MAX_RECORD = 4 << 20;

const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;

interface Scan {
  readonly starts: number[];
  readonly end: number;
  readonly next: number;
}

export async function* csvRecords(
  pieces: AsyncIterable<string>,
  delimiter: string,
  maxRecord: number = MAX_RECORD,
): AsyncGenerator<CsvRecord> {
  let text = '';
  let at = 0;
  let line = 1;
  let loneCr: boolean | undefined;
  function* drain(atEnd: boolean): Generator<CsvRecord> {
    while (at < text.length) {
      const scan = scanRecord(text, at, delimiter, atEnd, loneCr === true);
      if (scan === 'more' && text.length - at <= maxRecord) return;
      let record: CsvRecord;
      if (typeof scan === 'object') {
        const raw = text.slice(at, scan.end);
        const starts = raw === '' ? [] : scan.starts.map((start) => start - at);
        record = { raw, lineEnd: text.slice(scan.end, scan.next), starts, line };
        at = scan.next;
      } else {
        const lone = loneLine(text, at, maxRecord);
        record = {
          raw: text.slice(at, lone.end),
          lineEnd: text.slice(lone.end, lone.next),
          starts: [0],
          line,
          fault: lone.cut ? 'row-too-large' : 'row-malformed',
        };
        at = lone.next;
      }
      line += record.lineEnd === '' ? 0 : 1;
      if (record.raw.includes('"')) line += countLines(record.raw);
      yield record;
    }
  }
  for await (const piece of pieces) {
    text = text.slice(at) + piece;
    at = 0;
    // The old Macintosh's line end counts only where there is no other.
    loneCr ??= text.includes('\n') ? false : /\r[^\n]/.test(text) ? true : undefined;
    yield* drain(false);
  }
  text = text.slice(at);
  at = 0;
  yield* drain(true);
}

/** `more` when the text ends before the record does, `unclosed` when it does and nothing follows. */
function scanRecord(
  text: string,
  from: number,
  delimiter: string,
  atEnd: boolean,
  loneCr: boolean,
): Scan | 'more' | 'unclosed' {
  const starts = [from];
  const first = delimiter.charCodeAt(0);
  let at = from;
  for (;;) {
    if (text.charCodeAt(at) === QUOTE) {
      let close = at + 1;
      for (;;) {
        close = text.indexOf('"', close);
        if (close < 0) return atEnd ? 'unclosed' : 'more';
        if (close + 1 === text.length && !atEnd) return 'more';
        if (text.charCodeAt(close + 1) !== QUOTE) break;
        close += 2;
      }
      // What follows a closing quote other than a delimiter belongs to the cell: `"a"b` is read as it stands.
      at = close + 1;
    }
    for (;;) {
      if (at >= text.length) return atEnd ? { starts, end: at, next: at } : 'more';
      const unit = text.charCodeAt(at);
      if (unit === LF) return { starts, end: at, next: at + 1 };
      if (unit === CR) {
        if (at + 1 === text.length && !atEnd) return 'more';
        if (text.charCodeAt(at + 1) === LF) return { starts, end: at, next: at + 2 };
        if (loneCr) return { starts, end: at, next: at + 1 };
      }
      if (unit === first && text.startsWith(delimiter, at)) break;
      at += 1;
    }
    at += delimiter.length;
    if (at >= text.length && !atEnd) return 'more';
    starts.push(at);
  }
}

/** The line at `from` by itself; cut where it goes on and on. */
function loneLine(text: string, from: number, max: number): { end: number; next: number; cut: boolean } {
  const feed = text.indexOf('\n', from);
  if (feed >= 0 && feed - from <= max) {
    const end = feed > from && text.charCodeAt(feed - 1) === CR ? feed - 1 : feed;
    return { end, next: feed + 1, cut: false };
  }
  if (text.length - from <= max) return { end: text.length, next: text.length, cut: false };
  return { end: from + max, next: from + max, cut: true };
}

function countLines(raw: string): number {
  let lines = 0;
  for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** The units of one cell as they stand, quotes included. */
export function rawCell({ raw, starts }: CsvRecord, cell: number, delimiter: string): string {
  const start = starts[cell];
  if (start === undefined) return '';
  const next = starts[cell + 1];
  return raw.slice(start, next === undefined ? raw.length : next - delimiter.length);
}

/** Takes the quotes off where the cell is properly quoted. */
export function unquote(raw: string): string {
  if (raw.charCodeAt(0) !== QUOTE || raw.length < 2 || raw.charCodeAt(raw.length - 1) !== QUOTE) return raw;
  const inner = raw.slice(1, -1);
  if (!inner.includes('"')) return inner;
  // A quote inside that is not doubled: `"a"b"` is not quoted but written so.
  if (inner.replaceAll('""', '').includes('"')) return raw;
  return inner.replaceAll('""', '"');
}

/** Quoted where it must be, so that it reads back as the same text. */
export function quoteCell(text: string, delimiter: string): string {
  return text.includes('"') || text.includes('\n') || text.includes('\r') || text.includes(delimiter)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}

/** Quoted whatever it holds: for raw text that must come back unit by unit. */
export function quoteRaw(raw: string): string {
  return `"${raw.replaceAll('"', '""')}"`;
}

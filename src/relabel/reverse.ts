/**
 * Takes the added columns off a relabelled file: the original comes back byte for byte, which its digest in
 * the manifest proves; where the file was edited since, what is left of the original's columns comes back, and
 * the result says that it differs.
 */
import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DuihaoError } from '../errors.js';
import { type CsvRecord, csvRecords, rawCell, unquote } from '../table/csv-records.js';
import { detectEncoding } from '../table/encoding.js';
import { FileText } from './file-text.js';
import { jsonLines, removeMembers } from './json-lines.js';
import { manifestPath, type RelabelManifest, readManifest } from './manifest.js';
import { RAW_MEMBER } from './row-writer.js';
import { parseObject, withoutBom } from './source.js';

export interface ReverseResult {
  readonly output: string;
  readonly rows: number;
  /** Rows in which the added columns were not found: copied as they are. */
  readonly unmatched: number;
  /** Is the result the original, byte for byte? */
  readonly identical: boolean;
  readonly original: { readonly name: string; readonly digest: string };
}

/** @throws DuihaoError `relabel-manifest-missing`, `reverse-impossible`, `output-exists`, `columns-edited` */
export async function reverse(relabelled: string, target: string, force = false): Promise<ReverseResult> {
  const output = resolve(target);
  const manifest = await readManifest(relabelled);
  if (!manifest) {
    throw new DuihaoError(
      'not-found',
      'relabel-manifest-missing',
      `${manifestPath(relabelled)} is not there: without it the added columns are not known`,
      { path: manifestPath(relabelled) },
    );
  }
  if (!manifest.output.copied) {
    throw new DuihaoError(
      'invalid-input',
      'reverse-impossible',
      `${relabelled} was made from ${manifest.input.format} and holds its cells, not its text; keep the original`,
      { format: manifest.input.format },
    );
  }
  const there = await stat(output).catch(() => null);
  if (there && (!force || there.ino === (await stat(relabelled)).ino)) {
    throw new DuihaoError('conflict', 'output-exists', `${output} exists; --force replaces it`, { output });
  }
  const text = new FileText(await detectEncoding(relabelled), manifest.output.delimiter || ',');
  const counts = { rows: 0, unmatched: 0 };
  let bom = '';
  const read = withoutBom(text.read(relabelled), text.bom, (found) => (bom = found));
  const pieces =
    manifest.output.format === 'csv'
      ? csvPieces(relabelled, read, text, manifest, counts)
      : jsonPieces(read, text, manifest, counts);
  const hash = createHash('sha256');
  const temporary = `${output}.tmp`;
  const file = await open(temporary, 'w');
  try {
    let gathered = '';
    let begun = false;
    const flush = async () => {
      const bytes = text.toBytes(begun ? gathered : bom + gathered);
      begun = true;
      gathered = '';
      hash.update(bytes);
      await file.writeFile(bytes);
    };
    for await (const piece of pieces) {
      gathered += piece;
      if (gathered.length > 1 << 20) await flush();
    }
    await flush();
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, output);
  const { name, digest } = manifest.input;
  return { output, ...counts, identical: hash.digest('hex') === digest, original: { name, digest } };
}

interface Counts {
  rows: number;
  unmatched: number;
}

async function* csvPieces(
  path: string,
  read: AsyncIterable<string>,
  text: FileText,
  { input, output }: RelabelManifest,
  counts: Counts,
): AsyncGenerator<string> {
  const delimiter = text.encode(output.delimiter);
  const records = csvRecords(read, delimiter);
  let headingDone = false;
  for await (const record of records) {
    if (record.starts.length === 0 && !record.fault) {
      yield record.raw + record.lineEnd;
      continue;
    }
    if (!headingDone) {
      headingDone = true;
      const names = output.added.map((_, at) => cell(text, record, input.columns + at, delimiter));
      if (record.starts.length !== input.columns + output.added.length || !same(names, output.added)) {
        throw new DuihaoError(
          'invalid-input',
          'columns-edited',
          `${path}: the added columns no longer stand behind the ${input.columns} original ones`,
          { expected: output.added },
        );
      }
      yield columnsBefore(record, input.columns, delimiter) + record.lineEnd;
      continue;
    }
    counts.rows += 1;
    if (record.fault || record.starts.length !== input.columns + output.added.length) {
      counts.unmatched += 1;
      yield record.raw + record.lineEnd;
      continue;
    }
    const error = cell(text, record, input.columns + output.error, delimiter);
    yield original(record, error, input.columns, delimiter);
  }
}

/** Undoes what `csvBehindCsv` does to a row. */
function original(record: CsvRecord, error: string, width: number, delimiter: string): string {
  const [fault] = error.split(':', 1);
  if (fault === 'row-malformed') return unquote(rawCell(record, 0, delimiter)) + record.lineEnd;
  // A piece of a longer line: the line end is ours.
  if (fault === 'row-too-large') return unquote(rawCell(record, 0, delimiter));
  if (fault === 'column-count') {
    const found = Number(/^column-count: (\d+)/.exec(error)?.[1]);
    if (found < width) return columnsBefore(record, found, delimiter) + record.lineEnd;
    const from = record.starts[width - 1]!;
    return record.raw.slice(0, from) + unquote(rawCell(record, width - 1, delimiter)) + record.lineEnd;
  }
  return columnsBefore(record, width, delimiter) + record.lineEnd;
}

function columnsBefore({ raw, starts }: CsvRecord, width: number, delimiter: string): string {
  return raw.slice(0, starts[width]! - delimiter.length);
}

function cell(text: FileText, record: CsvRecord, at: number, delimiter: string): string {
  return text.decode(unquote(rawCell(record, at, delimiter)));
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.every((name, at) => name === other[at]);
}

async function* jsonPieces(
  read: AsyncIterable<string>,
  text: FileText,
  { output }: RelabelManifest,
  counts: Counts,
): AsyncGenerator<string> {
  const first = text.encode(JSON.stringify(output.added[0]));
  const errorName = output.added[output.error]!;
  for await (const { raw, lineEnd } of jsonLines(read)) {
    if (raw.trim() === '') {
      yield raw + lineEnd;
      continue;
    }
    counts.rows += 1;
    const broken = raw.startsWith(text.encode(`{${JSON.stringify(errorName)}:`))
      ? parseObject(text.decode(raw))
      : null;
    const [error, kept] = [broken?.[errorName], broken?.[RAW_MEMBER]];
    if (typeof error === 'string' && typeof kept === 'string' && Object.keys(broken!).length === 2) {
      yield text.encode(kept) + (error.startsWith('row-too-large') ? '' : lineEnd);
      continue;
    }
    const before = removeMembers(raw, first);
    if (before === null) counts.unmatched += 1;
    yield (before ?? raw) + lineEnd;
  }
}

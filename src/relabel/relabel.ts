/**
 * Legacy tickets → the same file with codes: read, ask, write, in constant memory. A run that is killed at any
 * moment goes on where its journal says, and the finished file is byte for byte that of a run left alone.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { DuihaoError } from '../errors.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { Encoding } from '../table/encoding.js';
import type { TableFormat } from '../table/table.js';
import { guessColumns, type TicketColumns } from '../table/ticket-columns.js';
import type { CorrespondenceTable } from '../taxonomy/correspondence.js';
import { type Facet, type FacetColumn, type FacetTable, facetColumns } from '../taxonomy/facets.js';
import { type AnswerColumns, answerColumns } from './answer-columns.js';
import { type Answer, ask, itemsMeant, type Question, suggestPatiently } from './ask.js';
import {
  differences,
  isAlive,
  type Journal,
  markOf,
  partialPath,
  type RunIdentity,
  readJournal,
  removeJournal,
  syncFolder,
  writeDurably,
  writeJournal,
} from './journal.js';
import { manifestPath, type RelabelManifest, readManifest } from './manifest.js';
import { copiesRows, type RowWriter, rowWriter } from './row-writer.js';
import { openSource, type Source, type SourceRow } from './source.js';
import { countAnswer, countUnreadable, emptySummary, type RelabelSummary } from './summary.js';
import { oldLabelOf, ticketOfRow } from './ticket-of-row.js';
import { MAX_WORKBOOK_ROWS, workbookOf } from './workbook.js';

export interface RelabelOptions {
  readonly input: string;
  /** `.csv`, `.tsv`, `.txt`, `.jsonl` or `.ndjson`; `.xlsx` for up to `MAX_WORKBOOK_ROWS` rows. */
  readonly output: string;
  readonly encoding?: Encoding | undefined;
  readonly format?: TableFormat | undefined;
  readonly sheet?: string | number | undefined;
  /** Named columns; the others are guessed as in training. */
  readonly columns?: TicketColumns | undefined;
  readonly level?: number | undefined;
  /** Facets that columns of the input may give. */
  readonly facets?: FacetTable | undefined;
  readonly table?: CorrespondenceTable | undefined;
  /** Go on with a run that was broken off; without one, start. */
  readonly resume?: boolean | undefined;
  /** Replace what is there, finished or not. */
  readonly force?: boolean | undefined;
  /** Rows asked about at once. Default 256. */
  readonly batch?: number | undefined;
  /** Batches under way at once: so much the workers have to do while a batch is written. Default 4. */
  readonly inFlight?: number | undefined;
  /** Milliseconds of work that may be lost. Default 1,000; flushing to the disk costs some. */
  readonly checkpoint?: number | undefined;
  readonly onStart?: ((start: RelabelStart) => void) | undefined;
  readonly onProgress?: ((progress: RelabelProgress) => void) | undefined;
  /** Stops at the next batch; the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
}

export interface RelabelStart {
  readonly columns: TicketColumns;
  readonly encoding: Encoding | null;
  /** Rows that an earlier run has done; 0 on a new start. */
  readonly resumedAt: number;
}

export interface RelabelProgress {
  readonly rows: number;
  /** Of the input, read so far. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface RelabelResult {
  readonly output: string;
  readonly columns: TicketColumns;
  readonly manifest: RelabelManifest;
  readonly summary: RelabelSummary;
  /** True when there was nothing left to do. */
  readonly alreadyDone: boolean;
}

/** Units of text after which a batch is full, however few its rows. */
const MAX_BATCH_UNITS = 8 << 20;

/**
 * @throws DuihaoError `output-exists`, `run-unfinished`, `run-changed`, `run-active`, `partial-damaged`,
 *   `input-changed`, `output-format-unknown`, `workbook-too-large`, `cell-too-long`, `level-out-of-range`, `interrupted`; those of `openSource` and
 *   `guessColumns`
 */
export async function relabel(service: SuggestService, options: RelabelOptions): Promise<RelabelResult> {
  const output = resolve(options.output);
  const plan = await prepare(service, options, output);
  const { source, run } = plan;
  const found = await findEarlierRun(output, run, options);
  if (found.kind === 'done') {
    await removeJournal(output);
    const { manifest } = found;
    return { output, columns: plan.columns, manifest, summary: manifest.summary, alreadyDone: true };
  }
  const { journal } = found;
  options.onStart?.({
    columns: plan.columns,
    encoding: source.format === 'xlsx' ? null : source.text.encoding,
    resumedAt: journal.rows,
  });
  // The journal comes first: a partial file is never without one.
  await writeJournal(output, journal);
  const file = await openPartial(output, journal);
  let summary: RelabelSummary;
  let rows: number;
  let bytes: number;
  try {
    ({ summary, rows, bytes } = await relabelRows(service, plan, journal, file, output, options));
    await refuseChangedInput(source);
  } finally {
    await file.close();
  }
  // Somebody else's file may have come there meanwhile.
  if (!journal.replace && (await stat(output).catch(() => null))) throw outputExists(output);
  if (plan.format === 'xlsx') {
    // From here on the file at its place is ours, and a resumed run may write it again.
    await writeJournal(output, { ...journal, rows, bytes, summary, replace: true });
    bytes = await writeWorkbook(output, plan);
  }
  const manifest = manifestOf(service, plan, bytes, summary);
  await writeDurably(manifestPath(output), `${JSON.stringify(manifest, null, 2)}\n`);
  if (plan.format === 'xlsx') await rm(partialPath(output));
  else await rename(partialPath(output), output);
  await syncFolder(output);
  await removeJournal(output);
  return { output, columns: plan.columns, manifest, summary, alreadyDone: false };
}

interface Plan {
  readonly source: Source;
  /** A workbook is written as CSV first. */
  readonly format: TableFormat;
  readonly columns: TicketColumns;
  readonly facetColumns: readonly FacetColumn[];
  readonly answers: AnswerColumns;
  readonly writer: RowWriter;
  readonly run: RunIdentity;
}

async function prepare(service: SuggestService, options: RelabelOptions, output: string): Promise<Plan> {
  const { level } = options;
  if (level !== undefined && !(Number.isInteger(level) && level >= 1 && level <= service.taxonomy.depth)) {
    throw new DuihaoError(
      'invalid-input',
      'level-out-of-range',
      `the model's tree has the levels 1–${service.taxonomy.depth}`,
      { depth: service.taxonomy.depth },
    );
  }
  const format = outputFormat(output);
  await refuseBadPlace(options.input, output);
  const source = await openSource(options.input, options);
  const columns = guessColumns(source.columns, options.columns, false);
  const given = options.facets ? facetColumns(options.facets, source.columns) : [];
  const facets = await facetsOfAnswers(service, options.facets, given);
  const answers = answerColumns(source.columns, facets, options.table !== undefined);
  const run: RunIdentity = {
    input: source.digest,
    inputBytes: source.bytes,
    model: `${service.model.id} ${service.model.version}`,
    taxonomy: service.taxonomy.digest,
    options: {
      format: source.format,
      encoding: source.text.encoding,
      sheet: options.sheet ?? null,
      output: format,
      columns,
      level: level ?? null,
      batch: options.batch ?? 256,
      added: answers.names,
      facets: given.map(({ column, facet }) => [column, facet.id]),
      table: options.table ? describeTable(options.table) : null,
    },
  };
  return {
    source,
    format,
    columns,
    facetColumns: given,
    answers,
    writer: rowWriter(source, format === 'jsonl' ? 'jsonl' : 'csv', answers),
    run,
  };
}

function outputFormat(output: string): TableFormat {
  switch (extname(output).toLowerCase()) {
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
  throw new DuihaoError(
    'invalid-input',
    'output-format-unknown',
    `${output}: write to .csv, .jsonl or .xlsx`,
    { output },
  );
}

async function refuseBadPlace(input: string, output: string): Promise<void> {
  const folder = await stat(dirname(output)).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new DuihaoError('not-found', 'folder-not-found', `there is no folder ${dirname(output)}`, {
      output,
    });
  }
  const [from, to] = [await stat(input).catch(() => null), await stat(output).catch(() => null)];
  if (from && to && from.dev === to.dev && from.ino === to.ino) {
    throw new DuihaoError(
      'invalid-input',
      'output-is-input',
      `${output} is the input itself; write to another file`,
      { output },
    );
  }
}

/** The facets a model answers with are seen from an answer: the seam does not list them. */
async function facetsOfAnswers(
  service: SuggestService,
  table: FacetTable | undefined,
  given: readonly FacetColumn[],
): Promise<Pick<Facet, 'id' | 'name'>[]> {
  const facets = Object.fromEntries(given.map(({ facet }) => [facet.id, facet.values[0]!.code]));
  const [probe] = await suggestPatiently(service, [{ id: 'probe', text: '小区门口路灯不亮', facets }], {
    k: 1,
    evidence: false,
  });
  return probe!.facets.map(({ facet }) => ({
    id: facet,
    name: table?.facets.find(({ id }) => id === facet)?.name ?? facet,
  }));
}

/** What a correspondence table says, short: the same digest, the same answers. */
function describeTable(table: CorrespondenceTable): unknown {
  const entries = table.entries.map(({ from, to, weight }) => `${from}\t${to.id}\t${weight}`);
  return {
    old: table.from?.digest ?? null,
    entries: createHash('sha256').update(entries.join('\n')).digest('hex'),
  };
}

type EarlierRun =
  | { readonly kind: 'go'; readonly journal: Journal }
  | { readonly kind: 'done'; readonly manifest: RelabelManifest };

async function findEarlierRun(
  output: string,
  run: RunIdentity,
  { resume = false, force = false }: RelabelOptions,
): Promise<EarlierRun> {
  const exists = (await stat(output).catch(() => null)) !== null;
  const partial = await stat(partialPath(output)).catch(() => null);
  const fresh: Journal = {
    version: 1,
    run,
    rows: 0,
    bytes: 0,
    summary: emptySummary(),
    replace: force,
    process: markOf(process.pid),
  };
  const journal = await readJournal(output).catch((error) => {
    if (force) return null;
    throw error;
  });
  if (journal && isAlive(journal.process)) {
    throw new DuihaoError(
      'conflict',
      'run-active',
      `process ${journal.process.pid} is writing ${output}; wait for it, or stop it first`,
      { output, pid: journal.process.pid },
    );
  }
  if (resume) {
    if (exists && !partial) {
      // Killed behind the last rename, or finished long ago.
      const manifest = await readManifest(output);
      if (manifest && differences(manifest.run, run).length === 0) return { kind: 'done', manifest };
    }
    if (journal) {
      const changed = differences(journal.run, run);
      if (changed.length > 0) {
        throw new DuihaoError(
          'conflict',
          'run-changed',
          `the unfinished run of ${output} cannot go on: it differs in ${changed.join(', ')}; give what it was started with, or start anew with --force`,
          { output, changed },
        );
      }
      if (!partial && journal.bytes > 0) {
        throw new DuihaoError(
          'corrupt',
          'partial-damaged',
          `${partialPath(output)} is gone; start anew with --force`,
          { output },
        );
      }
      const replace = journal.replace || force;
      if (exists && !replace) throw outputExists(output);
      return { kind: 'go', journal: { ...journal, replace, process: markOf(process.pid) } };
    }
  } else if ((partial || journal) && !force) {
    throw new DuihaoError(
      'conflict',
      'run-unfinished',
      `an unfinished run of ${output} is there: go on with --resume, or start anew with --force`,
      { output },
    );
  }
  if (exists && !force) throw outputExists(output);
  return { kind: 'go', journal: fresh };
}

function outputExists(output: string): DuihaoError {
  return new DuihaoError('conflict', 'output-exists', `${output} exists; --force replaces it`, { output });
}

/** Cut to what the journal vouches for; what was written behind it may be half a row. */
async function openPartial(output: string, journal: Journal): Promise<FileHandle> {
  const path = partialPath(output);
  if (journal.bytes === 0) {
    await rm(path, { force: true });
    return open(path, 'wx');
  }
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  if (size < journal.bytes) {
    await file.close();
    throw new DuihaoError(
      'corrupt',
      'partial-damaged',
      `${path} is shorter than its progress file says; start anew with --force`,
      { output, size, expected: journal.bytes },
    );
  }
  await file.truncate(journal.bytes);
  return file;
}

async function relabelRows(
  service: SuggestService,
  plan: Plan,
  journal: Journal,
  file: FileHandle,
  output: string,
  options: RelabelOptions,
): Promise<{ summary: RelabelSummary; rows: number; bytes: number }> {
  const { source, writer } = plan;
  const summary = structuredClone(journal.summary);
  let { rows, bytes } = journal;
  const write = async (units: string) => {
    const buffer = writer.text.toBytes(units);
    for (let at = 0; at < buffer.length; ) {
      const { bytesWritten } = await file.write(buffer, at, buffer.length - at, bytes);
      at += bytesWritten;
      bytes += bytesWritten;
    }
  };
  const interval = options.checkpoint ?? 1000;
  let saved = performance.now();
  const save = async () => {
    await file.datasync();
    await writeJournal(output, { ...journal, rows, bytes, summary });
    saved = performance.now();
  };
  if (bytes === 0) await write(writer.heading);
  const waiting: Promise<AnsweredBatch>[] = [];
  const take = async () => {
    const batch = await waiting.shift()!;
    await write(present(batch, plan, service, options.table, summary));
    rows += batch.rows.length;
    if (plan.format === 'xlsx') refuseTooManyRows(rows);
    options.onProgress?.({ rows, bytes: source.position(), totalBytes: source.bytes });
    if (performance.now() - saved >= interval) await save();
  };
  try {
    for await (const batch of batches(source.rows, journal.rows, options.batch ?? 256)) {
      const answered = answerBatch(service, plan, batch, options);
      // Of several that fail the first is told; the others must not end the process.
      answered.catch(() => undefined);
      waiting.push(answered);
      if (waiting.length >= (options.inFlight ?? 4)) await take();
      if (options.signal?.aborted) {
        throw new DuihaoError(
          'unavailable',
          'interrupted',
          `stopped after ${rows} rows; --resume goes on from there`,
          { rows },
        );
      }
    }
    while (waiting.length > 0) await take();
  } catch (error) {
    // What is answered is not lost, whatever went wrong; the first error is the one to tell.
    await save().catch(() => undefined);
    throw error;
  }
  await save();
  return { summary, rows, bytes };
}

/**
 * Of a fixed number of rows counted from the start, so that a resumed run asks in the same batches: a model's
 * last digits may depend on what is asked together.
 */
async function* batches(
  rows: AsyncIterable<SourceRow>,
  skip: number,
  size: number,
): AsyncGenerator<SourceRow[]> {
  let batch: SourceRow[] = [];
  let units = 0;
  let seen = 0;
  for await (const row of rows) {
    seen += 1;
    if (seen <= skip) continue;
    batch.push(row);
    units += row.record?.raw.length ?? 0;
    if (batch.length < size && units < MAX_BATCH_UNITS) continue;
    yield batch;
    batch = [];
    units = 0;
  }
  if (batch.length > 0) yield batch;
}

interface AnsweredBatch {
  readonly rows: readonly SourceRow[];
  readonly questions: readonly Question[];
  /** One for each question, that is, for each readable row. */
  readonly answers: readonly Answer[];
}

async function answerBatch(
  service: SuggestService,
  plan: Plan,
  rows: readonly SourceRow[],
  { level, table }: RelabelOptions,
): Promise<AnsweredBatch> {
  const questions = rows
    .filter(({ kind }) => kind === 'row')
    .map((row) => ({
      ticket: ticketOfRow(row, plan.columns, plan.facetColumns),
      old: oldLabelOf(row, plan.columns),
    }));
  return { rows, questions, answers: await ask(service, questions, level, table ?? null) };
}

/** The batch's text; counts its rows. */
function present(
  { rows, questions, answers }: AnsweredBatch,
  { answers: columns, writer }: Plan,
  { taxonomy }: SuggestService,
  table: CorrespondenceTable | undefined,
  summary: RelabelSummary,
): string {
  let at = 0;
  let units = '';
  for (const row of rows) {
    switch (row.kind) {
      case 'blank':
        units += writer.row(row, []);
        break;
      case 'unreadable':
        countUnreadable(summary);
        units += writer.row(row, columns.unreadable(`${row.fault}: ${row.message}`));
        break;
      case 'row': {
        const { suggestion, note } = answers[at]!;
        const { old } = questions[at]!;
        const meant = itemsMeant(taxonomy, table, old);
        countAnswer(summary, taxonomy, suggestion.decision, old, meant, note);
        units += writer.row(row, columns.answered(suggestion, note));
        at += 1;
      }
    }
  }
  return units;
}

function refuseTooManyRows(rows: number): void {
  if (rows <= MAX_WORKBOOK_ROWS) return;
  throw new DuihaoError(
    'too-large',
    'workbook-too-large',
    `a workbook may have ${MAX_WORKBOOK_ROWS} rows, as it is written in memory; write to .csv instead`,
    { most: MAX_WORKBOOK_ROWS },
  );
}

/** The partial CSV → the workbook at its place. @returns its bytes */
async function writeWorkbook(output: string, { source, writer, answers }: Plan): Promise<number> {
  const temporary = `${partialPath(output)}.xlsx`;
  const bytes = await workbookOf(partialPath(output), writer.text.encoding, source.columns.length, answers);
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, output);
  return bytes.length;
}

/** A file that grew while it was read is neither the old nor the new one. */
async function refuseChangedInput({ path, bytes, modified }: Source): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (info?.size === bytes && info.mtimeMs === modified) return;
  throw new DuihaoError(
    'conflict',
    'input-changed',
    `${path} was changed while it was read; start anew with --force when it is at rest`,
    { path },
  );
}

function manifestOf(
  { model, taxonomy }: SuggestService,
  { source, format, answers, writer, run }: Plan,
  bytes: number,
  summary: RelabelSummary,
): RelabelManifest {
  const copied = copiesRows(source.format, format);
  return {
    version: 1,
    run,
    input: {
      name: basename(source.path),
      format: source.format,
      bytes: source.bytes,
      digest: source.digest,
      columns: source.columns.length,
    },
    output: {
      format,
      encoding: writer.text.encoding,
      delimiter: format === 'jsonl' ? '' : copied ? source.text.decode(source.delimiter) : ',',
      bytes,
      added: answers.names,
      error: answers.error,
      copied,
    },
    model: { id: model.id, version: model.version, trainedAt: model.trainedAt },
    taxonomy: { id: taxonomy.meta.id, version: taxonomy.meta.version, digest: taxonomy.digest },
    summary,
  };
}

/** The rows of a run: read in batches, asked, written in their order, and what is done noted in the journal. */
import type { FileHandle } from 'node:fs/promises';
import { DuihaoError } from '../errors.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { CorrespondenceTable } from '../taxonomy/correspondence.js';
import { type Answer, ask, itemsMeant, type Question } from './ask.js';
import { type Journal, writeJournal } from './journal.js';
import type { Plan } from './plan.js';
import type { RelabelOptions } from './relabel-options.js';
import type { SourceRow } from './source.js';
import { countAnswer, countUnreadable, type RelabelSummary } from './summary.js';
import { oldLabelOf, ticketOfRow } from './ticket-of-row.js';
import { MAX_WORKBOOK_ROWS } from './workbook.js';

/** Units of text after which a batch is full, however few its rows. */
const MAX_BATCH_UNITS = 8 << 20;

/** @throws DuihaoError `workbook-too-large`, `interrupted`; what was answered is written and noted before */
export async function relabelRows(
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

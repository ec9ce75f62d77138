/**
 * Legacy tickets → the same file with codes: read, ask, write, in constant memory. A run that is killed at any
 * moment goes on where its journal says, and the finished file is byte for byte that of a run left alone.
 */
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { TicketColumns } from '../table/ticket-columns.js';
import { findEarlierRun, openPartial, outputExists } from './earlier-run.js';
import { partialPath, removeJournal, syncFolder, writeDurably, writeJournal } from './journal.js';
import { manifestPath, type RelabelManifest } from './manifest.js';
import { type Plan, prepare } from './plan.js';
import type { RelabelOptions } from './relabel-options.js';
import { relabelRows } from './relabel-rows.js';
import { copiesRows } from './row-writer.js';
import { refuseChangedInput } from './source.js';
import type { RelabelSummary } from './summary.js';
import { workbookOf } from './workbook.js';

export interface RelabelResult {
  readonly output: string;
  readonly columns: TicketColumns;
  readonly manifest: RelabelManifest;
  readonly summary: RelabelSummary;
  /** True when there was nothing left to do. */
  readonly alreadyDone: boolean;
}

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

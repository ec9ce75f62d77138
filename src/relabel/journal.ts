/**
 * How far a run has come, beside its output: `new.csv.progress.json`. Written to a temporary file, flushed and
 * renamed, and only after the output up to its offset is on the disk; so whenever the process dies, the journal
 * that is found names a state that the output really had.
 */
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DuihaoError } from '../errors.js';
import { readJsonFile, whole } from '../json-file.js';
import type { RelabelSummary } from './summary.js';

/** What must be the same for a run to go on. */
export interface RunIdentity {
  /** SHA-256 of the input. */
  readonly input: string;
  readonly inputBytes: number;
  readonly model: string;
  readonly taxonomy: string;
  /** Everything else that the output depends on. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Journal {
  readonly version: 1;
  readonly run: RunIdentity;
  /** Rows of the input that are done, blank and unreadable ones too. */
  readonly rows: number;
  /** Bytes of `.partial` that hold them. */
  readonly bytes: number;
  readonly summary: RelabelSummary;
  /** May the finished file take the place of one that is there? */
  readonly replace: boolean;
  readonly process: ProcessMark;
}

/** A process, told apart from a later one with the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** Since boot, in clock ticks; null where the system does not say. */
  readonly started: string | null;
}

export const journalPath = (output: string) => `${output}.progress.json`;
export const partialPath = (output: string) => `${output}.partial`;

export function markOf(pid: number): ProcessMark {
  try {
    // The 22nd field, counted behind the name, which may hold spaces and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return { pid, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null };
  } catch {
    return { pid, started: null };
  }
}

export function isAlive(mark: ProcessMark): boolean {
  if (mark.pid === process.pid) return false;
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EPERM') return false;
  }
  return mark.started === null || markOf(mark.pid).started === mark.started;
}

/** Null where there is none. @throws DuihaoError `journal-damaged` */
export function readJournal(output: string): Promise<Journal | null> {
  const path = journalPath(output);
  return readJsonFile(
    path,
    whole<Journal>(
      ({ version, rows, bytes, run, summary, process }) =>
        version === 1 &&
        Number.isSafeInteger(rows) &&
        Number.isSafeInteger(bytes) &&
        typeof run === 'object' &&
        typeof summary === 'object' &&
        typeof process === 'object',
    ),
    () =>
      new DuihaoError(
        'corrupt',
        'journal-damaged',
        `${path} is not a progress file of this version; start anew with --force`,
        { path },
      ),
  );
}

export async function writeJournal(output: string, journal: Journal): Promise<void> {
  await writeDurably(journalPath(output), `${JSON.stringify(journal)}\n`);
}

export async function removeJournal(output: string): Promise<void> {
  await rm(journalPath(output), { force: true });
  await syncFolder(output);
}

/** All or nothing, whenever the power goes. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(path);
}

/** Makes renames in the folder of `path` last. Not every system lets a folder be flushed. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path)).catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** @returns what differs, for people; empty when the run may go on. */
export function differences(before: RunIdentity, now: RunIdentity): string[] {
  const found: string[] = [];
  if (before.input !== now.input) found.push('the input file');
  if (before.model !== now.model) found.push('the model');
  if (before.taxonomy !== now.taxonomy) found.push('the taxonomy');
  for (const key of new Set([...Object.keys(before.options), ...Object.keys(now.options)])) {
    if (JSON.stringify(before.options[key]) !== JSON.stringify(now.options[key]))
      found.push(`the option ${key}`);
  }
  return found;
}

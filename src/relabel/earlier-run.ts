/** What is found where the output shall be: nothing, a run that was broken off, or a finished file. */
import type { FileHandle } from 'node:fs/promises';
import { open, rm, stat } from 'node:fs/promises';
import { DuihaoError } from '../errors.js';
import {
  differences,
  isAlive,
  type Journal,
  markOf,
  partialPath,
  type RunIdentity,
  readJournal,
} from './journal.js';
import { type RelabelManifest, readManifest } from './manifest.js';
import type { RelabelOptions } from './relabel-options.js';
import { emptySummary } from './summary.js';

export type EarlierRun =
  | { readonly kind: 'go'; readonly journal: Journal }
  | { readonly kind: 'done'; readonly manifest: RelabelManifest };

/** @throws DuihaoError `output-exists`, `run-unfinished`, `run-changed`, `run-active`, `partial-damaged` */
export async function findEarlierRun(
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

export function outputExists(output: string): DuihaoError {
  return new DuihaoError('conflict', 'output-exists', `${output} exists; --force replaces it`, { output });
}

/** Cut to what the journal vouches for; what was written behind it may be half a row. */
export async function openPartial(output: string, journal: Journal): Promise<FileHandle> {
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

/**
 * Keeps a data folder for one process: PGlite would let a second one in and damage the files.
 * The lock names its holder and is touched every few seconds, so that the lock of a crashed process is told
 * from that of a living one, even from another container.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { DuihaoError } from '../errors.js';

const touchEveryMs = 5_000;
/** Six missed touches: a machine under heavy load is not taken for dead. */
const deadAfterMs = 30_000;

/** Paths of this process's own locks: its number alone would not tell them from those of an earlier one. */
const held = new Set<string>();

export interface FolderLock {
  release(): void;
}

/** @throws DuihaoError `store-locked` while another process holds the folder */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = resolve(folder, 'duihao.lock');
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() });
  if (held.has(path)) throw refusal(path, folder);
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (attempt >= 3 || !takeAway(path)) throw refusal(path, folder);
    }
  }
  held.add(path);
  const touching = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The folder was taken away beneath us: the database will say so.
    }
  }, touchEveryMs);
  touching.unref();
  return {
    release() {
      clearInterval(touching);
      held.delete(path);
      if (read(path) === mine) rmSync(path, { force: true });
    },
  };
}

/** Removes the lock of a process that is gone. Renamed first: only one of two takers gets it. */
function takeAway(path: string): boolean {
  const found = read(path);
  if (found === undefined) return true;
  if (isAlive(path, found)) return false;
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
  } catch {
    return true;
  }
  // Between reading and renaming another taker may have put its own lock there: it goes back.
  if (read(aside) !== found) {
    renameSync(aside, path);
    return false;
  }
  rmSync(aside, { force: true });
  return true;
}

function isAlive(path: string, found: string): boolean {
  const holder = parse(found);
  if (holder?.host === hostname()) {
    // Ours can only be the lock of an earlier process that had the number before us.
    if (holder.pid === process.pid) return false;
    try {
      process.kill(holder.pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touched < deadAfterMs;
}

function refusal(path: string, folder: string): DuihaoError {
  const holder = parse(read(path) ?? '');
  return new DuihaoError(
    'conflict',
    'store-locked',
    `process ${holder?.pid ?? '?'} on ${holder?.host ?? '?'} has ${folder} open; stop it, or use PostgreSQL to share a store between processes`,
    { folder, pid: holder?.pid ?? null, host: holder?.host ?? null },
  );
}

function parse(text: string): { readonly pid: number; readonly host: string } | undefined {
  try {
    const { pid, host } = JSON.parse(text) as { pid?: unknown; host?: unknown };
    return Number.isInteger(pid) && typeof host === 'string' ? { pid: pid as number, host } : undefined;
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A small JSON file that says which model is meant: read whole or not at all, written beside and renamed. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { z } from 'zod';
import type { DuihaoError } from '../errors.js';

/**
 * Null where there is no such file.
 * @throws what `damaged` gives, where the file is not what the schema says
 */
export async function readChoice<T>(
  path: string,
  schema: z.ZodType<T>,
  damaged: () => DuihaoError,
): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Reported below like any other fault of the file.
  }
  const choice = schema.safeParse(json);
  if (choice.success) return choice.data;
  throw damaged();
}

/** Temp file, flush, rename: after a crash the file is the old one or the new one. */
export async function writeChoice(path: string, choice: object): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(`${JSON.stringify(choice, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Small JSON files of ours: which model is meant, how far a run has come. */
import { readFile } from 'node:fs/promises';
import type { DuihaoError } from './errors.js';

/**
 * Null where there is no such file.
 * @param accept what the JSON says, undefined where it is not what was written; JSON that is none comes as null
 * @throws what `damaged` makes, where it is not accepted
 */
export async function readJsonFile<T extends object>(
  path: string,
  accept: (json: unknown) => T | undefined,
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
  const accepted = accept(json);
  if (accepted) return accepted;
  throw damaged();
}

/** @param isWhole does it hold what is read of it? */
export function whole<T extends object>(
  isWhole: (json: Partial<T>) => boolean,
): (json: unknown) => T | undefined {
  return (json) =>
    typeof json === 'object' && json !== null && isWhole(json as Partial<T>) ? (json as T) : undefined;
}

/** Small JSON files that a run leaves beside its output, for itself and for `reverse`. */
import { readFile } from 'node:fs/promises';
import type { DuihaoError } from '../errors.js';

/**
 * Null where there is none.
 * @param isWhole does it hold what is read of it?
 * @throws what `damaged` makes, where it is no JSON or not whole
 */
export async function readOwnJson<T>(
  path: string,
  isWhole: (json: Partial<T>) => boolean,
  damaged: () => DuihaoError,
): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof json === 'object' && json !== null && isWhole(json as Partial<T>)) return json as T;
  throw damaged();
}

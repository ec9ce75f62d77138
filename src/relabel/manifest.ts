/**
 * `new.csv.relabel.json`, beside a finished file: from what, by which model and how it was made, and which
 * columns were added. `reverse` reads it, and so does whoever asks a year later.
 */
import { readFile } from 'node:fs/promises';
import { DuihaoError } from '../errors.js';
import type { Encoding } from '../table/encoding.js';
import type { TableFormat } from '../table/table.js';
import type { RunIdentity } from './journal.js';
import type { RelabelSummary } from './summary.js';

export interface RelabelManifest {
  readonly version: 1;
  readonly run: RunIdentity;
  readonly input: {
    readonly name: string;
    readonly format: TableFormat;
    readonly bytes: number;
    /** SHA-256. */
    readonly digest: string;
    readonly columns: number;
  };
  readonly output: {
    readonly format: 'csv' | 'jsonl' | 'xlsx';
    readonly encoding: Encoding;
    /** CSV: between cells. */
    readonly delimiter: string;
    readonly bytes: number;
    /** Headings of the added columns, in order. */
    readonly added: readonly string[];
    /** The place of the error column in `added`. */
    readonly error: number;
    /** Was every row's text copied, so that it can be given back? */
    readonly copied: boolean;
  };
  readonly model: { readonly id: string; readonly version: string; readonly trainedAt: string };
  readonly taxonomy: { readonly id: string; readonly version: string; readonly digest: string };
  readonly summary: RelabelSummary;
}

export const manifestPath = (output: string) => `${output}.relabel.json`;

/** Null where there is none. @throws DuihaoError `relabel-manifest-damaged` */
export async function readManifest(output: string): Promise<RelabelManifest | null> {
  const path = manifestPath(output);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const manifest = JSON.parse(text) as Partial<RelabelManifest>;
    if (
      manifest.version === 1 &&
      Array.isArray(manifest.output?.added) &&
      manifest.output.added.length > 0 &&
      typeof manifest.input?.digest === 'string' &&
      Number.isSafeInteger(manifest.input.columns) &&
      typeof manifest.run === 'object'
    )
      return manifest as RelabelManifest;
  } catch {
    // Told below.
  }
  throw new DuihaoError('corrupt', 'relabel-manifest-damaged', `${path} is not a file that relabel wrote`, {
    path,
  });
}

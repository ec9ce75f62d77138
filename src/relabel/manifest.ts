/**
 * `new.csv.relabel.json`, beside a finished file: from what, by which model and how it was made, and which
 * columns were added. `reverse` reads it, and so does whoever asks a year later.
 */
import { DuihaoError } from '../errors.js';
import { readJsonFile, whole } from '../json-file.js';
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
export function readManifest(output: string): Promise<RelabelManifest | null> {
  const path = manifestPath(output);
  return readJsonFile(
    path,
    whole<RelabelManifest>(
      ({ version, input, output, run }) =>
        version === 1 &&
        Array.isArray(output?.added) &&
        output.added.length > 0 &&
        typeof input?.digest === 'string' &&
        Number.isSafeInteger(input.columns) &&
        typeof run === 'object',
    ),
    () =>
      new DuihaoError('corrupt', 'relabel-manifest-damaged', `${path} is not a file that relabel wrote`, {
        path,
      }),
  );
}

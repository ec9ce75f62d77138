/**
 * The one tree of coded errors. A code is stable and may be matched by scripts; a message says what is
 * wrong, where, and what to do. Messages never hold text of a ticket.
 */

/** Stable, kebab-case, named after what went wrong: `taxonomy-invalid`, `model-taxonomy-mismatch`, … */
export type ErrorCode = string;

/** What kind of failure it is; the server maps it to a status and the CLI to an exit code. */
export type ErrorKind =
  /** What the caller sent is wrong (HTTP 400/422, exit 2). */
  | 'invalid-input'
  /** The named thing does not exist (404, exit 2). */
  | 'not-found'
  /** It clashes with what is there: locked, already promoted, other digest (409, exit 1). */
  | 'conflict'
  /** The caller may not do this (401/403). */
  | 'forbidden'
  /** A limit on size or rate was passed (413/429). */
  | 'too-large'
  /** Not now: queue full, starting, stopping (503). */
  | 'unavailable'
  /** Stored data is damaged: checksum, truncated file (500, exit 1). */
  | 'corrupt'
  /** A bug of ours (500, exit 70). */
  | 'internal';

export class DuihaoError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  /** Machine-readable particulars: row numbers, file names, limits. Never ticket text. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    kind: ErrorKind,
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DuihaoError';
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}

export function isDuihaoError(error: unknown): error is DuihaoError {
  return error instanceof DuihaoError;
}

/** What a log may say of any error: its code, of others the name. */
export function codeOf(error: unknown): string {
  return isDuihaoError(error) ? error.code : (error as Error).name;
}

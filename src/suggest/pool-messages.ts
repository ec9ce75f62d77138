/** What the pool and its workers say to each other. Plain data: classes do not survive the way. */
import { DuihaoError, type ErrorKind } from '../errors.js';
import type { TaxonomyJson } from '../taxonomy/snapshot.js';
import type { Ticket } from '../text/ticket.js';
import type { ModelIdentity } from './suggest-service.js';
import type { SuggestOptions } from './suggestion.js';
import type { SuggestionMessage } from './suggestion-message.js';

/** Given to every worker at its start. */
export interface WorkerSetup {
  readonly modelFolder: string;
  /** URL of the module whose `openAnswerer(modelFolder, corrections)` opens the model. */
  readonly opener: string;
  readonly logLevel: string;
  /** Of a `CorrectionMemory` that all workers share; null: answers are the model's alone. */
  readonly corrections: SharedArrayBuffer | null;
}

export type WorkerTask =
  | { readonly kind: 'describe' }
  /** The last one: free what the thread's end would leave behind. */
  | { readonly kind: 'release' }
  | {
      readonly kind: 'suggest';
      /** The model the pool was opened with: a worker that started later must have the same one. */
      readonly version: string;
      readonly digest: string;
      readonly tickets: readonly Ticket[];
      readonly options: SuggestOptions;
    };

export interface ModelDescription {
  readonly model: ModelIdentity;
  readonly coverages: readonly number[];
  readonly taxonomy: TaxonomyJson;
  readonly digest: string;
}

export interface ErrorMessage {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Frames only: a message of an unknown error could quote a ticket. */
  readonly frames: readonly string[];
}

export type WorkerAnswer =
  | { readonly kind: 'described'; readonly description: ModelDescription }
  | { readonly kind: 'released' }
  | { readonly kind: 'suggested'; readonly suggestions: readonly SuggestionMessage[] }
  /** The model could not be opened: no ticket's fault, the next task tries again. */
  | { readonly kind: 'not-open'; readonly error: ErrorMessage }
  | { readonly kind: 'failed'; readonly error: ErrorMessage };

/**
 * @param doing what the worker was at, for people: `on a task`
 * @param telling false where an unknown error's message could quote a ticket
 */
export function errorMessage(error: unknown, doing: string, telling: boolean): ErrorMessage {
  const { name, stack } = (error ?? {}) as { name?: unknown; stack?: unknown };
  const frames = typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : [];
  // By name, not instanceof: a loader may give the worker two copies of errors.ts.
  if (error instanceof Error && name === 'DuihaoError') {
    const { kind, code, message, details } = error as DuihaoError;
    return { kind, code, message, details: plain(details), frames };
  }
  return {
    kind: 'internal',
    code: 'worker-failed',
    message: `the model failed ${doing} (${telling ? String(error) : typeof name === 'string' ? name : typeof error})`,
    details: {},
    frames,
  };
}

export function errorOf({ kind, code, message, details, frames }: ErrorMessage): DuihaoError {
  const error = new DuihaoError(kind, code, message, details);
  // Where it happened in the worker; the stack of this thread says nothing.
  if (frames.length > 0) error.stack = `${error.name}: ${message}\n${frames.join('\n')}`;
  return error;
}

/** Details may hold what cannot be cloned (functions, class instances): those are left out. */
function plain(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(details)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

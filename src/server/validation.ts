/** Holds requests against zod schemas; faults name the place and the rule, never the value. */
import type { Request } from 'express';
import type { z } from 'zod';
import { type Fault, Problem } from './problem.js';

/** A batch of 256 bad tickets is explained by its first faults. */
const faultsShown = 20;

/**
 * The request's JSON body.
 * @throws Problem `content-type-unsupported` (415), `request-invalid` (422).
 */
export function readBody<T extends z.ZodType>(schema: T, request: Request): z.infer<T> {
  if (!/^application\/json\s*(;|$)/i.test(request.get('Content-Type') ?? '')) {
    throw new Problem(
      415,
      'content-type-unsupported',
      'send a JSON body with Content-Type: application/json',
    );
  }
  return parse(schema, request.body, pointerOf);
}

/** The request's query string; a parameter given twice is refused by the schema. */
export function readQuery<T extends z.ZodType>(schema: T, request: Request): z.infer<T> {
  return parse(schema, request.query, (path) => `?${path.map(String).join('.')}`);
}

function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  place: (path: readonly PropertyKey[]) => string,
): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, faultsShown).map((issue) => ({
    pointer: place(issue.path),
    code: issue.code,
    detail: explain(issue),
  }));
  throw new Problem(422, 'request-invalid', 'the request does not fit the schema, see errors', { errors });
}

/** RFC 6901. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

/** Our own words for each kind of issue: a message of zod's may quote what was sent. */
function explain(issue: z.core.$ZodIssue): Fault['detail'] {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'unrecognized_keys': {
      const plain = issue.keys.filter((key) => /^[A-Za-z_][\w-]{0,39}$/.test(key)).slice(0, 5);
      return `unknown field${issue.keys.length > 1 ? 's' : ''}${plain.length > 0 ? `: ${plain.join(', ')}` : ''}`;
    }
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'custom':
      return issue.message;
    default:
      return 'does not fit the schema';
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

/** Every failure of the API as a problem detail (RFC 9457) with a stable `code`; made in one place. */
import type { Response } from 'express';
import { type ErrorKind, isDuihaoError } from '../errors.js';

/** One fault of a request: where (JSON pointer into the body, or `?name` of a query parameter) and what. */
export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly Fault[];
}

/** Thrown by routes for what only HTTP knows; domain failures are `DuihaoError`s and translated here. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { errors?: readonly Fault[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

const statusOf: Readonly<Record<ErrorKind, number>> = {
  'invalid-input': 422,
  'not-found': 404,
  conflict: 409,
  forbidden: 403,
  'too-large': 413,
  unavailable: 503,
  corrupt: 500,
  internal: 500,
};

/** Titles by status: short, the same for every problem of that status. */
const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'The request does not fit the schema',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available now',
};

/** How body-parser and the router name their failures → ours. Their messages may quote the body: dropped. */
const transport: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  'entity.parse.failed': [400, 'json-malformed', 'the body is not valid JSON'],
  'entity.verify.failed': [400, 'json-malformed', 'the body is not valid JSON'],
  'entity.too.large': [
    413,
    'body-too-large',
    'the body is larger than this server accepts; send fewer tickets',
  ],
  'encoding.unsupported': [
    415,
    'content-encoding-unsupported',
    'send the body plain, or with gzip, deflate or br',
  ],
  'charset.unsupported': [415, 'charset-unsupported', 'send the body in UTF-8'],
  'request.aborted': [400, 'request-aborted', 'the request ended before its body was complete'],
  'request.size.invalid': [400, 'request-size-invalid', 'the body is not as long as Content-Length says'],
};

/** Any thrown thing → a problem. What is not known to be harmless becomes `internal` without a message. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDuihaoError(error)) {
    const status = statusOf[error.kind];
    if (status >= 500 && status !== 503) return new Problem(status, error.code, 'see the server log');
    return new Problem(status, error.code, error.message, {
      headers: status === 503 ? { 'Retry-After': '1' } : {},
    });
  }
  const { type, status } = (typeof error === 'object' && error !== null ? error : {}) as {
    type?: unknown;
    status?: unknown;
  };
  const known = typeof type === 'string' ? transport[type] : undefined;
  if (known) return new Problem(...known);
  if (error instanceof URIError || status === 400) {
    return new Problem(400, 'request-malformed', 'the request line or the encoding of the body is malformed');
  }
  return new Problem(500, 'internal', 'see the server log');
}

export function sendProblem(response: Response, problem: Problem): void {
  const body: ProblemBody = {
    type: `urn:duihao:problem:${problem.code}`,
    title: titles[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
  response
    .status(problem.status)
    .set(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(body));
}

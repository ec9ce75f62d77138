/** The page's side of the API: requests, and every way they fail as one `ApiError`. */
import type {
  ItemResponse,
  ItemsResponse,
  ModelBody,
  ResultBody,
  SuggestionsRequest,
  SuggestionsResponse,
  TaxonomyBody,
} from '../server/schemas.js';
import { learnServerTime } from './server-clock.js';

export type FailureKind =
  /** No answer at all. */
  | 'offline'
  /** 503: the model is loading, the queue is full, the server stops. */
  | 'unavailable'
  /** 429 */
  | 'limited'
  /** 401: nobody is signed in, or not any more. */
  | 'signed-out'
  /** Another 4xx: what was sent is wrong. */
  | 'refused'
  /** Another 5xx, or an answer that is not the API's. */
  | 'broken';

export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    /** 0 where there was no answer. */
    readonly status: number,
    /** Stable code of the problem detail; empty where there was none. */
    readonly code: string,
    /** Seconds the server asks to wait. */
    readonly retryAfter: number | null = null,
  ) {
    super(code || kind);
    this.name = 'ApiError';
  }
}

export interface Question {
  /** Of the ticket, ours: the same for every question about one ticket. */
  readonly ticket?: string;
  readonly title: string;
  readonly text: string;
  /** Item ids. */
  readonly within: readonly string[];
  /** undefined: as deep as the tree goes. */
  readonly level: number | undefined;
}

export interface Answer {
  readonly model: ModelBody;
  readonly taxonomy: TaxonomyBody;
  readonly result: ResultBody;
}

export interface Ready {
  readonly model: ModelBody;
  readonly taxonomy: TaxonomyBody;
}

export async function askSuggestion(question: Question, k: number, signal?: AbortSignal): Promise<Answer> {
  const { ticket = 'page', title, text, within, level } = question;
  const body: SuggestionsRequest = {
    tickets: [{ id: ticket, text, ...(title.trim() === '' ? {} : { title }) }],
    k,
    // Whoever types it chooses too; half a ticket in the queue would be a riddle to others.
    review: false,
    ...(level === undefined ? {} : { level }),
    ...(within.length === 0 ? {} : { within: [...within] }),
  };
  const answer = await post<SuggestionsResponse>('/v1/suggestions', body, signal ? { signal } : {});
  const [result] = answer.results ?? [];
  if (!result) throw new ApiError('broken', 200, 'answer-empty');
  return { model: answer.model, taxonomy: answer.taxonomy, result };
}

export function searchItems(query: string, signal?: AbortSignal): Promise<ItemsResponse> {
  return request(`/v1/items?limit=30&q=${encodeURIComponent(query)}`, signal ? { signal } : {});
}

/** The items beneath `parent`; those of level 1 for ''. */
export function listChildren(parent: string): Promise<ItemsResponse> {
  return request(parent === '' ? '/v1/items' : `/v1/items?parent=${encodeURIComponent(parent)}`);
}

export function readItem(id: string): Promise<ItemResponse> {
  return request(`/v1/items/${encodeURIComponent(id)}`);
}

export function readReady(): Promise<Ready> {
  return request('/health/ready');
}

/** Told of every answer that says nobody is signed in. */
let signedOut = (): void => {};

export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** @throws ApiError */
export function post<T>(path: string, body: unknown, init: RequestInit = {}): Promise<T> {
  return request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });
}

/** @throws ApiError; an abort passes through as it is. */
export async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('offline', 0, '');
  }
  learnServerTime(response.headers.get('Date'));
  if (!response.ok) {
    const failure = await failureOf(response);
    if (failure.code === 'sign-in-required') signedOut();
    throw failure;
  }
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('broken', response.status, 'answer-malformed');
  }
}

async function failureOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const code = (body as { code?: unknown } | null)?.code;
  return new ApiError(
    kindOf(response.status),
    response.status,
    typeof code === 'string' ? code : '',
    secondsOf(response.headers.get('Retry-After')),
  );
}

function kindOf(status: number): FailureKind {
  if (status === 503) return 'unavailable';
  if (status === 401) return 'signed-out';
  if (status === 429) return 'limited';
  return status >= 400 && status < 500 ? 'refused' : 'broken';
}

/** Of the header's two forms our server sends the seconds; a proxy's date is left to the usual waiting. */
function secondsOf(header: string | null): number | null {
  return header !== null && /^\d{1,5}$/.test(header.trim()) ? Number(header) : null;
}

/** The page's requests of the workplace: who is signed in, reviews, feedback. */
import type { SessionBody } from '../server/account-schemas.js';
import type { FeedbackRequest, FeedbackResponse } from '../server/feedback-schemas.js';
import type { ClaimResponse, ReviewAction, ReviewBody, ReviewsResponse } from '../server/review-schemas.js';
import { ApiError, post, request } from './api.js';

export type SignedIn =
  /** The server keeps no store: there is only the plain page. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'out' }
  | { readonly kind: 'in'; readonly session: SessionBody };

/** @throws ApiError where the server does not say */
export async function readSession(): Promise<SignedIn> {
  try {
    return { kind: 'in', session: await request<SessionBody>('/v1/session') };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return { kind: 'out' };
    if (error instanceof ApiError && error.status === 404) return { kind: 'plain' };
    throw error;
  }
}

export function signIn(name: string, password: string): Promise<SessionBody> {
  return post('/v1/session', { name, password });
}

/** Uses a one-time link. */
export function redeem(token: string, password: string): Promise<SessionBody> {
  return post('/v1/session', { token, password });
}

export function signOut(): Promise<void> {
  return request('/v1/session', { method: 'DELETE' });
}

export function sendFeedback(feedback: FeedbackRequest): Promise<FeedbackResponse> {
  // Outlives the page: a choice made just before it closes is a choice.
  return post('/v1/feedback', feedback, { keepalive: true });
}

export type ReviewCause = ReviewBody['cause'];

/** What the work bench asks of the server. */
export interface ReviewDesk {
  list(
    state: 'open' | 'claimed' | 'closed',
    limit: number,
    cause: ReviewCause | undefined,
  ): Promise<ReviewsResponse>;
  claim(count: number, cause: ReviewCause | undefined): Promise<ClaimResponse>;
  act(id: string, action: ReviewAction): Promise<ReviewBody>;
}

export const reviewDesk: ReviewDesk = {
  list: (state, limit, cause) =>
    request(`/v1/reviews?state=${state}&limit=${limit}${cause === undefined ? '' : `&cause=${cause}`}`),
  claim: (count, cause) => post('/v1/reviews/claims', { count, ...(cause === undefined ? {} : { cause }) }),
  act: (id, action) =>
    post(`/v1/reviews/${encodeURIComponent(id)}`, action, {
      // Released while the page closes.
      ...(action.action === 'release' ? { keepalive: true } : {}),
    }),
};

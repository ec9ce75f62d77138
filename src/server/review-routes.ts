/** /v1/reviews: the queue, taking from it, choosing. */
import { Router } from 'express';
import type { Review } from '../store/reviews.js';
import type { ShownSuggestion } from '../store/suggestions.js';
import { isId } from '../store/time-ordered-id.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { maskText } from '../text/mask.js';
import { callerIn } from './gate.js';
import { Problem } from './problem.js';
import {
  type AddReviewsResponse,
  addReviewsRequestSchema,
  type ClaimResponse,
  claimRequestSchema,
  type ReviewBody,
  type ReviewsResponse,
  reviewActionSchema,
  reviewLimits,
  reviewsQuerySchema,
} from './review-schemas.js';
import type { ServiceSlot } from './service-slot.js';
import {
  choosableItem,
  presentStoredCandidates,
  presentStoredDecision,
  presentStoredItem,
} from './stored-items.js';
import { readBody, readQuery } from './validation.js';
import type { Workplace } from './workplace.js';

export function reviewRoutes(slot: ServiceSlot, workplace: Workplace): Router {
  const router = Router();

  const present = async (reviews: readonly Review[], agent: string): Promise<ReviewBody[]> => {
    const { taxonomy } = slot.take();
    const ids = reviews.flatMap(({ suggestionId }) => suggestionId ?? []);
    const shown = await workplace.take().suggestions.findAll(ids);
    return reviews.map((review) =>
      presentReview(taxonomy, review, shown.get(review.suggestionId ?? ''), agent),
    );
  };

  router.get('/v1/reviews', async (request, response) => {
    const { cause, state, limit } = readQuery(reviewsQuerySchema, request);
    const { reviews: queue } = workplace.take();
    const { name } = callerIn(response);
    const found =
      state === 'open'
        ? await queue.waiting(limit, cause)
        : state === 'claimed'
          ? await queue.claimedBy(name, limit)
          : await queue.closedBy(name, limit);
    const count = await queue.countWaiting(reviewLimits.counted, cause);
    const answer: ReviewsResponse = {
      reviews: await present(found, name),
      waiting: { count: Math.min(count, reviewLimits.counted), more: count > reviewLimits.counted },
    };
    response.set('Cache-Control', 'no-store').json(answer);
  });

  router.post('/v1/reviews', async (request, response) => {
    const { reviews } = readBody(addReviewsRequestSchema, request);
    const store = workplace.take();
    const { taxonomy } = slot.take();
    const added = await store.reviews.add(
      reviews.map(({ ticket, cause, doubt, label, suggestionId }) => ({
        ticket,
        cause,
        doubt,
        label: label === undefined ? null : choosableItem(taxonomy, label),
        suggestionId: suggestionId ?? null,
      })),
    );
    const answer: AddReviewsResponse = { added, known: reviews.length - added };
    response.status(201).json(answer);
  });

  router.post('/v1/reviews/claims', async (request, response) => {
    const { count, cause } = readBody(claimRequestSchema, request);
    const { name } = callerIn(response);
    const claimed = await workplace.take().reviews.claim(name, count, cause);
    const answer: ClaimResponse = { reviews: await present(claimed, name) };
    response.json(answer);
  });

  router.post('/v1/reviews/:id', async (request, response) => {
    const { id } = request.params;
    const body = readBody(reviewActionSchema, request);
    if (!isId(id)) throw new Problem(404, 'review-unknown', 'there is no such review');
    const { reviews } = workplace.take();
    const { taxonomy } = slot.take();
    const { name } = callerIn(response);
    const act = (): Promise<Review> => {
      switch (body.action) {
        case 'claim':
          return reviews.claimOne(id, name);
        case 'release':
          return reviews.release(id, name);
        case 'undo':
          return reviews.undo(id, name);
        case 'choose':
        case 'skip':
          return reviews.close(id, name, {
            item: body.action === 'choose' ? choosableItem(taxonomy, body.item) : null,
            note: body.note ? maskText(body.note).text : null,
            milliseconds: body.milliseconds ?? null,
          });
      }
    };
    const [answer] = await present([await act()], name);
    response.json(answer);
  });
  return router;
}

function presentReview(
  taxonomy: Taxonomy,
  review: Review,
  shown: ShownSuggestion | undefined,
  agent: string,
): ReviewBody {
  const { id, cause, value, state, ticket, suggestionId, label, claim, chosen, note } = review;
  const text = shown?.text;
  return {
    id,
    cause,
    value,
    state,
    ticket: { id: ticket, title: text?.title ?? null, text: text?.text ?? null },
    suggestionId,
    decision: shown ? presentStoredDecision(taxonomy, shown.decision) : null,
    candidates: presentStoredCandidates(taxonomy, shown?.candidates ?? review.candidates),
    evidence: text ? text.evidence.map((one) => ({ ...one })) : [],
    label: label === null ? null : presentStoredItem(taxonomy, label),
    claim: claim && { agent: claim.agent, until: claim.until.toISOString(), mine: claim.agent === agent },
    chosen: chosen === null ? null : presentStoredItem(taxonomy, chosen),
    note,
    createdAt: review.createdAt.toISOString(),
    closedAt: review.closedAt?.toISOString() ?? null,
    closedBy: review.closedBy,
  };
}

/** POST /v1/feedback. docs/workplace-api.md has the table of what arrives and what is answered. */
import { Router } from 'express';
import { maskText } from '../text/mask.js';
import { type FeedbackResponse, feedbackRequestSchema } from './feedback-schemas.js';
import { type Caller, callerIn } from './gate.js';
import { Problem } from './problem.js';
import type { ServiceSlot } from './service-slot.js';
import { choosableItem, presentStoredItem } from './stored-items.js';
import { readBody } from './validation.js';
import type { Workplace } from './workplace.js';

export function feedbackRoutes(slot: ServiceSlot, workplace: Workplace): Router {
  const router = Router();
  router.post('/v1/feedback', async (request, response) => {
    const body = readBody(feedbackRequestSchema, request);
    const store = workplace.take();
    const { taxonomy } = slot.take();
    if (body.kind === 'corrected' && body.item === undefined) {
      const detail = 'name the item that was chosen instead';
      throw new Problem(422, 'item-required', detail, {
        errors: [{ pointer: '/item', code: 'item-required', detail }],
      });
    }
    // The suggestion may have been answered a moment ago and not be written yet.
    await store.recorder.recorded(body.suggestionId);
    const { feedback, outcome } = await store.feedback.give({
      suggestionId: body.suggestionId,
      agent: agentOf(callerIn(response), body.agent),
      kind: body.kind,
      item: body.item === undefined ? null : choosableItem(taxonomy, body.item),
      ticket: body.ticket ?? null,
      decidedAt: body.decidedAt === undefined ? null : new Date(body.decidedAt),
      milliseconds: body.milliseconds ?? null,
      note: body.note ? maskText(body.note).text : null,
    });
    const { suggestionId, agent, kind, item, decidedAt, matched } = feedback;
    const answer: FeedbackResponse = {
      suggestionId,
      agent,
      kind,
      item: item === null ? null : presentStoredItem(taxonomy, item),
      decidedAt: decidedAt.toISOString(),
      matched,
      outcome,
    };
    response.status(!matched ? 202 : outcome === 'stored' ? 201 : 200).json(answer);
  });
  return router;
}

/** An intake system speaks for its own agents only: theirs are kept apart from the accounts of the same name. */
function agentOf({ name, role, by }: Caller, named: string | undefined): string {
  if (named === undefined) return name;
  if (by === 'open') return named;
  return role === 'intake' ? `${name}/${named}` : name;
}

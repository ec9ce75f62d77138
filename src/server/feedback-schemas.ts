/** What goes in and out of POST /v1/feedback: what an agent made of a suggestion. */
import { z } from 'zod';
import { itemRefSchema, limits } from './schemas.js';

export const feedbackLimits = {
  noteLength: 500,
  agentLength: 100,
  /** A day: whoever left the ticket open overnight did not spend the night on it. */
  milliseconds: 86_400_000,
} as const;

export const feedbackKinds = ['accepted', 'corrected', 'skipped', 'withdrawn'] as const;

const spent = z.number().int().min(0).max(feedbackLimits.milliseconds).meta({
  description: 'Milliseconds from showing the suggestion to the choice. Training weighs haste by it.',
});
const note = z
  .string()
  .max(feedbackLimits.noteLength)
  .meta({ description: 'Stored with personal data masked.' });
export const choiceFields = { milliseconds: spent.optional(), note: note.optional() };

export const feedbackRequestSchema = z
  .strictObject({
    suggestionId: z.uuid().meta({ description: 'From the result of POST /v1/suggestions.' }),
    kind: z.enum(feedbackKinds).meta({
      description:
        'accepted: the decision was taken; corrected: `item` instead; skipped: no choice; withdrawn: takes an earlier feedback back.',
    }),
    item: z.string().min(1).max(limits.idLength).optional().meta({
      description:
        'The chosen item’s id. Required with `corrected`; with `accepted` by default the decided item. Whether the two agree decides what is stored: accepted or corrected.',
    }),
    agent: z.string().min(1).max(feedbackLimits.agentLength).optional().meta({
      description:
        'Who chose, for intake systems that post for their agents. Ignored for others: the agent is whoever is signed in.',
    }),
    ticket: z.string().min(1).max(limits.idLength).optional().meta({
      description:
        'Your ticket id; lets feedback whose suggestion is unknown still be joined with the archive.',
    }),
    decidedAt: z.iso.datetime({ offset: true }).optional().meta({
      description:
        'When the agent chose; default: on arrival. Of two that differ the later one counts, in whatever order they arrive. A time in the future counts as now.',
    }),
    ...choiceFields,
  })
  .meta({ id: 'FeedbackRequest' });

export const feedbackResponseSchema = z
  .strictObject({
    suggestionId: z.string(),
    agent: z.string(),
    kind: z.enum(feedbackKinds).meta({ description: 'As it now counts.' }),
    item: z.union([itemRefSchema, z.null()]),
    decidedAt: z.iso.datetime(),
    matched: z.boolean().meta({ description: 'Whether the suggestion is known.' }),
    outcome: z.enum(['stored', 'repeated', 'replaced', 'superseded']).meta({
      description:
        'stored: new; repeated: the same was there; replaced: an earlier choice gave way; superseded: a later choice was there and stays.',
    }),
  })
  .meta({ id: 'FeedbackResponse' });

export type FeedbackRequest = z.input<typeof feedbackRequestSchema>;
export type FeedbackResponse = z.infer<typeof feedbackResponseSchema>;

/** What goes in and out of /v1/reviews: the queue of tickets that a person's choice is worth most for. */
import { z } from 'zod';
import { choiceFields } from './feedback-schemas.js';
import { candidateSchema, decisionSchema, evidenceSchema, itemRefSchema, limits } from './schemas.js';

export const reviewLimits = {
  page: 200,
  claims: 20,
  added: 256,
  /** Counting stops here: at a million open reviews an exact count costs more than the page itself. */
  counted: 1000,
} as const;

export const reviewCauses = ['uncertain', 'table-disagrees', 'likely-mislabelled', 'new-cluster'] as const;
export const reviewStates = ['open', 'done', 'skipped'] as const;

const cause = z.enum(reviewCauses).meta({
  description:
    'uncertain: the model was not sure; table-disagrees: it contradicts the correspondence table; likely-mislabelled: it contradicts the archive’s label; new-cluster: many alike lie in a catch-all.',
});
const probability = z.number().min(0).max(1);
const itemId = z.string().min(1).max(limits.idLength);

export const reviewSchema = z
  .strictObject({
    id: z.string(),
    cause,
    value: probability.meta({ description: 'Expected value of a choice; the queue is ordered by it.' }),
    state: z.enum(reviewStates),
    ticket: z
      .strictObject({
        id: z.string(),
        title: z.string().nullable(),
        text: z.string().nullable().meta({ description: 'Masked; null unless STORE_TEXT=masked.' }),
      })
      .meta({ id: 'ReviewTicket' }),
    suggestionId: z.string().nullable(),
    decision: z.union([decisionSchema, z.null()]),
    candidates: z.array(candidateSchema),
    evidence: z
      .array(evidenceSchema)
      .meta({ description: 'Offsets into the masked text; empty without it.' }),
    label: z
      .union([itemRefSchema, z.null()])
      .meta({ description: 'The item it has in the archive or by the table.' }),
    claim: z
      .union([
        z.strictObject({
          agent: z.string(),
          until: z.iso.datetime(),
          mine: z.boolean().meta({ description: 'Held by whoever asks.' }),
        }),
        z.null(),
      ])
      .meta({ description: 'null where nobody holds it.' }),
    chosen: z.union([itemRefSchema, z.null()]),
    note: z.string().nullable(),
    createdAt: z.iso.datetime(),
    closedAt: z.iso.datetime().nullable(),
    closedBy: z.string().nullable(),
  })
  .meta({ id: 'Review' });

export const reviewsQuerySchema = z.strictObject({
  cause: cause.optional(),
  state: z.enum(['open', 'claimed', 'closed']).default('open').meta({
    description:
      'open: free to claim, best first; claimed: held by the caller; closed: the caller’s own choices, latest first (to undo).',
  }),
  limit: z.coerce.number().int().min(1).max(reviewLimits.page).default(50),
});

export const reviewsResponseSchema = z
  .strictObject({
    reviews: z.array(reviewSchema),
    waiting: z
      .strictObject({
        count: z.number().int().min(0),
        more: z.boolean().meta({ description: 'There are more than `count`.' }),
      })
      .meta({ description: `Open reviews, counted up to ${reviewLimits.counted}.` }),
  })
  .meta({ id: 'ReviewsResponse' });

export const claimRequestSchema = z
  .strictObject({
    count: z.number().int().min(1).max(reviewLimits.claims).default(1),
    cause: cause.optional(),
  })
  .meta({ id: 'ClaimRequest' });

export const claimResponseSchema = z
  .strictObject({
    reviews: z.array(reviewSchema).meta({ description: 'Fewer than asked where fewer are free.' }),
  })
  .meta({ id: 'ClaimResponse' });

export const reviewActionSchema = z
  .discriminatedUnion('action', [
    z
      .strictObject({ action: z.literal('choose'), item: itemId, ...choiceFields })
      .meta({ id: 'ChooseAction' }),
    z.strictObject({ action: z.literal('skip'), ...choiceFields }).meta({ id: 'SkipAction' }),
    z.strictObject({ action: z.literal('undo') }).meta({ id: 'UndoAction' }),
    z.strictObject({ action: z.literal('claim') }).meta({ id: 'ClaimAction' }),
    z.strictObject({ action: z.literal('release') }).meta({ id: 'ReleaseAction' }),
  ])
  .meta({ id: 'ReviewAction' });

export const addReviewsRequestSchema = z
  .strictObject({
    reviews: z
      .array(
        z.strictObject({
          ticket: z.string().min(1).max(limits.idLength),
          cause,
          doubt: probability.meta({
            description:
              'How likely it is that the present label or answer is wrong; with the cause it gives the value.',
          }),
          label: itemId.optional(),
          suggestionId: z.uuid().optional(),
        }),
      )
      .min(1)
      .max(reviewLimits.added),
  })
  .meta({ id: 'AddReviewsRequest' });

export const addReviewsResponseSchema = z
  .strictObject({
    added: z.number().int().min(0),
    known: z.number().int().min(0).meta({ description: 'Already open for this ticket and cause.' }),
  })
  .meta({ id: 'AddReviewsResponse' });

export type ReviewBody = z.infer<typeof reviewSchema>;
export type ReviewsResponse = z.infer<typeof reviewsResponseSchema>;
export type ClaimRequest = z.input<typeof claimRequestSchema>;
export type ClaimResponse = z.infer<typeof claimResponseSchema>;
export type ReviewAction = z.input<typeof reviewActionSchema>;
export type AddReviewsRequest = z.input<typeof addReviewsRequestSchema>;
export type AddReviewsResponse = z.infer<typeof addReviewsResponseSchema>;

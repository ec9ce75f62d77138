/** What goes in and out of /v1/statistics: the manager's figures. Every list is also there as CSV. */
import { z } from 'zod';
import { itemRefSchema } from './schemas.js';

const count = z.number().int().min(0);
const share = z.number().min(0).max(1).nullable().meta({ description: 'null where nothing was counted.' });
const milliseconds = z.number().min(0).nullable();
const item = z.union([itemRefSchema, z.null()]);
const day = z.iso.date().meta({ example: '2026-11-24' });

/** Days are those of Beijing: a hotline's day, wherever the server's clock is. */
export const statisticsQuerySchema = z.strictObject({
  from: z.iso.date().optional().meta({ description: 'First day, China time; default: 30 days before `to`.' }),
  to: z.iso.date().optional().meta({ description: 'Last day, inclusive; default: today.' }),
  format: z.enum(['json', 'csv']).default('json'),
  by: z.enum(['item', 'day']).default('item').meta({ description: 'Of acceptance: per item or per day.' }),
  limit: z.coerce.number().int().min(1).max(2000).default(200),
  targetError: z.coerce.number().min(0).max(1).default(0.05).meta({ description: 'Of coverage.' }),
});

const choices = { shown: count, accepted: count, corrected: count, skipped: count, rate: share };
const span = { from: day, to: day };

export const acceptanceSchema = z
  .strictObject({
    ...span,
    rows: z.array(
      z.strictObject({
        day: day.nullable().meta({ description: 'With by=day, else null.' }),
        item: item.meta({ description: 'The decided item, with by=item.' }),
        ...choices,
      }),
    ),
  })
  .meta({
    id: 'AcceptanceStatistics',
    description:
      'rate = accepted / (accepted + corrected). Of several agents’ feedback on one suggestion the latest counts.',
  });

export const correctionsSchema = z
  .strictObject({
    ...span,
    rows: z.array(z.strictObject({ suggested: item, chosen: item, count })),
  })
  .meta({ id: 'CorrectionStatistics', description: 'Pairs of items, most frequent first.' });

export const timeSchema = z
  .strictObject({
    ...span,
    rows: z.array(z.strictObject({ day, count, median: milliseconds, p90: milliseconds })),
  })
  .meta({ id: 'TimeStatistics', description: 'Milliseconds from showing to choosing, per day.' });

export const modelsSchema = z
  .strictObject({
    ...span,
    rows: z.array(
      z.strictObject({
        model: z.string(),
        version: z.string(),
        ...choices,
        fallbacks: count,
        medianMilliseconds: milliseconds,
        first: z.iso.datetime(),
        last: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'ModelStatistics' });

const coveragePoint = z.strictObject({
  threshold: z.number().min(0).max(1),
  count,
  coverage: z.number().min(0).max(1),
  error: share,
});
export const coverageSchema = z
  .strictObject({
    ...span,
    targetError: z.number(),
    judged: count.meta({ description: 'Suggestions with a chosen item.' }),
    atTarget: z
      .union([coveragePoint, z.null()])
      .meta({ description: 'The most coverage whose error is at most the target; null where none is.' }),
    rows: z.array(coveragePoint),
  })
  .meta({
    id: 'CoverageStatistics',
    description:
      'If the first candidate were taken wherever its probability reaches the threshold: share taken, share wrong.',
  });

export const catchAllSchema = z
  .strictObject({
    ...span,
    rows: z.array(
      z.strictObject({
        item: item.meta({ description: 'The catch-all that was decided.' }),
        ...choices,
        fallbacks: count.meta({ description: 'Of the shown: climbed for want of confidence.' }),
        leaked: count.meta({ description: 'Corrected to a named item.' }),
        kept: count.meta({ description: 'Chosen by agents to lie in this catch-all, wherever suggested.' }),
        deserved: z
          .array(z.strictObject({ item: itemRefSchema, count }))
          .meta({ description: 'The named items they went to, at most five.' }),
      }),
    ),
  })
  .meta({ id: 'CatchAllStatistics' });

export const clustersSchema = z
  .strictObject({
    ...span,
    available: z.boolean().meta({
      description: 'false: no texts are stored (STORE_TEXT), and without them nothing can be compared.',
    }),
    looked: count.meta({ description: 'Tickets that were compared: the newest, 5,000 at the most.' }),
    rows: z.array(
      z.strictObject({
        count: count.meta({ description: 'Tickets.' }),
        voices: count.meta({ description: 'Of them those that do not repeat another’s text.' }),
        words: z.array(z.string()).meta({
          description: 'That a third of the voices share, three at the least; the weightiest first.',
        }),
        items: z
          .array(z.strictObject({ item: itemRefSchema, count }))
          .meta({ description: 'The catch-alls they lie in, most first.' }),
        first: z.iso.datetime(),
        last: z.iso.datetime(),
        earlier: count.meta({ description: 'In the first half of the time that was looked at.' }),
        later: count.meta({ description: 'In its second half: more than before is growing.' }),
        tickets: z
          .array(
            z
              .strictObject({
                id: z.string(),
                suggestionId: z.string(),
                title: z.string().nullable().meta({ description: 'Masked.' }),
              })
              .meta({ id: 'ClusterTicket' }),
          )
          .meta({ description: 'Examples, the most typical first.' }),
      }),
    ),
  })
  .meta({
    id: 'ClusterStatistics',
    description: 'Tickets in catch-alls that are alike, largest group first: items the tree may lack.',
  });

export type AcceptanceStatistics = z.infer<typeof acceptanceSchema>;
export type CorrectionStatistics = z.infer<typeof correctionsSchema>;
export type TimeStatistics = z.infer<typeof timeSchema>;
export type ModelStatistics = z.infer<typeof modelsSchema>;
export type CoverageStatistics = z.infer<typeof coverageSchema>;
export type CatchAllStatistics = z.infer<typeof catchAllSchema>;
export type ClusterStatistics = z.infer<typeof clustersSchema>;

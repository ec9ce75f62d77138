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

export type AcceptanceStatistics = z.infer<typeof acceptanceSchema>;
export type CorrectionStatistics = z.infer<typeof correctionsSchema>;
export type TimeStatistics = z.infer<typeof timeSchema>;
export type ModelStatistics = z.infer<typeof modelsSchema>;
export type CoverageStatistics = z.infer<typeof coverageSchema>;
export type CatchAllStatistics = z.infer<typeof catchAllSchema>;

/** /v1/statistics/shadow: where a candidate beside the current model differs, and which of the two agents sided with. */
import { z } from 'zod';
import { pairedTest } from '../decision/paired-test.js';
import type { ShadowComparison, ShadowPair } from '../store/shadow-answers.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { itemRefSchema } from './schemas.js';
import { itemColumns, refOf } from './statistics-answer.js';

const count = z.number().int().min(0);
const share = z.number().min(0).max(1);
const item = z.union([itemRefSchema, z.null()]);
const day = z.iso.date().meta({ example: '2026-11-24' });

const judged = {
  judged: count.meta({
    description: 'Tickets whose item an agent chose after reading; what was accepted in haste is not judged.',
  }),
  onlyCandidate: count.meta({ description: 'Only the candidate had decided what the agent chose.' }),
  onlyCurrent: count,
};

export const shadowSchema = z
  .strictObject({
    from: day,
    to: day,
    comparisons: z
      .array(
        z.strictObject({
          model: z.string(),
          version: z.string(),
          candidate: z.string(),
          candidateVersion: z.string(),
          compared: count.meta({ description: 'Tickets that both answered.' }),
          differ: count.meta({ description: 'Of them, decided another item.' }),
          ...judged,
          bothRight: count,
          currentFallbacks: count,
          candidateFallbacks: count,
          p: share.meta({
            description: 'Exact McNemar, two-sided: how often equals would differ this much.',
          }),
          pWorse: share.meta({ description: 'One-sided: how often an equal candidate would look this bad.' }),
          first: z.iso.datetime(),
          last: z.iso.datetime(),
        }),
      )
      .meta({ description: 'One per pair of versions, the latest first.' }),
    rows: z
      .array(
        z.strictObject({
          version: z.string(),
          candidateVersion: z.string(),
          current: item,
          candidate: item,
          count,
          currentProbability: share.meta({ description: 'Mean of the decisions’ probabilities.' }),
          candidateProbability: share,
          ...judged,
        }),
      )
      .meta({
        description: 'Pairs of items that the two decided for the same tickets, most frequent first.',
      }),
  })
  .meta({
    id: 'ShadowStatistics',
    description:
      'Agents saw the current model’s suggestions only: where they were unsure they leant to it, so that a tie speaks for the candidate.',
  });

export type ShadowStatistics = z.infer<typeof shadowSchema>;

export function presentShadow(
  taxonomy: Taxonomy,
  days: { readonly from: string; readonly to: string },
  comparisons: readonly ShadowComparison[],
  pairs: readonly ShadowPair[],
): ShadowStatistics {
  return {
    ...days,
    comparisons: comparisons.map(({ first, last, ...one }) => ({
      ...one,
      ...pairedTest(one.onlyCandidate, one.onlyCurrent),
      first: first.toISOString(),
      last: last.toISOString(),
    })),
    rows: pairs.map(({ current, candidate, ...one }) => ({
      ...one,
      current: refOf(taxonomy, current),
      candidate: refOf(taxonomy, candidate),
    })),
  };
}

export function shadowColumns(row: ShadowStatistics['rows'][number]) {
  return {
    现用版本: row.version,
    候选版本: row.candidateVersion,
    ...itemColumns('现用', row.current),
    ...itemColumns('候选', row.candidate),
    次数: row.count,
    现用平均概率: row.currentProbability,
    候选平均概率: row.candidateProbability,
    坐席选定: row.judged,
    只有候选对: row.onlyCandidate,
    只有现用对: row.onlyCurrent,
  };
}

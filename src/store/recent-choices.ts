/**
 * What agents chose lately for suggestions of one model, with the fingerprints of their tickets: what the memory of
 * corrections is filled from, by every server for itself.
 */
import { sql } from 'kysely';
import { weightOf } from './choice-weight.js';
import type { StoreContext } from './context.js';
import { chooses, type FeedbackKind } from './feedback-record.js';

/** The latest feedback of an agent on a suggestion. */
export interface RecentChoice {
  readonly suggestionId: string;
  readonly agent: string;
  /** null: nothing was chosen, or it was taken back. */
  readonly item: string | null;
  /** What the model alone had put first, before recent choices moved its answer; null: nothing. */
  readonly modelItem: string | null;
  /** See `weightOf`; 0 says nothing of the ticket. */
  readonly weight: number;
  readonly decidedAt: Date;
  readonly receivedAt: Date;
  readonly fingerprint: Uint8Array;
}

export interface RecentChoicesQuery {
  /** Fingerprints of different trainings cannot be compared. */
  readonly modelVersion: string;
  readonly taxonomyDigest: string;
  /** Received then or later. */
  readonly since: Date;
  /** At most so many, the latest received. */
  readonly limit: number;
}

interface Row {
  readonly suggestionId: string;
  readonly agent: string;
  readonly kind: FeedbackKind;
  readonly item: string | null;
  readonly modelItem: string | null;
  readonly decisionKind: 'specific' | 'fallback';
  readonly catchAll: boolean;
  readonly milliseconds: number | null;
  readonly decidedAt: Date;
  readonly receivedAt: Date;
  readonly fingerprint: Uint8Array;
}

/** @returns in the order they were received */
export async function recentChoices(
  { db }: StoreContext,
  { modelVersion, taxonomyDigest, since, limit }: RecentChoicesQuery,
): Promise<readonly RecentChoice[]> {
  const { rows } = await sql<Row>`
    select f.suggestion_id as "suggestionId", f.agent, f.kind, f.item,
      coalesce(s.model_item, s.top_item) as "modelItem", s.decision_kind as "decisionKind", s.catch_all as "catchAll", f.milliseconds,
      f.decided_at as "decidedAt", f.received_at as "receivedAt", s.fingerprint
    from feedback f join suggestions s on s.id = f.suggestion_id
    where f.received_at >= ${since} and s.fingerprint is not null
      and s.model_version = ${modelVersion} and s.taxonomy_digest = ${taxonomyDigest}
    order by f.received_at desc, f.suggestion_id desc, f.agent desc limit ${limit}`.execute(db);
  return rows.reverse().map((row) => {
    const { suggestionId, agent, modelItem, decidedAt, receivedAt, fingerprint } = row;
    const choice = chooses(row) && row.item !== null;
    return {
      ...{ suggestionId, agent, modelItem, decidedAt, receivedAt, fingerprint },
      item: choice ? row.item : null,
      weight: choice ? weightOf(row, row.catchAll) : 0,
    };
  });
}

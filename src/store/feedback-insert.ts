/**
 * Stores feedback that is new in one statement: joined with its suggestion, named by what was decided, and
 * the reviews closed that it settles. Most feedback is new, and of a busy server's time the round trips to
 * the database are the most.
 */
import { sql } from 'kysely';
import type { Executor } from './context.js';
import { chooses, type Feedback, fromFeedbackRow, type NewFeedback } from './feedback-record.js';
import type { FeedbackRow } from './tables.js';

/**
 * @param given normalised, with one entry for each suggestion and agent
 * @returns those that were stored; the others have something there already
 */
export async function insertNewFeedback(
  db: Executor,
  now: Date,
  given: readonly (NewFeedback & { readonly decidedAt: Date })[],
): Promise<readonly Feedback[]> {
  const rows = given.map(
    (one) =>
      sql`(${one.suggestionId}::uuid, ${one.agent}::text, ${one.kind}::text, ${one.item}::text, ${one.ticket}::text,
        ${one.decidedAt}::timestamptz, ${one.milliseconds}::integer, ${one.note}::text)`,
  );
  const choosing = given.filter(chooses).map(({ suggestionId }) => sql`${suggestionId}::uuid`);
  // By their ids, not by a join: the planner would read a queue of a million to find these few. Rows that are
  // locked are being closed by somebody; waiting for them could be waiting for each other.
  const settled =
    choosing.length === 0
      ? sql``
      : sql`, waiting as (
          select id, suggestion_id, claimed_by, claimed_until from reviews
          where suggestion_id in (${sql.join(choosing)}) and state = 'open' and cause = 'uncertain'
          for update skip locked
        ), settled as (
          update reviews r set state = 'done', chosen = s.item, closed_by = s.agent, closed_at = ${now},
            claimed_by = null, claimed_until = null
          from waiting w join stored s on s.suggestion_id = w.suggestion_id
          where r.id = w.id and s.kind in ('accepted', 'corrected')
            and (w.claimed_until is null or w.claimed_until <= ${now} or w.claimed_by = s.agent)
        )`;
  const { rows: stored } = await sql<FeedbackRow>`with
    given (suggestion_id, agent, kind, item, ticket, decided_at, milliseconds, note) as (values ${sql.join(rows)}),
    stored as (
      insert into feedback (suggestion_id, agent, kind, item, ticket, decided_at, received_at, milliseconds, note, matched)
      select g.suggestion_id, g.agent,
        case when s.id is null or g.kind not in ('accepted', 'corrected') then g.kind
          when coalesce(g.item, s.item) is not distinct from s.item then 'accepted' else 'corrected' end,
        case when g.kind in ('accepted', 'corrected') then coalesce(g.item, s.item) end,
        coalesce(s.ticket, g.ticket), g.decided_at, ${now}, g.milliseconds, g.note, s.id is not null
      from given g left join suggestions s on s.id = g.suggestion_id
      order by g.suggestion_id, g.agent
      on conflict (suggestion_id, agent) do nothing
      returning *
    ) ${settled}
    select * from stored`.execute(db);
  return stored.map(fromFeedbackRow);
}

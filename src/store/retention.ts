/** Deletes what is no longer needed. Labels (feedback with a ticket id, finished reviews' choices) and the audit stay. */
import { sql } from 'kysely';
import type { StoreContext } from './context.js';
import { matchFeedback } from './suggestions.js';

export interface RetentionRule {
  /** Days that suggestions and what a shadow said of them, unmatched feedback without a ticket, and skipped reviews are kept. */
  readonly days: number;
  /** Days that masked texts, notes and tickets' fingerprints are kept. */
  readonly textDays: number;
}

export const defaultRetention: RetentionRule = { days: 400, textDays: 90 };

export interface RetentionOutcome {
  readonly suggestions: number;
  readonly texts: number;
  readonly fingerprints: number;
  readonly feedback: number;
  readonly reviews: number;
  readonly shadowAnswers: number;
}

/** A statement deletes no more than this: locks stay short beside a working server. */
const together = 5_000;
const dayMs = 86_400_000;

export async function applyRetention(
  { db, now }: StoreContext,
  rule: RetentionRule = defaultRetention,
): Promise<RetentionOutcome> {
  const before = new Date(now().getTime() - rule.days * dayMs);
  const textBefore = new Date(now().getTime() - rule.textDays * dayMs);
  const repeat = async (statement: ReturnType<typeof sql>): Promise<number> => {
    for (let total = 0; ; ) {
      const changed = Number((await statement.execute(db)).numAffectedRows ?? 0);
      total += changed;
      if (changed < together) return total;
    }
  };
  const texts = await repeat(sql`update suggestions set title = null, body = null, evidence = null
    where id in (select id from suggestions where body is not null and shown_at < ${textBefore} limit ${together})`);
  const fingerprints = await repeat(sql`update suggestions set fingerprint = null
    where id in (select id from suggestions where fingerprint is not null and shown_at < ${textBefore} limit ${together})`);
  const notes = await repeat(sql`update feedback set note = null
    where (suggestion_id, agent) in (select suggestion_id, agent from feedback
      where note is not null and received_at < ${textBefore} limit ${together})`);
  const feedback = await repeat(sql`delete from feedback
    where (suggestion_id, agent) in (select suggestion_id, agent from feedback
      where received_at < ${before} and (ticket is null or item is null) limit ${together})`);
  const reviews = await repeat(sql`delete from reviews
    where id in (select id from reviews where created_at < ${before}
      and (state <> 'done' or suggestion_id is not null) limit ${together})`);
  const suggestions = await repeat(sql`delete from suggestions
    where id in (select id from suggestions where shown_at < ${before} limit ${together})`);
  const shadowAnswers = await repeat(sql`delete from shadow_answers
    where suggestion_id in (select suggestion_id from shadow_answers where answered_at < ${before} limit ${together})`);
  await db.deleteFrom('sessions').where('expires_at', '<', now()).execute();
  await db.deleteFrom('sign_in_links').where('expires_at', '<', now()).execute();
  return { suggestions, texts: texts + notes, fingerprints, feedback, reviews, shadowAnswers };
}

/**
 * Feedback that was stored in the same moment as its suggestion, by another transaction: neither saw the
 * other. @returns how many now count
 */
export async function matchLateFeedback({ db }: StoreContext): Promise<number> {
  return Number((await matchFeedback().execute(db)).numAffectedRows ?? 0);
}

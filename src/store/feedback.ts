/** Feedback: what an agent made of a suggestion. One per suggestion and agent; sending it again is safe. */
import { sql } from 'kysely';
import { type AuditNote, appendAudit } from './audit.js';
import { type Executor, type StoreContext, storable } from './context.js';
import { GroupCommit } from './group-commit.js';
import type { FeedbackRow } from './tables.js';

export type FeedbackKind = 'accepted' | 'corrected' | 'skipped' | 'withdrawn';

export interface NewFeedback {
  readonly suggestionId: string;
  readonly agent: string;
  readonly kind: FeedbackKind;
  /** Null: the decided item where it is accepted, none where nothing was chosen. */
  readonly item: string | null;
  readonly ticket: string | null;
  /** Null: now. */
  readonly decidedAt: Date | null;
  readonly milliseconds: number | null;
  /** Masked. */
  readonly note: string | null;
}

export interface Feedback extends NewFeedback {
  readonly decidedAt: Date;
  /** The suggestion is known. */
  readonly matched: boolean;
}

export type FeedbackOutcome = 'stored' | 'repeated' | 'replaced' | 'superseded';

export interface GivenFeedback {
  /** As it now counts. */
  readonly feedback: Feedback;
  readonly outcome: FeedbackOutcome;
}

/** 256 rows of ten columns are far from the 65,535 parameters of one statement, and a commit of some milliseconds. */
const mostTogether = 256;

export class FeedbackBook {
  readonly #context: StoreContext;
  readonly #commits: GroupCommit<NewFeedback, GivenFeedback>;

  constructor(context: StoreContext) {
    this.#context = context;
    this.#commits = new GroupCommit((given) => this.#write(given), mostTogether);
  }

  /** Resolves when it is committed. */
  give(feedback: NewFeedback): Promise<GivenFeedback> {
    return this.#commits.add(feedback);
  }

  async of(suggestionId: string): Promise<readonly Feedback[]> {
    const rows = await this.#context.db
      .selectFrom('feedback')
      .selectAll()
      .where('suggestion_id', '=', suggestionId)
      .orderBy('decided_at')
      .execute();
    return rows.map(fromRow);
  }

  settled(): Promise<void> {
    return this.#commits.settled();
  }

  async #write(given: readonly NewFeedback[]): Promise<readonly GivenFeedback[]> {
    const { db, now } = this.#context;
    return db.transaction().execute((transaction) => writeFeedback(transaction, now(), given));
  }
}

const keyOf = (suggestionId: string, agent: string) => `${suggestionId} ${agent}`;

/** Within the caller's transaction; a review writes its feedback by it. */
export async function writeFeedback(
  db: Executor,
  now: Date,
  given: readonly NewFeedback[],
): Promise<readonly GivenFeedback[]> {
  const ids = [...new Set(given.map(({ suggestionId }) => suggestionId))];
  const shown = new Map(
    (
      await db.selectFrom('suggestions').select(['id', 'item', 'ticket']).where('id', 'in', ids).execute()
    ).map((row) => [row.id, row]),
  );
  const present = new Map<string, Feedback>();
  for (const row of await db
    .selectFrom('feedback')
    .selectAll()
    .where('suggestion_id', 'in', ids)
    .orderBy('suggestion_id')
    .orderBy('agent')
    .forUpdate()
    .execute()) {
    present.set(keyOf(row.suggestion_id, row.agent), fromRow(row));
  }
  const changed = new Map<string, Feedback>();
  const notes: AuditNote[] = [];
  const answers = given.map((one): GivenFeedback => {
    const suggestion = shown.get(one.suggestionId);
    const next = settle(one, now, suggestion);
    const key = keyOf(next.suggestionId, next.agent);
    const before = present.get(key);
    if (before && isSame(before, next)) return { feedback: before, outcome: 'repeated' };
    if (before && before.decidedAt > next.decidedAt) return { feedback: before, outcome: 'superseded' };
    present.set(key, next);
    changed.set(key, next);
    if (!before) return { feedback: next, outcome: 'stored' };
    notes.push({
      actor: next.agent,
      action: 'feedback-replaced',
      subject: next.suggestionId,
      details: {
        before: { kind: before.kind, item: before.item, decidedAt: before.decidedAt.toISOString() },
        after: { kind: next.kind, item: next.item, decidedAt: next.decidedAt.toISOString() },
      },
    });
    return { feedback: next, outcome: 'replaced' };
  });
  if (changed.size > 0) {
    // In one order everywhere, so that two servers that write the same rows cannot wait for each other.
    const rows = [...changed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => toRow(one, now));
    await db
      .insertInto('feedback')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['suggestion_id', 'agent'])
          .doUpdateSet((update) => ({
            kind: update.ref('excluded.kind'),
            item: update.ref('excluded.item'),
            ticket: update.ref('excluded.ticket'),
            decided_at: update.ref('excluded.decided_at'),
            received_at: update.ref('excluded.received_at'),
            milliseconds: update.ref('excluded.milliseconds'),
            note: update.ref('excluded.note'),
            matched: update.ref('excluded.matched'),
          }))
          // Another server may have stored a later one since this transaction looked.
          .where(sql<boolean>`feedback.decided_at <= excluded.decided_at`),
      )
      .execute();
    await closeReviews(db, now, [...changed.values()]);
  }
  await appendAudit(db, now, notes);
  return answers;
}

/**
 * A ticket whose item was chosen need not be asked about again. One that somebody else has in hand is left
 * to them; one that is locked just now is being closed, and waiting for it could be waiting for each other.
 */
async function closeReviews(db: Executor, now: Date, given: readonly Feedback[]): Promise<void> {
  const chosen = given.filter(({ kind }) => kind === 'accepted' || kind === 'corrected');
  if (chosen.length === 0) return;
  const values = sql.join(
    chosen.map((one) => sql`(${one.suggestionId}::uuid, ${one.agent}::text, ${one.item}::text)`),
  );
  await sql`with chosen (suggestion_id, agent, item) as (values ${values}),
    settled as (
      select r.id from reviews r
      where r.state = 'open' and r.cause = 'uncertain' and exists (
        select 1 from chosen c where c.suggestion_id = r.suggestion_id
          and (r.claimed_until is null or r.claimed_until <= ${now} or r.claimed_by = c.agent))
      for update of r skip locked
    )
    update reviews r set state = 'done', chosen = c.item, closed_by = c.agent, closed_at = ${now},
      claimed_by = null, claimed_until = null
    from chosen c where c.suggestion_id = r.suggestion_id and r.id in (select id from settled)`.execute(db);
}

/** What really was decided names it: an "accepted" with another item is a correction, and the reverse. */
function settle(
  given: NewFeedback,
  now: Date,
  suggestion: { readonly item: string | null; readonly ticket: string } | undefined,
): Feedback {
  const chooses = given.kind === 'accepted' || given.kind === 'corrected';
  const decidedAt = given.decidedAt && given.decidedAt < now ? given.decidedAt : now;
  const item = chooses ? (given.item ?? suggestion?.item ?? null) : null;
  let { kind } = given;
  if (chooses && suggestion) kind = item === suggestion.item ? 'accepted' : 'corrected';
  return {
    ...given,
    suggestionId: given.suggestionId.toLowerCase(),
    agent: storable(given.agent),
    kind,
    item,
    ticket: suggestion?.ticket ?? (given.ticket === null ? null : storable(given.ticket)),
    decidedAt,
    note: given.note === null ? null : storable(given.note),
    matched: suggestion !== undefined,
  };
}

/** The same choice, whenever it was made: a retry without `decidedAt` gets a new time each. */
function isSame(a: Feedback, b: Feedback): boolean {
  return a.kind === b.kind && a.item === b.item && a.milliseconds === b.milliseconds && a.note === b.note;
}

function toRow(feedback: Feedback, now: Date): FeedbackRow {
  return {
    suggestion_id: feedback.suggestionId,
    agent: feedback.agent,
    kind: feedback.kind,
    item: feedback.item,
    ticket: feedback.ticket,
    decided_at: feedback.decidedAt,
    received_at: now,
    milliseconds: feedback.milliseconds,
    note: feedback.note,
    matched: feedback.matched,
  };
}

function fromRow(row: FeedbackRow): Feedback {
  return {
    suggestionId: row.suggestion_id,
    agent: row.agent,
    kind: row.kind as FeedbackKind,
    item: row.item,
    ticket: row.ticket,
    decidedAt: row.decided_at,
    milliseconds: row.milliseconds,
    note: row.note,
    matched: row.matched,
  };
}

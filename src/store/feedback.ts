/** Feedback: what an agent made of a suggestion. One per suggestion and agent; sending it again is safe. */
import { sql } from 'kysely';
import { type AuditNote, appendAudit } from './audit.js';
import type { Executor, StoreContext } from './context.js';
import { insertNewFeedback } from './feedback-insert.js';
import {
  chooses,
  type Feedback,
  fromFeedbackRow,
  type GivenFeedback,
  type NewFeedback,
  normalizeFeedback,
  toFeedbackRow,
} from './feedback-record.js';
import { GroupCommit } from './group-commit.js';

export type {
  Feedback,
  FeedbackKind,
  FeedbackOutcome,
  GivenFeedback,
  NewFeedback,
} from './feedback-record.js';

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
    return rows.map(fromFeedbackRow);
  }

  settled(): Promise<void> {
    return this.#commits.settled();
  }

  async #write(given: readonly NewFeedback[]): Promise<readonly GivenFeedback[]> {
    const { db, now } = this.#context;
    const at = now();
    const entries = given.map((one) => normalizeFeedback(one, at));
    const firsts = new Map<string, (typeof entries)[number]>();
    for (const one of entries) {
      const key = keyOf(one.suggestionId, one.agent);
      if (!firsts.has(key)) firsts.set(key, one);
    }
    const stored = new Map(
      (await insertNewFeedback(db, at, [...firsts.values()])).map((one) => [
        keyOf(one.suggestionId, one.agent),
        one,
      ]),
    );
    const isNew = (one: NewFeedback, key: string) => stored.has(key) && firsts.get(key) === one;
    const rest = entries.filter((one) => !isNew(one, keyOf(one.suggestionId, one.agent)));
    const settled =
      rest.length === 0
        ? []
        : await db.transaction().execute((transaction) => writeFeedback(transaction, at, rest));
    const others = settled.values();
    return entries.map((one): GivenFeedback => {
      const key = keyOf(one.suggestionId, one.agent);
      return isNew(one, key) ? { feedback: stored.get(key)!, outcome: 'stored' } : others.next().value!;
    });
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
    present.set(keyOf(row.suggestion_id, row.agent), fromFeedbackRow(row));
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
    const rows = [...changed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => toFeedbackRow(one, now));
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
  const chosen = new Map(given.filter(chooses).map((one) => [one.suggestionId, one]));
  if (chosen.size === 0) return;
  const open = await db
    .selectFrom('reviews')
    .select(['id', 'suggestion_id', 'claimed_by', 'claimed_until'])
    .where('suggestion_id', 'in', [...chosen.keys()])
    // A literal, so that the planner knows that the partial index fits.
    .where('state', '=', sql.lit('open'))
    .where('cause', '=', 'uncertain')
    .forUpdate()
    .skipLocked()
    .execute();
  const settled = open.flatMap(({ id, suggestion_id, claimed_by, claimed_until }) => {
    const { agent, item } = chosen.get(suggestion_id!)!;
    const isOthers = claimed_by !== agent && claimed_until !== null && claimed_until > now;
    return isOthers ? [] : [sql`(${id}::uuid, ${agent}::text, ${item}::text)`];
  });
  if (settled.length === 0) return;
  await sql`update reviews r set state = 'done', chosen = c.item, closed_by = c.agent, closed_at = ${now},
      claimed_by = null, claimed_until = null
    from (values ${sql.join(settled)}) c (id, agent, item) where r.id = c.id`.execute(db);
}

/** What really was decided names it: an "accepted" with another item is a correction, and the reverse. */
function settle(
  given: NewFeedback,
  now: Date,
  suggestion: { readonly item: string | null; readonly ticket: string } | undefined,
): Feedback {
  const entry = normalizeFeedback(given, now);
  if (!suggestion) return { ...entry, matched: false };
  const { ticket } = suggestion;
  if (!chooses(entry)) return { ...entry, ticket, matched: true };
  const item = entry.item ?? suggestion.item;
  return {
    ...entry,
    kind: item === suggestion.item ? 'accepted' : 'corrected',
    item,
    ticket,
    matched: true,
  };
}

/** The same choice, whenever it was made: a retry without `decidedAt` gets a new time each. */
function isSame(a: Feedback, b: Feedback): boolean {
  return a.kind === b.kind && a.item === b.item && a.milliseconds === b.milliseconds && a.note === b.note;
}

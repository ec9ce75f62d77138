/** Reviews: the queue of tickets that a person's choice is worth most for, and who has which in hand. */
import { type Selectable, sql, type Updateable } from 'kysely';
import { DuihaoError } from '../errors.js';
import { appendAudit } from './audit.js';
import { type Executor, type StoreContext, storable } from './context.js';
import { writeFeedback } from './feedback.js';
import { type ReviewCause, reviewValue } from './review-value.js';
import { readCandidates, type StoredCandidate, writeCandidates } from './suggestions.js';
import type { ReviewRow } from './tables.js';
import { timeOrderedId } from './time-ordered-id.js';

export type ReviewState = 'open' | 'done' | 'skipped';

export interface NewReview {
  readonly ticket: string;
  readonly cause: ReviewCause;
  /** How likely it is that the present answer or label is wrong. */
  readonly doubt: number;
  /** Item id that the archive or the table has. */
  readonly label: string | null;
  readonly suggestionId: string | null;
  /** What the model makes of it where no suggestion tells; best first. */
  readonly candidates?: readonly StoredCandidate[];
}

export interface ReviewClaim {
  readonly agent: string;
  readonly until: Date;
}

export interface Review {
  readonly id: string;
  readonly cause: ReviewCause;
  readonly value: number;
  readonly state: ReviewState;
  readonly ticket: string;
  readonly suggestionId: string | null;
  readonly label: string | null;
  /** Empty where the suggestion has them. */
  readonly candidates: readonly StoredCandidate[];
  readonly createdAt: Date;
  /** Null where nobody holds it (any more). */
  readonly claim: ReviewClaim | null;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly chosen: string | null;
  readonly note: string | null;
  readonly milliseconds: number | null;
}

export interface ReviewChoice {
  /** Null: skipped. */
  readonly item: string | null;
  /** Masked. */
  readonly note: string | null;
  readonly milliseconds: number | null;
}

/** Long enough to read a ticket and ask a colleague; short enough that a closed laptop keeps nobody waiting. */
export const claimMs = 10 * 60_000;

/** Rows of one statement; PostgreSQL takes 65,535 parameters. */
const together = 500;

export class Reviews {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** @returns how many were not in the queue already. */
  async add(reviews: readonly NewReview[]): Promise<number> {
    if (reviews.length === 0) return 0;
    const { db, now } = this.#context;
    const at = now();
    const added = await db
      .insertInto('reviews')
      .values(
        reviews.map(({ ticket, cause, doubt, label, suggestionId, candidates = [] }) => ({
          id: timeOrderedId(at.getTime()),
          cause,
          value: reviewValue(cause, doubt),
          state: 'open',
          ticket: storable(ticket),
          suggestion_id: suggestionId,
          label,
          candidates: candidates.length > 0 ? writeCandidates(candidates) : null,
          created_at: at,
        })),
      )
      .onConflict((conflict) => conflict.columns(['ticket', 'cause']).where('state', '=', 'open').doNothing())
      .returning('id')
      .execute();
    return added.length;
  }

  /**
   * For what is found anew at every look: a ticket that has been in the queue for this cause, open or closed,
   * is not asked about again. Each comes with the latest suggestion for its ticket, where there is one.
   * @returns how many are new in the queue
   */
  async addOnce(reviews: readonly NewReview[]): Promise<number> {
    let added = 0;
    for (let start = 0; start < reviews.length; start += together) {
      const some = reviews.slice(start, start + together);
      const tickets = some.map(({ ticket }) => storable(ticket));
      const seen = new Map<ReviewCause, ReadonlySet<string>>();
      for (const cause of new Set(some.map((one) => one.cause)))
        seen.set(cause, await this.known(cause, tickets));
      const shown = await this.#context.db
        .selectFrom('suggestions')
        .distinctOn('ticket')
        .select(['ticket', 'id'])
        .where('ticket', 'in', tickets)
        .orderBy('ticket')
        .orderBy('shown_at', 'desc')
        .execute();
      const latest = new Map(shown.map(({ ticket, id }) => [ticket, id]));
      added += await this.add(
        some
          .filter(({ ticket, cause }) => !seen.get(cause)!.has(storable(ticket)))
          .map((one) => ({
            ...one,
            suggestionId: one.suggestionId ?? latest.get(storable(one.ticket)) ?? null,
          })),
      );
    }
    return added;
  }

  /** Those of the tickets that have been in the queue for this cause, open or closed. */
  async known(cause: ReviewCause, tickets: readonly string[]): Promise<ReadonlySet<string>> {
    if (tickets.length === 0) return new Set();
    const rows = await this.#context.db
      .selectFrom('reviews')
      .select('ticket')
      .where('cause', '=', cause)
      .where('ticket', 'in', tickets.map(storable))
      .execute();
    return new Set(rows.map(({ ticket }) => ticket));
  }

  /** Free to claim, best first. */
  async waiting(limit: number, cause?: ReviewCause): Promise<readonly Review[]> {
    const rows = await this.#free(this.#context.db, limit, cause).selectAll().execute();
    return rows.map((row) => this.#fromRow(row));
  }

  /** How many are free, counted no further than `most + 1`: an exact count of a long queue is slow. */
  async countWaiting(most: number, cause?: ReviewCause): Promise<number> {
    const { db } = this.#context;
    const { count } = await db
      .selectFrom(
        this.#free(db, most + 1, cause)
          .select('id')
          .as('some'),
      )
      .select((select) => select.cast<number>(select.fn.countAll(), 'integer').as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Those an agent has in hand, best first. */
  async claimedBy(agent: string, limit: number): Promise<readonly Review[]> {
    const { db, now } = this.#context;
    const rows = await db
      .selectFrom('reviews')
      .selectAll()
      .where('state', '=', 'open')
      .where('claimed_by', '=', agent)
      .where('claimed_until', '>', now())
      .orderBy('value', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => this.#fromRow(row));
  }

  /** Those an agent closed, latest first. */
  async closedBy(agent: string, limit: number): Promise<readonly Review[]> {
    const rows = await this.#context.db
      .selectFrom('reviews')
      .selectAll()
      .where('state', '<>', 'open')
      .where('closed_by', '=', agent)
      .orderBy('closed_at', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => this.#fromRow(row));
  }

  /**
   * Takes the best free ones. Rows that another agent is just taking are passed over, so that two who ask
   * at once neither get the same nor wait for each other.
   */
  async claim(agent: string, count: number, cause?: ReviewCause): Promise<readonly Review[]> {
    const { db, now } = this.#context;
    const rows = await db
      // Materialised: the planner may run a subquery once per row, and each time it finds the next ones.
      .with(
        (cte) => cte('best').materialized(),
        () => this.#free(db, count, cause).select('id').forUpdate().skipLocked(),
      )
      .updateTable('reviews')
      .set({ claimed_by: agent, claimed_until: this.#claimEnd() })
      .where('id', 'in', (select) => select.selectFrom('best').select('best.id'))
      // A second look at the row as it is now, where the first saw a snapshot.
      .where('state', '=', 'open')
      .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now())]))
      .returningAll()
      .execute();
    return rows.map((row) => this.#fromRow(row)).sort((a, b) => b.value - a.value || (a.id < b.id ? -1 : 1));
  }

  /**
   * Takes a certain one, or holds it for longer.
   * @throws DuihaoError `review-unknown`, `review-closed`, `review-claimed`
   */
  async claimOne(id: string, agent: string): Promise<Review> {
    return this.#context.db.transaction().execute(async (transaction) => {
      this.#mayWork(await this.#locked(transaction, id), agent);
      return this.#update(transaction, id, { claimed_by: agent, claimed_until: this.#claimEnd() });
    });
  }

  /**
   * Gives it back to the queue.
   * @throws DuihaoError `review-unknown`, `review-closed`, `review-claimed`
   */
  async release(id: string, agent: string): Promise<Review> {
    return this.#context.db.transaction().execute(async (transaction) => {
      this.#mayWork(await this.#locked(transaction, id), agent);
      return this.#update(transaction, id, { claimed_by: null, claimed_until: null });
    });
  }

  /**
   * Closes it with an item, or skips it; a review of a suggestion also gives feedback on that.
   * Sending the same choice again changes nothing.
   * @throws DuihaoError `review-unknown`, `review-closed`, `review-claimed`
   */
  async close(id: string, agent: string, choice: ReviewChoice): Promise<Review> {
    const { db, now } = this.#context;
    return db.transaction().execute(async (transaction) => {
      const before = await this.#locked(transaction, id);
      const isRetry = before.state !== 'open' && before.closedBy === agent && before.chosen === choice.item;
      if (isRetry) return before;
      this.#mayWork(before, agent);
      const at = now();
      const after = await this.#update(transaction, id, {
        state: choice.item === null ? 'skipped' : 'done',
        chosen: choice.item,
        note: choice.note === null ? null : storable(choice.note),
        milliseconds: choice.milliseconds,
        closed_at: at,
        closed_by: agent,
        claimed_by: null,
        claimed_until: null,
      });
      if (before.suggestionId !== null) {
        await writeFeedback(transaction, at, [
          {
            suggestionId: before.suggestionId,
            agent,
            kind: choice.item === null ? 'skipped' : 'corrected',
            item: choice.item,
            ticket: before.ticket,
            decidedAt: null,
            milliseconds: choice.milliseconds,
            note: choice.note,
          },
        ]);
      }
      await appendAudit(transaction, at, [
        {
          actor: agent,
          action: choice.item === null ? 'review-skipped' : 'review-chosen',
          subject: id,
          details: { cause: before.cause, item: choice.item },
        },
      ]);
      return after;
    });
  }

  /**
   * Opens it again, in the hands of whoever closed it, and takes the feedback it gave back.
   * @throws DuihaoError `review-unknown`, `review-not-closed`, `review-not-yours`
   */
  async undo(id: string, agent: string): Promise<Review> {
    const { db, now } = this.#context;
    return db.transaction().execute(async (transaction) => {
      const before = await this.#locked(transaction, id);
      if (before.state === 'open')
        throw refusal('review-not-closed', id, 'is open: there is nothing to undo');
      if (before.closedBy !== agent) throw refusal('review-not-yours', id, 'was closed by somebody else');
      const again = await transaction
        .selectFrom('reviews')
        .select('id')
        .where('ticket', '=', before.ticket)
        .where('cause', '=', before.cause)
        .where('state', '=', 'open')
        .executeTakeFirst();
      // The ticket has come into the queue anew since: that one takes the place, as this one would.
      if (again) throw refusal('review-not-closed', id, `has been opened anew as ${again.id}`);
      const at = now();
      const after = await this.#update(transaction, id, {
        state: 'open',
        chosen: null,
        note: null,
        milliseconds: null,
        closed_at: null,
        closed_by: null,
        claimed_by: agent,
        claimed_until: this.#claimEnd(),
      });
      if (before.suggestionId !== null) {
        await writeFeedback(transaction, at, [
          {
            suggestionId: before.suggestionId,
            agent,
            kind: 'withdrawn',
            item: null,
            ticket: before.ticket,
            decidedAt: null,
            milliseconds: null,
            note: null,
          },
        ]);
      }
      await appendAudit(transaction, at, [
        { actor: agent, action: 'review-undone', subject: id, details: { item: before.chosen } },
      ]);
      return after;
    });
  }

  /** In the order of the index `reviews_queue`, so that a page is read without sorting. */
  #free(db: Executor, limit: number, cause: ReviewCause | undefined) {
    const now = this.#context.now();
    let query = db
      .selectFrom('reviews')
      // As literals: a generic plan for a parameter could not prove that the partial index fits.
      .where('state', '=', sql.lit('open'))
      .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now)]));
    if (cause) query = query.where('cause', '=', cause);
    return query.orderBy('value', 'desc').orderBy('id').limit(limit);
  }

  async #locked(db: Executor, id: string): Promise<Review> {
    const row = await db
      .selectFrom('reviews')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!row) {
      throw new DuihaoError('not-found', 'review-unknown', `there is no review ${id}`, { id });
    }
    return this.#fromRow(row);
  }

  async #update(db: Executor, id: string, change: Updateable<ReviewRow>): Promise<Review> {
    const row = await db
      .updateTable('reviews')
      .set(change)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return this.#fromRow(row);
  }

  #mayWork(review: Review, agent: string): void {
    if (review.state !== 'open') throw refusal('review-closed', review.id, 'is closed');
    if (review.claim && review.claim.agent !== agent)
      throw refusal('review-claimed', review.id, 'is in the hands of another agent');
  }

  #claimEnd(): Date {
    return new Date(this.#context.now().getTime() + claimMs);
  }

  #fromRow(row: Selectable<ReviewRow>): Review {
    const held =
      row.claimed_by !== null && row.claimed_until !== null && row.claimed_until > this.#context.now();
    return {
      id: row.id,
      cause: row.cause as ReviewCause,
      value: row.value,
      state: row.state as ReviewState,
      ticket: row.ticket,
      suggestionId: row.suggestion_id,
      label: row.label,
      candidates: readCandidates(row.candidates),
      createdAt: row.created_at,
      claim: held ? { agent: row.claimed_by!, until: row.claimed_until! } : null,
      closedAt: row.closed_at,
      closedBy: row.closed_by,
      chosen: row.chosen,
      note: row.note,
      milliseconds: row.milliseconds,
    };
  }
}

function refusal(code: string, id: string, what: string): DuihaoError {
  return new DuihaoError('conflict', code, `review ${id} ${what}`, { id });
}

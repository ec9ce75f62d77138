/** Suggestions shown, feedback, reviews and model events. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table suggestions (
    id uuid primary key,
    ticket text not null,
    model text not null,
    model_version text not null,
    taxonomy_digest text not null,
    decision_kind text not null check (decision_kind in ('specific', 'fallback')),
    item text,
    under text,
    reason text,
    probability double precision not null,
    top_item text,
    top_probability double precision,
    candidates jsonb not null,
    catch_all boolean not null,
    shown_at timestamptz not null,
    text_hash text not null,
    title text,
    body text,
    evidence jsonb
  )`.execute(db);
  await sql`create index suggestions_shown_at on suggestions (shown_at)`.execute(db);
  await sql`create index suggestions_ticket on suggestions (ticket)`.execute(db);
  // For the retention of texts: without it every run would read the whole table.
  await sql`create index suggestions_with_text on suggestions (shown_at) where body is not null`.execute(db);

  // No foreign key: feedback may come before its suggestion, and outlives it.
  await sql`create table feedback (
    suggestion_id uuid not null,
    agent text not null,
    kind text not null check (kind in ('accepted', 'corrected', 'skipped', 'withdrawn')),
    item text,
    ticket text,
    decided_at timestamptz not null,
    received_at timestamptz not null,
    milliseconds integer,
    note text,
    matched boolean not null,
    primary key (suggestion_id, agent)
  )`.execute(db);
  await sql`create index feedback_received_at on feedback (received_at)`.execute(db);
  await sql`create index feedback_unmatched on feedback (received_at) where not matched`.execute(db);

  await sql`create table reviews (
    id uuid primary key,
    cause text not null check (cause in ('uncertain', 'table-disagrees', 'likely-mislabelled', 'new-cluster')),
    value double precision not null,
    state text not null check (state in ('open', 'done', 'skipped')),
    ticket text not null,
    suggestion_id uuid,
    label text,
    created_at timestamptz not null,
    claimed_by text,
    claimed_until timestamptz,
    closed_at timestamptz,
    closed_by text,
    chosen text,
    note text,
    milliseconds integer
  )`.execute(db);
  // The queue, in its order: a page is read from the start of the index, however long the queue is.
  await sql`create index reviews_queue on reviews (value desc, id) where state = 'open'`.execute(db);
  await sql`create index reviews_queue_of_cause on reviews (cause, value desc, id) where state = 'open'`.execute(
    db,
  );
  await sql`create unique index reviews_open_once on reviews (ticket, cause) where state = 'open'`.execute(
    db,
  );
  await sql`create index reviews_of_suggestion on reviews (suggestion_id) where state = 'open'`.execute(db);
  await sql`create index reviews_claimed on reviews (claimed_by) where state = 'open' and claimed_by is not null`.execute(
    db,
  );
  await sql`create index reviews_closed on reviews (closed_by, closed_at desc) where state <> 'open'`.execute(
    db,
  );

  await sql`create table model_events (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    event text not null check (event in ('loaded', 'promoted', 'rolled-back')),
    model text not null,
    model_version text not null,
    taxonomy_digest text not null,
    actor text not null,
    reason text
  )`.execute(db);
}

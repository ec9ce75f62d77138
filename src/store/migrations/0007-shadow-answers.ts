/** What a candidate beside the current model said of the same tickets. No text, and no foreign key: it may come first. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table shadow_answers (
    suggestion_id uuid primary key,
    model text not null,
    model_version text not null,
    taxonomy_digest text not null,
    decision_kind text not null check (decision_kind in ('specific', 'fallback')),
    item text,
    probability double precision not null,
    top_item text,
    top_probability double precision,
    answered_at timestamptz not null
  )`.execute(db);
  await sql`create index shadow_answers_answered_at on shadow_answers (answered_at)`.execute(db);
}

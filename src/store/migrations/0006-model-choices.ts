/** Promotions and rollbacks are kept once, however many servers notice them. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table model_events add column chosen_at timestamptz`.execute(db);
  await sql`create unique index model_events_chosen_once on model_events (model, model_version, chosen_at)
    where chosen_at is not null`.execute(db);
}

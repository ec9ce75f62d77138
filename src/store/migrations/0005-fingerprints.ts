/** What a suggestion's ticket is found again by when a similar one comes: see recent-choices.ts. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table suggestions add column fingerprint bytea`.execute(db);
  // For the retention: without it every run would read the whole table.
  await sql`create index suggestions_with_fingerprint on suggestions (shown_at) where fingerprint is not null`.execute(
    db,
  );
}

/** For the search for clusters: the newest tickets in catch-alls, without reading all the others. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index suggestions_in_catch_all on suggestions (shown_at) where catch_all and body is not null`.execute(
    db,
  );
}

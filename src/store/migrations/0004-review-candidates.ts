/** What the model makes of a ticket that is reviewed without a suggestion having been shown for it. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // [item id, probability] best first, as in suggestions; null where there are none.
  await sql`alter table reviews add column candidates jsonb`.execute(db);
}

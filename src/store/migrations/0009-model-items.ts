/** What the model alone had put first, where recent choices moved the answer. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Empty where it had no candidate; null: the answer is the model's own.
  await sql`alter table suggestions add column model_item text`.execute(db);
}

/** Brings a database to the state this version knows. The same migrations run on both databases. */
import { type Kysely, type Migration, Migrator } from 'kysely';
import { DuihaoError } from '../errors.js';
import * as workplace from './migrations/0001-workplace.js';
import * as accounts from './migrations/0002-accounts.js';
import * as audit from './migrations/0003-audit.js';
import * as reviewCandidates from './migrations/0004-review-candidates.js';
import * as fingerprints from './migrations/0005-fingerprints.js';
import * as modelChoices from './migrations/0006-model-choices.js';
import * as shadowAnswers from './migrations/0007-shadow-answers.js';
import * as catchAllTickets from './migrations/0008-catch-all-tickets.js';
import * as modelItems from './migrations/0009-model-items.js';
import type { Tables } from './tables.js';

/** In order; a migration that was released is never changed, another one is added. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-workplace': workplace,
  '0002-accounts': accounts,
  '0003-audit': audit,
  '0004-review-candidates': reviewCandidates,
  '0005-fingerprints': fingerprints,
  '0006-model-choices': modelChoices,
  '0007-shadow-answers': shadowAnswers,
  '0008-catch-all-tickets': catchAllTickets,
  '0009-model-items': modelItems,
};

/**
 * All of them in one transaction, under a lock that keeps a second server out.
 * @returns the names of those that ran
 * @throws DuihaoError `migration-failed`, `database-newer`
 */
export async function migrate(db: Kysely<Tables>, schema: string): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableSchema: schema,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    if (error instanceof Error && /missing|corrupted/.test(error.message)) {
      throw new DuihaoError(
        'conflict',
        'database-newer',
        'the database was made by a newer version of Duihao; start that version, or restore a backup',
        {},
        { cause: error },
      );
    }
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
    throw new DuihaoError(
      'corrupt',
      'migration-failed',
      `migration ${failed ?? ''} failed; the database is as it was before`,
      { migration: failed ?? null },
      { cause: error },
    );
  }
  return (results ?? []).map(({ migrationName }) => migrationName);
}

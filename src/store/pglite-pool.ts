/** PGlite as the pool that Kysely's PostgreSQL dialect expects: one connection, handed to one at a time. */
import type { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient } from 'kysely';

/**
 * PGlite has a single session: a query of somebody else between `begin` and `commit` would belong to that
 * transaction. So whoever takes the connection has it alone until it is given back.
 */
export function pglitePool(open: () => Promise<PGlite>, close: () => void): PostgresPool {
  let opened: Promise<PGlite> | undefined;
  let last: Promise<void> = Promise.resolve();
  return {
    async connect() {
      opened ??= open();
      const before = last;
      let done!: () => void;
      last = new Promise((resolve) => {
        done = resolve;
      });
      await before;
      try {
        return connection(await opened, done);
      } catch (error) {
        done();
        throw error;
      }
    },
    async end() {
      await last;
      await (await opened?.catch(() => undefined))?.close();
      close();
    },
  };
}

function connection(database: PGlite, release: () => void): PostgresPoolClient {
  const query = async (sql: string, parameters: readonly unknown[]) => {
    const { rows, affectedRows } = await database.query(sql, [...parameters]);
    // Kysely asks for the count of commands that change something, by their name.
    const command = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase();
    return { command, rowCount: affectedRows ?? 0, rows };
  };
  return { query, release } as unknown as PostgresPoolClient;
}

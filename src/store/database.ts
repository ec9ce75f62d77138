/** Opens the database: PGlite in a folder or in memory, or PostgreSQL. Above this file nobody knows which. */
import { join } from 'node:path';
import { CompiledQuery, Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { DuihaoError } from '../errors.js';
import { log } from '../log.js';
import { lockFolder } from './folder-lock.js';
import { pglitePool } from './pglite-pool.js';
import type { Tables } from './tables.js';

export type StoreLocation =
  | { readonly kind: 'folder'; readonly folder: string }
  /** Gone when it is closed; for tests. */
  | { readonly kind: 'memory' }
  | { readonly kind: 'postgres'; readonly url: string };

export interface Database {
  readonly db: Kysely<Tables>;
  readonly kind: StoreLocation['kind'];
  readonly schema: string;
  close(): Promise<void>;
}

/** A schema of its own, so that a database can be shared and a test can have a fresh one. */
export const defaultSchema = 'duihao';

/** `postgres://…` or a folder. */
export function readLocation(text: string): StoreLocation {
  return /^postgres(ql)?:\/\//.test(text)
    ? { kind: 'postgres', url: text }
    : { kind: 'folder', folder: text };
}

/** @throws DuihaoError `store-locked`, `store-unavailable`, `store-damaged` */
export async function openDatabase(
  location: StoreLocation,
  schema: string = defaultSchema,
): Promise<Database> {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new Error(`not a schema's name: ${schema}`);
  const pool =
    location.kind === 'postgres' ? await postgresPool(location.url, schema) : await localPool(location);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await db.executeQuery(CompiledQuery.raw(`create schema if not exists ${schema}`));
    if (location.kind !== 'postgres')
      await db.executeQuery(CompiledQuery.raw(`set search_path to ${schema}`));
  } catch (error) {
    await db.destroy().catch(() => {});
    throw error;
  }
  return { db, kind: location.kind, schema, close: () => db.destroy() };
}

async function localPool(location: Exclude<StoreLocation, { kind: 'postgres' }>): Promise<PostgresPool> {
  const lock = location.kind === 'folder' ? lockFolder(location.folder) : undefined;
  return pglitePool(
    async () => {
      // Loaded when it is used: it costs memory that a server on PostgreSQL does not need.
      const { PGlite } = await import('@electric-sql/pglite');
      try {
        return await (location.kind === 'folder'
          ? PGlite.create(join(location.folder, 'database'))
          : PGlite.create());
      } catch (error) {
        throw new DuihaoError(
          'corrupt',
          'store-damaged',
          'the database in the data folder does not open; restore a backup of the folder',
          location.kind === 'folder' ? { folder: location.folder } : {},
          { cause: error },
        );
      }
    },
    () => lock?.release(),
  );
}

async function postgresPool(url: string, schema: string): Promise<PostgresPool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    // A query that takes longer is a fault, and would hold up everybody behind it.
    options: `-c search_path=${schema} -c statement_timeout=60000`,
    application_name: 'duihao',
  });
  // An idle connection that breaks must not end the process: the next query opens another.
  const broken = (error: NodeJS.ErrnoException) => log.warn({ code: error.code }, 'database connection');
  pool.on('error', broken);
  pool.on('connect', (client) => client.on('error', broken));
  return {
    async connect() {
      const client = await pool.connect().catch((error) => {
        throw unavailable(error);
      });
      let usable = true;
      return {
        query: (sql: string, parameters: readonly unknown[]) =>
          client.query(sql, [...parameters]).catch((error) => {
            if (!isConnectionFailure(error)) throw error;
            usable = false;
            throw unavailable(error);
          }),
        release: () => client.release(!usable),
      } as never;
    },
    end: () => pool.end(),
  };
}

/** Classes of SQLSTATE for broken connections, lack of resources and shutdown; and the socket's own codes. */
function isConnectionFailure(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return /^(08|53|57P)/.test(code) || /^E[A-Z]+$/.test(code);
  return typeof message === 'string' && /connection/i.test(message);
}

function unavailable(cause: unknown): DuihaoError {
  const { code } = (cause ?? {}) as { code?: unknown };
  return new DuihaoError(
    'unavailable',
    'store-unavailable',
    'the database does not answer; nothing was stored',
    { cause: typeof code === 'string' ? code : null },
    { cause },
  );
}

/** What every part of the store works with. */
import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.js';

export interface StoreContext {
  readonly db: Kysely<Tables>;
  /** The clock; another one in tests. */
  readonly now: () => Date;
}

/** Inside a transaction or outside of one. */
export type Executor = Kysely<Tables> | Transaction<Tables>;

/** PostgreSQL's text takes neither NUL nor halves of surrogate pairs; a caller's id may hold both. */
export const storable = (text: string): string => text.replace(/\p{Surrogate}|\0/gu, '\ufffd');

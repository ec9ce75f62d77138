/** API keys of programs: kept as hashes, shown once. */
import { DuihaoError } from '../errors.js';
import type { Role } from './accounts.js';
import { appendAudit } from './audit.js';
import { type StoreContext, storable } from './context.js';
import { hashToken, newToken } from './passwords.js';
import type { ApiKeyRow } from './tables.js';
import { timeOrderedId } from './time-ordered-id.js';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The first characters, to recognise it. */
  readonly start: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly revokedAt: Date | null;
}

/** So that a key in a log or a repository is recognised by scanners. */
const prefix = 'dh_';

export class ApiKeys {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async add(
    name: string,
    role: Role,
    actor: string,
  ): Promise<{ readonly key: ApiKey; readonly secret: string }> {
    const { db, now } = this.#context;
    const secret = `${prefix}${newToken()}`;
    const at = now();
    const row: ApiKeyRow = {
      id: timeOrderedId(at.getTime()),
      name: storable(name),
      role,
      hash: hashToken(secret),
      start: secret.slice(0, 8),
      created_at: at,
      created_by: actor,
      revoked_at: null,
    };
    await db.transaction().execute(async (transaction) => {
      await transaction.insertInto('api_keys').values(row).execute();
      await appendAudit(transaction, at, [
        { actor, action: 'key-added', subject: row.id, details: { name, role } },
      ]);
    });
    return { key: fromRow(row), secret };
  }

  /** Latest first, revoked ones too. */
  async list(limit = 500): Promise<readonly ApiKey[]> {
    const rows = await this.#context.db
      .selectFrom('api_keys')
      .selectAll()
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute();
    return rows.map(fromRow);
  }

  /** Revoking twice changes nothing. @throws DuihaoError `key-unknown` */
  async revoke(id: string, actor: string): Promise<ApiKey> {
    const { db, now } = this.#context;
    return db.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('api_keys')
        .selectAll()
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      if (!row) throw new DuihaoError('not-found', 'key-unknown', `there is no key ${id}`, { id });
      if (row.revoked_at) return fromRow(row);
      const revokedAt = now();
      await transaction.updateTable('api_keys').set({ revoked_at: revokedAt }).where('id', '=', id).execute();
      await appendAudit(transaction, revokedAt, [
        { actor, action: 'key-revoked', subject: id, details: { name: row.name } },
      ]);
      return fromRow({ ...row, revoked_at: revokedAt });
    });
  }

  /** The key that a secret opens; undefined where it is unknown or revoked. */
  async check(secret: string): Promise<ApiKey | undefined> {
    if (!secret.startsWith(prefix) || secret.length > 100) return undefined;
    const row = await this.#context.db
      .selectFrom('api_keys')
      .selectAll()
      .where('hash', '=', hashToken(secret))
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return row && fromRow(row);
  }
}

function fromRow(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    start: row.start,
    createdAt: row.created_at,
    createdBy: row.created_by,
    revokedAt: row.revoked_at,
  };
}

/** Accounts: who may sign in, and the one-time links by which they set their password. */
import { type Selectable, sql } from 'kysely';
import { DuihaoError } from '../errors.js';
import { appendAudit } from './audit.js';
import { type Executor, type StoreContext, storable } from './context.js';
import { hashPassword, hashToken, newToken, verifyPassword } from './passwords.js';
import type { AccountRow } from './tables.js';
import { timeOrderedId } from './time-ordered-id.js';

export type Role = 'intake' | 'agent' | 'manager' | 'admin';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly active: boolean;
  readonly hasPassword: boolean;
  readonly createdAt: Date;
}

export interface SignInLink {
  readonly account: Account;
  /** Shown once; the database has its hash. */
  readonly token: string;
  readonly expiresAt: Date;
}

const linkMs = 24 * 3_600_000;

export class Accounts {
  readonly #context: StoreContext;
  /** What a wrong name is compared with, so that it takes as long as a wrong password. */
  readonly #nobody = hashPassword(newToken());

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async list(limit = 500): Promise<readonly Account[]> {
    const rows = await this.#context.db
      .selectFrom('accounts')
      .selectAll()
      .orderBy(sql`lower(name)`)
      .limit(limit)
      .execute();
    return rows.map(fromRow);
  }

  /**
   * A link for the admin as long as no active admin has set a password; undefined afterwards. Links given
   * out before are void.
   */
  async firstAdminLink(): Promise<SignInLink | undefined> {
    const { db, now } = this.#context;
    return db.transaction().execute(async (transaction) => {
      const admins = (
        await transaction.selectFrom('accounts').selectAll().where('role', '=', 'admin').execute()
      ).map(fromRow);
      if (admins.some(({ active, hasPassword }) => active && hasPassword)) return undefined;
      const waiting = admins.find(({ active }) => active);
      return this.#link(
        transaction,
        waiting ?? (await insert(transaction, now(), await freeName(transaction, 'admin'), 'admin')),
        'start',
      );
    });
  }

  /** @throws DuihaoError `user-exists` */
  async add(name: string, role: Role, actor: string): Promise<SignInLink> {
    const { db, now } = this.#context;
    return db.transaction().execute(async (transaction) => {
      if (await byName(transaction, name))
        throw new DuihaoError('conflict', 'user-exists', `there is a user ${name} already`, { name });
      const account = await insert(transaction, now(), name, role);
      return this.#link(transaction, account, actor);
    });
  }

  /**
   * A new one-time link; the password and the sessions so far are void.
   * @throws DuihaoError `user-unknown`
   */
  async reset(id: string, actor: string): Promise<SignInLink> {
    return this.#context.db.transaction().execute(async (transaction) => {
      const account = fromRow(await locked(transaction, id));
      await transaction.updateTable('accounts').set({ password: null }).where('id', '=', id).execute();
      await transaction.deleteFrom('sessions').where('account_id', '=', id).execute();
      return this.#link(transaction, { ...account, hasPassword: false }, actor);
    });
  }

  /** @throws DuihaoError `user-unknown`, `last-admin` */
  async change(
    id: string,
    change: { readonly role?: Role | undefined; readonly active?: boolean | undefined },
    actor: string,
  ): Promise<Account> {
    const { db, now } = this.#context;
    return db.transaction().execute(async (transaction) => {
      // All admins are locked: two requests must not each take away the other's last one.
      const admins = await transaction
        .selectFrom('accounts')
        .select('id')
        .where('role', '=', 'admin')
        .where('active', '=', true)
        .orderBy('id')
        .forUpdate()
        .execute();
      const before = await locked(transaction, id);
      const role = change.role ?? (before.role as Role);
      const active = change.active ?? before.active;
      if (admins.length === 1 && admins[0]!.id === id && (role !== 'admin' || !active)) {
        throw new DuihaoError(
          'conflict',
          'last-admin',
          'this is the last active admin; add another one first',
          {
            id,
          },
        );
      }
      await transaction.updateTable('accounts').set({ role, active }).where('id', '=', id).execute();
      if (!active) {
        await transaction.deleteFrom('sessions').where('account_id', '=', id).execute();
        await transaction.deleteFrom('sign_in_links').where('account_id', '=', id).execute();
      }
      await appendAudit(transaction, now(), [
        { actor, action: 'user-changed', subject: id, details: { name: before.name, role, active } },
      ]);
      return fromRow({ ...before, role, active });
    });
  }

  /** Undefined where the name, the password or the account's state is not right: a caller learns not which. */
  async check(name: string, password: string): Promise<Account | undefined> {
    const row = await byName(this.#context.db, name);
    const matches = await verifyPassword(password, row?.password ?? (await this.#nobody));
    return row?.password && row.active && matches ? fromRow(row) : undefined;
  }

  /** Uses a one-time link: sets the password. Undefined where it was used or is too old. */
  async redeem(token: string, password: string): Promise<Account | undefined> {
    const { db, now } = this.#context;
    const hashed = await hashPassword(password);
    return db.transaction().execute(async (transaction) => {
      const link = await transaction
        .deleteFrom('sign_in_links')
        .where('token_hash', '=', hashToken(token))
        .returningAll()
        .executeTakeFirst();
      if (!link || link.expires_at <= now()) return undefined;
      const row = await transaction
        .updateTable('accounts')
        .set({ password: hashed })
        .where('id', '=', link.account_id)
        .where('active', '=', true)
        .returningAll()
        .executeTakeFirst();
      if (!row) return undefined;
      await transaction.deleteFrom('sessions').where('account_id', '=', row.id).execute();
      await appendAudit(transaction, now(), [
        { actor: row.name, action: 'password-set', subject: row.id, details: { name: row.name } },
      ]);
      return fromRow(row);
    });
  }

  async #link(db: Executor, account: Account, actor: string): Promise<SignInLink> {
    const at = this.#context.now();
    const token = newToken();
    const expiresAt = new Date(at.getTime() + linkMs);
    await db.deleteFrom('sign_in_links').where('account_id', '=', account.id).execute();
    await db
      .insertInto('sign_in_links')
      .values({ token_hash: hashToken(token), account_id: account.id, expires_at: expiresAt })
      .execute();
    await appendAudit(db, at, [
      {
        actor,
        action: 'sign-in-link-made',
        subject: account.id,
        details: { name: account.name, role: account.role },
      },
    ]);
    return { account, token, expiresAt };
  }
}

async function insert(db: Executor, now: Date, name: string, role: Role): Promise<Account> {
  const row: AccountRow = {
    id: timeOrderedId(now.getTime()),
    name: storable(name),
    role,
    password: null,
    active: true,
    created_at: now,
  };
  await db.insertInto('accounts').values(row).execute();
  return fromRow(row);
}

function byName(db: Executor, name: string): Promise<Selectable<AccountRow> | undefined> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where(sql<string>`lower(name)`, '=', storable(name).toLowerCase())
    .executeTakeFirst();
}

/** A switched-off account may have the name. */
async function freeName(db: Executor, wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await byName(db, name))) return name;
  }
}

async function locked(db: Executor, id: string): Promise<Selectable<AccountRow>> {
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row) throw new DuihaoError('not-found', 'user-unknown', `there is no user ${id}`, { id });
  return row;
}

function fromRow(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    active: row.active,
    hasPassword: row.password !== null,
    createdAt: row.created_at,
  };
}

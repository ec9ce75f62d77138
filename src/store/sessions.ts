/**
 * Sessions of the page. The cookie holds the session's id, which secret signed it and the signature; the
 * secrets live in the database, a new one every day, so that all servers on it accept each other's cookies.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Account, Role } from './accounts.js';
import type { Executor, StoreContext } from './context.js';
import { isId, timeOrderedId } from './time-ordered-id.js';

export interface Session {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Date;
}

/** A shift and what comes after it. */
export const sessionMs = 12 * 3_600_000;
const rotateMs = 24 * 3_600_000;
const purpose = 'session';

export class Sessions {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async start(account: Account): Promise<{ readonly session: Session; readonly cookie: string }> {
    const { db, now } = this.#context;
    const at = now();
    const id = timeOrderedId(at.getTime());
    const expiresAt = new Date(at.getTime() + sessionMs);
    const secret = await this.#secret();
    await db
      .insertInto('sessions')
      .values({ id, account_id: account.id, created_at: at, expires_at: expiresAt })
      .execute();
    return {
      session: { id, accountId: account.id, name: account.name, role: account.role, expiresAt },
      cookie: `${id}.${secret.id}.${sign(secret.value, id)}`,
    };
  }

  /** Undefined where the cookie is not ours, or the session has ended. */
  async check(cookie: string): Promise<Session | undefined> {
    const [id = '', secretId = '', signature = '', ...more] = cookie.split('.');
    if (more.length > 0 || !isId(id) || !isId(secretId)) return undefined;
    const { db, now } = this.#context;
    const at = now();
    const secret = await db
      .selectFrom('secrets')
      .select('value')
      .where('id', '=', secretId)
      .where('purpose', '=', purpose)
      .where('created_at', '>', new Date(at.getTime() - rotateMs - sessionMs))
      .executeTakeFirst();
    if (!secret || !isEqual(signature, sign(secret.value, id))) return undefined;
    const row = await db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
      .select([
        'sessions.id',
        'accounts.id as account',
        'accounts.name',
        'accounts.role',
        'sessions.expires_at',
      ])
      .where('sessions.id', '=', id)
      .where('sessions.expires_at', '>', at)
      .where('accounts.active', '=', true)
      .executeTakeFirst();
    return (
      row && {
        id: row.id,
        accountId: row.account,
        name: row.name,
        role: row.role as Role,
        expiresAt: row.expires_at,
      }
    );
  }

  async end(id: string): Promise<void> {
    await this.#context.db.deleteFrom('sessions').where('id', '=', id).execute();
  }

  /** The day's secret; made where there is none, and the old ones thrown away. */
  async #secret(): Promise<{ readonly id: string; readonly value: string }> {
    const { db, now } = this.#context;
    const at = now().getTime();
    const present = await db
      .selectFrom('secrets')
      .select(['id', 'value'])
      .where('purpose', '=', purpose)
      .where('created_at', '>', new Date(at - rotateMs))
      .orderBy('created_at', 'desc')
      .executeTakeFirst();
    if (present) return present;
    await db
      .deleteFrom('secrets')
      .where('purpose', '=', purpose)
      .where('created_at', '<=', new Date(at - rotateMs - sessionMs))
      .execute();
    const made = { id: timeOrderedId(at), value: randomBytes(32).toString('base64url') };
    await db
      .insertInto('secrets')
      .values({ ...made, purpose, created_at: new Date(at) })
      .execute();
    return made;
  }
}

/** A secret that is made once and stays: the key of the texts' hashes. */
export async function lastingSecret(db: Executor, purposeOfIt: string, now: Date): Promise<string> {
  const first = () =>
    db
      .selectFrom('secrets')
      .select('value')
      .where('purpose', '=', purposeOfIt)
      .orderBy('created_at')
      .orderBy('id')
      .executeTakeFirst();
  const present = await first();
  if (present) return present.value;
  await db
    .insertInto('secrets')
    .values({
      id: timeOrderedId(now.getTime()),
      purpose: purposeOfIt,
      value: randomBytes(32).toString('base64url'),
      created_at: now,
    })
    .execute();
  // Of two servers that start at once both take the earlier one.
  return (await first())!.value;
}

const sign = (secret: string, id: string): string =>
  createHmac('sha256', secret).update(id).digest('base64url');

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

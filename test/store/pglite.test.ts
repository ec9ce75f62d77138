/** The store on PGlite: the contract, and what only a folder on disk can show. */
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.js';
import { lockFolder } from '../../src/store/folder-lock.js';
import { migrate, migrations } from '../../src/store/migrate.js';
import { lastingSecret } from '../../src/store/sessions.js';
import { Store } from '../../src/store/store.js';
import { type Clock, describeStore, given, shown } from './contract.js';

// One PGlite for the whole file: opening the first one takes seconds and hundreds of megabytes.
const folder = mkdtempSync(join(tmpdir(), 'duihao-store-'));
let database: Database;
let migrated: readonly string[];
beforeAll(async () => {
  database = await openDatabase({ kind: 'folder', folder });
  migrated = await migrate(database.db, database.schema);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describeStore('PGlite', async (clock: Clock) => {
  const context = { db: database.db, now: clock.now };
  const key = await lastingSecret(database.db, 'text-hash', clock.now());
  return {
    store: new Store(database, context, migrated, key),
    run: async (statement) => void (await sql.raw(statement).execute(database.db)),
    close: async () => {},
  };
});

it('runs every migration once', async () => {
  expect(migrated).toEqual(Object.keys(migrations));
  expect(await migrate(database.db, database.schema)).toEqual([]);
});

it('refuses a database that a newer version made', async () => {
  await sql`insert into kysely_migration (name, timestamp) values ('9999-future', '2040')`.execute(
    database.db,
  );
  await expect(migrate(database.db, database.schema)).rejects.toMatchObject({ code: 'database-newer' });
  await sql`delete from kysely_migration where name = '9999-future'`.execute(database.db);
});

it('keeps a transaction to itself, whatever else is asked meanwhile', async () => {
  const store = new Store(database, { db: database.db, now: () => new Date() }, [], '');
  const one = shown();
  await store.suggestions.add([one]);
  const failing = database.db.transaction().execute(async (transaction) => {
    await sql`delete from feedback`.execute(transaction);
    await new Promise((resolve) => setTimeout(resolve, 30));
    throw new Error('rolled back');
  });
  const meanwhile = store.feedback.give(given(one.id));
  await expect(failing).rejects.toThrow('rolled back');
  await meanwhile;
  expect(await store.feedback.of(one.id)).toHaveLength(1);
});

it('refuses a folder that is open already', async () => {
  await expect(openDatabase({ kind: 'folder', folder })).rejects.toMatchObject({
    code: 'store-locked',
    details: { pid: process.pid },
  });
});

it('takes over the lock of a process that is gone, never that of a living one', () => {
  const place = mkdtempSync(join(tmpdir(), 'duihao-lock-'));
  const path = join(place, 'duihao.lock');
  const by = (pid: number, host: string) => writeFileSync(path, JSON.stringify({ pid, host, since: '' }));
  const host = JSON.parse(readFileSync(join(folder, 'duihao.lock'), 'utf8')).host as string;
  // The process that runs the tests: alive, and not ours.
  by(process.ppid, host);
  expect(() => lockFolder(place)).toThrow(expect.objectContaining({ code: 'store-locked' }));
  by(process.ppid, 'another-host');
  expect(() => lockFolder(place)).toThrow(expect.objectContaining({ code: 'store-locked' }));
  utimesSync(path, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  const lock = lockFolder(place);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  lock.release();
  by(2 ** 22 + 1, host);
  lockFolder(place).release();
  writeFileSync(path, 'not json');
  utimesSync(path, new Date(0), new Date(0));
  lockFolder(place).release();
  rmSync(place, { recursive: true });
});

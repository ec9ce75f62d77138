/** The store on PostgreSQL: the same contract. Runs where DATABASE_URL names a server. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.js';
import { type Clock, describeStore, given, shown } from '../store/contract.js';

const url = process.env.DATABASE_URL;

describe.skipIf(!url)('with a PostgreSQL server', () => {
  describeStore('PostgreSQL', async (clock: Clock) => {
    const schema = `duihao_test_${randomBytes(6).toString('hex')}`;
    const store = await openStore({ kind: 'postgres', url: url! }, { schema, now: clock.now });
    const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
    await client.connect();
    return {
      store,
      run: async (statement) => void (await client.query(statement)),
      close: async () => {
        await store.close();
        await client.query(`drop schema ${schema} cascade`);
        await client.end();
      },
    };
  });

  it('outlives connections that the server cuts', async () => {
    const schema = `duihao_test_${randomBytes(6).toString('hex')}`;
    // Named, so that nobody else's connections are cut.
    const named = new URL(url!);
    named.searchParams.set('application_name', schema);
    const store = await openStore({ kind: 'postgres', url: named.href }, { schema });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const cut = () =>
      client.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
        schema,
      ]);
    try {
      const all = Array.from({ length: 40 }, () => shown());
      await store.suggestions.add(all);
      const giving = Promise.allSettled(all.map(({ id }) => store.feedback.give(given(id))));
      expect((await cut()).rowCount).toBeGreaterThan(0);
      const refused = (await giving).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused.every(({ code }) => code === 'store-unavailable')).toBe(true);
      await cut();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await Promise.all(all.map(({ id }) => store.feedback.give(given(id))));
      const stored = await Promise.all(all.map(({ id }) => store.feedback.of(id)));
      expect(stored.every(({ length }) => length === 1)).toBe(true);
    } finally {
      await store.close();
      await client.query(`drop schema ${schema} cascade`);
      await client.end();
    }
  });
});

/** The store on PostgreSQL: the same contract. Runs where DATABASE_URL names a server. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe } from 'vitest';
import { openStore } from '../../src/store/store.js';
import { type Clock, describeStore } from '../store/contract.js';

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
});

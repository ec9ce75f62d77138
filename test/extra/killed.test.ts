/** `kill -9` in the middle of a thousand feedback posts: every one that was acknowledged is there, once. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { readLocation } from '../../src/store/database.js';
import { openStore } from '../../src/store/store.js';
import { start } from '../cli/start.js';
import { writeToyModel } from '../toy-model.js';

const posts = 1000;

async function killInTheMiddle(store: string): Promise<{ acknowledged: string[]; sent: string[] }> {
  const models = mkdtempSync(join(tmpdir(), 'duihao-killed-'));
  writeToyModel(models, 'a', '1');
  const args = ['serve', '--port', '0', '--models', models, '--store', store, '--auth', 'off'];
  const server = start(args, { env: { LOG_LEVEL: 'error' } });
  try {
    await server.said('存储已打开');
    const url = /http:\/\/[\d.]+:\d+/.exec(await server.said('对号已就绪'))![0];
    const post = (path: string, body: unknown) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    const sent: string[] = [];
    for (let batch = 0; batch < 4; batch++) {
      const tickets = Array.from({ length: posts / 4 }, (_, n) => ({
        id: `K-${batch}-${n}`,
        text: '渣土车',
      }));
      const answer = await (await post('/v1/suggestions', { tickets, evidence: false })).json();
      for (const { suggestionId } of (answer as { results: { suggestionId: string }[] }).results)
        sent.push(suggestionId);
    }
    const acknowledged: string[] = [];
    await Promise.allSettled(
      sent.map(async (suggestionId) => {
        const response = await post('/v1/feedback', { suggestionId, kind: 'accepted', milliseconds: 1 });
        await response.arrayBuffer();
        if (!response.ok) return;
        acknowledged.push(suggestionId);
        if (acknowledged.length === 50) server.child.kill('SIGKILL');
      }),
    );
    return { acknowledged, sent };
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
    rmSync(models, { recursive: true });
  }
}

async function expectNothingLost(where: string): Promise<void> {
  const { acknowledged, sent } = await killInTheMiddle(where);
  expect(acknowledged.length).toBeGreaterThanOrEqual(50);
  // Else it was not in the middle.
  expect(acknowledged.length).toBeLessThan(posts);
  const store = await openStore(readLocation(where));
  try {
    const stored = await Promise.all(acknowledged.map((id) => store.feedback.of(id)));
    expect(stored.filter(({ length }) => length !== 1)).toEqual([]);
    // Those whose answer was lost are sent again, as a caller would: then all are there, once.
    const outcomes = await Promise.all(
      sent.map((suggestionId) =>
        store.feedback.give({
          suggestionId,
          agent: 'local',
          kind: 'accepted',
          item: null,
          ticket: null,
          decidedAt: null,
          milliseconds: 1,
          note: null,
        }),
      ),
    );
    const known = new Set(acknowledged);
    const again = outcomes.filter(({ feedback }) => known.has(feedback.suggestionId));
    expect(new Set(again.map(({ outcome }) => outcome))).toEqual(new Set(['repeated']));
    const all = await Promise.all(sent.map((id) => store.feedback.of(id)));
    expect(all.every(({ length }) => length === 1)).toBe(true);
    expect((await store.audit.verify()).kind).toBe('intact');
  } finally {
    await store.close();
  }
}

describe('kill -9 in the middle of a thousand feedback posts', () => {
  it('loses nothing acknowledged on PGlite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'duihao-killed-data-'));
    try {
      await expectNothingLost(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!process.env.DATABASE_URL)('loses nothing acknowledged on PostgreSQL', async () => {
    // A database of its own: the command line knows one schema.
    const admin = new pg.Client({ connectionString: process.env.DATABASE_URL! });
    await admin.connect();
    const name = `duihao_killed_${randomBytes(6).toString('hex')}`;
    await admin.query(`create database ${name}`);
    try {
      const url = new URL(process.env.DATABASE_URL!);
      url.pathname = `/${name}`;
      await expectNothingLost(url.href);
    } finally {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    }
  });
});

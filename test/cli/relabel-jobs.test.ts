/** Files sent to a real `serve`: whose, where, and what a kill leaves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.js';
import { legacyCsv } from '../relabel/files.js';
import { writeToyModel } from '../toy-model.js';
import { duihao, type Started, start } from './start.js';

let root: string;
const running: Started[] = [];
const keys: Record<string, string> = {};
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'duihao-jobs-'));
  writeToyModel(join(root, 'models'), 'a', '1');
  const store = await openStore({ kind: 'folder', folder: join(root, 'data') });
  for (const role of ['agent', 'manager'] as const)
    keys[role] = (await store.keys.add(role, role, 'test')).secret;
  await store.close();
});
afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(root, { recursive: true });
});

async function serve(): Promise<{ started: Started; url: string }> {
  const args = ['serve', '--port', '0', '--models', join(root, 'models'), '--store', join(root, 'data')];
  const env = { LOG_LEVEL: 'error', STOP_DELAY: '0', DUIHAO_JOBS_DIR: join(root, 'jobs') };
  const started = start(args, { env });
  running.push(started);
  await started.said('存储已打开');
  const url = /http:\/\/[\d.]+:\d+/.exec(await started.said('对号已就绪'))![0];
  return { started, url };
}

const ask = (url: string, who: string | null, init: RequestInit = {}) =>
  fetch(url, {
    ...init,
    headers: {
      ...(who === null ? {} : { Authorization: `Bearer ${keys[who]}` }),
      ...(init.body ? { 'Content-Type': 'text/csv' } : {}),
    },
  });

it('belong to managers, and survive the server', async () => {
  const first = await serve();
  const jobs = `${first.url}/v1/relabel-jobs`;
  const rows = 20_000;
  const upload = { method: 'POST', body: legacyCsv(rows) };
  expect((await ask(jobs, null, { ...upload, body: 'text\na\n' })).status).toBe(401);
  expect((await ask(jobs, 'agent', { ...upload, body: 'text\na\n' })).status).toBe(403);
  const taken = await ask(jobs, 'manager', upload);
  expect(taken.status).toBe(202);
  const place = taken.headers.get('location')!;
  const openApi = (await (await fetch(`${first.url}/openapi.json`)).json()) as { paths: object };
  expect(Object.keys(openApi.paths)).toContain('/v1/relabel-jobs/{id}/result');
  expect((await ask(`${jobs}/x/result`, 'manager', { method: 'POST' })).status).toBe(405);
  first.started.child.kill('SIGKILL');
  await first.started.ended;

  const second = await serve();
  let job: { state: string; result: string | null; summary: unknown };
  do {
    await sleep(100);
    job = (await (await ask(second.url + place, 'manager')).json()) as typeof job;
  } while (job.state === 'queued' || job.state === 'running');
  expect(job).toMatchObject({ state: 'done', summary: { rows } });
  const result = await (await ask(second.url + job.result!, 'manager')).text();
  expect(result.split('\n')[0]).toMatch(/code_2,name,kind|编码/);
  expect((await ask(second.url + place, 'manager', { method: 'DELETE' })).status).toBe(204);
  expect((await ask(second.url + place, 'manager')).status).toBe(404);
  second.started.child.kill('SIGTERM');
  expect((await second.started.ended).code).toBe(0);
  // Two servers and two openings of a database, on a busy machine.
}, 180_000);

it('are not taken by a server that asks nobody who they are', async () => {
  const { code, err } = await duihao(['serve', '--port', '0', '--jobs', join(root, 'none')]);
  expect([code, err]).toEqual([2, expect.stringContaining('须有存储')]);
});

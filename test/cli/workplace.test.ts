/** The workplace from the terminal (each command opens the database once: few of them, the rest is the contract's): the first admin's link, users, keys, the audit, one process per folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeToyModel } from '../toy-model.js';
import { duihao, type Started, start } from './start.js';

let root: string;
let models: string;
let data: string;
const running: Started[] = [];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'duihao-workplace-'));
  models = join(root, 'models');
  data = join(root, 'data');
  writeToyModel(models, 'a', '1');
});
afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(root, { recursive: true });
});

function serve(): Started {
  const started = start(['serve', '--port', '0', '--models', models], {
    env: { LOG_LEVEL: 'error', STOP_DELAY: '0', DUIHAO_DATA_DIR: data },
  });
  running.push(started);
  return started;
}

const stop = async (started: Started): Promise<number | null> => {
  started.child.kill('SIGTERM');
  return (await started.ended).code;
};

it('names the store that is missing, and a wrong setting', async () => {
  const nowhere = await duihao(['users', 'list']);
  expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringContaining('没有指明存储')]);
  const wrong = await duihao(['migrate'], { env: { DATABASE_URL: 'mysql://x' } });
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('DATABASE_URL')]);
  const away = await duihao(['migrate', '--store', 'postgres://127.0.0.1:1/x', '--json']);
  expect([away.code, JSON.parse(away.err).error.code]).toEqual([1, 'store-unavailable']);
});

it('starts without a password, keeps what it answered, and proves its log', async () => {
  const first = serve();
  // It listens and answers 503 while the database is made.
  const url = /http:\/\/[\d.]+:\d+/.exec(await first.said('正在监听'))![0];
  expect((await fetch(`${url}/v1/session`)).status).toBeGreaterThanOrEqual(401);
  const said = await first.said('存储已打开');
  const token = /#\/welcome\/([\w-]+)/.exec(said)![1];
  await first.said('对号已就绪');

  const locked = await duihao(['users', 'list', '--store', data, '--json']);
  expect([locked.code, JSON.parse(locked.err).error]).toEqual([
    1,
    expect.objectContaining({ code: 'store-locked', details: expect.objectContaining({ folder: data }) }),
  ]);

  const post = async (path: string, body: unknown, cookie = '') =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Cookie: cookie },
      body: JSON.stringify(body),
    });
  const welcome = await post('/v1/session', { token, password: '第一个管理员的一个长密码' });
  expect(welcome.status).toBe(200);
  const cookie = welcome.headers.get('set-cookie')!.split(';')[0]!;
  const tickets = Array.from({ length: 200 }, (_, n) => ({ id: `S-${n}`, text: '渣土车' }));
  const answer = await (await post('/v1/suggestions', { tickets }, cookie)).json();
  const { suggestionId } = (answer as { results: { suggestionId: string }[] }).results[199]!;
  // At once: what is still in memory must not be lost.
  expect(await stop(first)).toBe(0);

  const second = serve();
  const again = await second.said('存储已打开');
  expect(again).not.toContain('welcome');
  const next = /http:\/\/[\d.]+:\d+/.exec(again)![0];
  await second.said('对号已就绪');
  const feedback = await fetch(`${next}/v1/feedback`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: cookie },
    body: JSON.stringify({ suggestionId, kind: 'accepted' }),
  });
  // 201, not 202: the suggestion is known; and the session outlived the restart.
  expect([feedback.status, ((await feedback.json()) as { agent: string }).agent]).toEqual([201, 'admin']);
  expect(await stop(second)).toBe(0);

  const run = async (...args: string[]) => duihao([...args, '--store', data, '--json']);
  const added = JSON.parse((await run('users', 'add', '小李', '--role', 'agent')).out);
  expect(added.link).toMatch(/^\/#\/welcome\/[\w-]{32}$/);
  const twice = await run('users', 'add', '小李', '--role', 'agent');
  expect([twice.code, JSON.parse(twice.err).error.message]).toEqual([1, '已有用户 小李']);
  const { key, secret } = JSON.parse((await run('keys', 'add', '受理系统', '--role', 'intake')).out);
  expect(secret.slice(0, key.start.length)).toBe(key.start);
  const proven = JSON.parse((await run('audit', 'verify')).out);
  expect(proven.entries).toBeGreaterThanOrEqual(5);
  const other = await run('audit', 'verify', '--expect', `${proven.entries}:${'0'.repeat(64)}`);
  expect([other.code, JSON.parse(other.err).error.details]).toEqual([
    1,
    { seq: proven.entries, fault: 'witness-differs' },
  ]);
}, 180_000);

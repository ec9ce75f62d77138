/** A candidate beside a running server: chosen while it runs, asked behind the answers, compared, and promoted with a record. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { promoteModel } from '../../src/model-store/registry.js';
import { openStore } from '../../src/store/store.js';
import { writeToyModel } from '../toy-model.js';
import { duihao, type Started, start } from './start.js';

let root: string;
let models: string;
let data: string;
let running: Started | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'duihao-shadow-'));
  models = join(root, 'models');
  data = join(root, 'data');
  for (const name of ['a', 'b']) writeToyModel(models, name, name === 'a' ? '1' : '2');
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  rmSync(root, { recursive: true });
});

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 100));
};

it('is refused without a store, and where it is not there', async () => {
  const alone = await duihao(['serve', '--port', '0', '--models', models, '--shadow', 'b']);
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('--shadow（DUIHAO_SHADOW）须有存储')]);
  const missing = await duihao(['serve', '--port', '0', '--models', models], {
    env: { DUIHAO_SHADOW: 'nowhere', DUIHAO_DATA_DIR: data },
  });
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('没有找到模型')]);
}, 120_000);

it('runs beside the current model, is compared, and its promotion is recorded by the server that notices it', async () => {
  await promoteModel(models, 'a');
  running = start(['serve', '--port', '0', '--models', models, '--auth', 'off'], {
    env: { LOG_LEVEL: 'info', STOP_DELAY: '0', DUIHAO_DATA_DIR: data },
  });
  const url = /http:\/\/[\d.]+:\d+/.exec(await running.said('对号已就绪'))![0];
  await running.said('存储已打开');
  const chosen = await duihao(['models', 'shadow', 'b', '--models', models]);
  expect(chosen.out).toContain('已选定并行的候选模型 b（版本 2');
  const answered = async () => {
    const tickets = [{ id: 'x', text: '渣土车' }];
    const response = await fetch(`${url}/v1/suggestions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ tickets }),
    });
    expect(response.status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return /^duihao_shadow_tickets_total\{outcome="answered"\} [1-9]/m.test(metrics);
  };
  await until(answered);
  // The candidate's answers are counted before they are stored: a batch of them is written behind the count.
  const compared = async () =>
    (await (await fetch(`${url}/v1/statistics/shadow`)).json()) as { comparisons: unknown[] };
  await until(async () => (await compared()).comparisons.length > 0);
  expect(await compared()).toMatchObject({
    comparisons: [{ version: '1', candidateVersion: '2', differ: 0 }],
  });
  const promoted = await duihao(['models', 'promote', 'b', '--models', models]);
  expect(promoted.out).toContain('已上线 b');
  await until(async () => {
    const ready = (await (await fetch(`${url}/health/ready`)).json()) as { model: { id: string } };
    return ready.model.id === 'b';
  });
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
  const report = await duihao(['models', 'compare-shadow', '--store', data]);
  expect(report.out).toMatch(/^候选 b（2）与现用 a（1）：都答了 \d+ 件，判定不同 0 件/);
  const off = await duihao(['models', 'shadow', '--off', '--models', models]);
  expect(off.out).toContain('没有并行的候选模型');
  const store = await openStore({ kind: 'folder', folder: data });
  const events = await store.models.latest(10).finally(() => store.close());
  expect(events.map(({ event, model }) => `${event} ${model}`).sort()).toEqual([
    ...['loaded a', 'loaded b', 'promoted a', 'promoted b'],
  ]);
  expect(events.find(({ event, model }) => event === 'promoted' && model === 'b')!.actor).toMatch(/^cli\//);
}, 240_000);

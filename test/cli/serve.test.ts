/** `duihao serve` as a process: starting, being stopped and changing its model, under load. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { promoteModel, rollbackModel } from '../../src/model-store/registry.js';
import { writeToyModel } from '../toy-model.js';
import { duihao, type Started, start } from './start.js';

let models: string;
const running: Started[] = [];
beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'duihao-serve-'));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(models, { recursive: true });
});

function serve(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Started {
  const started = start(['serve', '--port', '0', '--models', models, ...args], {
    env: { LOG_LEVEL: 'warn', ...env },
  });
  running.push(started);
  return started;
}

const urlIn = (out: string): string => /http:\/\/[\d.]+:\d+/.exec(out)![0];

async function post(url: string, text: string): Promise<{ status: number; version: string }> {
  const response = await fetch(`${url}/v1/suggestions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ tickets: [{ id: 'A', text }] }),
  });
  const body = (await response.json()) as { model?: { version: string } };
  return { status: response.status, version: body.model?.version ?? '' };
}

/** Callers that ask one after the other until told to stop; what each got, errors as their message. */
function load(url: string, callers: number, text: string) {
  const outcomes: string[] = [];
  let asking = true;
  const done = Promise.all(
    Array.from({ length: callers }, async () => {
      while (asking) {
        const outcome = await post(url, text).then(
          ({ status, version }) => `${status} ${version}`,
          (error) => `${error.cause?.code ?? error.message}`,
        );
        outcomes.push(outcome);
        // Refused before anything was sent: the server has stopped, nothing was dropped.
        if (outcome === 'ECONNREFUSED') return;
      }
    }),
  );
  return {
    outcomes,
    async stop(): Promise<string[]> {
      asking = false;
      await done;
      return [...new Set(outcomes)].sort();
    },
  };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('duihao serve', () => {
  it('listens at once, is not ready until the model is loaded, and then is', async () => {
    writeToyModel(models, 'slow', '1', { toyDelay: 1500 });
    const started = serve();
    const url = urlIn(await started.said('模型加载中'));
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const waiting = await fetch(`${url}/health/ready`);
    expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await post(url, '渣土车')).status).toBe(503);
    expect(await started.said('对号已就绪')).toContain('模型 slow（版本 1）');
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await post(url, '渣土车')).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('process_resident_memory_bytes');
  });

  it('stops on SIGTERM without dropping a request of those under way', async () => {
    writeToyModel(models, 'a', '1');
    const started = serve([], { STOP_DELAY: '1' });
    const url = urlIn(await started.said('对号已就绪'));
    const callers = load(url, 6, '⟦sleep 30⟧渣土车');
    await until(() => callers.outcomes.length > 20);
    started.child.kill('SIGTERM');
    await until(() => started.child.exitCode !== null);
    const outcomes = await callers.stop();
    expect(outcomes).toEqual(['200 1', 'ECONNREFUSED']);
    const { code, out, err } = await started.ended;
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('对号已停止');
  });

  it('says 503 on /health/ready while it stops, and still answers', async () => {
    writeToyModel(models, 'a', '1');
    const started = serve([], { STOP_DELAY: '2' });
    const url = urlIn(await started.said('对号已就绪'));
    started.child.kill('SIGINT');
    let status = 200;
    await until(() => {
      void fetch(`${url}/health/ready`).then((response) => {
        status = response.status;
      });
      return status === 503;
    });
    expect((await post(url, '渣土车')).status).toBe(200);
    expect((await started.ended).code).toBe(0);
  });

  it('ends at a second signal, and while the model still loads', async () => {
    writeToyModel(models, 'slow', '1', { toyDelay: 3000 });
    const loading = serve([], { STOP_DELAY: '0' });
    await loading.said('模型加载中');
    loading.child.kill('SIGTERM');
    expect((await loading.ended).code).toBe(0);
    writeToyModel(models, 'slow', '1');
    const patient = serve([], { STOP_DELAY: '60' });
    await patient.said('对号已就绪');
    patient.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    patient.child.kill('SIGTERM');
    expect((await patient.ended).code).toBe(143);
  });

  it('takes up a promotion and a rollback under load without dropping a request', async () => {
    writeToyModel(models, 'a', '1');
    writeToyModel(models, 'b', '2');
    await promoteModel(models, 'a');
    const started = serve();
    const url = urlIn(await started.said('对号已就绪'));
    const callers = load(url, 6, '⟦sleep 5⟧渣土车');
    await until(() => callers.outcomes.length > 20);
    await promoteModel(models, 'b');
    await until(() => callers.outcomes.at(-1) === '200 2');
    // A promoted model that does not open changes nothing.
    writeToyModel(models, 'broken', '3', { toyFails: true });
    await promoteModel(models, 'broken');
    await new Promise((resolve) => setTimeout(resolve, 3500));
    expect(callers.outcomes.at(-1)).toBe('200 2');
    await rollbackModel(models);
    await rollbackModel(models);
    await until(() => callers.outcomes.at(-1) === '200 1');
    expect(await callers.stop()).toEqual(['200 1', '200 2']);
  });

  it('says clearly what keeps it from starting', async () => {
    writeToyModel(models, 'a', '1');
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    const cases: [readonly string[], number, string][] = [
      [['--port', `${port}`], 1, `duihao：端口 ${port} 已被占用`],
      [['--port', '0', '--model', join(models, 'none')], 2, 'duihao：没有找到模型'],
      [['--port', '0', '--facets', join(models, 'none.json')], 2, 'duihao：没有文件'],
      [['--port', '0', '--models', join(models, 'a')], 2, 'duihao：'],
    ];
    const answers = await Promise.all(
      cases.map(([args]) => duihao(['serve', '--models', models, ...args], { env: { LOG_LEVEL: 'error' } })),
    );
    for (const [at, [args, code, words]] of cases.entries()) {
      expect([args, answers[at]!.code, answers[at]!.err.slice(0, words.length)]).toEqual([args, code, words]);
    }
    taken.close();
  });
});

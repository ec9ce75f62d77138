/** `duihao models promote --gold`, as a process: a worse candidate is refused, or promoted by force with its reason kept. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordNoticed } from '../../src/cli/model-record.js';
import { promoteModel, readCurrent, rollbackModel } from '../../src/model-store/registry.js';
import { openStore } from '../../src/store/store.js';
import { given, shown } from '../store/store-examples.js';
import { writeToyModel } from '../toy-model.js';
import { duihao } from './start.js';

let root: string;
let models: string;
let gold: string;
/** What is promoted when a test begins, whatever became of the one before. */
const begin = async (name: string) => {
  rmSync(join(models, 'current.json'), { force: true });
  await promoteModel(models, name);
};
const promote = (name: string, ...more: string[]) =>
  duihao(['models', 'promote', name, '--models', models, ...more], { script: 'test/cli/toy-promote.ts' });

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'duihao-promotion-'));
  models = join(root, 'models');
  writeToyModel(models, 'good', '1', { toyErrs: 10 });
  writeToyModel(models, 'equal', '1', { toyErrs: 10 });
  writeToyModel(models, 'bad', '1', { toyErrs: 3 });
  gold = join(root, 'gold.csv');
  const rows = Array.from({ length: 60 }, (_, at) =>
    at % 2 === 0 ? `${at + 1},张三 说 渣土车,080102` : `${at + 1},楼下 家政,090401`,
  );
  writeFileSync(gold, `id,内容,编码\n${rows.join('\n')}\n61,没有这个码,777777\n`);
});
afterAll(() => rmSync(root, { recursive: true }));

it('says that nothing was compared where there was nothing to compare, or no gold set', async () => {
  const first = await promote('good', '--gold', gold);
  expect(first.out).toMatch(/^已上线 good/);
  expect(first.out).toContain('此前没有上线的模型');
  await begin('bad');
  const plain = await promote('good', '--json');
  expect(JSON.parse(plain.out)).toMatchObject({ model: 'good', comparison: null });
});

it('refuses a candidate that is worse, and leaves everything as it was', async () => {
  await begin('good');
  const { code, out, err } = await promote('bad', '--gold', gold);
  expect(code).toBe(1);
  expect(err).toContain('candidate-worse');
  expect(out).toMatch(/三级（60 件）首选 候选 66\.7%，现用 90\.0%，相差 −23\.3 个百分点.*显著较差/);
  expect(out).toContain('只有候选对 4 件，只有现用对 18 件');
  expect(out).toContain('1 行未比较：');
  expect(out + err).not.toContain('张三');
  expect((await readCurrent(models))!.current.model).toBe('good');
  const json = await promote('bad', '--gold', gold, '--json');
  expect(json.code).toBe(1);
  expect(json.out).toBe('');
  expect(JSON.parse(json.err).error).toMatchObject({
    code: 'candidate-worse',
    details: {
      comparison: { verdict: 'worse', rows: 60, levels: [{ level: 1 }, { level: 3, onlyCurrent: 18 }] },
    },
  });
});

it('promotes a worse one by force with a reason only, and keeps who and why in registry, store and audit', async () => {
  await begin('good');
  const store = join(root, 'store');
  const unexplained = await promote('bad', '--gold', gold, '--force');
  expect([unexplained.code, unexplained.err]).toEqual([2, expect.stringContaining('option-invalid')]);
  const why = ['--force', '--reason', '旧模型有隐私问题'];
  const forced = await promote('bad', '--gold', gold, ...why, '--store', store);
  expect(forced.code).toBe(0);
  expect(forced.out).toMatch(/候选较差\n注意：未与坐席选择比较.*还没有坐席.*\n已上线 bad/);
  const current = (await readCurrent(models))!.current;
  expect(current).toMatchObject({
    model: 'bad',
    forcedBecause: '旧模型有隐私问题',
    by: expect.stringMatching(/^cli\//),
  });
  const opened = await openStore({ kind: 'folder', folder: store });
  try {
    // A server that notices it too keeps it once.
    expect(await recordNoticed(opened, models, (await readCurrent(models))!)).toBe(false);
    expect(await opened.models.latest(5)).toMatchObject([
      { event: 'promoted', model: 'bad', modelVersion: '1', reason: '旧模型有隐私问题' },
    ]);
    const [entry] = await opened.audit.latest(1);
    expect(entry).toMatchObject({ action: 'model.promoted', subject: 'bad@1' });
    expect(JSON.parse(entry!.details)).toMatchObject({ before: 'good@1', verdict: 'worse', choices: null });
    expect((await opened.audit.verify()).kind).toBe('intact');
    // Held by this process: what cannot be recorded is not done.
    const locked = await promote('good', '--store', store);
    expect([locked.code, locked.err]).toEqual([1, expect.stringContaining('store-locked')]);
    // Without the store it is done, and whoever notices it records who did it, once.
    expect((await promote('good')).code).toBe(0);
    const noticed = (await readCurrent(models))!;
    expect(await recordNoticed(opened, models, noticed)).toBe(true);
    expect(await recordNoticed(opened, models, noticed)).toBe(false);
    await rollbackModel(models, new Date(), 'cli/me');
    await recordNoticed(opened, models, (await readCurrent(models))!);
    expect(await opened.models.latest(2)).toMatchObject([
      { event: 'rolled-back', model: 'bad', actor: 'cli/me' },
      { event: 'promoted', model: 'good', actor: current.by },
    ]);
    expect((await opened.audit.latest(2)).map(({ action }) => action)).toEqual([
      'model.rolled-back',
      'model.promoted',
    ]);
  } finally {
    await opened.close();
  }
  expect((await readCurrent(models))!.current.model).toBe('bad');
}, 240_000);

it('refuses a candidate that is worse on what agents chose lately, where their texts are kept', async () => {
  await begin('good');
  const folder = join(root, 'choices');
  const opened = await openStore({ kind: 'folder', folder });
  const after = new Date('2026-01-02T00:00:00Z');
  const suggested = Array.from({ length: 60 }, (_, at) =>
    shown({
      ticket: String(at + 1),
      shownAt: after,
      text: { title: null, text: at % 2 === 0 ? '张三 说 渣土车' : '楼下 家政', evidence: [] },
    }),
  );
  await opened.suggestions.add(suggested);
  await Promise.all(
    suggested.map(({ id }, at) =>
      opened.feedback.give(
        given(id, { item: at % 2 === 0 ? '08.0801.080102' : '09.0904.090401', decidedAt: after }),
      ),
    ),
  );
  await opened.close();
  const { code, out } = await promote('bad', '--store', folder);
  expect(code).toBe(1);
  expect(out).toContain('坐席选择：两个模型都训练完（2026-01-01T00:00:00.000Z）之后有 60 件，比较全部可用的');
  expect(out).toMatch(/同一批 60 件坐席选定的工单/);
  expect(out).toMatch(/三级（60 件）首选 候选 66\.7%，现用 90\.0%/);
  expect(out).not.toContain('张三');
  const even = await promote('equal', '--store', folder, '--json');
  expect(even.code).toBe(0);
  expect(JSON.parse(even.out)).toMatchObject({
    comparison: null,
    choices: { tickets: 60, compared: 60, comparison: { verdict: 'even', rows: 60 } },
  });
}, 240_000);

it('does not promote on a comparison that no longer holds, nor over a model that is gone', async () => {
  await begin('bad');
  const { current } = (await readCurrent(models))!;
  const stale = { compared: { version: '1', current: { ...current, version: '0' } } };
  await expect(promoteModel(models, 'good', new Date(), stale)).rejects.toMatchObject({
    code: 'registry-changed',
  });
  writeToyModel(models, 'bad', '2', { toyErrs: 3 });
  const gone = await promote('good', '--gold', gold);
  expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('comparison-impossible')]);
  expect((await readCurrent(models))!.current.model).toBe('bad');
}, 120_000);

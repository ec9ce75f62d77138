/** `duihao evaluate`, as a process. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.js';
import { writeToyModel } from '../toy-model.js';
import { duihao } from './start.js';

let folder: string;
let model: string;
let tickets: string;
const script = 'test/cli/toy-evaluate.ts';
const evaluate = (...args: string[]) => duihao(['evaluate', '--model', model, ...args], { script });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'duihao-evaluate-'));
  model = writeToyModel(folder, 'a', '1');
  tickets = join(folder, 'tickets.csv');
  writeFileSync(
    tickets,
    [
      '工单编号,诉求内容,事项编码,alt',
      '1,楼下 渣土车 太吵,080102,',
      '2,路边 占道经营,080101,',
      // Wrong by its label, right by its second one.
      '3,请查 渣土车,080101,080102',
      // Labelled at level 1 only.
      '4,家政 服务,09,',
      '5,张三 的秘密,777777,',
      '6,,080101,',
      '',
    ].join('\n'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('duihao evaluate', () => {
  it('prints the shape that scripts read', async () => {
    const { code, out } = await evaluate('--tickets', tickets, '--json');
    expect(code).toBe(0);
    const json = JSON.parse(out);
    expect(Object.keys(json).slice(0, 3)).toEqual(['rows', 'levels', 'leaf']);
    expect(json.rows).toBe(4);
    expect(json.levels.map(({ level, rows, top1 }: Record<string, number>) => [level, rows, top1])).toEqual([
      [1, 4, 1],
      [2, 3, 1],
      [3, 3, 0.666667],
    ]);
    expect(json.leaf).toEqual({
      rows: 3,
      top1: 0.666667,
      top3: expect.any(Number),
      top5: expect.any(Number),
    });
    expect(json.rejected).toEqual(
      expect.arrayContaining([
        { reason: 'label-unknown', count: 1 },
        { reason: 'text-empty', count: 1 },
      ]),
    );
    expect(json.conformal[0]).toMatchObject({ coverage: 0.9, rows: 3 });
    expect(json.model.id).toBe('a');
    expect(json.bayes).toBeUndefined();
  });

  it('takes the second label as right under --accept-alt', async () => {
    const { out } = await evaluate('--tickets', tickets, '--accept-alt', '--json');
    expect(JSON.parse(out).leaf.top1).toBe(1);
  });

  it('speaks Chinese to people, names what it could not judge, and says nothing of the texts', async () => {
    const rejected = join(folder, 'rejected.csv');
    const { code, out, err } = await evaluate('--tickets', tickets, '--rejected', rejected);
    expect(code).toBe(0);
    expect(out).toContain('评估 4 件工单');
    expect(out).toMatch(/三级 +3 +66\.7%/);
    expect(out).toContain('1 件  080101 占道经营 → 080102 渣土车');
    expect(err).toContain('1 行未评估：事项代码不在分类体系中（label-unknown）');
    const file = readFileSync(rejected, 'utf8');
    expect(file).toContain('"tickets.csv",6,label-unknown');
    for (const text of [out, err, file]) expect(text).not.toContain('张三');
  });

  it('writes likely mislabelled tickets by rank, without their texts, and refuses a folder that is not there', async () => {
    const many = join(folder, 'many.csv');
    const rows = Array.from({ length: 8 }, (_, at) => `${at},张三 的 渣土车,080102`);
    writeFileSync(many, `id,内容,编码\n${rows.join('\n')}\n8,张三 的 渣土车,090401\n`);
    const suspects = join(folder, 'suspects.csv');
    const { code, out, err } = await evaluate('--tickets', many, '--suspects', suspects, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out).suspects).toMatchObject({ judged: 9, count: 1 });
    expect(err).toContain('9 件中编码疑似有误 1 件');
    const lines = readFileSync(suspects, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^1,8,many\.csv,10,09\.0904\.090401,.*,08\.0801\.080102,080102,渣土车,/);
    expect(lines.join()).not.toContain('张三');
    const nowhere = await evaluate('--tickets', many, '--suspects', join(folder, 'no/suspects.csv'));
    expect(nowhere.code).toBe(2);
    expect(nowhere.out).toBe('');
  });

  it('queues the likeliest of them for agents, once, and only those that can be found by a number', async () => {
    const many = join(folder, 'queue.csv');
    const rows = Array.from({ length: 8 }, (_, at) => `${at},张三 的 渣土车,080102`);
    const wrong = ['甲,张三 的 渣土车,090401', '乙,渣土车 太吵,090401', ',渣土车,090401'];
    writeFileSync(many, `编号,内容,编码\n${[...rows, ...wrong].join('\n')}\n`);
    const store = join(folder, 'store');
    const args = ['--tickets', many, '--suspects', join(folder, 'queue-suspects.csv'), '--store', store];
    const first = await evaluate(...args, '--reviews', '1');
    expect([first.code, first.err]).toEqual([
      0,
      expect.stringContaining('排进复核队列 1 件，没有工单编号而未排 1 件'),
    ]);
    const again = await evaluate(...args, '--json');
    expect(JSON.parse(again.out).suspects.queued).toEqual({ added: 1, known: 1, unnumbered: 1 });
    const opened = await openStore({ kind: 'folder', folder: store });
    const queue = await opened.reviews.waiting(10);
    await opened.close();
    expect(queue.map(({ ticket, cause, label }) => [ticket, cause, label])).toEqual([
      ['甲', 'likely-mislabelled', '09.0904.090401'],
      ['乙', 'likely-mislabelled', '09.0904.090401'],
    ]);
    expect(queue[0]!.candidates[0]!.item).toBe('08.0801.080102');
    const alone = await evaluate('--tickets', many, '--store', store);
    expect([alone.code, alone.out]).toEqual([2, '']);
    expect(alone.err).toContain('--store 须与 --suspects 同用');
  });

  it('sets the baseline and the training counts beside it where the training tickets are given', async () => {
    const train = join(folder, 'train.csv');
    const rows = Array.from({ length: 6 }, (_, at) =>
      at % 2 === 0 ? `${at},楼下 渣土车 太吵,080102` : `${at},路边 占道经营,080101`,
    );
    writeFileSync(train, `id,内容,编码\n${rows.join('\n')}\n`);
    const { out } = await evaluate('--tickets', tickets, '--train-tickets', train, '--json');
    const { bayes, fewShot } = JSON.parse(out);
    expect(bayes).toMatchObject({ trained: 6, judged: 4 });
    expect(bayes.levels[2]).toMatchObject({
      rows: 3,
      top1: expect.closeTo(2 / 3),
      modelTop1: expect.closeTo(2 / 3),
    });
    expect(fewShot.map(({ rows: count }: { rows: number }) => count)).toEqual([0, 3, 0, 0]);
    const people = await evaluate('--tickets', tickets, '--train-tickets', train);
    expect(people.out).toContain('朴素贝叶斯基线（6 件训练');
  });

  it('explains what is wrong: no file, no usable row, options that exclude each other', async () => {
    const none = await evaluate('--tickets', join(folder, 'none.csv'));
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('none.csv')]);
    const useless = join(folder, 'useless.csv');
    writeFileSync(useless, '内容,编码\n某事,777777\n');
    const nothing = await evaluate('--tickets', useless, '--json');
    expect(nothing.code).toBe(2);
    expect(nothing.err).toContain('no-tickets');
    const both = await evaluate('--tickets', tickets, '--label-column', 'a', '--level-column', 'b');
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('只能给出一种')]);
  });
});

/** `duihao suggest` and `duihao models`, as processes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultTaxonomyPath } from '../../src/taxonomy/load.js';
import { saveTaxonomy } from '../../src/taxonomy/save.js';
import { toyTaxonomy } from '../toy-answerer.js';
import { writeToyModel } from '../toy-model.js';
import { duihao, start } from './start.js';

let models: string;
let model: string;
beforeAll(() => {
  models = mkdtempSync(join(tmpdir(), 'duihao-suggest-'));
  model = writeToyModel(models, 'a', '1');
});
afterAll(() => rmSync(models, { recursive: true }));

describe('duihao suggest', () => {
  it('answers one text in Chinese: item, probability, evidence, candidates with their path', async () => {
    const { code, out } = await duihao(['suggest', '--model', model, '--text', '楼下渣土车太吵', '--k', '2']);
    expect(code).toBe(0);
    expect(out).toMatch(/^［1］080102 渣土车（\d+\.\d%）\n {2}依据：“渣土车”\n/);
    expect(out).toMatch(/1\. +\d+\.\d% {2}0801020000 {2}城乡建设 › 城市管理 › 渣土车/);
    expect(out.match(/^ {2}\d\./gm)).toHaveLength(2);
  });

  it('says that it is unsure, and where such a ticket goes', async () => {
    const unsure = await duihao(['suggest', '--model', model, '--text', '占道经营和渣土车']);
    expect(unsure.out).toMatch(/拿不准（把握不足），只能确定到 0801 城市管理（\d+\.\d%）：退回 080199/);
    const empty = await duihao(['suggest', '--model', model, '--text', ' ']);
    expect(empty.out).toContain('拿不准（没有内容）：退回 999900 其他');
  });

  it('lists with --coverage what holds the right item with that probability', async () => {
    const ask = (...more: string[]) =>
      duihao(['suggest', '--model', model, '--text', '渣土车', '--k', '1', ...more]);
    const { out } = await ask('--coverage', '0.9');
    expect(out).toMatch(
      /\n {2}以 95% 的概率在以下 3 项之中：\n {4} 85\.0% {2}0801020000 {2}城乡建设 › 城市管理 › 渣土车\n/,
    );
    const upper = await ask('--coverage', '0.9', '--level', '1');
    expect(upper.out).toMatch(/0800000000 {2}城乡建设（及其下级）/);
    const json = JSON.parse((await ask('--coverage', '0.5', '--json')).out);
    expect(json.results[0].set).toMatchObject({ coverage: 0.8, items: [{ short: '080102' }] });
    const more = await ask('--coverage', '0.97');
    expect([more.code, more.err]).toEqual([2, expect.stringContaining('至多承诺 0.95 的覆盖率')]);
    expect((await ask('--coverage', '95')).err).toContain('应大于 0 且小于 1');
  });

  it('answers as the API does with --json', async () => {
    const { out } = await duihao(['suggest', '--model', model, '--text', '渣土车', '--level', '2', '--json']);
    const answer = JSON.parse(out);
    expect(answer.model).toEqual({ id: 'a', version: '1', trainedAt: '2026-01-01T00:00:00.000Z' });
    expect(answer.results[0].candidates[0]).toMatchObject({ short: '0801', name: '城市管理' });
    expect(answer.taxonomy.id).toBe('toy');
  });

  it('reads JSON lines from stdin, answers line by line, and counts what it could not read', async () => {
    const input = [
      '{"id":"A","text":"渣土车"}',
      '',
      'not json 张三',
      '{"title":"电梯","text":""}',
      '[1]',
      '{"city":"广州"}',
    ].join('\n');
    const { code, out, err } = await duihao(['suggest', '--model', model, '--json', '--no-evidence'], {
      input,
    });
    expect(code).toBe(1);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id, decision }) => [id, decision.name])).toEqual([
      ['A', '渣土车'],
      ['4', '物业服务'],
    ]);
    expect(lines[0].evidence).toEqual([]);
    expect(err).toBe(
      '第 3 行未处理：不是 JSON 对象\n第 5 行未处理：不是 JSON 对象\n第 6 行未处理：没有标题，也没有内容\n共 2 件，另有 3 行无法读取\n',
    );
  });

  it('answers what has come and ends when it is interrupted while it waits for more', async () => {
    const rows = Array.from(
      { length: 32 },
      (_, at) => `${JSON.stringify({ id: `${at}`, text: '渣土车' })}\n`,
    );
    const waiting = start(['suggest', '--model', model, '--json'], { input: rows.join(''), waits: true });
    await waiting.said('"id":"31"');
    waiting.child.kill('SIGINT');
    const { code, err } = await waiting.ended;
    expect([code, err]).toEqual([130, '共 32 件\n']);
  });

  it('reads a file in whatever encoding and headings the hotline uses', async () => {
    const file = join(models, 'tickets.csv');
    writeFileSync(file, '工单编号,诉求标题,诉求内容\nG1,噪音,渣土车夜间施工\nG2,,电梯困人\n');
    const { code, out } = await duihao(['suggest', file, '--model', model, '--json']);
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['G1', 'G2']);
    const named = await duihao(['suggest', file, '--model', model, '--text-column', '诉求描述']);
    expect([named.code, named.err]).toEqual([2, expect.stringContaining('column-unknown')]);
  });

  it('stays within the branches asked for, and refuses what it does not know', async () => {
    const within = await duihao([
      'suggest',
      '--model',
      model,
      '--text',
      '渣土车',
      '--within',
      '0802',
      '--json',
    ]);
    expect(JSON.parse(within.out).results[0].candidates.map(({ short }: { short: string }) => short)).toEqual(
      ['080201'],
    );
    const cases: [string[], string][] = [
      [['--text', 'x', '--within', '0777'], 'item-unknown'],
      [['--text', 'x', '--level', '4'], 'level-out-of-range'],
      [['--text', 'x', 'file.csv'], 'option-conflict'],
      [['--title', 'x'], 'option-conflict'],
      [['no-such-file.csv'], 'file-not-found'],
    ];
    for (const [args, code] of cases) {
      const answer = await duihao(['suggest', '--model', model, ...args, '--json']);
      expect([args, answer.code, JSON.parse(answer.err).error.code]).toEqual([args, 2, code]);
    }
  });
});

describe('a model and the list it must be of', () => {
  it('answers where they are the same and refuses where they are not', async () => {
    const own = join(models, 'list.json');
    await saveTaxonomy(toyTaxonomy(), own);
    const args = ['suggest', '--model', model, '--text', '渣土车', '--json'];
    expect((await duihao([...args, '--taxonomy', own])).code).toBe(0);
    const other = await duihao([...args, '--taxonomy', defaultTaxonomyPath]);
    expect(other.code).not.toBe(0);
    expect(JSON.parse(other.err).error.code).toBe('model-taxonomy-mismatch');
    const half = await duihao([...args, '--overlay', own]);
    expect(JSON.parse(half.err).error.code).toBe('option-invalid');
  });
});

describe('duihao models', () => {
  it('lists, promotes and rolls back; suggest follows', async () => {
    writeToyModel(models, 'b', '2');
    const choose = await duihao(['suggest', '--models', models, '--text', 'x']);
    expect([choose.code, choose.err]).toEqual([2, expect.stringContaining('duihao models promote')]);
    const answering = async () => {
      const { out } = await duihao(['suggest', '--models', models, '--text', 'x', '--json']);
      return JSON.parse(out).model.id;
    };
    expect((await duihao(['models', 'promote', 'a', '--models', models])).out).toMatch(/^已上线 a（版本 1/);
    expect(await answering()).toBe('a');
    const promoted = await duihao(['models', 'promote', 'b', '--models', models, '--json']);
    expect(JSON.parse(promoted.out)).toMatchObject({ model: 'b', version: '2', history: [{ model: 'a' }] });
    expect(await answering()).toBe('b');
    const { out } = await duihao(['models', 'list', '--models', models]);
    expect(out).toMatch(/^\* b {2}版本 2/m);
    expect(out).toMatch(/^ {2}a {2}版本 1/m);
    expect((await duihao(['models', 'rollback', '--models', models])).out).toMatch(/^已回滚到 a/);
    expect(await answering()).toBe('a');
    const no = await duihao(['models', 'rollback', '--models', models]);
    expect([no.code, no.err]).toEqual([1, expect.stringContaining('rollback-impossible')]);
  });
});

import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guessColumns } from '../src/table/ticket-columns.js';
import type { LabelledTicket } from '../training/labelled-ticket.js';
import { groupNearDuplicates } from '../training/near-duplicates.js';
import { readTickets, timeOf } from '../training/read-tickets.js';
import { planFolds, splitTickets } from '../training/split.js';

const ticketOf = (text: string, more: Partial<LabelledTicket> = {}, index = 0): LabelledTicket => ({
  ticket: { id: `t${index}`, text },
  labels: [0],
  alternatives: [],
  weight: 1,
  source: { file: 'a.csv', row: index + 2 },
  ...more,
});

/** Texts that share hardly a 4-gram: each of its own Chinese characters. */
const distinctText = (index: number) =>
  Array.from({ length: 40 }, (_, at) =>
    String.fromCharCode(0x4e00 + ((index * 6151 + at * 97 + at * at * index) % 20000)),
  ).join('');

describe('guessing columns', () => {
  it('knows the headings hotlines use', () => {
    expect(guessColumns(['工单编号', '诉求标题', '诉求内容', '事项编码', '受理时间'])).toEqual({
      id: '工单编号',
      title: '诉求标题',
      text: '诉求内容',
      label: '事项编码',
      date: '受理时间',
    });
  });

  it('takes one column per level where there is no single label', () => {
    expect(guessColumns(['内容', '一级分类', '二级分类', '三级分类']).levels).toEqual([
      '一级分类',
      '二级分类',
      '三级分类',
    ]);
    expect(guessColumns(['内容', '二级分类', '一级分类', '四级分类']).levels).toEqual([
      '一级分类',
      '二级分类',
    ]);
  });

  it('refuses a named column that does not exist and says which do', () => {
    expect(() => guessColumns(['内容', 'code'], { text: '正文' })).toThrow(
      /there is no column “正文”.*内容, code/,
    );
    expect(() => guessColumns(['a', 'b'])).toThrow(/text-column/);
    expect(() => guessColumns(['内容', 'b'])).toThrow(/label-column/);
  });
});

describe('reading tickets', () => {
  it('keeps every row: as a ticket or as a rejection with its reason', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'duihao-read-'));
    const path = join(folder, 'a.csv');
    await writeFile(
      path,
      '编号,标题,内容,编码,日期\n1,路灯,不亮,080102,2024-05-01\n2,,,080102,\n3,x,y,,\n4,x\n5,,只有内容,08,坏日期\n',
    );
    const file = await readTickets(path);
    expect(file.rows).toBe(5);
    expect(file.tickets.map(({ ticket, label }) => [ticket.id, label.code])).toEqual([
      ['1', '080102'],
      ['5', '08'],
    ]);
    expect(file.tickets[0]!.time).toBe(Date.UTC(2024, 4, 1));
    expect(file.tickets[1]!.time).toBeUndefined();
    expect(file.rejections.map(({ row, reason }) => [row, reason])).toEqual([
      [3, 'text-empty'],
      [4, 'label-missing'],
      [5, 'column-count'],
    ]);
  });

  it('takes JSON lines with a list of labels, also one that stops at an upper level', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'duihao-read-'));
    const path = join(folder, 'a.jsonl');
    await writeFile(
      path,
      '{"title":"t","text":"x","labels":["08","0801"],"alt":"080102"}\n{"text":"y","labels":[]}\n{"text":5',
    );
    const file = await readTickets(path);
    expect(file.tickets[0]).toMatchObject({ label: { path: ['08', '0801'] }, alternative: '080102' });
    expect(file.tickets[0]!.ticket.id).toBe('a.jsonl:1');
    expect(file.rejections.map(({ reason }) => reason)).toEqual(['label-missing', 'row-malformed']);
  });

  it('understands the ways dates are written', () => {
    const day = Date.UTC(2018, 1, 8);
    for (const text of ['2018-02-08', '2018/2/8', '20180208', '2018年2月8日', '2018.02.08'])
      expect(timeOf(text)).toBe(day);
    expect(timeOf('2018-02-08 09:05:01')).toBe(day + ((9 * 60 + 5) * 60 + 1) * 1000);
    for (const text of ['', '2018-13-01', '2018-02-31', 'soon']) expect(timeOf(text)).toBeUndefined();
  });
});

describe('splitting', () => {
  it('groups copies of a letter that differ in names, numbers and a few words', () => {
    const letter =
      '尊敬的领导我们小区楼下的烧烤店每天营业到凌晨油烟直接排进居民家里多次向街道反映一直没有人处理希望有关部门尽快整治还我们一个安静干净的环境谢谢';
    const tickets = [letter, `${letter}12345`, letter.replace('谢谢', '万分感谢'), distinctText(3)].map(
      (text, id) => ({
        id: String(id),
        text,
      }),
    );
    expect([...groupNearDuplicates(tickets)]).toEqual([0, 0, 0, 3]);
  });

  it('never puts near-duplicates on both sides and loses no ticket', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 2, maxLength: 120 }), fc.nat(1000), (texts, seed) => {
        const tickets = texts.map((text, index) => ticketOf(distinctText(text), {}, index));
        const { folds } = splitTickets(tickets, { folds: 3, share: 0.2 }, seed);
        const held = folds.flat();
        expect(new Set(held).size).toBe(held.length);
        expect(held.every((row) => row < tickets.length)).toBe(true);
        expect(folds.every((rows) => rows.length > 0 && rows.length <= 0.3 * tickets.length + 1)).toBe(true);
        for (const rows of folds) {
          const out = new Set(rows);
          const rest = new Set(tickets.filter((_, row) => !out.has(row)).map(({ ticket }) => ticket.text));
          expect(rows.filter((row) => rest.has(tickets[row]!.ticket.text))).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('holds a tenth of many tickets out once, and of few every ticket once', () => {
    expect(planFolds(100_000, 0.1)).toEqual({ folds: 1, share: 0.1 });
    expect(planFolds(5_000, 0.1)).toEqual({ folds: 1, share: 0.2 });
    expect(planFolds(300, 0.1)).toEqual({ folds: 5, share: 0.2 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30_000 }),
        fc.double({ min: 0.01, max: 0.49, noNaN: true }),
        (tickets, wish) => {
          const { folds, share } = planFolds(tickets, wish);
          expect(folds).toBeGreaterThanOrEqual(1);
          expect(folds * share).toBeLessThanOrEqual(1);
          expect(share).toBeGreaterThanOrEqual(Math.min(wish, 0.2));
        },
      ),
    );
    const tickets = Array.from({ length: 300 }, (_, index) => ticketOf(distinctText(index), {}, index));
    const { folds } = splitTickets(tickets, planFolds(300, 0.1), 1);
    expect(folds.map(({ length }) => length)).toEqual([60, 60, 60, 60, 60]);
    expect(splitTickets(tickets.slice(0, 19), planFolds(19, 0.1), 1).folds).toEqual([]);
  });

  it('holds the newest tickets out first where there are dates', () => {
    const tickets = Array.from({ length: 100 }, (_, index) =>
      ticketOf(distinctText(index), { time: index * 86_400_000 }, index),
    );
    const split = splitTickets(tickets, { folds: 1, share: 0.1 }, 1);
    expect(split.by).toBe('time');
    expect(split.folds).toEqual([[90, 91, 92, 93, 94, 95, 96, 97, 98, 99]]);
  });

  it('is the same for the same seed and another for another', () => {
    const tickets = Array.from({ length: 200 }, (_, index) => ticketOf(distinctText(index), {}, index));
    const folds = (seed: number) => splitTickets(tickets, { folds: 2, share: 0.1 }, seed).folds;
    expect(folds(1)).toEqual(folds(1));
    expect(folds(1)).not.toEqual(folds(2));
  });
});

/** `duihao relabel` as a process over the worker pool: a table, facets, a workbook, wrong usage. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import writeXlsx from 'write-excel-file/node';
import { openStore } from '../../src/store/store.js';
import { duihao } from '../cli/start.js';
import { writeToyModel } from '../toy-model.js';
import { legacyCsv } from './files.js';

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-relabel-cli-'));
  model = writeToyModel(folder, 'toy', '1');
});

const run = (...args: string[]) =>
  duihao(['relabel', ...args], { script: 'test/relabel/relabel-pool-process.ts' });
async function written(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('duihao relabel', () => {
  it('narrows by a table of an old list, keeps facets, and counts by note', async () => {
    const input = await written('old.csv', '内容,原编码,诉求类别\n物业费,A1,投诉\n摆摊,A1,咨询\n摆摊,B,\n');
    const table = await written('table.csv', '旧编码,新编码\nA1,080201\n');
    const old = await written('old-list.csv', 'code,parent,name\nA,,城管\nA1,A,小区\nB,,其他\n');
    const out = join(folder, 'table-new.csv');
    const args = ['--in', input, '--out', out, '--model', model, '--table', table, '--old-taxonomy', old];
    const { code, out: printed } = await run(...args, '--label-column', '原编码', '--json');
    expect(code).toBe(0);
    const { summary, columns, added } = JSON.parse(printed);
    expect(columns).toEqual({ text: '内容', label: '原编码' });
    expect(summary).toMatchObject({
      rows: 3,
      tableNotes: { 'table-single': 1, 'table-disagrees': 1, 'table-none': 1 },
      old: { same: 2, unknown: 1 },
    });
    expect(added).toContain('对照说明');
    const rows = (await readFile(out, 'utf8')).split('\n');
    expect(rows[2]).toContain('摆摊,A1,咨询,0802010000,物业服务,specific,1.0000');
  });

  it('queues what contradicts the table, once', async () => {
    const input = await written('queue.csv', '工单编号,内容,原编码\nGD1,摆摊,A\nGD2,物业费,A\n,摆摊,A\n');
    const table = await written('queue-table.csv', '旧编码,新编码\nA,080201\n');
    const store = join(folder, 'store');
    const args = ['--in', input, '--out', join(folder, 'queued.csv'), '--model', model, '--table', table];
    const { code, out } = await run(...args, '--store', store, '--label-column', '原编码');
    expect([code, out]).toEqual([0, expect.stringContaining('排进复核队列 1 件，没有工单编号而未排 1 件')]);
    // Finished long ago, asked for again.
    const again = await run(...args, '--store', store, '--label-column', '原编码', '--resume', '--json');
    expect(JSON.parse(again.out).queued).toEqual({ added: 0, known: 1, unnumbered: 1 });
    const opened = await openStore({ kind: 'folder', folder: store });
    const queue = await opened.reviews.waiting(10);
    await opened.close();
    expect(queue).toMatchObject([
      {
        ticket: 'GD1',
        cause: 'table-disagrees',
        label: '08.0802.080201',
        candidates: [{ item: '08.0801.080101' }],
      },
    ]);
  });

  it('needs a table for the queue', async () => {
    const input = await written('plain.csv', '内容\n摆摊\n');
    const out = join(folder, 'plain-new.csv');
    const refused = await run('--in', input, '--out', out, '--model', model, '--store', join(folder, 'none'));
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--store 须与 --table 同用')]);
  });

  it('gives the same file with one worker and with three', async () => {
    const input = await written('many.csv', legacyCsv(3000));
    const files: Buffer[] = [];
    for (const workers of ['1', '3']) {
      const out = join(folder, `workers-${workers}.csv`);
      const { code } = await run('--in', input, '--out', out, '--model', model, '--workers', workers);
      expect(code).toBe(0);
      files.push(await readFile(out));
    }
    expect(files[0]!.equals(files[1]!)).toBe(true);
  });

  it('reads a workbook, by the sheet’s name too', async () => {
    const cell = (value: string) => ({ value });
    const bytes = await writeXlsx([
      { data: [[cell('说明')]], sheet: '说明' },
      { data: [[cell('内容')], [cell('渣土车')]], sheet: '工单' },
    ]).toBuffer();
    const input = await written('book.xlsx', bytes);
    const out = join(folder, 'book.csv');
    const { code, out: printed } = await run(
      '--in',
      input,
      '--out',
      out,
      '--model',
      model,
      '--sheet',
      '工单',
    );
    expect(code).toBe(0);
    expect(printed).toContain('共 1 行：具体事项 1');
    expect(await readFile(out, 'utf8')).toContain('渣土车,0801020000');
  });

  it('says what is wrong with the usage, and exits 2', async () => {
    const input = await written('usage.csv', 'text\n摆摊\n');
    const out = join(folder, 'usage-new.csv');
    const both = ['--in', input, '--out', out, '--model', model];
    const wrong: [string[], string][] = [
      [['--out', out], '请用 --in'],
      [[...both, '--level', 'x'], 'level'],
      [[...both, '--level', '9'], 'level-out-of-range'],
      [[...both, '--report', 'a.pdf'], '--report'],
      [[...both, '--old-taxonomy', input], '--old-taxonomy'],
      [[...both, '--text-column', '无'], 'column-unknown'],
      [[...both, '--encoding', 'klingon'], 'encoding-unknown'],
      [['--in', input, '--out', join(folder, 'x.doc'), '--model', model], '.csv、.jsonl 或 .xlsx'],
      [['--reverse', input, '--in', input, '--out', out], '不能同用'],
      [['--reverse', input, '--out', out], '无法还原'],
    ];
    const ends = await Promise.all(wrong.map(([args]) => run(...args)));
    for (const [at, { code, err }] of ends.entries()) {
      expect(err).toContain(wrong[at]![1]);
      expect(code).toBe(2);
    }
  });
});

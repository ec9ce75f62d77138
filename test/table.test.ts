import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import writeXlsx from 'write-excel-file/node';
import { detectEncoding } from '../src/table/encoding.js';
import { guessDelimiter, nameColumns, openTable, type TableRow } from '../src/table/table.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-table-'));
});

async function readAll(name: string, content: string | Buffer): Promise<TableRow[]> {
  const path = join(folder, name);
  await writeFile(path, content);
  const rows: TableRow[] = [];
  for await (const row of (await openTable(path)).rows) rows.push(row);
  return rows;
}

// 编号,内容 / 1,路灯不亮 in GB18030.
const gb18030 = Buffer.from('b1e0bac52cc4dac8dd0a312cc2b7b5c6b2bbc1c10a', 'hex');

describe('a table', () => {
  it('reads CSV in UTF-8 with and without BOM and in GB18030', async () => {
    const expected = [{ row: 2, cells: { 编号: '1', 内容: '路灯不亮' } }];
    expect(await readAll('plain.csv', '编号,内容\n1,路灯不亮\n')).toEqual(expected);
    expect(await readAll('bom.csv', '\uFEFF编号,内容\r\n1,路灯不亮\r\n')).toEqual(expected);
    expect(await readAll('gb.csv', gb18030)).toEqual(expected);
    expect(await detectEncoding(join(folder, 'gb.csv'))).toBe('gb18030');
  });

  it('keeps quoted delimiters, quotes and line breaks and numbers rows by their first line', async () => {
    const rows = await readAll('quoted.csv', 'id,text\n1,"一,""二""\n三"\n2,四\n');
    expect(rows).toEqual([
      { row: 2, cells: { id: '1', text: '一,"二"\n三' } },
      { row: 4, cells: { id: '2', text: '四' } },
    ]);
  });

  it('hands over rows with a wrong number of cells and says so', async () => {
    const rows = await readAll('ragged.csv', 'id,text\n1\n2,b,c\n3,d\n');
    expect(rows.map((row) => row.fault)).toEqual(['column-count', 'column-count', undefined]);
    expect(rows[0]!.cells).toEqual({ id: '1', text: '' });
  });

  it('reports an unclosed quote and reads on behind its line', async () => {
    const rows = await readAll('unclosed.csv', 'id,text\n1,"never closed\n2,b\n');
    expect(rows).toEqual([
      { row: 2, cells: null, fault: 'row-malformed', message: expect.stringContaining('quote') },
      { row: 3, cells: { id: '2', text: 'b' } },
    ]);
    await writeFile(join(folder, 'heading.csv'), 'id,"text\n1,a\n');
    await expect(openTable(join(folder, 'heading.csv'))).rejects.toMatchObject({ code: 'file-malformed' });
  });

  it('numbers rows by their line behind blank lines too, before and behind the heading', async () => {
    for (const end of ['\n', '\r\n']) {
      const lines = ['', 'id,text', '', '1,a', '', '', '2,"b', 'c"', '', '3', '4,d'];
      const rows = await readAll('blank.csv', lines.join(end));
      expect(rows.map(({ row, cells }) => [row, cells?.id])).toEqual([
        [4, '1'],
        [7, '2'],
        [10, '3'],
        [11, '4'],
      ]);
    }
  });

  it('reports JSON lines that are not objects and reads the others', async () => {
    const rows = await readAll('a.jsonl', '{"id":1}\nnot json\n\n[1]\n{"id":2}');
    expect(rows.map((row) => [row.row, row.fault ?? row.cells])).toEqual([
      [1, { id: 1 }],
      [2, 'row-malformed'],
      [4, 'row-malformed'],
      [5, { id: 2 }],
    ]);
  });

  it('reads XLSX with numbers as text', async () => {
    const path = join(folder, 'a.xlsx');
    await writeXlsx([
      [{ value: '编号' }, { value: '内容' }],
      [{ value: 7 }, { value: '路灯不亮' }],
    ]).toFile(path);
    const rows: TableRow[] = [];
    for await (const row of (await openTable(path)).rows) rows.push(row);
    expect(rows).toEqual([{ row: 2, cells: { 编号: '7', 内容: '路灯不亮' } }]);
  });

  it('refuses what is missing, empty or not what it says', async () => {
    await expect(openTable(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'file-not-found' });
    await writeFile(join(folder, 'empty.csv'), '');
    await expect(openTable(join(folder, 'empty.csv'))).rejects.toMatchObject({ code: 'file-empty' });
    await writeFile(join(folder, 'fake.xlsx'), 'PK no zip');
    await expect(openTable(join(folder, 'fake.xlsx'))).rejects.toMatchObject({ code: 'file-malformed' });
  });

  it('guesses the delimiter and names blank and repeated columns', () => {
    expect(guessDelimiter('a\tb\tc')).toBe('\t');
    expect(guessDelimiter('a;b')).toBe(';');
    expect(guessDelimiter('only')).toBe(',');
    expect(nameColumns(['a', '', 'a', null])).toEqual(['a', 'column 2', 'a (2)', 'column 4']);
  });

  it('detects UTF-8 wherever a chunk may cut a character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), async (shift) => {
        const path = join(folder, `cut-${shift}.csv`);
        await writeFile(path, `${'a'.repeat(shift)}${'𠮷号'.repeat(170_000)}`);
        expect(await detectEncoding(path)).toBe('utf-8');
      }),
      { numRuns: 4 },
    );
  });
});

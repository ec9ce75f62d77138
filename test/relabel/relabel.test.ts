import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { readSheet } from 'read-excel-file/node';
import { beforeAll, describe, expect, it } from 'vitest';
import writeXlsx from 'write-excel-file/node';
import { DuihaoError } from '../../src/errors.js';
import { relabel } from '../../src/relabel/relabel.js';
import type { RelabelOptions } from '../../src/relabel/relabel-options.js';
import { reportHtml } from '../../src/relabel/report.js';
import { reverse } from '../../src/relabel/reverse.js';
import { openTable } from '../../src/table/table.js';
import { parseCombinedCode } from '../../src/taxonomy/combined-code.js';
import { CorrespondenceTable } from '../../src/taxonomy/correspondence.js';
import { loadFacets } from '../../src/taxonomy/facets.js';
import { buildTaxonomy } from '../../src/taxonomy/taxonomy.js';
import { toyService, toyTaxonomy } from '../server/toy-service.js';
import { facetService, legacyCsv } from './files.js';

let folder: string;
let serial = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-relabel-'));
});

type More = Partial<RelabelOptions> & { service?: ReturnType<typeof toyService> };

/** Relabels `content` and gives back the new file, its bytes, and what came of it. */
async function run(name: string, content: string | Buffer, { service, ...more }: More = {}) {
  serial += 1;
  const input = join(folder, `${serial}-${name}`);
  const output = more.output ?? join(folder, `${serial}-new${name.slice(name.lastIndexOf('.'))}`);
  await writeFile(input, content);
  const result = await relabel(service ?? toyService(), { ...more, input, output });
  return { ...result, input, bytes: await readFile(output) };
}

async function backFrom(output: string): Promise<{ bytes: Buffer; identical: boolean; unmatched: number }> {
  const target = `${output}.back`;
  const { identical, unmatched } = await reverse(output, target, true);
  return { bytes: await readFile(target), identical, unmatched };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => (error instanceof DuihaoError ? error.code : String(error)),
  );

describe('a relabelled CSV', () => {
  it('keeps the columns as they stand and adds the answer behind them', async () => {
    const { bytes, summary } = await run(
      'a.csv',
      'id,text,code\r\n1,"路边,摆摊",080101\r\n2,  物业费 ,080101\r\n3,看不懂,\r\n',
    );
    expect(bytes.toString()).toBe(
      [
        'id,text,code,code_2,name,kind,probability,under,reason,error',
        '1,"路边,摆摊",080101,0801010000,占道经营,specific,0.8500,,,',
        '2,  物业费 ,080101,0802010000,物业服务,specific,0.8500,,,',
        '3,看不懂,,9999000000,其他,fallback,1.0000,,low-confidence,',
        '',
      ].join('\r\n'),
    );
    expect(summary).toMatchObject({
      rows: 3,
      specific: 2,
      fellBack: 1,
      unreadable: 0,
      fellBackUnder: { 0: 1 },
      old: { same: 1, changedAtLevel: { 2: 1 }, missing: 1 },
    });
  });

  it('has Chinese headings where the input has, and gives way where a name is taken', async () => {
    const { bytes } = await run('zh.csv', '内容,编码,错误\n摆摊,080101,x\n');
    expect(bytes.toString().split('\n')[0]).toBe('内容,编码,错误,编码_2,名称,判定,概率,上级,原因,错误_2');
  });

  it('stays in GB18030, and in UTF-8 with its BOM', async () => {
    const gb = await run('gb.csv', iconv.encode('编号\t内容\n1\t渣土车撒漏\n', 'gb18030'));
    expect(iconv.decode(gb.bytes, 'gb18030')).toBe(
      '编号\t内容\t编码\t名称\t判定\t概率\t上级\t原因\t错误\n1\t渣土车撒漏\t0801020000\t渣土车\tspecific\t0.8500\t\t\t\n',
    );
    const bom = await run('bom.csv', '\uFEFF内容\n渣土车\n');
    expect(bom.bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
    const utf16 = iconv.encode('内容,a\r\n渣土车,b', 'utf16-le', { addBOM: true });
    const wide = await run('utf16.csv', utf16);
    expect(iconv.decode(wide.bytes, 'utf16-le')).toContain('渣土车,b,0801020000,渣土车');
    expect((await backFrom(wide.output)).bytes).toEqual(utf16);
  });

  it('keeps rows it cannot read, says why, and counts them', async () => {
    const { bytes, summary, output, input } = await run(
      'broken.csv',
      'id,text\n1\n2,摆摊,"多,余"\n\n3,摆摊\n4,"never closed\n5,物业费\n',
    );
    const rows = bytes.toString().split('\n');
    expect(rows.slice(1)).toEqual([
      '1,,,,,,,,column-count: 1 cells where the heading has 2',
      '2,"摆摊,""多,余""",,,,,,,column-count: 3 cells where the heading has 2',
      '',
      '3,摆摊,0801010000,占道经营,specific,0.8500,,,',
      '"4,""never closed",,,,,,,,row-malformed: a quote is opened and never closed',
      '5,物业费,0802010000,物业服务,specific,0.8500,,,',
      '',
    ]);
    expect(summary).toMatchObject({ rows: 5, specific: 2, unreadable: 3 });
    expect((await backFrom(output)).bytes).toEqual(await readFile(input));
  });

  it('is read back by the table reader with one row for each of the input', async () => {
    const { output, summary } = await run('long.csv', legacyCsv(1000));
    const table = await openTable(output);
    let rows = 0;
    for await (const { fault } of table.rows) {
      expect(fault).toBeUndefined();
      rows += 1;
    }
    expect(rows).toBe(1000);
    expect(summary).toMatchObject({ rows: 1000, unreadable: 10 });
  });

  it('answers at the level asked for', async () => {
    const { bytes, summary } = await run('level.csv', 'text,code\n摆摊,0801\n家政,08\n', { level: 1 });
    expect(bytes.toString()).toContain('摆摊,0801,0800000000,城乡建设,specific');
    expect(summary.old).toMatchObject({ coarser: 1, changedAtLevel: { 1: 1 } });
    expect(await codeOf(run('deep.csv', 'text\na\n', { level: 4 }))).toBe('level-out-of-range');
  });

  it('is compared with the old codes level by level, an ambiguous one by what is nearest', async () => {
    const rows = [
      '占道经营,0801',
      '占道经营,080102',
      '占道经营,0802',
      '占道经营,09',
      '占道经营,x',
      '占道经营,',
    ];
    const old = ['家政,090499', '家政,0905', '家政,090401', '新闻出版,0106'];
    const { summary } = await run('compare.csv', ['text,code', ...rows, ...old].join('\n'));
    expect(summary).toMatchObject({ rows: 10, unreadable: 0 });
    expect(summary.old).toEqual({
      same: 2,
      changedAtLevel: { 1: 1, 2: 2, 3: 2 },
      refined: 1,
      coarser: 0,
      unknown: 1,
      missing: 1,
      withoutItem: 0,
    });
  });

  it('takes the old code from a column per level where there is no single one', async () => {
    const { columns, summary } = await run(
      'levels.csv',
      '内容,一级分类,二级分类\n占道经营,城乡建设,住房\n占道经营,城乡建设,\n',
    );
    expect(columns.levels).toEqual(['一级分类', '二级分类']);
    expect(summary.old).toMatchObject({ changedAtLevel: { 2: 1 }, refined: 1 });
  });

  it('gives the original back byte for byte, whatever it holds', async () => {
    const bytes = fc.array(
      fc.constantFrom('"', ',', '\n', '\r\n', 'a', '摆摊', ' ', '""', '=1+1', '\uFEFF', '\r'),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), fc.boolean(), async (parts, gb, bom) => {
        const content = `${bom ? '\uFEFF' : ''}id,text\n${parts.join('')}`;
        const file = gb ? iconv.encode(content, 'gb18030') : Buffer.from(content);
        const encoding = gb ? ('gb18030' as const) : ('utf-8' as const);
        const { output } = await run('any.csv', file, { encoding });
        const back = await backFrom(output);
        expect(back.bytes.equals(file)).toBe(true);
        expect(back).toMatchObject({ identical: true, unmatched: 0 });
      }),
      { numRuns: 150 },
    );
  });

  it('copies bytes that are no characters at all', async () => {
    const file = Buffer.concat([
      Buffer.from('id,text\n1,'),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from('\n'),
    ]);
    const { output } = await run('bytes.csv', file);
    expect((await backFrom(output)).bytes).toEqual(file);
  });
});

describe('reversing', () => {
  it('says so where the file was edited since, and gives back what is left of its columns', async () => {
    const { output } = await run('edited.csv', 'id,text\n1,摆摊\n2,物业费\n');
    const edited = (await readFile(output, 'utf8')).replace('1,摆摊', '1,改过');
    await writeFile(output, edited);
    const back = await backFrom(output);
    expect(back.identical).toBe(false);
    expect(back.bytes.toString()).toBe('id,text\n1,改过\n2,物业费\n');
  });

  it('refuses without the manifest, with moved columns, and over a file that is there', async () => {
    const { output, input } = await run('refused.csv', 'id,text\n1,摆摊\n');
    expect(await codeOf(reverse(output, input))).toBe('output-exists');
    expect(await codeOf(reverse(output, output, true))).toBe('output-exists');
    const content = await readFile(output, 'utf8');
    await writeFile(output, content.replace('id,text,', 'text,'));
    expect(await codeOf(reverse(output, join(folder, 'nowhere.csv')))).toBe('columns-edited');
    expect(await codeOf(reverse(input, join(folder, 'nowhere.csv')))).toBe('relabel-manifest-missing');
    const anew = await run('anew.jsonl', '{"text":"摆摊"}\n', { output: join(folder, 'anew.csv') });
    expect(await codeOf(reverse(anew.output, join(folder, 'nowhere.csv')))).toBe('reverse-impossible');
  });
});

describe('relabelled JSON lines', () => {
  it('keep each object as it is written and get members added', async () => {
    const content = '{"text": "摆摊", "n": 1.0, "labels": ["08", "0801"]}\nnot json\n\n{}\n';
    const { bytes, summary, output } = await run('a.jsonl', content);
    const lines = bytes.toString().split('\n');
    expect(lines[0]).toBe(
      '{"text": "摆摊", "n": 1.0, "labels": ["08", "0801"],"code":"0801010000","name":"占道经营","kind":"specific","probability":0.85,"under":null,"reason":null,"error":null}',
    );
    expect(JSON.parse(lines[1]!)).toEqual({ error: 'row-malformed: not a JSON object', raw: 'not json' });
    expect(JSON.parse(lines[3]!)).toMatchObject({ kind: 'fallback', reason: 'empty-text' });
    expect(summary).toMatchObject({ rows: 3, unreadable: 1, old: { refined: 1, missing: 1 } });
    expect((await backFrom(output)).bytes.toString()).toBe(content);
  });

  it('come back byte for byte, with keys of ours in the input too', async () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const key = fc.constantFrom('code', 'name', 'error', 'raw', 'code_2', 'a', 'text', '内容');
    const line = fc.oneof(
      fc.dictionary(key, value, { maxKeys: 4 }).map((object) => JSON.stringify(object)),
      fc.constantFrom('', '  ', '{', '[1]', '{"error":"row-malformed: x"}', '{ }', '{"text":"}"} '),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (lines) => {
        const content = `{"text":"摆摊"}\n${lines.join('\n')}`;
        const { output } = await run('any.jsonl', content);
        const back = await backFrom(output);
        expect(back.bytes.toString()).toBe(content);
        expect(back.unmatched).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('relabelling into another format', () => {
  it('writes the cells anew: XLSX and JSON lines to CSV, CSV to JSON lines', async () => {
    const sheet = await writeXlsx([
      [{ value: '编号' }, { value: '内容' }],
      [{ value: 7 }, { value: '渣土车,夜里' }],
    ]).toBuffer();
    const fromXlsx = await run('a.xlsx', sheet, { output: join(folder, 'from-xlsx.csv') });
    expect(fromXlsx.bytes.toString()).toBe(
      '\uFEFF编号,内容,编码,名称,判定,概率,上级,原因,错误\n7,"渣土车,夜里",0801020000,渣土车,specific,0.8500,,,\n',
    );
    const fromJson = await run('b.jsonl', '{"text":"摆摊","x":[1]}\nbroken\n{"y":2}\n', {
      output: join(folder, 'from-json.csv'),
    });
    const [heading, ...rows] = fromJson.bytes.toString().split('\n');
    expect(heading).toBe('\uFEFFtext,x,y,code,name,kind,probability,under,reason,error');
    expect(rows[0]).toBe('摆摊,[1],,0801010000,占道经营,specific,0.8500,,,');
    expect(rows[1]).toBe('broken,,,,,,,,,row-malformed: not a JSON object');
    const fromCsv = await run('c.csv', 'text\n摆摊\n', { output: join(folder, 'from-csv.jsonl') });
    expect(JSON.parse(fromCsv.bytes.toString())).toMatchObject({ text: '摆摊', code: '0801010000' });
  });

  it('writes a workbook in which codes keep their zeros and probabilities are numbers', async () => {
    const content = iconv.encode('编号\t内容\n007\t"摆摊\t\u0001路边🚛"\n8\n', 'gb18030');
    const { output, manifest } = await run('book.csv', content, { output: join(folder, 'book.xlsx') });
    const rows = (await readSheet(output)) as unknown[][];
    expect(rows[0]!.slice(0, 4)).toEqual(['编号', '内容', '编码', '名称']);
    expect(rows[1]!.slice(0, 6)).toEqual(['007', '摆摊\t路边🚛', '0801010000', '占道经营', 'specific', 0.85]);
    expect(rows[2]!.at(-1)).toBe('column-count: 1 cells where the heading has 2');
    expect(manifest.output).toMatchObject({ format: 'xlsx', copied: false });
    expect(await codeOf(reverse(output, join(folder, 'nowhere.csv')))).toBe('reverse-impossible');
    for (const rest of ['.partial', '.partial.xlsx', '.progress.json'])
      await expect(stat(output + rest)).rejects.toThrow();
  });

  it('refuses what a workbook cannot hold, and formats it does not know', async () => {
    const long = `text\n${'字'.repeat(32_768)}\n`;
    expect(await codeOf(run('long.csv', long, { output: join(folder, 'l.xlsx') }))).toBe('cell-too-long');
    const many = `text\n${'摆摊\n'.repeat(50_001)}`;
    expect(await codeOf(run('many.csv', many, { output: join(folder, 'm.xlsx') }))).toBe(
      'workbook-too-large',
    );
    expect(await codeOf(run('d.csv', 'text\na\n', { output: join(folder, 'd.doc') }))).toBe(
      'output-format-unknown',
    );
  });
});

describe('a correspondence table', () => {
  const to = toyTaxonomy();
  const item = (code: string) => to.byCode(code)[0]!;
  const table = new CorrespondenceTable(null, to, [
    { from: 'A', to: item('080101'), weight: 1 },
    { from: 'A', to: item('080102'), weight: 1 },
    { from: 'B', to: item('080201'), weight: 1 },
  ]);

  it('narrows the answers to what it admits, and says where the text disagrees', async () => {
    const { bytes, summary } = await run(
      'table.csv',
      'text,code\n渣土车,A\n物业费,A\n物业费,B\n物业费,C\n物业费,\n',
      { table },
    );
    const rows = bytes
      .toString()
      .split('\n')
      .slice(1, 6)
      .map((line) => line.split(','));
    expect(rows.map((row) => [row[2], row[4], row[8]])).toEqual([
      ['0801020000', 'specific', ''],
      ['0801010000', 'specific', 'table-disagrees 0802010000 0.8500'],
      ['0802010000', 'specific', 'table-single'],
      ['0802010000', 'specific', 'table-none'],
      ['0802010000', 'specific', 'table-no-code'],
    ]);
    expect(summary.tableNotes).toEqual({
      'table-disagrees': 1,
      'table-single': 1,
      'table-none': 1,
      'table-no-code': 1,
    });
  });

  it('reads paths of a known old list, and takes the parent where the old item has no row', async () => {
    const { taxonomy: old } = buildTaxonomy({ id: 'old', version: '1', title: '旧' }, [
      { code: '01', name: '城管' },
      { code: '0101', name: '街面' },
    ]);
    const known = new CorrespondenceTable(old, to, [
      { from: old!.byCode('01')[0]!.id, to: item('0801'), weight: 1 },
    ]);
    const { bytes } = await run('path.jsonl', '{"text":"物业费 渣土车 泥头车","labels":["城管","街面"]}\n', {
      table: known,
    });
    expect(JSON.parse(bytes.toString())).toMatchObject({ code: '0801020000', table_note: 'table-single' });
  });
});

describe('facets', () => {
  it('of the input are passed on and kept, and the combined codes parse', async () => {
    const facets = await loadFacets();
    const { bytes, output } = await run(
      'facets.csv',
      '内容,诉求类别,诉求人\n摆摊,投诉,企业\n物业费,,企业\n电梯坏了,唱歌,\n',
      { facets, service: facetService(facets) },
    );
    const lines = bytes.toString().split('\n');
    expect(lines[0]).toContain('组合码,诉求类别_2,诉求人_2,错误');
    const rows: Readonly<Record<string, unknown>>[] = [];
    for await (const { cells } of (await openTable(output)).rows) rows.push(cells!);
    expect(rows[0]).toMatchObject({ 诉求类别: '投诉', 诉求类别_2: '投诉', 诉求人_2: '企业' });
    // A value that is none of the facet's is not passed on, but stays in its own column.
    expect(rows[2]).toMatchObject({ 诉求类别: '唱歌', 诉求人_2: '' });
    for (const row of rows) expect(parseCombinedCode(facets, String(row.组合码)).ok).toBe(true);
  });
});

describe('the files of a run', () => {
  it('are the new file and its manifest, nothing else; the report names no text', async () => {
    const { output, manifest } = await run('files.csv', 'text\n摆摊<b>\n');
    for (const rest of ['.partial', '.progress.json', '.relabel.json.tmp'])
      await expect(stat(output + rest)).rejects.toThrow();
    expect(manifest).toMatchObject({ model: { id: 'toy' }, output: { copied: true, encoding: 'utf-8' } });
    const html = reportHtml({ ...manifest, input: { ...manifest.input, name: '<script>' } });
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('摆摊');
  });

  it('are not written over what is there, nor over the input', async () => {
    const { output, input } = await run('twice.csv', 'text\n摆摊\n');
    const again = { input, output };
    expect(await codeOf(relabel(toyService(), again))).toBe('output-exists');
    expect(await codeOf(relabel(toyService(), { ...again, force: true }))).toBe('none');
    expect(await codeOf(relabel(toyService(), { input, output: input, force: true }))).toBe(
      'output-is-input',
    );
    expect(await codeOf(relabel(toyService(), { input, output: join(folder, 'no', 'x.csv') }))).toBe(
      'folder-not-found',
    );
    expect(await codeOf(run('none.csv', 'foo,bar\n1,2\n'))).toBe('column-missing');
  });
});

import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { beforeAll, describe, expect, it } from 'vitest';
import writeXlsx from 'write-excel-file/node';
import { packageRoot } from '../src/package-root.js';
import { inferTaxonomy } from '../src/taxonomy/infer.js';
import { checkTaxonomy, loadTaxonomy } from '../src/taxonomy/load.js';
import { resolveLabel } from '../src/taxonomy/resolve-label.js';
import { taxonomyFromJson, taxonomyToJson } from '../src/taxonomy/snapshot.js';
import { buildTaxonomy, type Taxonomy } from '../src/taxonomy/taxonomy.js';

const standardFile = join(packageRoot, 'data/taxonomy/db44t2479-2024.csv');
let standard: Taxonomy;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-taxonomy-'));
  standard = await loadTaxonomy(standardFile);
});

async function check(name: string, content: string | Buffer) {
  const path = join(folder, name);
  await writeFile(path, content);
  return checkTaxonomy(path);
}

async function checkXlsx(name: string, rows: (string | null)[][]) {
  const path = join(folder, name);
  await writeXlsx(rows.map((row) => row.map((value) => (value === null ? null : { value })))).toFile(path);
  return checkTaxonomy(path);
}

describe('the standard’s list', () => {
  it('has every item of Appendix A in its place', () => {
    const count = (level: number) => standard.items.filter((item) => item.level === level).length;
    expect([standard.scheme, count(1), count(2), count(3)]).toEqual(['db44', 14, 99, 515]);
    expect(standard.byCode('090499').map(({ id }) => id)).toEqual(['09.0904.090499', '09.0905.090499']);
  });

  it('is given search words for every level-3 item or for none while they are being written', () => {
    const leaves = standard.items.filter((item) => item.level === 3);
    expect([0, leaves.length]).toContain(leaves.filter(({ words }) => words.length >= 3).length);
  });

  it('loads with its printed quirks as warnings', async () => {
    const { faults } = await checkTaxonomy(standardFile);
    expect(faults.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(faults.map(({ fault, code }) => `${fault} ${code}`)).toEqual([
      'catch-all-code 0513',
      'code-duplicate 090499',
      'parent-differs 090499',
      'catch-all-child 129901',
      'catch-all-child 129902',
      'catch-all-child 129903',
    ]);
  });

  it('falls back to the nearest catch-all that exists', () => {
    const under = (code: string) => standard.catchAllOf(standard.byCode(code)[0] ?? null)?.id;
    expect(under('0801')).toBe('08.0801.080199');
    expect(under('08')).toBe('99.9999.999900');
    expect(under('0905')).toBe('09.0905.090499');
    expect(under('010600')).toBe('99.9999.999900');
    expect(standard.catchAllOf(null)?.isCatchAll).toBe(true);
  });

  it('round trips through its snapshot with the same digest and words', () => {
    const json = JSON.parse(JSON.stringify(taxonomyToJson(standard))) as { items: { name: string }[] };
    const back = taxonomyFromJson(json);
    expect(back.digest).toBe(standard.digest);
    expect(back.items).toEqual(standard.items);
    json.items[5]!.name = '别的';
    expect(() => taxonomyFromJson(json)).toThrow(/digest/);
  });
});

describe('a list of items in a file', () => {
  const rows = '编码,名称\n01,教育\n0101,学校\n010101,招生\n010199,其他学校\n';

  it('is the same in UTF-8, with BOM, in GB18030, with full-width digits and padded to ten digits', async () => {
    const plain = (await check('a.csv', rows)).taxonomy!;
    for (const content of [
      Buffer.from(`\uFEFF${rows}`),
      iconv.encode(rows, 'gb18030'),
      Buffer.from(rows.replace('0101,', '０１０１,')),
      Buffer.from(rows.replace(/^(\d+)/gm, (code) => code.padEnd(10, '0'))),
    ]) {
      expect((await check('b.csv', content)).taxonomy?.digest).toBe(plain.digest);
    }
  });

  it('is read from XLSX in the shape of the printed table with merged cells and two heading rows', async () => {
    const { taxonomy, faults } = await checkXlsx('printed.xlsx', [
      ['一级', null, '二级', null, '三级', null, '备注'],
      ['编码', '名称', '编码', '名称', '编码', '名称', null],
      ['01', '教育', '0101', '学校', '010101', '招生', '说明文字'],
      [null, null, null, null, '010199', '其他学校', null],
      [null, null, '0102', '出版', '010200', null, null],
      ['02', '医疗', '0201', '医院', '020101', '挂号', null],
    ]);
    expect(faults).toEqual([]);
    expect(taxonomy!.items.map(({ id, displayName }) => `${id} ${displayName}`)).toEqual([
      '01 教育',
      '01.0101 学校',
      '01.0101.010101 招生',
      '01.0101.010199 其他学校',
      '01.0102 出版',
      '01.0102.010200 出版',
      '02 医疗',
      '02.0201 医院',
      '02.0201.020101 挂号',
    ]);
  });

  it('is read from one code column beside names per level, and from codes and names in one cell', async () => {
    const beside = await check(
      'beside.csv',
      '代码,一级,二级,三级\n010101,教育,学校,招生\n010102,,,师资\n020101,医疗,医院,挂号\n',
    );
    const joined = await check(
      'joined.csv',
      '一级,二级,三级\n01 教育,0101 学校,010101 招生\n,,010102 师资\n02医疗,0201医院,020101挂号\n',
    );
    expect(beside.taxonomy!.items.map(({ id, name }) => `${id} ${name}`)).toEqual(
      joined.taxonomy!.items.map(({ id, name }) => `${id} ${name}`),
    );
    expect(beside.taxonomy!.items).toHaveLength(7);
  });

  it('is read from JSON, an array or a document', async () => {
    const items = [
      { code: '01', name: '教育' },
      { code: '0101', name: '学校', words: ['校园', '上学'] },
    ];
    expect((await check('list.json', JSON.stringify(items))).taxonomy!.items[1]!.words).toEqual([
      '校园',
      '上学',
    ]);
    const document = { id: 'x', version: '7', title: 'T', items };
    expect((await check('document.json', JSON.stringify(document))).taxonomy!.meta).toEqual({
      id: 'x',
      version: '7',
      title: 'T',
    });
  });

  it('reports every violation with its row', async () => {
    const { taxonomy, faults } = await check(
      'bad.csv',
      [
        '编码,名称,奇怪的列',
        '01,教育,',
        '01x1,坏编码,',
        '011,丢了零,',
        '0201,没有上级,',
        '0102,学校,',
        '0102,又是学校,',
        '0103,,',
        '0199,杂项,',
        '019901,杂项之下,',
        '01020001,跳级,',
      ].join('\n'),
    );
    expect(taxonomy).toBeNull();
    expect(faults.map(({ fault, row, severity }) => `${row} ${fault} ${severity}`)).toEqual([
      '1 column-unknown error',
      '3 code-invalid error',
      '4 code-width error',
      '5 parent-missing error',
      '7 place-duplicate error',
      '8 name-missing error',
      '9 catch-all-name warning',
      '10 catch-all-child error',
      '11 code-gap error',
    ]);
  });

  it('is refused with its faults when loaded with errors', async () => {
    const path = join(folder, 'refused.csv');
    await writeFile(path, 'code,name\n01,教育\n0201,没有上级\n');
    await expect(loadTaxonomy(path)).rejects.toMatchObject({ code: 'taxonomy-invalid' });
    await writeFile(path, 'a,b\n01,教育\n');
    await expect(loadTaxonomy(path)).rejects.toMatchObject({ code: 'columns-missing' });
  });
});

describe('a label', () => {
  const place = (raw: string | string[]) => {
    const resolution = resolveLabel(standard, raw);
    return resolution.kind === 'item' ? resolution.item.id : resolution.reason;
  };

  it('is understood as a code of any length, as people type it', () => {
    for (const raw of [
      '080102',
      '0801020000',
      '08 01 02',
      '08-01-02',
      '０８０１０２',
      '080102@0801',
      '医疗保险',
    ]) {
      expect(place(raw)).toBe('08.0801.080102');
    }
    expect(place('0801')).toBe('08.0801');
    expect(place('08')).toBe('08');
    expect(place(['08', '0801', '080102'])).toBe('08.0801.080102');
    expect(place('人力资源社会保障 > 社保统筹服务 > 医疗保险')).toBe('08.0801.080102');
  });

  it('means the undivided row where the padded code stands for it and its parent', () => {
    expect(place('0106000000')).toBe('01.0106.010600');
    expect(place('010600')).toBe('01.0106.010600');
    expect(place('新闻出版')).toBe('01.0106.010600');
  });

  it('is told apart by its parent where the code is printed twice, else said to be ambiguous', () => {
    expect(place('090499@0904')).toBe('09.0904.090499');
    expect(place('0904990000@0905')).toBe('09.0905.090499');
    expect(place(['09', '0905', '090499'])).toBe('09.0905.090499');
    expect(place('090499')).toBe('label-ambiguous');
    expect(place('检验检疫')).toBe('label-ambiguous');
    expect(place('077777')).toBe('label-unknown');
    expect(place('  ')).toBe('label-empty');
  });
});

describe('a tree inferred from labels', () => {
  it('is coded where the labels are codes and free where they are names', () => {
    const coded = inferTaxonomy([
      ['01', '0101', '010101'],
      ['01', '0101'],
      ['02', '0201', '020100'],
    ]);
    expect([coded.scheme, coded.items.length, coded.byCode('0101010000').length]).toEqual(['db44', 6, 1]);
    const free = inferTaxonomy([['体育', '足球'], ['财经'], ['体育', '其他'], ['财经', '其他']]);
    expect([free.scheme, free.items.length, free.leaves.length]).toEqual(['free', 5, 3]);
    expect(free.byCode('其他')).toHaveLength(2);
  });

  it('does not depend on the order of the tickets', () => {
    const paths = [['b', 'x'], ['a', 'y'], ['b', 'a'], ['a']];
    expect(inferTaxonomy(paths).digest).toBe(inferTaxonomy([...paths].reverse()).digest);
  });
});

describe('a retired item', () => {
  it('stays in the tree, names its successors and holds no leaf', () => {
    const { taxonomy } = buildTaxonomy({ id: 't', version: '1', title: 't' }, [
      { code: '01', name: '教育' },
      { code: '0101', name: '学校', retired: true, successors: ['0102'] },
      { code: '0102', name: '校园' },
      { code: '02', name: '医疗' },
      { code: '0201', name: '医院', retired: true },
    ]);
    expect(taxonomy!.leaves.map((index) => taxonomy!.at(index).code)).toEqual(['0102', '02']);
    expect(taxonomy!.byCode('0101')[0]!.successors).toEqual(['01.0102']);
    expect(taxonomy!.isLeaf(taxonomy!.byCode('02')[0]!)).toBe(true);
    expect(taxonomy!.isLeaf(taxonomy!.byCode('0201')[0]!)).toBe(false);
  });
});

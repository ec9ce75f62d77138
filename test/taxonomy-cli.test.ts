import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/package-root.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../src/taxonomy/load.js';

const exampleCity = join(packageRoot, 'data/overlays/example-city.csv');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-taxonomy-cli-'));
});

function duihao(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', join(packageRoot, 'src/cli/main.ts'), ...args],
      { cwd: packageRoot, maxBuffer: 64 << 20 },
      (error, out, err) => done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}
const json = async (...args: string[]) => JSON.parse((await duihao(...args, '--json')).out);

describe('duihao taxonomy', () => {
  it('checks the standard with its overlay and exits 0, or 1 where warnings count', async () => {
    const result = await json('taxonomy', 'check', defaultTaxonomyPath, '--overlay', exampleCity);
    expect(result).toMatchObject({ ok: true, errors: 0, warnings: 6, taxonomy: { scheme: 'db44' } });
    expect((await duihao('taxonomy', 'check', defaultTaxonomyPath, '--strict')).code).toBe(1);
  });

  it('reports every violation with its row and exits 1', async () => {
    const path = join(folder, 'bad.csv');
    await writeFile(path, '编码,名称\n01,教育\n011,丢零\n0201,无上级\n');
    const { code, out } = await duihao('taxonomy', 'check', path);
    expect(code).toBe(1);
    expect(out).toContain('错误 第 3 行 code-width');
    expect(out).toContain('错误 第 4 行 parent-missing');
    expect(out).toContain('未通过：2 处错误');
  });

  it('shows an item with its path, fallback and children, and finds by pinyin', async () => {
    const shown = await duihao('taxonomy', 'show', '040201', '--overlay', exampleCity, '--depth', '2');
    expect(shown.out).toContain('拿不准时归入：04020199');
    expect(shown.out).toContain('    0402010101 夜间施工噪声');
    const found = await duihao('taxonomy', 'show', '--find', 'yiliaobx');
    expect(found.code).toBe(0);
    expect((await json('taxonomy', 'show', '--find', 'ylbx'))[0].name).toContain('保险');
  });

  it('exports to every format, and imports what it exported', async () => {
    const standard = await loadTaxonomy(defaultTaxonomyPath);
    for (const format of ['csv', 'xlsx', 'jsonld', 'json']) {
      const out = join(folder, `standard.${format}`);
      expect((await duihao('taxonomy', 'export', out)).out.trim()).toBe(out);
      expect((await loadTaxonomy(out)).digest).toBe(standard.digest);
    }
    const again = join(folder, 'again.json');
    const args = ['--out', again, '--release', '2025'];
    expect((await duihao('taxonomy', 'import', join(folder, 'standard.xlsx'), ...args)).code).toBe(0);
    expect((await loadTaxonomy(again)).meta.version).toBe('2025');
  });

  it('takes a change from proposal to publication and shows the difference', async () => {
    const list = join(folder, 'managed.csv');
    await writeFile(list, 'code,name\n01,教育\n0101,招生\n0102,师资\n');
    const before = join(folder, 'before.csv');
    await writeFile(before, await readFile(list));
    const change = (...args: string[]) => duihao('taxonomy', 'change', ...args);
    const why = ['--by', '甲', '--why', '细分'];
    expect((await change('propose', list, '--add', '0103', '--name', '高校招生', ...why)).out.trim()).toBe(
      'p1',
    );
    const retire = ['--retire', '0101', '--successor', '0102'];
    expect((await change('propose', list, ...retire, ...why)).out.trim()).toBe('p2');
    expect((await change('propose', list, '--add', '0102', '--name', '重号', ...why)).code).not.toBe(0);
    expect((await change('approve', list, 'p1', '--by', '甲')).code).not.toBe(0);
    expect((await change('approve', list, 'p1', '--by', '乙')).code).toBe(0);
    expect((await change('approve', list, 'p2', '--by', '乙')).code).toBe(0);
    expect((await change('publish', list, '--release', '2', '--by', '丙')).out).toContain('p1、p2');
    const states = (await json('taxonomy', 'change', 'list', list)).map(
      ({ state }: { state: string }) => state,
    );
    expect(states).toEqual(['published', 'published']);
    const { changes } = await json('taxonomy', 'diff', before, list);
    expect(changes.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['added', 'merged']);
  });

  it('proposes correspondences as a table that can be read back once confirmed', async () => {
    const old = join(folder, 'old.csv');
    await writeFile(old, 'code,parent,name\nA,,社会保障\nA1,A,医疗保险\nA2,A,失业保险\n');
    const out = join(folder, 'proposals.csv');
    const result = await duihao('taxonomy', 'match', old, '--top', '1', '--out', out);
    expect(result.err).toContain('2 个旧事项中 2 个有提议');
    expect(await readFile(out, 'utf8')).toMatch(/A1,社会保障 > 医疗保险,080102,/);
  });

  it('lints the standard with an overlay', async () => {
    const result = await json('taxonomy', 'lint', exampleCity);
    expect(result).toMatchObject({ ok: true, errors: 0 });
  });
});

describe('duihao code', () => {
  it('explains codes in words and exits 2 where one is wrong, marking the place', async () => {
    const good = await duihao('code', 'parse', '0801020000');
    expect(good).toMatchObject({ code: 0 });
    expect(good.out).toContain('08 人力资源社会保障 › 0801 社保统筹服务 › 080102 医疗保险');
    const bad = await duihao('code', 'parse', '08010');
    expect(bad.code).toBe(2);
    expect(bad.out).toContain('code-width');
    expect((await json('code', 'parse', '090499')).items).toHaveLength(2);
  });

  it('composes a combined code and parses it back', async () => {
    const composed = await duihao(
      'code',
      'compose',
      '医疗保险',
      '--facet',
      '诉求类别=投诉',
      '--facet',
      '诉求人=企业',
    );
    expect(composed.out.trim()).toBe('0801020000-A03-B02');
    const parsed = await json('code', 'parse', composed.out.trim());
    expect(parsed).toMatchObject({
      ok: true,
      code: '0801020000',
      extensions: [{ value: '投诉' }, { value: '企业' }],
    });
    expect((await duihao('code', 'compose', '医疗保险', '--facet', '诉求类别=唱歌')).code).not.toBe(0);
  });
});

import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  addEvent,
  applyChanges,
  type ChangeEvent,
  eventLine,
  type ListChange,
  readChangeLog,
} from '../src/taxonomy/change-log.js';
import {
  CorrespondenceTable,
  correspondenceOfDiff,
  loadCorrespondence,
} from '../src/taxonomy/correspondence.js';
import { diffTaxonomies } from '../src/taxonomy/diff.js';
import { inferTaxonomy } from '../src/taxonomy/infer.js';
import type { ItemRow } from '../src/taxonomy/item.js';
import { lintTaxonomy } from '../src/taxonomy/lint.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../src/taxonomy/load.js';
import { matchTaxonomies } from '../src/taxonomy/match.js';
import { loadTaxonomyWithOverlays } from '../src/taxonomy/overlay.js';
import { saveTaxonomy, taxonomyToCsv } from '../src/taxonomy/save.js';
import { buildTaxonomy, type Taxonomy } from '../src/taxonomy/taxonomy.js';

let folder: string;
let standard: Taxonomy;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-versions-'));
  standard = await loadTaxonomy(defaultTaxonomyPath);
});

const build = (rows: ItemRow[], version = '1') => {
  const { taxonomy, faults } = buildTaxonomy({ id: 't', version, title: '试' }, rows);
  if (!taxonomy) throw new Error(JSON.stringify(faults));
  return taxonomy;
};
const file = (name: string, text: string) => {
  const path = join(folder, name);
  return writeFile(path, text).then(() => path);
};

/** CSV → XLSX → SKOS → JSON → CSV. */
async function around(taxonomy: Taxonomy): Promise<Taxonomy> {
  let at = taxonomy;
  for (const format of ['csv', 'xlsx', 'jsonld', 'json', 'csv']) {
    const path = join(folder, `around.${format}`);
    await saveTaxonomy(at, path);
    at = await loadTaxonomy(path);
  }
  return at;
}

describe('saving and loading', () => {
  it('loses nothing from CSV over XLSX and SKOS back to CSV', async () => {
    const city = await loadTaxonomyWithOverlays(defaultTaxonomyPath, [
      join(import.meta.dirname, '../data/overlays/example-city.csv'),
    ]);
    const retired = build([
      { code: '01', name: '甲' },
      { code: '0101', name: '乙，“引号”', retired: true, successors: ['0102', '0199'], words: ['一', 'two'] },
      { code: '0102', name: '丙' },
      { code: '0199', name: '其他甲', catchAll: false },
    ]);
    for (const taxonomy of [standard, city, retired]) {
      const back = await around(taxonomy);
      expect(back.items).toEqual(taxonomy.items);
      expect(back.meta).toEqual(taxonomy.meta);
      expect(back.digest).toBe(taxonomy.digest);
      expect(taxonomyToCsv(back)).toBe(taxonomyToCsv(taxonomy));
    }
  });

  it('loses nothing of trees whose codes are names, however odd', async () => {
    const label = fc
      .string({
        unit: fc.constantFrom('其他', '甲', '乙', '.', '/', '@', '%', '（', ' ', '"', ',', '01', '~', '='),
        minLength: 1,
        maxLength: 5,
      })
      .map((text) => text.trim())
      .filter((text) => text !== '');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(label, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 }),
        async (paths) => {
          const taxonomy = inferTaxonomy(paths);
          const back = await around(taxonomy);
          expect(back.items).toEqual(taxonomy.items);
          expect(back.digest).toBe(taxonomy.digest);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a format it does not write', async () => {
    await expect(saveTaxonomy(standard, join(folder, 'x.pdf'))).rejects.toMatchObject({
      code: 'file-format-unknown',
    });
  });
});

const oldList = () =>
  build([
    { code: '01', name: '教育' },
    { code: '0101', name: '学校' },
    { code: '010101', name: '招生' },
    { code: '010102', name: '师资' },
    { code: '010103', name: '校车' },
    { code: '010104', name: '校服' },
    { code: '010105', name: '食堂' },
    { code: '010106', name: '宿舍' },
    { code: '0102', name: '培训' },
    { code: '010201', name: '校外培训' },
  ]);
const newList = () =>
  build(
    [
      { code: '01', name: '教育' },
      { code: '0101', name: '学校管理' },
      { code: '010101', name: '招生', retired: true, successors: ['010107', '010108'] },
      { code: '010102', name: '教师队伍' },
      { code: '010103', name: '校车', retired: true, successors: ['010109'] },
      { code: '010104', name: '校服', retired: true, successors: ['010109'] },
      { code: '010105', name: '食堂', retired: true },
      { code: '010107', name: '中小学招生' },
      { code: '010108', name: '高校招生' },
      { code: '010109', name: '后勤' },
      { code: '0103', name: '培训' },
      { code: '010301', name: '校外培训' },
    ],
    '2',
  );

describe('the difference of two versions', () => {
  it('names what was added, retired, removed, renamed, moved, split and merged', () => {
    const { changes } = diffTaxonomies(oldList(), newList());
    const said = changes.map((change) => {
      switch (change.kind) {
        case 'split':
          return `split ${change.from.code} ${change.to.map(({ code }) => code).join()}`;
        case 'merged':
          return `merged ${change.from.map(({ code }) => code).join()} ${change.to.code}`;
        case 'added':
        case 'removed':
        case 'retired':
          return `${change.kind} ${change.item.code}`;
        default:
          return `${change.kind} ${change.from.code} ${change.to.code}`;
      }
    });
    expect(said.sort()).toEqual([
      'added 010107',
      'added 010108',
      'added 010109',
      'merged 010103,010104 010109',
      'moved 0102 0103',
      'moved 010201 010301',
      'removed 010106',
      'renamed 0101 0101',
      'renamed 010102 010102',
      'retired 010105',
      'split 010101 010107,010108',
    ]);
    expect(diffTaxonomies(standard, standard).changes).toEqual([]);
  });

  it('shows when a retired code has been given a new meaning', () => {
    const before = build([
      { code: '01', name: '旧义', retired: true },
      { code: '02', name: '乙' },
    ]);
    const after = build([
      { code: '01', name: '新义' },
      { code: '02', name: '乙' },
    ]);
    expect(diffTaxonomies(before, after).changes.map(({ kind }) => kind)).toEqual(['restored']);
  });

  it('becomes a correspondence table', () => {
    const table = correspondenceOfDiff(diffTaxonomies(oldList(), newList()));
    const admissible = (code: string) =>
      table.admissible(code).map(({ item, weight }) => `${item.code} ${weight}`);
    expect(admissible('010101')).toEqual(['010107 0.5', '010108 0.5']);
    expect(admissible('010103')).toEqual(['010109 1']);
    expect(admissible('010201')).toEqual(['010301 1']);
    expect(admissible('0101020000')).toEqual(['010102 1']);
    expect(table.unmapped.map(({ code }) => code)).toEqual(['010105', '010106']);
  });
});

describe('a correspondence table', () => {
  it('is read many to many with weights, which sum to 1 for each old code', async () => {
    const path = await file(
      'table.csv',
      '旧编码,新编码,权重\nT1,080102,3\nT1,080101,1\nT2,０８０１,60%\nT2,090499@0904,40%\nT3,,\n',
    );
    const { table } = await loadCorrespondence(path, standard);
    expect(table.admissible('T1')).toEqual([
      { item: standard.byCode('080102')[0], weight: 0.75 },
      { item: standard.byCode('080101')[0], weight: 0.25 },
    ]);
    expect(table.admissible('T2').map(({ item, weight }) => [item.id, weight])).toEqual([
      ['08.0801', 0.6],
      ['09.0904.090499', 0.4],
    ]);
    expect(table.admissible('T3')).toEqual([]);
  });

  it('takes the parent’s row for an old item without one of its own, and both meanings of an ambiguous code', () => {
    const from = build([
      { code: 'a', name: '甲' },
      { code: 'x', name: '子', parentCode: 'a' },
      { code: 'b', name: '乙' },
      { code: 'x', name: '另一子', parentCode: 'b' },
    ]);
    const [one, other] = [standard.byCode('080101')[0]!, standard.byCode('080102')[0]!];
    const table = new CorrespondenceTable(from, standard, [
      { from: 'a', to: one, weight: 1 },
      { from: 'b', to: other, weight: 2 },
    ]);
    expect(table.admissible('x@a')).toEqual([{ item: one, weight: 1 }]);
    expect(table.admissible('x')).toEqual([
      { item: one, weight: 0.5 },
      { item: other, weight: 0.5 },
    ]);
  });

  it('is refused with every bad row', async () => {
    const path = await file('bad.csv', 'from,to,weight\nT1,777777,1\nT2,090499,1\nT3,080102,-1\n');
    await expect(loadCorrespondence(path, standard)).rejects.toMatchObject({
      code: 'correspondence-invalid',
      details: {
        faults: [
          { fault: 'to-unknown', row: 2 },
          { fault: 'to-ambiguous', row: 3 },
          { fault: 'weight-invalid', row: 4 },
        ],
      },
    });
    await expect(loadCorrespondence(await file('odd.csv', 'a,b,c\n1,2,3\n'), standard)).rejects.toMatchObject(
      {
        code: 'columns-missing',
      },
    );
  });

  it('gives weights that sum to 1 whatever the rows', () => {
    const leaves = standard.leaves.slice(0, 20).map((index) => standard.at(index));
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            from: fc.constantFrom('a', 'b', 'c'),
            to: fc.constantFrom(...leaves),
            weight: fc.double({ min: 0.001, max: 100, noNaN: true }),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        (entries) => {
          const table = new CorrespondenceTable(null, standard, entries);
          for (const code of new Set(entries.map(({ from }) => from))) {
            const admissible = table.admissible(code);
            expect(admissible.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
            expect(new Set(admissible.map(({ item }) => item.index)).size).toBe(admissible.length);
          }
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

describe('proposals', () => {
  it('rank the same name first, use search words and say why', () => {
    const from = inferTaxonomy([
      ['社会保障', '医疗保险'],
      ['交通', '拥堵的道路'],
      ['杂', 'zzz'],
    ]);
    const proposals = matchTaxonomies(from, standard);
    const insurance = proposals.find((one) => one.from.code === '医疗保险')!;
    expect(insurance).toMatchObject({ to: { code: '080102' }, rank: 1 });
    expect(insurance.reasons).toContain('same-name');
    expect(proposals.some((one) => one.from.code === 'zzz')).toBe(false);
  });

  it('follow the model’s answers where they are given', () => {
    const from = inferTaxonomy([['杂', 'zzz']]);
    const heart = standard.byCode('080102')[0]!;
    const [first] = matchTaxonomies(from, standard, { answers: () => new Map([[heart.index, 0.9]]) });
    expect(first).toMatchObject({ to: { code: '080102' }, reasons: ['model-answers'] });
  });
});

describe('code management', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const proposed = (id: string, change: ListChange): ChangeEvent => ({
    event: 'proposed',
    id,
    change,
    by: '甲',
    at,
    why: '需要',
  });
  const settled = (id: string, event: 'approved' | 'rejected', by = '乙'): ChangeEvent => ({
    event,
    id,
    by,
    at,
    why: '',
  });
  const rename: ListChange = { op: 'rename', item: '010102', name: '教师' };

  it('goes from proposal over approval by somebody else to publication', () => {
    const text = [
      proposed('p1', rename),
      settled('p1', 'approved'),
      { event: 'published', id: 'p1', by: '丙', at, why: '', version: '2' } as const,
    ]
      .map(eventLine)
      .join('');
    expect(readChangeLog(text)).toMatchObject([{ id: 'p1', state: 'published', change: rename }]);
    const open = readChangeLog(eventLine(proposed('p1', rename)));
    expect(() => addEvent(open, settled('p1', 'approved', '甲'))).toThrow(/提案人以外/);
    expect(() => addEvent(open, { ...settled('p1', 'approved'), event: 'published', version: '2' })).toThrow(
      /不能变为/,
    );
    expect(() => addEvent(open, settled('p2', 'approved'))).toThrow(/没有提案/);
    expect(() => readChangeLog('{"event":"approved"}\n')).toThrow(/第 1 行/);
  });

  it('never gives a code again, and keeps retired codes parseable with their successors', () => {
    const list = applyChanges(
      oldList(),
      [
        { op: 'add', code: '010107', name: '中小学招生' },
        { op: 'retire', item: '010101', successors: ['010107'] },
        rename,
        { op: 'words', item: '食堂', words: ['饭堂'] },
      ],
      '2',
    );
    expect(list.meta.version).toBe('2');
    expect(list.byCode('010101')[0]).toMatchObject({ retired: true, successors: ['01.0101.010107'] });
    expect(list.byCode('010105')[0]!.words).toEqual(['饭堂']);
    const refused = (change: ListChange) => {
      try {
        applyChanges(list, [change], '3');
        return 'accepted';
      } catch (error) {
        return (error as { details: { rule: string } }).details.rule;
      }
    };
    expect(refused({ op: 'add', code: '010101', name: '新义' })).toBe('code-reused');
    expect(refused({ op: 'add', code: '010102', name: '又一个' })).toBe('code-reused');
    expect(refused({ op: 'add', code: '0205', name: '无上级' })).toBe('parent-missing');
    expect(refused({ op: 'retire', item: '0101', successors: [] })).toBe('children-in-use');
    expect(refused({ op: 'retire', item: '010102', successors: ['010101'] })).toBe('successor-retired');
    expect(refused({ op: 'rename', item: '010101', name: '甲' })).toBe('item-retired');
    expect(refused({ op: 'rename', item: '777777', name: '甲' })).toBe('item-unknown');
  });

  it('keeps every code parseable through any sequence of accepted changes', () => {
    const list = oldList();
    const code = fc.constantFrom('010101', '010102', '010103', '010107', '010108', '0103', '010301');
    const change: fc.Arbitrary<ListChange> = fc.oneof(
      fc.record({ op: fc.constant('add' as const), code, name: fc.constantFrom('甲', '乙') }),
      fc.record({ op: fc.constant('rename' as const), item: code, name: fc.constantFrom('丙', '丁') }),
      fc.record({
        op: fc.constant('retire' as const),
        item: code,
        successors: fc.array(code, { maxLength: 2 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        let now = list;
        for (const one of changes) {
          try {
            now = applyChanges(now, [one], 'n');
          } catch {}
        }
        // Nothing is lost, and nobody's id ever means something that was retired and came back.
        for (const item of list.items) expect(now.byId(item.id)).toBeDefined();
        expect(diffTaxonomies(list, now).changes.map(({ kind }) => kind)).not.toContain('removed');
      }),
      { numRuns: 1000 },
    );
  });

  it('lints a list with its overlays together', async () => {
    const list = newList();
    const { faults } = lintTaxonomy(list, [
      {
        meta: { id: 'one', version: '1', title: '' },
        rows: [
          { code: '01010201', name: '编制', row: 2 },
          { code: '01010202', name: '编制', row: 3 },
          { code: '01010801', name: '艺考', words: ['后勤'], row: 4 },
        ],
      },
    ]);
    expect(faults.map(({ fault, code }) => `${fault} ${code}`)).toEqual([
      'sibling-name 01010202',
      'successor-missing 010105',
      'catch-all-missing 010102',
      'catch-all-missing 010108',
      'word-misleads 01010801',
    ]);
    const clash = lintTaxonomy(standard, [
      { meta: { id: 'one', version: '1', title: '' }, rows: [{ code: '08010201', name: '甲', row: 2 }] },
      { meta: { id: 'two', version: '1', title: '' }, rows: [{ code: '08010201', name: '乙', row: 2 }] },
    ]);
    expect(clash.faults.filter(({ severity }) => severity === 'error')).toMatchObject([
      { fault: 'overlay-clash', source: 'two', row: 2 },
    ]);
  });
});

describe('a saved list', () => {
  it('is never half written: it is renamed into place', async () => {
    const path = join(folder, 'whole.csv');
    await saveTaxonomy(oldList(), path);
    await saveTaxonomy(newList(), path);
    expect(await readFile(path, 'utf8')).toBe(taxonomyToCsv(newList()));
    expect((await loadTaxonomy(path)).meta.version).toBe('2');
  });
});

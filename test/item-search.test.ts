import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultTaxonomyPath, loadTaxonomy } from '../src/taxonomy/load.js';
import { ItemSearch } from '../src/taxonomy/search.js';
import { buildTaxonomy, type Taxonomy } from '../src/taxonomy/taxonomy.js';

const { taxonomy } = buildTaxonomy({ id: 't', version: '1', title: 't' }, [
  { code: '03', name: '城乡建设' },
  { code: '0301', name: '市容环卫' },
  { code: '030101', name: '余泥渣土', words: ['渣土车', '泥头车', '撒漏'] },
  { code: '030102', name: '占道经营', words: ['流动摊贩', '走鬼'] },
  { code: '030103', name: '医疗废弃物', retired: true },
  { code: '0302', name: '物业管理' },
  { code: '030201', name: '停车管理', words: ['车位', '乱收停车费'] },
  { code: '0303', name: '出版', words: [] },
  { code: '030300', name: '' },
]);
const search = new ItemSearch(taxonomy!);
const first = (query: string) => search.search(query)[0]?.item.code;

describe('the item search', () => {
  it('finds by code, its beginning and its padded form', () => {
    expect(first('030101')).toBe('030101');
    expect(first('0301020000')).toBe('030102');
    expect(search.search('0301').map(({ item }) => item.code)).toEqual([
      '0301',
      '030101',
      '030102',
      '030103',
    ]);
  });

  it('finds by name, search word and parts of them', () => {
    expect(first('渣土车')).toBe('030101');
    expect(first('摊贩')).toBe('030102');
    expect(search.search('走鬼')[0]).toMatchObject({ matched: '走鬼', score: 0.95 });
  });

  it('finds by pinyin initials, full pinyin and southern pinyin', () => {
    expect(first('ztc')).toBe('030101');
    expect(first('zhatuche')).toBe('030101');
    expect(first('zatuche')).toBe('030101');
    expect(first('ZTC')).toBe('030101');
    expect(first('liudongtan')).toBe('030102');
  });

  it('forgives homophones and words between', () => {
    expect(first('扎土车')).toBe('030101');
    expect(first('停车费乱收')).toBe('030201');
  });

  it('wants every term, on the item or above it, and is content with one where no item has all', () => {
    expect(first('物业 车位')).toBe('030201');
    expect(search.search('物业 车位')).toHaveLength(1);
    expect(search.search('物业 渣土车').map(({ item }) => item.code)).toEqual(['030101', '0302']);
  });

  it('puts the row where tickets land before its parent, and retired items last', () => {
    expect(search.search('出版').map(({ item }) => item.code)).toEqual(['030300', '0303']);
    expect(search.search('医疗废弃物')[0]!.score).toBe(0.5);
  });

  it('answers anything people type without an error and within the limit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.integer({ min: 1, max: 5 }),
        (query, limit) => {
          const found = search.search(query, limit);
          expect(found.length).toBeLessThanOrEqual(limit);
          for (const { score } of found) {
            expect(score).toBeGreaterThan(0);
            expect(score).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  describe('over the standard', () => {
    let standard: Taxonomy;
    beforeAll(async () => {
      standard = await loadTaxonomy(defaultTaxonomyPath);
    });

    it('finds every item by its own name first or among its namesakes', () => {
      const index = new ItemSearch(standard);
      for (const item of standard.items) {
        const found = index.search(item.displayName, 5);
        expect(found.some((one) => one.item.displayName === item.displayName && one.score === 1)).toBe(true);
      }
    });
  });
});

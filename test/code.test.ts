import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ancestorsOf,
  baseOf,
  type CodeStyle,
  compareCodes,
  formatCode,
  groupsOf,
  type ItemCode,
  isCatchAllCode,
  isCityCode,
  levelOf,
  parseCode,
  validateCode,
} from '../src/taxonomy/code.js';
import {
  composeCombinedCode,
  type Extension,
  parseCombinedCode,
  readExtensions,
} from '../src/taxonomy/combined-code.js';
import { explainCode } from '../src/taxonomy/explain.js';
import {
  type Facet,
  type FacetTable,
  facetFaults,
  facetOfColumn,
  facetValueOf,
  loadFacets,
} from '../src/taxonomy/facets.js';
import { buildTaxonomy } from '../src/taxonomy/taxonomy.js';

const RUNS = { numRuns: 10_000 };

function parsed(text: string): ItemCode {
  const result = parseCode(text);
  if (!result.ok) throw new Error(`${text}: ${result.faults.map(({ fault }) => fault).join()}`);
  return result.code;
}

const group = fc.integer({ min: 1, max: 99 }).map((value) => String(value).padStart(2, '0'));
const baseText = fc.array(group, { minLength: 1, maxLength: 5 }).map((groups) => groups.join(''));
const itemCode: fc.Arbitrary<ItemCode> = fc
  .tuple(baseText, fc.array(group, { maxLength: 4 }))
  .map(([base, city]) => parsed(city.length === 0 ? base : `${base.padEnd(10, '0')}Z${city.join('')}`));

/** What people do to a code when they type it. */
const typed = (code: string) =>
  fc
    .array(fc.constantFrom('', ' ', '-', '－', '　', '.'), {
      minLength: code.length + 1,
      maxLength: code.length + 1,
    })
    .chain((between) =>
      fc.array(fc.boolean(), { minLength: code.length, maxLength: code.length }).map((wide) =>
        Array.from(code, (sign, at) => {
          const shown = wide[at] ? String.fromCharCode(sign.charCodeAt(0) + 0xfee0) : sign;
          return `${between[at]}${wide[at] && sign === 'Z' ? shown.toLowerCase() : shown}`;
        }).join(''),
      ),
    );

describe('an item code', () => {
  it('is the same after formatting and parsing, in every style', () => {
    fc.assert(
      fc.property(itemCode, fc.constantFrom<CodeStyle>('full', 'short', 'grouped'), (code, style) => {
        expect(parsed(formatCode(code, style))).toBe(code);
      }),
      RUNS,
    );
  });

  it('is understood however it is typed', () => {
    fc.assert(
      fc.property(
        itemCode.chain((code) => fc.tuple(fc.constant(code), typed(code))),
        ([code, text]) => {
          expect(parsed(text)).toBe(code);
        },
      ),
      RUNS,
    );
  });

  it('sorts after its ancestors and before whatever does not begin like it and is greater', () => {
    fc.assert(
      fc.property(itemCode, itemCode, (a, b) => {
        const ancestors = ancestorsOf(a);
        expect(ancestors.map((one) => levelOf(one))).toEqual(
          [...ancestors.map((one) => levelOf(one))].sort((x, y) => x - y),
        );
        expect(ancestors).toHaveLength(groupsOf(a).length - 1);
        for (const ancestor of ancestors) {
          expect(compareCodes(ancestor, a)).toBe(-1);
          expect(ancestorsOf(a).slice(0, ancestors.indexOf(ancestor))).toEqual(ancestorsOf(ancestor));
          // Whatever lies between an ancestor and its descendant is the ancestor's descendant too.
          if (compareCodes(ancestor, b) < 0 && compareCodes(b, a) < 0)
            expect(ancestorsOf(b)).toContain(ancestor);
        }
        expect(compareCodes(a, b)).toBe(-compareCodes(b, a) + 0);
        expect(compareCodes(a, b) === 0).toBe(a === b);
      }),
      RUNS,
    );
  });

  it('has the level, the base and the catch-all of its last group', () => {
    fc.assert(
      fc.property(itemCode, (code) => {
        const groups = groupsOf(code);
        expect(isCatchAllCode(code)).toBe(groups.at(-1) === '99');
        expect(levelOf(code)).toBe(isCityCode(code) ? 5 + (code.length - 11) / 2 : groups.length);
        expect(levelOf(baseOf(code))).toBeLessThanOrEqual(5);
        expect(explainCode(code, null).text).toContain(code);
        expect(explainCode(code, null, 'en').text).toContain(`level-${levelOf(code)}`);
      }),
      RUNS,
    );
  });

  it('never throws on any text, and says where it is wrong', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 30 }),
          fc.string({ unit: fc.constantFrom(...'0123456789Zz -０９ａ市'), maxLength: 26 }),
        ),
        (text) => {
          const result = parseCode(text);
          if (result.ok) expect(parsed(result.code)).toBe(result.code);
          else {
            expect(result.faults.length).toBeGreaterThan(0);
            for (const { position, length } of result.faults) {
              expect(position).toBeGreaterThanOrEqual(0);
              expect(position + length).toBeLessThanOrEqual(text.length);
            }
          }
        },
      ),
      RUNS,
    );
  });

  it('reports all faults at once with their positions', () => {
    const faults = (text: string) => validateCode(text).map(({ fault, position }) => `${fault}@${position}`);
    expect(faults('0801')).toEqual([]);
    expect(faults('08a1x')).toEqual(['code-character@2', 'code-character@4', 'code-width@4']);
    expect(faults('080')).toEqual(['code-width@2']);
    expect(faults('08000100')).toEqual(['code-gap@4']);
    expect(faults('0012')).toEqual(['code-level-one@0']);
    expect(faults('080102000011')).toEqual(['code-too-long@10']);
    expect(faults('0801Z01')).toEqual(['city-base-width@0']);
    expect(faults('0801020000Z')).toEqual(['city-empty@10']);
    expect(faults('0801020000Z011')).toEqual(['city-width@13']);
    expect(faults('0801020000Z00')).toEqual(['city-zero@11']);
    expect(faults(' ')).toEqual(['code-empty@0']);
  });

  it('takes another width behind Z from its rules', () => {
    const rules = { groupWidth: 3, maxGroups: 2 };
    const result = parseCode('0801020000Z001002', rules);
    expect(result.ok && levelOf(result.code, rules)).toBe(7);
    expect(validateCode('0801020000Z0102', rules).map(({ fault }) => fault)).toEqual(['city-width']);
  });

  it('is explained in Chinese and English with the items it stands for', () => {
    const { taxonomy } = buildTaxonomy({ id: 't', version: '1', title: 'T' }, [
      { code: '01', name: '教育' },
      { code: '0101', name: '学校' },
      { code: '010100', name: '' },
      { code: '0199', name: '其他教育', retired: true, successors: ['0101'] },
    ]);
    expect(explainCode(parsed('0101'), taxonomy).text).toBe(
      '0101000000：二级事项编码（一级 01，二级 01，第 3–5 级未细分，以 00 补足）\n' +
        '01 教育 › 0101 学校\n01 教育 › 0101 学校 › 010100 学校（未细分，工单直接归入此行）',
    );
    expect(explainCode(parsed('0199'), taxonomy, 'en').text).toContain(
      '01 教育 › 0199 其他教育 (catch-all; retired, succeeded by 0101 学校)',
    );
    expect(explainCode(parsed('0202'), taxonomy).text).toContain('没有这个编码');
  });
});

describe('a combined code', () => {
  let table: FacetTable;
  let positional: FacetTable;
  beforeAll(async () => {
    table = await loadFacets();
    positional = {
      ...table,
      style: 'positional',
      separator: '/',
      facets: table.facets.map((facet) => ({ ...facet, prefix: '' })),
    };
  });

  const extensionsOf = (facets: readonly Facet[]): fc.Arbitrary<Extension[]> =>
    fc
      .tuple(...facets.map((facet) => fc.option(fc.constantFrom(...facet.values))))
      .map((values) =>
        values.flatMap((value, at) => (value === null ? [] : [{ facet: facets[at]!, value }])),
      );

  it('is parsed back into what it was composed of, whatever the order, in both styles', () => {
    for (const one of [table, positional]) {
      fc.assert(
        fc.property(
          itemCode,
          extensionsOf(one.facets).chain((extensions) =>
            fc.tuple(
              fc.constant(extensions),
              fc.shuffledSubarray(extensions, { minLength: extensions.length }),
            ),
          ),
          (item, [extensions, shuffled]) => {
            const text = composeCombinedCode(one, item, shuffled);
            const back = parseCombinedCode(one, text);
            expect(back).toMatchObject({ ok: true, item });
            expect(back.ok && back.extensions.map(({ value }) => value.name)).toEqual(
              extensions.map(({ value }) => value.name),
            );
          },
        ),
        RUNS,
      );
    }
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789ABCDZ-/ ａ市'), maxLength: 30 }),
        (text) => {
          for (const one of [table, positional]) {
            const result = parseCombinedCode(one, text);
            if (result.ok) {
              const again = parseCombinedCode(one, composeCombinedCode(one, result.item, result.extensions));
              expect(again).toMatchObject({ ok: true, item: result.item });
            } else expect(result.faults.length).toBeGreaterThan(0);
          }
        },
      ),
      RUNS,
    );
  });

  it('forgives separators, full-width letters and lower case', () => {
    const parse = (text: string) => {
      const result = parseCombinedCode(table, text);
      return result.ok
        ? composeCombinedCode(table, result.item, result.extensions)
        : result.faults.map(({ fault }) => fault);
    };
    expect(parse('080102 Ａ03 b01')).toBe('0801020000-A03-B01');
    expect(parse('0801020000B01A03')).toBe('0801020000-A03-B01');
    expect(parse('0801020000Z01-D1')).toBe('0801020000Z01-D1');
    expect(parse('0801020000')).toBe('0801020000');
    expect(parse('080102-A0')).toEqual(['facet-incomplete']);
    expect(parse('080102-A77')).toEqual(['facet-value-unknown']);
    expect(parse('080102-A01-A02')).toEqual(['facet-repeated']);
    expect(parse('08010-A01-Q1')).toEqual(['code-width', 'facet-unknown']);
  });

  it('takes facets by name, id or letter and values by name, alias or code', () => {
    const { extensions } = readExtensions(table, { 诉求类别: '检举', requester: '02', D: '特急' });
    const item = parsed('080102');
    expect(composeCombinedCode(table, item, extensions)).toBe('0801020000-A04-B02-D3');
    expect(readExtensions(table, { 诉求类别: '唱歌', 颜色: '红' }).faults.map(({ fault }) => fault)).toEqual([
      'facet-value-unknown',
      'facet-unknown',
    ]);
  });

  it('ties columns of ticket files to facets', () => {
    const facet = facetOfColumn(table, ' 工单类型 ')!;
    expect(facet.id).toBe('demand');
    expect(facetValueOf(facet, 'A03')?.name).toBe('投诉');
    expect(facetValueOf(facet, '问询')?.name).toBe('咨询');
    expect(facetOfColumn(table, '内容')).toBeUndefined();
  });

  it('is refused a table that could not be parsed back', () => {
    const [first, second] = table.facets;
    expect(facetFaults(table)).toEqual([]);
    const faulty = (facets: Facet[], separator = '-') => facetFaults({ ...table, facets, separator }).length;
    expect(faulty([first!, { ...second!, prefix: 'A' }])).toBeGreaterThan(0);
    expect(faulty([{ ...first!, prefix: 'Z' }])).toBeGreaterThan(0);
    expect(faulty([{ ...first!, width: 3 }])).toBeGreaterThan(0);
    expect(faulty([first!, first!])).toBeGreaterThan(0);
    expect(faulty([first!], '0')).toBeGreaterThan(0);
    expect(faulty([])).toBeGreaterThan(0);
  });
});

import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../src/decision/decide.js';
import { Distribution } from '../src/decision/distribution.js';
import { packageRoot } from '../src/package-root.js';
import type { ItemRow } from '../src/taxonomy/item.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../src/taxonomy/load.js';
import { loadTaxonomyWithOverlays, mergeOverlays, type Overlay } from '../src/taxonomy/overlay.js';
import { taxonomyFromJson, taxonomyToJson } from '../src/taxonomy/snapshot.js';
import { buildTaxonomy, type Taxonomy } from '../src/taxonomy/taxonomy.js';

const exampleCity = join(packageRoot, 'data/overlays/example-city.csv');
let standard: Taxonomy;
beforeAll(async () => {
  standard = await loadTaxonomy(defaultTaxonomyPath);
});

function overlay(id: string, rows: ItemRow[]): Overlay {
  return {
    meta: { id, version: '1', title: id },
    rows: rows.map((row, index) => ({ ...row, row: index + 2 })),
  };
}

const faultsOf = (...overlays: Overlay[]) =>
  mergeOverlays(standard, overlays).faults.map(
    ({ source, row, fault, severity }) => `${source} ${row} ${fault} ${severity}`,
  );

describe('a city overlay', () => {
  it('adds levels 4, 5 and Z to the standard', async () => {
    const city = await loadTaxonomyWithOverlays(defaultTaxonomyPath, [exampleCity]);
    const ids = (code: string) => city.byCode(code).map(({ id }) => id);
    expect(ids('0402010101')).toEqual(['04.0402.040201.04020101.0402010101']);
    expect(ids('0801020102Z01')).toEqual(['08.0801.080102.08010201.0801020102.0801020102Z01~example-city']);
    // Z hangs on the undivided row, which the padded code means.
    expect(city.byCode('0106000000Z01').map((item) => city.parentOf(item)!.code)).toEqual(['010600']);
    expect(city.catchAllOf(city.byCode('08010202')[0]!)?.code).toBe('08010299');
    expect(city.catchAllOf(city.byCode('0801020102')[0]!)?.code).toBe('0801020102Z99');
    expect(city.digest).not.toBe(standard.digest);
    expect(taxonomyFromJson(JSON.parse(JSON.stringify(taxonomyToJson(city)))).digest).toBe(city.digest);
  });

  it('may repeat items of the list, and add search words to them', () => {
    const { taxonomy, faults } = mergeOverlays(standard, [
      overlay('a', [
        { code: '080102', name: '医疗保险', words: ['本地叫法'] },
        { code: '010600', name: '' },
      ]),
    ]);
    expect(faults).toEqual([]);
    expect(taxonomy!.digest).toBe(standard.digest);
    expect(taxonomy!.byCode('080102')[0]!.words).toContain('本地叫法');
  });

  it('may not add above level 4, rename, move, delete or hang on nothing: each names row and rule', () => {
    expect(
      faultsOf(
        overlay('a', [
          { code: '080177', name: '新的三级' },
          { code: '080102', name: '改了名' },
          { code: '080103', name: '失业保险', parentCode: '0802' },
          { code: '080101', name: '养老保险', retired: true },
          { code: '07770101', name: '无处可挂' },
          { code: '0801x', name: '坏编码' },
        ]),
      ),
    ).toEqual([
      'a 2 overlay-level error',
      'a 3 overlay-renames error',
      'a 4 overlay-moves error',
      'a 5 overlay-deletes error',
      'a 6 parent-missing error',
      'a 7 code-invalid error',
    ]);
  });

  it('may not give a retired code a new meaning nor add beneath it', () => {
    const list = buildTaxonomy({ id: 't', version: '1', title: 't' }, [
      { code: '01', name: '甲' },
      { code: '0101', name: '乙' },
      { code: '010101', name: '丙', retired: true },
    ]).taxonomy!;
    const { faults } = mergeOverlays(list, [
      overlay('a', [
        { code: '010101', name: '新义' },
        { code: '01010101', name: '其下' },
      ]),
    ]);
    expect(faults.map(({ fault }) => fault)).toEqual(['overlay-retired-code', 'parent-retired']);
  });

  it('shares levels 4 and 5 with other cities and keeps its own part behind Z', () => {
    const one = overlay('one', [
      { code: '08010201', name: '甲' },
      { code: '0801020000Z01', name: '一市的' },
    ]);
    const two = overlay('two', [
      { code: '08010201', name: '甲' },
      { code: '0801020000Z01', name: '另一市的' },
      { code: '0801020000Z0101', name: '另一市的下级' },
    ]);
    const { taxonomy, faults } = mergeOverlays(standard, [one, two]);
    expect(faults.map(({ fault, severity }) => `${fault} ${severity}`)).toEqual(['overlay-shared warning']);
    expect(taxonomy!.byCode('0801020000Z01').map(({ name, owner }) => `${name} ${owner}`)).toEqual([
      '一市的 one',
      '另一市的 two',
    ]);
    expect(taxonomy!.parentOf(taxonomy!.byCode('0801020000Z0101')[0]!)?.owner).toBe('two');
    expect(faultsOf(one, overlay('three', [{ code: '08010201', name: '乙' }]))).toEqual([
      'three 2 overlay-clash error',
    ]);
  });
});

/** Which of the pairs 01…04 and 99 each level has; some rows are undivided. */
const digits = fc.uniqueArray(fc.constantFrom('01', '02', '03', '99'), { minLength: 1, maxLength: 3 });
const tree = fc
  .tuple(digits, fc.array(fc.oneof(digits, fc.constant(['00'])), { minLength: 12, maxLength: 12 }))
  .map(([roots, draws]) => {
    const rows: ItemRow[] = [];
    let draw = 0;
    const grow = (codes: readonly string[], depth: number) => {
      for (const code of codes) {
        rows.push({ code, name: code.endsWith('00') ? '' : code.endsWith('99') ? '其他' : `项${code}` });
        if (depth === 3 || code.endsWith('00')) continue;
        const next = draws[draw++ % draws.length]!;
        if (depth === 1 && next[0] === '00') continue;
        grow(
          next.map((pair) => code + pair),
          depth + 1,
        );
      }
    };
    grow(roots, 1);
    return rows;
  });
const cityPart = fc.array(fc.tuple(fc.nat(), digits, fc.boolean()), { maxLength: 6 });

function withCity(rows: ItemRow[], parts: readonly (readonly [number, readonly string[], boolean])[]) {
  const list = buildTaxonomy({ id: 't', version: '1', title: 't' }, rows).taxonomy!;
  const added = new Map<string, ItemRow>();
  let open = list.items.filter((item) => item.level === 3).map(({ code }) => code);
  for (const [pick, pairs, behindZ] of parts) {
    const parent = open[pick % Math.max(1, open.length)];
    if (parent === undefined) break;
    const z = behindZ || parent.length >= 10 || parent.endsWith('00');
    const stem = !z ? parent : parent.includes('Z') ? parent : `${parent.padEnd(10, '0')}Z`;
    const codes = pairs.map((pair) => stem + pair);
    for (const code of codes) added.set(code, { code, name: code.endsWith('99') ? '其他' : `市${code}` });
    // One way of subdividing per parent.
    open = [...open.filter((code) => code !== parent), ...codes.filter((code) => code.length < 16)];
  }
  return mergeOverlays(list, [overlay('city', [...added.values()])]);
}

describe('any tree with any overlay', () => {
  it('falls back to an existing ancestor’s catch-all, sums to 1 at each level and never rises down the path', () => {
    fc.assert(
      fc.property(
        tree,
        cityPart,
        fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        (rows, parts, weights, thresholds, level) => {
          const { taxonomy } = withCity(rows, parts);
          expect(taxonomy).not.toBeNull();
          const leaves = Float64Array.from(taxonomy!.leaves, (_, leaf) => weights[leaf % weights.length]!);
          const distribution = new Distribution(taxonomy!, leaves);
          for (let at = 1; at <= taxonomy!.depth; at += 1) {
            const items = new Set(
              taxonomy!.leaves.map((leaf) => taxonomy!.ancestorAt(taxonomy!.at(leaf), at)),
            );
            let sum = 0;
            for (const item of items) sum += distribution.probability(item);
            expect(sum).toBeCloseTo(1, 9);
          }
          for (const item of taxonomy!.items) {
            const parent = taxonomy!.parentOf(item);
            if (parent) {
              expect(distribution.probability(item)).toBeLessThanOrEqual(
                distribution.probability(parent) + 1e-12,
              );
            }
            const catchAll = taxonomy!.catchAllOf(item);
            if (catchAll) {
              expect(taxonomy!.byId(catchAll.id)).toBe(catchAll);
              expect(catchAll.isCatchAll).toBe(true);
              expect(isUnderAncestorOrRoot(taxonomy!, item.id, catchAll.id)).toBe(true);
            } else expect(taxonomy!.items.some((one) => one.level === 1 && one.isCatchAll)).toBe(false);
          }
          const decision = decide(distribution, { targetError: 0.1, thresholds }, level);
          if (decision.kind === 'fallback' && decision.item) {
            expect(decision.item.isCatchAll).toBe(true);
            expect(decision.item).toBe(taxonomy!.catchAllOf(decision.under));
          }
          if (decision.kind === 'specific') expect(decision.item.level).toBeLessThanOrEqual(level);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('comes back from its snapshot with the same digest', () => {
    fc.assert(
      fc.property(tree, cityPart, (rows, parts) => {
        const { taxonomy } = withCity(rows, parts);
        expect(taxonomyFromJson(JSON.parse(JSON.stringify(taxonomyToJson(taxonomy!)))).digest).toBe(
          taxonomy!.digest,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

/** The catch-all is a child (followed down) of an ancestor of the item, of the item itself, or of the root. */
function isUnderAncestorOrRoot(taxonomy: Taxonomy, itemId: string, catchAllId: string): boolean {
  const catchAll = taxonomy.byId(catchAllId)!;
  const path = taxonomy.pathOf(catchAll);
  const first = path.findIndex((one) => !(itemId === one.id || itemId.startsWith(`${one.id}.`)));
  // Where the paths part, everything further down is a catch-all.
  return first < 0 || path.slice(first).every((one) => one.isCatchAll);
}

/** The laws of carrying answers over to another list, and what a correspondence table says in training. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeMoves, isSound, moveLeaves, packMoves } from '../src/classifier/moved-classifier.js';
import { CorrespondenceTable, loadCorrespondence } from '../src/taxonomy/correspondence.js';
import { resolveLabel } from '../src/taxonomy/resolve-label.js';
import { buildTaxonomy, type Taxonomy } from '../src/taxonomy/taxonomy.js';
import { labelRanges } from '../training/label-ranges.js';
import { labelTickets } from '../training/label-tickets.js';

/** For each of some old leaves: which of `width` new ones, with shares that sum to 1 (or none at all). */
const movesTo = (rows: number, width: number) =>
  fc
    .array(
      fc.uniqueArray(fc.tuple(fc.nat(width - 1), fc.integer({ min: 1, max: 9 })), {
        selector: ([leaf]) => leaf,
        maxLength: 3,
      }),
      { minLength: rows, maxLength: rows },
    )
    .map((drawn) =>
      packMoves(
        drawn.map((row) => {
          const total = row.reduce((sum, [, weight]) => sum + weight, 0);
          return new Map(row.map(([leaf, weight]) => [leaf, weight / total]));
        }),
      ),
    );
const distribution = (leaves: number) =>
  fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: leaves, maxLength: leaves })
    .filter((drawn) => drawn.some((one) => one > 0))
    .map((drawn) => {
      const total = drawn.reduce((a, b) => a + b);
      return Float64Array.from(drawn, (one) => one / total);
    });

function flat(leaves: number): Taxonomy {
  const rows = Array.from({ length: leaves }, (_, at) => ({ code: `L${at}`, name: `项${at}` }));
  return buildTaxonomy({ id: 't', version: '1', title: 't' }, rows, 'free').taxonomy!;
}

describe('answers carried over to another list', () => {
  it('stay a distribution, and two steps are the composed one', () => {
    fc.assert(
      fc.property(movesTo(5, 4), movesTo(4, 6), distribution(5), (one, two, old) => {
        const between = new Float64Array(4);
        const twice = new Float64Array(6);
        const composed = new Float64Array(6);
        moveLeaves(one, old, between);
        moveLeaves(two, between, twice);
        moveLeaves(composeMoves(one, two), old, composed);
        for (const out of [between, twice, composed]) {
          const sum = out.reduce((a, b) => a + b);
          expect(Math.abs(sum - 1) < 1e-9 || sum === 0).toBe(true);
          expect(out.every((value) => value >= 0)).toBe(true);
        }
        for (const [leaf, value] of composed.entries()) expect(value).toBeCloseTo(twice[leaf]!, 6);
        expect(isSound(one, flat(5), flat(4))).toBe(true);
        expect(isSound(one, flat(6), flat(4))).toBe(false);
      }),
      { numRuns: 10_000 },
    );
  });
});

const list = buildTaxonomy({ id: 'new', version: '1', title: 'new' }, [
  { code: '01', name: '甲' },
  { code: '0101', name: '甲一' },
  { code: '010101', name: '甲一一' },
  { code: '010102', name: '甲一二' },
  { code: '0102', name: '甲二' },
  { code: '02', name: '乙' },
  { code: '0201', name: '乙一' },
]).taxonomy!;
const old = buildTaxonomy({ id: 'old', version: '1', title: 'old' }, [
  { code: '01', name: '旧甲' },
  { code: '0101', name: '旧甲一' },
  { code: '03', name: '旧丙' },
]).taxonomy!;
const written = (code: string) => ({
  ticket: { id: code, text: '文字' },
  label: { code },
  source: { file: 'a.csv', row: 2 },
});
const item = (code: string) => list.byCode(code)[0]!;
const labelled = (codes: readonly string[], from: Taxonomy | null) => {
  const key = (code: string) => (from ? from.byCode(code)[0]!.id : code);
  const table = new CorrespondenceTable(from, list, [
    { from: key('0101'), to: item('010102'), weight: 3 },
    { from: key('0101'), to: item('02'), weight: 1 },
  ]);
  return labelTickets(list, codes.map(written), table);
};

describe('old codes in training', () => {
  it('become the set of items they may stand for: all leaves beneath are admitted, none is guessed', () => {
    const { tickets } = labelled(['0101'], old);
    expect(tickets[0]!.labels).toEqual([item('010102').index, item('02').index]);
    const { starts, from, to } = labelRanges(list, [tickets[0]!.labels]);
    const admitted = new Set<string>();
    for (let at = starts[0]!; at < starts[1]!; at += 1)
      for (let leaf = from[at]!; leaf < to[at]!; leaf += 1) admitted.add(list.leafAt(leaf).code);
    expect([...admitted]).toEqual(['010102', '0201']);
  });

  it('come before the new list’s own: in mixed files only what the old list does not know is read as new', () => {
    const { tickets, rejections } = labelled(['0101', '010101', '0102', '03', '09'], old);
    expect(tickets.map(({ ticket }) => ticket.id)).toEqual(['0101', '010101', '0102']);
    expect(tickets[1]!.labels).toEqual([item('010101').index]);
    // 03 is of the old list and unmapped; 09 is of neither.
    expect(rejections.map(({ reason, record }) => [reason, (record as { code?: string }).code])).toEqual([
      ['label-unmapped', '03'],
      ['label-unmapped', '09'],
    ]);
  });

  it('are told by the table alone where the old list is not given', () => {
    const { tickets, rejections } = labelled(['0101', '0102', '03'], null);
    expect(tickets.map(({ labels }) => labels.length)).toEqual([2, 1]);
    expect(rejections).toHaveLength(1);
  });
});

describe('labels of retired items', () => {
  const later = buildTaxonomy({ id: 'later', version: '2', title: 'later' }, [
    { code: '01', name: '甲' },
    { code: '0101', name: '甲一', retired: true, successors: ['0102', '0103'] },
    { code: '0102', name: '甲二' },
    { code: '0103', name: '甲三', retired: true, successors: ['0104'] },
    { code: '0104', name: '甲四' },
    { code: '0105', name: '甲五', retired: true },
  ]).taxonomy!;

  it('train the items that took their place, and are rejected where none did', () => {
    const { tickets, rejections } = labelTickets(later, ['0101', '0105'].map(written));
    expect(tickets.map(({ labels }) => labels.map((index) => later.at(index).code))).toEqual([
      ['0102', '0104'],
    ]);
    expect(rejections.map(({ reason }) => reason)).toEqual(['label-retired']);
  });

  it('as a table’s new codes are followed too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'duihao-table-'));
    await writeFile(join(folder, 'a.csv'), 'from,to,weight\nX,0101,4\nX,0104,1\n');
    const { table } = await loadCorrespondence(join(folder, 'a.csv'), later);
    expect(table.admissible('X').map(({ item: one, weight }) => [one.code, weight])).toEqual([
      ['0104', 0.6],
      ['0102', 0.4],
    ]);
    await writeFile(join(folder, 'b.csv'), 'from,to\nX,0105\n');
    await expect(loadCorrespondence(join(folder, 'b.csv'), later)).rejects.toMatchObject({
      code: 'correspondence-invalid',
    });
    await rm(folder, { recursive: true });
  });
});

describe('two cities with the same part behind Z', () => {
  const both = buildTaxonomy({ id: 'both', version: '1', title: 'both' }, [
    { code: '01', name: '甲' },
    { code: '0101', name: '甲一' },
    { code: '010101', name: '甲一一' },
    { code: '0101010000Z01', name: '一市的', owner: 'one' },
    { code: '0101010000Z01', name: '另一市的', owner: 'two' },
  ]).taxonomy!;

  it('are told apart by the city’s name, never mixed up', () => {
    expect(resolveLabel(both, '0101010000Z01')).toMatchObject({
      kind: 'unresolved',
      reason: 'label-ambiguous',
    });
    expect(resolveLabel(both, '0101010000Z01~one')).toMatchObject({ item: { name: '一市的' } });
    expect(resolveLabel(both, '0101010000Z01~two')).toMatchObject({ item: { name: '另一市的' } });
    expect(resolveLabel(both, '0101010000Z01~three')).toMatchObject({ reason: 'label-unknown' });
  });

  it('train different leaves', () => {
    const { tickets } = labelTickets(both, ['0101010000Z01~one', '0101010000Z01~two'].map(written));
    expect(new Set(tickets.flatMap(({ labels }) => labels)).size).toBe(2);
  });
});

/** Confident learning against figures worked out by hand, and laws over random tickets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSuspects } from '../../training/confident-learning.js';
import type { JudgedTicket } from '../../training/evaluation/judged-ticket.js';
import { seededRandom } from '../../training/random.js';
import { SUSPECT_COLUMNS, suspectsCsv } from '../../training/suspects-csv.js';
import { drawTickets, evenTree, indexOf, judgedAs, smallTree, softmax } from '../evaluation/small-tree.js';

const tree = smallTree();
const judged = (leaves: readonly number[], labels: readonly string[], alternatives: readonly string[] = []) =>
  judgedAs(tree, leaves, labels, alternatives);
const codeOf = (index: number) => tree.at(index).code;

describe('confident learning', () => {
  it('finds what the paper’s thresholds find, by hand', () => {
    // Thresholds: 010101 (0.9 + 0.7 + 0.2) / 3 = 0.6; 010102 (0.8 + 0.4) / 2 = 0.6; 0102 0.5; 020101 never labelled.
    const found = findSuspects(
      tree,
      [
        judged([0.9, 0.05, 0.03, 0.02], ['010101']),
        judged([0.7, 0.1, 0.1, 0.1], ['010101']),
        // 0.65 reaches 0.6: meant 010102, not 010101.
        judged([0.2, 0.65, 0.1, 0.05], ['010101']),
        judged([0.1, 0.8, 0.05, 0.05], ['010102']),
        // 0.5 of 010101 falls short of 0.6, 0.4 of its own too: not confident, hence no suspect.
        judged([0.5, 0.4, 0.05, 0.05], ['010102']),
        judged([0.3, 0.1, 0.5, 0.1], ['0102']),
      ],
      0,
    );
    expect(
      found.suspects.map(({ ticket, given, suggested }) => [ticket, codeOf(given), codeOf(suggested)]),
    ).toEqual([[2, '010101', '010102']]);
    expect(found.suspects[0]).toMatchObject({
      level: 3,
      differsAt: 3,
      givenProbability: 0.2,
      suggestedProbability: 0.65,
    });
    // Of 010101, 1 of 3 confident tickets is meant elsewhere, taken to 3 tickets: 1; of the others none.
    expect(found.judged).toBe(6);
    expect(found.errorShare).toBeCloseTo(1 / 6, 12);
  });

  it('takes the likeliest of several confident items, and never one without a ticket unless the prior vouches for it', () => {
    const tickets = [
      judged([0.4, 0.2, 0.2, 0.2], ['010101']),
      judged([0.3, 0.4, 0.2, 0.1], ['010102']),
      // Both 010101 (0.41 ≥ 0.4 …) and 010102 are reached; 020101 carries no label at all.
      judged([0.42, 0.5, 0, 0.08], ['0102']),
      judged([0, 0, 0.1, 0.9], ['0102']),
    ];
    const paper = findSuspects(tree, tickets, 0).suspects;
    expect(paper.map(({ ticket, suggested }) => [ticket, codeOf(suggested)])).toEqual([[2, '010102']]);
    const drawn = findSuspects(tree, tickets, 3).suspects;
    expect(drawn.map(({ ticket, suggested }) => [ticket, codeOf(suggested)])).toEqual([
      [3, '020101'],
      [2, '010102'],
    ]);
    expect(drawn[0]!.differsAt).toBe(1);
  });

  it('lets admissible labels and second labels be, and judges a label where it stands', () => {
    const certain = judged([0.9, 0.05, 0.03, 0.02], ['010101']);
    const search = (one: JudgedTicket) => findSuspects(tree, [certain, certain, one], 0).suspects;
    const says = [0.95, 0.02, 0.02, 0.01];
    expect(search(judged(says, ['020101']))).toHaveLength(1);
    expect(search(judged(says, ['020101', '010101']))).toEqual([]);
    expect(search(judged(says, ['020101'], ['010101']))).toEqual([]);
    // 0101 has two leaves: level 2 is the deepest it tells, and there it is right.
    expect(search(judged(says, ['0101']))).toEqual([]);
    const [upper] = findSuspects(
      tree,
      [certain, certain, judged([0.02, 0.01, 0.95, 0.02], ['0101']), judged([0, 0, 0.9, 0.1], ['0102'])],
      0,
    ).suspects;
    expect(upper).toMatchObject({
      level: 2,
      given: indexOf(tree, '0101'),
      suggested: indexOf(tree, '0102'),
      differsAt: 2,
    });
  });

  it('has nothing to say of nothing', () => {
    expect(findSuspects(tree, [])).toEqual({ suspects: [], judged: 0, errorShare: 0 });
  });

  it('never suggests the label itself, nor what is less likely; ranks by margin; and does not care for the order', () => {
    const leaf = fc.integer({ min: 0, max: 3 });
    const weights = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(weights, leaf), { maxLength: 30 }), (cases) => {
        const tickets = cases.map(([raw, label]): JudgedTicket => {
          const sum = raw.reduce((total, one) => total + one, 0);
          return {
            leaves: Float64Array.from(raw, (one) => one / sum),
            labels: [tree.leaves[label]!],
            alternatives: [],
          };
        });
        const { suspects, errorShare, judged: rows } = findSuspects(tree, tickets);
        expect(rows).toBe(tickets.length);
        expect(errorShare).toBeGreaterThanOrEqual(0);
        expect(errorShare).toBeLessThanOrEqual(1);
        let before = Number.NEGATIVE_INFINITY;
        for (const one of suspects) {
          expect(one.suggested).not.toBe(one.given);
          const margin = one.givenProbability - one.suggestedProbability;
          expect(margin).toBeGreaterThanOrEqual(before);
          before = margin;
        }
        const reversed = findSuspects(tree, tickets.toReversed());
        const places = (list: typeof suspects, flip: boolean) =>
          list.map(({ ticket }) => (flip ? tickets.length - 1 - ticket : ticket)).sort((a, b) => a - b);
        expect(places(reversed.suspects, true)).toEqual(places(suspects, false));
      }),
      { numRuns: 500 },
    );
  });

  it('finds most labels that were spoilt on purpose, puts them first, and estimates how many they are', () => {
    const wide = evenTree([3, 2, 2]);
    const random = seededRandom(7);
    const spoilt = new Set<number>();
    const tickets = drawTickets(wide, 1500, 3, 3).map(({ logits, leaf }, at): JudgedTicket => {
      let label = leaf;
      if (random() < 0.08) {
        spoilt.add(at);
        label = (leaf + 1 + Math.floor(random() * 11)) % 12;
      }
      return { leaves: softmax(logits), labels: [wide.leaves[label]!], alternatives: [] };
    });
    const { suspects, errorShare } = findSuspects(wide, tickets);
    const hits = suspects.filter(({ ticket }) => spoilt.has(ticket)).length;
    expect(hits / spoilt.size).toBeGreaterThan(0.6);
    const first = suspects.slice(0, 40).filter(({ ticket }) => spoilt.has(ticket)).length;
    // Not all: the labels are drawn, and what is drawn at 1 % looks like an error though it is none.
    expect(first / 40).toBeGreaterThan(0.6);
    expect(errorShare).toBeGreaterThan(0.05);
    expect(errorShare).toBeLessThan(0.25);
  });

  it('writes a row per suspect, in rank order, without a word of the ticket', () => {
    const { suspects } = findSuspects(
      tree,
      [judged([0.9, 0.05, 0.03, 0.02], ['010101']), judged([0.95, 0.03, 0.01, 0.01], ['020101'])],
      0,
    );
    const ticket = (id: string, row: number) => ({
      ticket: { id, text: '张三的秘密', title: '秘密' },
      source: { file: '旧,工单.csv', row },
    });
    const csv = suspectsCsv(tree, suspects, [ticket('a', 1), ticket('b', 2)]);
    const lines = csv.replace('\uFEFF', '').trim().split('\n');
    expect(lines[0]).toBe(SUSPECT_COLUMNS.join(','));
    expect(lines[1]).toBe(
      '1,b,"旧,工单.csv",2,02.0201.020101,020101,乙一一,0.010000,01.0101.010101,010101,甲一一,0.950000,3,1',
    );
    expect(csv).not.toContain('秘密');
  });
});

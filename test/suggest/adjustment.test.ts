/** How far recent choices move an answer: bounded, fading, and no further for one agent who shouts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdjustmentRule, adjust, defaultAdjustment, voteOf } from '../../src/suggest/adjustment.js';
import type { Neighbour } from '../../src/suggest/correction-memory.js';
import { toyTaxonomy } from '../toy-answerer.js';

const taxonomy = toyTaxonomy();
const leafCount = taxonomy.leaves.length;
const day = 86_400_000;
const now = 1000 * day;
const rule = defaultAdjustment;
const items = [...taxonomy.items.keys()];

const neighbour = (change: Partial<Neighbour> = {}): Neighbour => ({
  similarity: 1,
  item: taxonomy.byId('08.0801.080101')!.index,
  decidedAt: now,
  weight: 1,
  agent: 1,
  corrected: true,
  ...change,
});
const anyNeighbour = fc.record({
  similarity: fc.double({ min: rule.least, max: 1, noNaN: true }),
  item: fc.constantFrom(...items),
  decidedAt: fc.integer({ min: 0, max: now }),
  weight: fc.constantFrom(0.5, 1),
  agent: fc.integer({ min: 0, max: 3 }),
  corrected: fc.boolean(),
});
const anyLeaves = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: leafCount, maxLength: leafCount })
  .filter((values) => values.some((value) => value > 1e-6))
  .map((values) => {
    const sum = values.reduce((total, value) => total + value, 0);
    return Float64Array.from(values, (value) => value / sum);
  });
const share = (neighbours: readonly Neighbour[], used: AdjustmentRule = rule) =>
  voteOf(neighbours, used, now)?.share ?? 0;

describe('the vote', () => {
  it('never takes more than its share, divides it fully, and names the most chosen first', () => {
    fc.assert(
      fc.property(fc.array(anyNeighbour, { maxLength: 40 }), (neighbours) => {
        const vote = voteOf(neighbours, rule, now);
        if (!vote) return;
        expect(vote.share).toBeGreaterThan(0);
        expect(vote.share).toBeLessThanOrEqual(rule.mostShare);
        expect(vote.choices).toBe(neighbours.length);
        const shares = vote.items.map((one) => one.share);
        expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
        expect(shares).toEqual([...shares].sort((a, b) => b - a));
      }),
    );
  });

  it('leaves the answer to the model where agents accept it, and more so the more of them do', () => {
    const accepted = (count: number) =>
      Array.from({ length: count }, (_, agent) => neighbour({ agent, corrected: false }));
    expect(voteOf(accepted(5), rule, now)).toBeNull();
    const shares = [0, 1, 2, 5].map((count) => share([neighbour({ agent: 9 }), ...accepted(count)]));
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(new Set(shares).size).toBe(4);
  });

  it('moves a different ticket by one correction too little to flip a confident answer', () => {
    // A model that is 90 % sure keeps the first place while the share is below 0.47.
    expect(share([neighbour({ similarity: 0.95 })])).toBeLessThan(0.47);
    expect(share([neighbour({ similarity: 0.9 })])).toBeLessThan(0.25);
    expect(share([neighbour()])).toBeGreaterThan(0.5);
  });

  it('says nothing where nothing similar was chosen, or only long ago', () => {
    expect(voteOf([], rule, now)).toBeNull();
    expect(voteOf([neighbour({ similarity: rule.least })], rule, now)).toBeNull();
    expect(voteOf([neighbour({ decidedAt: now - 20 * rule.halfLife * day })], rule, now)).toBeNull();
  });

  it('counts a choice half after a half-life, more the nearer the ticket, and no clock ahead of ours more', () => {
    const counts = (one: Neighbour) => share([one]) / (1 - share([one]));
    const fresh = counts(neighbour());
    expect(counts(neighbour({ decidedAt: now - rule.halfLife * day }))).toBeCloseTo(fresh / 2, 9);
    expect(counts(neighbour({ weight: 0.5 }))).toBeCloseTo(fresh / 2, 9);
    expect(counts(neighbour({ decidedAt: now + 100 * day }))).toBeCloseTo(fresh, 9);
    const middle = neighbour({ similarity: (1 + rule.least) / 2 });
    expect(share([middle])).toBeLessThan(share([neighbour()]));
  });

  it('grows with agents who agree, and not with how often one of them says it', () => {
    const agents = (count: number) => Array.from({ length: count }, (_, agent) => neighbour({ agent }));
    expect(share(agents(2))).toBeGreaterThan(share(agents(1)));
    const shouting = Array.from({ length: 500 }, () => neighbour());
    expect(share(shouting)).toBeCloseTo(
      Math.min(rule.mostShare, rule.perAgent / (rule.perAgent + rule.model)),
      9,
    );
    const stalls = neighbour().item;
    const trucks = taxonomy.byId('08.0801.080102')!.index;
    const others = [2, 3, 4, 5].map((agent) => neighbour({ agent, item: trucks }));
    const vote = voteOf([...shouting, ...others], rule, now)!;
    expect(vote.items.find(({ item }) => item === stalls)!.share).toBeCloseTo(
      rule.perAgent / (rule.perAgent + 4),
      9,
    );
  });
});

describe('an adjusted answer', () => {
  it('is a distribution, and nothing in it moved by more than the share', () => {
    fc.assert(
      fc.property(
        anyLeaves,
        fc.array(anyNeighbour, { minLength: 1, maxLength: 12 }),
        (leaves, neighbours) => {
          const vote = voteOf(neighbours, rule, now);
          if (!vote) return;
          const before = Float64Array.from(leaves);
          const after = adjust(taxonomy, leaves, vote);
          expect(leaves).toEqual(before);
          expect(after.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
          for (const [leaf, value] of after.entries()) {
            expect(value).toBeGreaterThanOrEqual(before[leaf]! * (1 - vote.share) - 1e-12);
            expect(Math.abs(value - before[leaf]!)).toBeLessThanOrEqual(vote.share + 1e-12);
          }
        },
      ),
    );
  });

  it('keeps the proportions beneath an upper-level item that was chosen', () => {
    fc.assert(
      fc.property(anyLeaves, (leaves) => {
        const above = taxonomy.byId('08')!;
        const vote = { share: 0.4, choices: 1, corrections: 1, items: [{ item: above.index, share: 1 }] };
        const after = adjust(taxonomy, leaves, vote);
        const beneath = (values: Float64Array) =>
          values.subarray(above.leafStart, above.leafEnd).reduce((sum, value) => sum + value, 0);
        expect(beneath(after)).toBeCloseTo(0.4 + 0.6 * beneath(leaves), 9);
        if (beneath(leaves) < 1e-3) return;
        for (let leaf = above.leafStart; leaf < above.leafEnd; leaf += 1)
          expect(after[leaf]! / beneath(after)).toBeCloseTo(leaves[leaf]! / beneath(leaves), 9);
      }),
    );
  });

  it('gives an item that the model held impossible its share all the same', () => {
    const leaves = new Float64Array(leafCount);
    leaves[0] = 1;
    const above = taxonomy.byId('08.0801')!;
    const vote = { share: 0.6, choices: 1, corrections: 1, items: [{ item: above.index, share: 1 }] };
    const after = adjust(taxonomy, leaves, vote);
    for (let leaf = above.leafStart; leaf < above.leafEnd; leaf += 1)
      expect(after[leaf]).toBeCloseTo(0.6 / (above.leafEnd - above.leafStart), 9);
  });
});

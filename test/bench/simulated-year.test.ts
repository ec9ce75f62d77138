/** The simulated year's agent and figures; the year itself takes an hour and is no test. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toyTaxonomy } from '../toy-answerer.js';
import { chooseAsAgent } from './simulated-agent.js';
import { acceptancePoints, type Week, weeksCsv, yearPlot } from './year-figures.js';

const taxonomy = toyTaxonomy();
const leaves = taxonomy.leaves.map((index) => taxonomy.at(index));
const [first, second, third] = leaves as [(typeof leaves)[0], (typeof leaves)[0], (typeof leaves)[0]];
const candidates = [first, second, third].map((item, at) => ({
  item,
  path: taxonomy.pathOf(item),
  probability: [0.6, 0.3, 0.1][at]!,
}));
const specific = { decision: { kind: 'specific' as const, item: first, probability: 0.6 }, candidates };
const fixed = (...draws: number[]) => {
  const left = [...draws];
  return () => left.shift()!;
};
const traits = { error: 0.05, haste: 0.1 };

describe('the simulated agent', () => {
  it('accepts what is right, corrects what is wrong, and takes anything unread in haste', () => {
    expect(chooseAsAgent(taxonomy, specific, first, traits, fixed(0.5, 0.5, 0))).toMatchObject({
      kind: 'accepted',
      item: first,
      read: true,
    });
    expect(chooseAsAgent(taxonomy, specific, second, traits, fixed(0.5, 0.5, 0))).toMatchObject({
      kind: 'corrected',
      item: second,
    });
    expect(chooseAsAgent(taxonomy, specific, second, traits, fixed(0.05, 0.5, 0))).toMatchObject({
      kind: 'accepted',
      item: first,
      read: false,
      milliseconds: 2000,
    });
  });

  it('accepts any specific item beneath a code of an upper level, but no fallback there', () => {
    const above = taxonomy.parentOf(first)!;
    expect(chooseAsAgent(taxonomy, specific, above, traits, fixed(0.5, 0.5, 0)).kind).toBe('accepted');
    const climbed = {
      candidates,
      decision: {
        kind: 'fallback' as const,
        item: first,
        under: above,
        reason: 'low-confidence' as const,
        probability: 0.9,
      },
    };
    expect(chooseAsAgent(taxonomy, climbed, above, traits, fixed(0.5, 0.5, 0))).toMatchObject({
      kind: 'corrected',
      item: above,
    });
    const nothing = { candidates: [], decision: { ...climbed.decision, item: null, under: null } };
    expect(chooseAsAgent(taxonomy, nothing, second, traits, fixed(0, 0, 0))).toMatchObject({
      kind: 'corrected',
      item: second,
      erred: false,
    });
  });

  it('errs among the candidates only, by their probability, and names it by what was proposed', () => {
    const draw = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(draw, draw, draw, fc.nat(leaves.length - 1), (haste, error, pick, at) => {
        const truth = leaves[at]!;
        const choice = chooseAsAgent(taxonomy, specific, truth, traits, fixed(haste, error, pick));
        expect(choice.kind).toBe(choice.item.index === first.index ? 'accepted' : 'corrected');
        expect(choice.read).toBe(haste >= traits.haste);
        expect(choice.erred).toBe(choice.read && error < traits.error);
        if (choice.erred) {
          expect(choice.item).not.toBe(truth);
          expect([first, second, third]).toContain(choice.item);
        } else if (choice.read) expect(choice.item).toBe(truth);
      }),
    );
    const often = [0, 0.7, 0.76].map(
      (pick) => chooseAsAgent(taxonomy, specific, first, { error: 0.9, haste: 0 }, fixed(0, 0, pick)).item,
    );
    expect(often).toEqual([second, second, third]);
  });
});

describe('the figures of the year', () => {
  const dev = { level1: 0.8, level3: 0.5, level3Top5: 0.9 };
  const week = (number: number, acceptedRead: number, read: number): Week => ({
    week: number,
    tickets: 10,
    seen: 10 * (number + 1),
    stream:
      number === 0
        ? null
        : {
            ...{ accepted: acceptedRead, read, acceptedRead, wrongLabels: 1 },
            ...{ named: 5, namedRight: 4, firstRight: 6, amongFive: 9 },
          },
    dev: number === 2 ? null : dev,
    trainSeconds: 1.4,
    seconds: 2,
  });
  const weeks = [week(0, 0, 0), week(1, 1, 10), week(2, 3, 10), week(3, 0, 0)];

  it('stand at what was seen before the week, the line as a mean of tickets', () => {
    const { dots, line } = acceptancePoints(weeks);
    expect(dots.map(({ seen, share }) => [seen, share])).toEqual([
      [10, 0.1],
      [20, 0.3],
      [30, 0],
    ]);
    expect(line.map(({ share }) => share)).toEqual([0.1, 0.2, 0.2]);
  });

  it('are a CSV with a row a week, and an SVG without scripts', () => {
    const rows = weeksCsv(weeks).trim().split('\n');
    expect(rows[0]).toMatch(/^week,tickets,seen,accepted,.*,dev_level3,/);
    expect(rows[1]).toBe('0,10,10,,,,,,,,,0.5000,0.9000,0.8000,1');
    expect(rows[2]).toBe('1,10,20,1,10,1,1,5,4,6,9,0.5000,0.9000,0.8000,1');
    expect(rows[3]).toBe('2,10,30,3,10,3,1,5,4,6,9,,,,1');
    const svg = yearPlot(weeks, 'a <title> & more');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 720 400"/);
    expect(svg).toContain('a &lt;title&gt; &amp; more');
    expect(svg).not.toMatch(/NaN|undefined|<script/);
    expect(svg.match(/<circle/g)).toHaveLength(3 + 3);
  });
});

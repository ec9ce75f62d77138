/** Agents' latest choices as a gold set: only what neither model was trained on, whole labels, and texts that are kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChosenLabel } from '../../src/store/labels.js';
import { pairsOfChoices } from '../../training/evaluation/choice-pairs.js';
import { toyTaxonomy } from '../toy-answerer.js';

const taxonomy = toyTaxonomy();
const since = new Date('2026-06-01T00:00:00Z');
const hour = 3_600_000;
let count = 0;
const choice = (change: Partial<ChosenLabel> = {}): ChosenLabel => ({
  ticket: `t${++count}`,
  item: '08.0801.080102',
  agent: '小李',
  source: 'feedback',
  kind: 'corrected',
  decisionKind: 'specific',
  milliseconds: 20_000,
  decidedAt: new Date(since.getTime() + hour),
  title: null,
  text: '渣土车',
  ...change,
});
const gather = (choices: readonly ChosenLabel[], most?: number, other = taxonomy) =>
  pairsOfChoices(
    taxonomy,
    other,
    async function* () {
      yield* choices;
    },
    { since, ...(most === undefined ? {} : { most }) },
  );

describe('agents’ latest choices', () => {
  it('are compared on where both models were trained before them, with the text of the store', async () => {
    const { pairs, use } = await gather([
      choice({ title: '标题', decidedAt: since }),
      choice({ decidedAt: new Date(since.getTime() - 1) }),
    ]);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]!.candidate.ticket).toMatchObject({ title: '标题', text: '渣土车' });
    expect(pairs[0]!.candidate.labels).toEqual([taxonomy.byId('08.0801.080102')!.index]);
    expect(use).toMatchObject({ tickets: 1, weak: 0, withoutText: 0, compared: 1, from: since });
  });

  it('leave out what a model may have been trained on, weak labels, and tickets without text', async () => {
    const { pairs, use } = await gather([
      choice({ ticket: 'again', decidedAt: new Date(0) }),
      choice({ ticket: 'again' }),
      choice({ kind: 'accepted', milliseconds: 900 }),
      choice({ kind: 'accepted', decisionKind: 'fallback', item: '08.0801.080199' }),
      choice({ kind: 'accepted', decisionKind: 'fallback', item: '08.0801.080199', milliseconds: 900 }),
      choice({ text: null }),
      choice({ text: ' ' }),
      choice({ item: 'gone' }),
      choice({ kind: 'accepted' }),
    ]);
    // The fallback accepted in haste and the item that no list knows are no labels at all.
    expect(use).toMatchObject({ tickets: 5, weak: 2, withoutText: 2, compared: 1 });
    expect(pairs).toHaveLength(1);
  });

  it('are the latest of each agent; agents who disagree are both right', async () => {
    const { pairs } = await gather([
      choice({ ticket: 'x', item: '09.0904.090401' }),
      choice({ ticket: 'x', decidedAt: new Date(since.getTime() + 2 * hour) }),
      choice({ ticket: 'x', agent: '小王', item: '08.0801.080101' }),
    ]);
    expect(pairs[0]!.current.labels.map((index) => taxonomy.at(index).code)).toEqual(['080101', '080102']);
  });

  it('are nothing where there are none, or none with text', async () => {
    expect((await gather([])).use).toMatchObject({ tickets: 0, compared: 0, from: null });
    expect((await gather([choice({ text: null })])).use).toMatchObject({ tickets: 1, withoutText: 1 });
  });

  it('are as many as asked for, and the newest of all', async () => {
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(hours, fc.integer({ min: 1, max: 20 }), async (all, most) => {
        const { pairs, use } = await gather(
          all.map((at) => choice({ ticket: String(at), decidedAt: new Date(since.getTime() + at * hour) })),
          most,
        );
        const newest = [...all].sort((a, b) => b - a).slice(0, most);
        expect(pairs.map(({ candidate }) => Number(candidate.ticket.id))).toEqual(newest);
        expect(use.from).toEqual(new Date(since.getTime() + newest.at(-1)! * hour));
      }),
      { numRuns: 30 },
    );
  });
});

/** What agents chose as labels: the rule on choices made up by hand, then through a real store and a real training. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HASTE_MS, weightOf } from '../../src/store/choice-weight.js';
import type { ChosenLabel } from '../../src/store/labels.js';
import { openStore, type Store } from '../../src/store/store.js';
import { defaultFacetsPath, loadFacets } from '../../src/taxonomy/facets.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../../src/taxonomy/load.js';
import { gatherFeedback, STORE_FILE } from '../../training/feedback-labels.js';
import { train } from '../../training/train.js';
import { DEFAULT_TRAINING } from '../../training/train-options.js';
import { readTrainingData } from '../../training/training-data.js';
import { given, shown } from '../store/contract.js';
import { toyTaxonomy } from '../toy-answerer.js';
import { jsonLines, toyTickets } from './toy-tickets.js';

const toy = toyTaxonomy();
const truck = '08.0801.080102';
const stall = '08.0801.080101';
const other = '08.0801.080199';
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

function choice(change: Partial<ChosenLabel> = {}): ChosenLabel {
  return {
    ticket: 't',
    item: truck,
    agent: '小李',
    source: 'feedback',
    kind: 'accepted',
    decisionKind: 'specific',
    milliseconds: 20_000,
    decidedAt: at(0),
    title: null,
    text: null,
    ...change,
  };
}

const labelsOf = async (choices: readonly ChosenLabel[]) => {
  const { byTicket, facts } = await gatherFeedback(toy, choices);
  const one = byTicket.get('t');
  return { items: one?.labels.map((index) => toy.at(index).id as string), weight: one?.weight, facts };
};

describe('what a choice weighs', () => {
  const fallback = { item: other, decisionKind: 'fallback' } as const;

  it('is nothing for a fallback accepted in haste or in unknown time, half after reading', () => {
    expect(weightOf(choice({ ...fallback, milliseconds: HASTE_MS - 1 }), true)).toBe(0);
    expect(weightOf(choice({ ...fallback, milliseconds: null }), true)).toBe(0);
    expect(weightOf(choice({ ...fallback, milliseconds: HASTE_MS }), true)).toBe(0.5);
    expect(weightOf(choice({ ...fallback, decisionKind: null, milliseconds: 1 }), true)).toBe(0);
  });

  it('is whole for what was corrected or chosen, however fast, and for a specific item unless in haste', () => {
    expect(weightOf(choice({ ...fallback, kind: 'corrected', milliseconds: 900 }), true)).toBe(1);
    expect(weightOf(choice({ kind: 'chosen', decisionKind: null, milliseconds: 900 }), false)).toBe(1);
    expect(weightOf(choice(), false)).toBe(1);
    expect(weightOf(choice({ milliseconds: null }), false)).toBe(1);
    expect(weightOf(choice({ milliseconds: 900 }), false)).toBe(0.5);
    // A 99 that the model really predicted is a category like any other.
    expect(weightOf(choice({ item: other }), true)).toBe(1);
  });
});

describe('choices about one ticket', () => {
  it('become the latest of each agent, and a set where agents disagree', async () => {
    const mind = [
      choice({ item: stall, decidedAt: at(1) }),
      choice({ item: truck, decidedAt: at(2), kind: 'corrected' }),
    ];
    expect(await labelsOf(mind)).toMatchObject({
      items: [truck],
      weight: 1,
      facts: { choices: 2, replaced: 1 },
    });
    expect(
      await labelsOf([...mind, choice({ agent: '小王', item: stall, milliseconds: 100 })]),
    ).toMatchObject({
      items: [stall, truck],
      weight: 1,
      facts: { disagreeing: 1, tickets: 1 },
    });
  });

  it('leave out what says nothing and what the list does not have, and count it', async () => {
    const hasty = choice({ item: other, decisionKind: 'fallback', milliseconds: 800, decidedAt: at(9) });
    expect(
      await labelsOf([choice({ agent: '小王' }), hasty, choice({ agent: '老张', item: '77.7777' })]),
    ).toMatchObject({
      items: [truck],
      facts: { hasty: 1, unknownItems: 1, tickets: 1, disagreeing: 0 },
    });
    // The same agent chose before: the later haste took that back, and says nothing itself.
    expect((await labelsOf([choice(), hasty])).items).toBeUndefined();
  });

  it('are the same labels in whatever order they are read', async () => {
    const one = fc.record({
      agent: fc.constantFrom('a', 'b', 'c'),
      item: fc.constantFrom(truck, stall, other),
      kind: fc.constantFrom('accepted' as const, 'corrected' as const),
      decisionKind: fc.constantFrom('specific' as const, 'fallback' as const, null),
      milliseconds: fc.constantFrom(null, 100, 9000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 8 }), async (changes) => {
        const choices = changes.map((change, second) => choice({ ...change, decidedAt: at(second) }));
        expect(await labelsOf(choices.toReversed())).toEqual(await labelsOf(choices));
      }),
      { numRuns: 200 },
    );
  });
});

describe('training from a store', () => {
  let folder: string;
  let store: Store;
  let choices: ChosenLabel[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duihao-feedback-'));
    store = await openStore({ kind: 'folder', folder: join(folder, 'store') });
    const taxonomy = await loadTaxonomy(defaultTaxonomyPath);
    const idOf = (code: string) => taxonomy.byCode(code)[0]!.id;
    const decide = async (
      ticket: string,
      code: string,
      ms: number,
      fallback = false,
      text: { title: string; text: string; evidence: [] } | null = null,
    ) => {
      const item = idOf(code);
      const decision = fallback
        ? ({
            kind: 'fallback',
            item,
            under: idOf(code.slice(0, 2)),
            reason: 'low-confidence',
            probability: 0.8,
          } as const)
        : ({ kind: 'specific', item, probability: 0.9 } as const);
      const one = shown({ ticket, decision, catchAll: fallback, text });
      await store.suggestions.add([one]);
      return (change = {}) => store.feedback.give(given(one.id, { milliseconds: ms, item, ...change }));
    };
    // The archive says otherwise of toy-0, and has no code at all for toy-1.
    await (await decide('toy-0', '050204', 9000))({ kind: 'corrected', item: idOf('080201') });
    await (await decide('toy-1', '080201', 9000))();
    // toy-2's archive code is the fallback that somebody clicked away.
    await (await decide('toy-2', '040299', 700, true))();
    await (
      await decide('only-in-store', '080508', 9000, false, {
        title: '欠薪',
        text: '包工头拖欠工资',
        evidence: [],
      })
    )();
    await (await decide('nowhere', '080508', 9000))();
    choices = [];
    for await (const one of store.labels()) choices.push(one);
    const archive = toyTickets(180, 1).map((ticket, row) =>
      row === 1 ? { ...ticket, labels: [] } : row === 2 ? { ...ticket, labels: ['040299'] } : ticket,
    );
    await writeFile(join(folder, 'archive.jsonl'), jsonLines(archive));
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const request = async () => ({
    tickets: [join(folder, 'archive.jsonl')],
    dev: [],
    taxonomy: defaultTaxonomyPath,
    overlays: [],
    facets: await loadFacets(defaultFacetsPath),
    feedback: choices,
  });

  it('joins by ticket id, prefers the agent to the archive, and does not learn doubt', async () => {
    const data = await readTrainingData(await request(), () => {});
    const of = (id: string) => data.train.find(({ ticket }) => ticket.id === id);
    const codes = (id: string) => of(id)?.labels.map((index) => data.taxonomy.at(index).code);
    expect(codes('toy-0')).toEqual(['080201']);
    expect(codes('toy-1')).toEqual(['080201']);
    expect(of('toy-2')).toBeUndefined();
    expect(codes('toy-3')).toEqual(['080201']);
    expect(of('only-in-store')).toMatchObject({
      ticket: { title: '欠薪' },
      weight: 1,
      source: { file: STORE_FILE },
    });
    expect(of('nowhere')).toBeUndefined();
    expect(data.rejections.map(({ reason }) => reason)).toEqual(['label-hasty']);
    expect(data.feedback).toMatchObject({
      choices: 5,
      tickets: 4,
      joined: 2,
      fromStore: 1,
      hasty: 1,
      disagreeing: 0,
    });
    expect(data.train).toHaveLength(180);
  });

  it('trains on it, accounts for every row, and lists suspects of the held-out tickets', async () => {
    const options = {
      ...DEFAULT_TRAINING,
      network: { ...DEFAULT_TRAINING.network, dimensions: 8, epochs: 2, maxRows: 4096 },
      exampleWeight: 0,
      threads: 1,
    };
    const { report, suspects } = await train(
      { ...(await request()), out: join(folder, 'model'), labelOrigin: 'made up for the test', options },
      { onStage: () => undefined },
    );
    expect(report.data.files.map(({ file, tickets }) => [file, tickets])).toEqual([
      ['archive.jsonl', 179],
      [STORE_FILE, 1],
    ]);
    expect(await readFile(join(folder, 'model/rejected.csv'), 'utf8')).toContain('label-hasty');
    expect(suspects.judged).toBe(report.data.split.dev);
    expect(suspects.csv.trim().split('\n')).toHaveLength(1 + suspects.count);
  }, 120_000);
});

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../src/classifier/backend.js';
import { Classifier } from '../../src/classifier/classifier.js';
import { Distribution } from '../../src/decision/distribution.js';
import { DEFAULT_FEATURES } from '../../src/features/feature-options.js';
import { OccurrenceReader } from '../../src/features/occurrences.js';
import { Vectorizer } from '../../src/features/vectorizer.js';
import { Vocabulary } from '../../src/features/vocabulary.js';
import { isWordUnit, normalize } from '../../src/text/normalize.js';
import { openSegmenter } from '../../src/text/segment.js';
import { evenTree, smallTree } from '../evaluation/small-tree.js';
import { randomParts } from './toy-parts.js';

const tree = smallTree();
const known = '小区旁工地夜间施工噪音扰民停车收费投诉物业ABC123';
let classifier: Classifier;
let vectorizer: Vectorizer;

beforeAll(async () => {
  await chooseBackend();
  const segmenter = await openSegmenter();
  const reader = new OccurrenceReader(DEFAULT_FEATURES, segmenter);
  reader.read({ title: known, text: known });
  const hashes = Uint32Array.from(new Set(reader.hashes.subarray(0, reader.count)));
  const vocabulary = new Vocabulary(
    hashes,
    Float32Array.from(hashes, (_, at) => 1 + (at % 5)),
  );
  vectorizer = new Vectorizer(DEFAULT_FEATURES, vocabulary, segmenter);
  classifier = new Classifier(tree, vectorizer, randomParts(tree, vocabulary.size));
});

const anyText = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...known) },
      fc.constantFrom('，', ' ', '。', '\ud842', '\udfb7', '😀', '噪音', '小区'),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 80 },
  )
  .map((parts) => parts.join(''));
const anyTicket = fc.record({ title: anyText, text: anyText }, { requiredKeys: ['text'] });

describe('a classifier', () => {
  it('answers with probabilities that sum to 1 and never rise from parent to child', () => {
    fc.assert(
      fc.property(anyTicket, (ticket) => {
        const [{ leaves, facets }] = classifier.classify([ticket]) as [
          ReturnType<Classifier['classify']>[number],
        ];
        const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
        expect(sum(leaves)).toBeCloseTo(1, 9);
        expect(facets.map(sum)[0]).toBeCloseTo(1, 9);
        expect(leaves.every((value) => value >= 0 && value <= 1)).toBe(true);
        const distribution = new Distribution(tree, leaves);
        for (const item of tree.items) {
          const parent = tree.parentOf(item);
          if (!parent) continue;
          expect(distribution.probability(item)).toBeLessThanOrEqual(
            distribution.probability(parent) + 1e-12,
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  it('says the same of a ticket whatever stands beside it', () => {
    const tickets = Array.from({ length: 20 }, (_, at) => ({
      title: known.slice(at, at + 4),
      text: known.slice(at),
    }));
    const together = classifier.classify(tickets);
    for (const [at, ticket] of tickets.entries()) {
      const [alone] = classifier.classify([ticket]);
      for (const [leaf, value] of alone!.leaves.entries()) {
        expect(together[at]!.leaves[leaf]).toBeCloseTo(value, 6);
      }
    }
  });

  it('explains by words of the ticket, with shares that sum to no more than 1', () => {
    fc.assert(
      fc.property(anyTicket, fc.integer({ min: 0, max: 3 }), (ticket, leaf) => {
        const [classified] = classifier.classify([ticket], true);
        const { words, titleWords } = classified!.occurrences!;
        const edges = {
          title: new Set([0, ...words.subarray(0, titleWords)]),
          text: new Set([0, ...words.subarray(titleWords)]),
        };
        const stretches = classifier.explain(classified!, leaf);
        let sum = 0;
        const taken = { title: new Set<number>(), text: new Set<number>() };
        for (const { field, start, end, weight } of stretches) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual((ticket[field] ?? '').length);
          expect(edges[field].has(start) && edges[field].has(end)).toBe(true);
          // Punctuation may speak for an item, but shows an agent nothing.
          expect(isWordUnit(normalize(ticket[field] ?? '').charCodeAt(start))).toBe(true);
          for (let unit = start; unit < end; unit += 1) {
            expect(taken[field].has(unit)).toBe(false);
            taken[field].add(unit);
          }
          expect(weight).toBeGreaterThan(0);
          sum += weight;
        }
        expect(sum).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 150 },
    );
  });

  it('explains every bit of the score where all words speak for the item', () => {
    // One word, nothing else: it has all of what spoke for the item, or nothing where it spoke against.
    for (let leaf = 0; leaf < tree.leaves.length; leaf += 1) {
      const [classified] = classifier.classify([{ text: '噪音' }], true);
      const stretches = classifier.explain(classified!, leaf);
      expect(stretches).toEqual(
        stretches.length === 0 ? [] : [{ field: 'text', start: 0, end: 2, weight: 1 }],
      );
    }
  });

  it('shows no punctuation, though it counts', () => {
    const quiet = classifier.classify([{ text: '噪音' }], true)[0]!;
    const loud = classifier.classify([{ text: '噪音！？，。' }], true)[0]!;
    for (let leaf = 0; leaf < tree.leaves.length; leaf += 1) {
      for (const { start, end } of classifier.explain(loud, leaf)) expect([start, end]).toEqual([0, 2]);
    }
    expect(loud.occurrences!.places.length).toBeGreaterThan(quiet.occurrences!.places.length);
  });

  it('explains nothing that was not classified for it', () => {
    const [classified] = classifier.classify([{ text: known }]);
    expect(classifier.explain(classified!, 0)).toEqual([]);
  });
});

describe('the best of a distribution', () => {
  it('are those a full sort finds, at every level', () => {
    for (const taxonomy of [tree, evenTree([3, 3])]) {
      fc.assert(
        fc.property(
          fc.array(fc.oneof(fc.constantFrom(0, 0.25), fc.double({ min: 0, max: 1, noNaN: true })), {
            minLength: taxonomy.leaves.length,
            maxLength: taxonomy.leaves.length,
          }),
          fc.integer({ min: 1, max: 20 }),
          fc.integer({ min: 1, max: 3 }),
          (values, k, level) => {
            const distribution = new Distribution(taxonomy, Float64Array.from(values));
            const items = new Set(
              taxonomy.leaves.map((index) => taxonomy.ancestorAt(taxonomy.at(index), level)),
            );
            const sorted = [...items]
              .map((item) => ({ item, probability: distribution.probability(item) }))
              .filter(({ probability }) => probability > 0)
              .sort((a, b) => b.probability - a.probability);
            expect(distribution.top(k, level)).toEqual(sorted.slice(0, k));
          },
        ),
        { numRuns: 200 },
      );
    }
  });
});

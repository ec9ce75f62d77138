import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_FEATURES } from '../../src/features/feature-options.js';
import { HashTable } from '../../src/features/hash-table.js';
import { OccurrenceReader } from '../../src/features/occurrences.js';
import { Vectorizer } from '../../src/features/vectorizer.js';
import { isWordUnit, normalize } from '../../src/text/normalize.js';
import { openSegmenter, type Segmenter } from '../../src/text/segment.js';
import { buildVocabulary } from '../../training/build-vocabulary.js';
import { TermCounter } from '../../training/term-counter.js';
import { TermStore } from '../../training/term-store.js';
import { layOut, weigh } from '../../training/ticket-matrix.js';

const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0x5c0f, 0x533a, 0x566a, 0x97f3, 0x41, 0x31, 0x20, 0xff0c, 0xd842),
    ),
    { maxLength: 120 },
  )
  .map((units) => units.map((unit) => String.fromCharCode(unit)).join(''));
const anyTicket = fc.record({ title: anyText, text: anyText }, { requiredKeys: ['text'] });

/** Cuts before every unit that is no letter or number, and every third: enough for laws about stretches. */
const plainSegmenter: Segmenter = {
  name: 'node-rs-jieba',
  dictionaryDigest: '',
  segment: (text) => text.match(/[\s\S]{1,3}/g) ?? [],
};

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await openSegmenter();
});

function stretchesOf(text: string, options = DEFAULT_FEATURES, cut: Segmenter = segmenter) {
  const reader = new OccurrenceReader(options, cut);
  reader.read({ text });
  return Array.from({ length: reader.count }, (_, at) => text.slice(reader.starts[at]!, reader.ends[at]!));
}

describe('occurrences', () => {
  it('are the n-grams within words, the words and their pairs', () => {
    const characters = stretchesOf('小区噪音，A1', {
      ...DEFAULT_FEATURES,
      marks: false,
      charGrams: 3,
      words: false,
      wordPairs: false,
    });
    expect(characters).toEqual([
      ...['小', '小区', '小区噪', '区', '区噪', '区噪音', '噪', '噪音', '音'],
      ...['A', 'A1', '1'],
    ]);
    const words = stretchesOf('小区噪音，扰民', { ...DEFAULT_FEATURES, charGrams: 0, wordPairs: true });
    expect(words).toEqual(['小区', '噪音', '小区噪音', '扰民']);
  });

  it('have punctuation and blanks in them, and the ends of the field', () => {
    const options = { ...DEFAULT_FEATURES, words: false };
    expect(stretchesOf('噪音，吵 ', options)).toEqual([
      ...['噪', '噪音', '音', '音，', '，', '，吵', '吵', '吵 ', ' '],
      ...['噪', '吵'],
    ]);
    expect(stretchesOf('', options)).toEqual([]);
    expect(stretchesOf(' ', options)).toEqual([' ']);
    const reader = new OccurrenceReader(options, segmenter);
    const ends = (text: string) => {
      reader.read({ text });
      return [...reader.hashes.subarray(reader.count - 2, reader.count)];
    };
    const asks = ends('吵吗');
    // The end is the same, the beginning another; neither is the character itself or the other end.
    expect(ends('很吵吗')[1]).toBe(asks[1]);
    expect(ends(' 吵吗\n')).toEqual(asks);
    expect(ends('吗吵')[1]).not.toBe(asks[1]);
    expect(new Set([...ends('吗'), reader.hashes[0]!]).size).toBe(3);
  });

  it('of the same stretch have the same hash wherever it stands, of n-grams and words different ones', () => {
    const reader = new OccurrenceReader(DEFAULT_FEATURES, segmenter);
    reader.read({ text: '噪音，噪音' });
    const of = (from: number) =>
      [...Array(reader.count).keys()].filter(
        (at) => reader.starts[at] === from && reader.ends[at] === from + 2,
      );
    const [first, second] = [of(0), of(3)].map((places) => places.map((at) => reader.hashes[at]!));
    expect(first).toHaveLength(2);
    expect(second).toEqual(first);
    expect(first![0]).not.toBe(first![1]);
  });

  it('of the title count more, and once more as the title’s own', () => {
    const reader = new OccurrenceReader({ ...DEFAULT_FEATURES, marks: false, words: false }, segmenter);
    reader.read({ title: '噪', text: '噪' });
    expect([...reader.weights.subarray(0, reader.count)]).toEqual([2, 1, 1]);
    expect(reader.titleEnd).toBe(2);
    expect(reader.hashes[2]).toBe(reader.hashes[0]);
    expect(reader.hashes[1]).not.toBe(reader.hashes[0]);
  });

  it('end where the text is no longer read', () => {
    expect(stretchesOf('小区噪音', { ...DEFAULT_FEATURES, maxCharacters: 2 })).toEqual(stretchesOf('小区'));
  });

  it.each([true, false])('lie within their field, whatever is written (marks: %s)', (marks) => {
    for (const cut of [segmenter, plainSegmenter]) {
      const reader = new OccurrenceReader({ ...DEFAULT_FEATURES, marks }, cut);
      fc.assert(
        fc.property(anyTicket, (ticket) => {
          reader.read(ticket);
          const fields = [normalize(ticket.title ?? ''), normalize(ticket.text)];
          for (let at = 0; at < reader.count; at += 1) {
            const field = fields[at < reader.titleEnd ? 0 : 1]!;
            const [start, end] = [reader.starts[at]!, reader.ends[at]!];
            expect(start).toBeLessThan(end);
            expect(end).toBeLessThanOrEqual(field.length);
            if (!marks) expect(isWordUnit(field.charCodeAt(start))).toBe(true);
          }
          const ends = [...reader.wordEnds.subarray(0, reader.wordCount)];
          expect(ends[reader.titleWords - 1] ?? 0).toBe(fields[0]!.length);
          expect(ends.slice(reader.titleWords).at(-1) ?? 0).toBe(fields[1]!.length);
        }),
        { numRuns: 200 },
      );
    }
  });

  it('are bounded by what was given, also where a segmenter gives back more', () => {
    const echo: Segmenter = { ...plainSegmenter, segment: (text) => [text, text, text] };
    const reader = new OccurrenceReader(DEFAULT_FEATURES, echo);
    reader.read({ text: '小区' });
    expect(reader.wordCount).toBe(1);
    expect(Math.max(...reader.ends.subarray(0, reader.count))).toBe(2);
  });
});

describe('a vector', () => {
  const tickets = [
    { title: '噪音扰民', text: '小区旁工地夜间施工，噪音很大，噪音扰民。' },
    { text: '小区旁的工地噪音' },
    { title: '停车', text: '' },
    { text: '' },
    { text: '小区停车难，停车费高' },
  ];

  it('has the same features and weights as its row of the training matrix', () => {
    const store = new TermStore();
    const reader = new OccurrenceReader(DEFAULT_FEATURES, segmenter);
    const counter = new TermCounter();
    for (const ticket of tickets) {
      reader.read(ticket);
      counter.count(reader);
      store.add(counter.hashes, counter.counts, counter.size);
    }
    const vocabulary = buildVocabulary(store, { minTickets: 2, maxFeatures: 1000 });
    const matrix = layOut(store, vocabulary);
    weigh(matrix, store, vocabulary);
    const vectorizer = new Vectorizer(DEFAULT_FEATURES, vocabulary, segmenter);
    expect(vocabulary.size).toBeGreaterThan(10);
    for (const [row, ticket] of tickets.entries()) {
      const [from, to] = [matrix.starts[row]!, matrix.starts[row + 1]!];
      const { indices, values } = vectorizer.vectorize(ticket);
      expect([...indices]).toEqual([...matrix.features.subarray(from, to)]);
      expect([...values]).toEqual([...matrix.values.subarray(from, to)]);
    }
    // What was read before leaves no trace.
    const again = vectorizer.vectorize(tickets[0]!);
    expect(again).toEqual(new Vectorizer(DEFAULT_FEATURES, vocabulary, segmenter).vectorize(tickets[0]!));

    fc.assert(
      fc.property(anyTicket, (ticket) => {
        const vector = vectorizer.vectorize(ticket);
        expect(new Set(vector.indices).size).toBe(vector.indices.length);
        const squares = vector.values.reduce((sum, value) => sum + value * value, 0);
        expect(squares).toBeCloseTo(vector.indices.length > 0 ? 1 : 0, 5);
        const { places, starts, ends } = vectorizer.occurrences();
        expect(places.length).toBe(starts.length);
        expect(ends.length).toBe(starts.length);
        // Every feature occurs, and every known occurrence is of one.
        expect(new Set(places.filter((place) => place >= 0)).size).toBe(vector.indices.length);
      }),
      { numRuns: 200 },
    );
    store.close();
  });
});

describe('the hash table', () => {
  it('numbers keys like a map, through its doublings and with every key possible', () => {
    const key = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      // Crowded: the same low bits.
      fc.integer({ min: 0, max: 4000 }).map((high) => (high * 0x10000 + 7) >>> 0),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 3000 }), (keys) => {
        const table = new HashTable(1);
        const map = new Map<number, number>();
        for (const one of keys) {
          if (!map.has(one)) map.set(one, map.size);
          expect(table.number(one)).toBe(map.get(one));
        }
        expect(table.size).toBe(map.size);
        expect([...table.keys()]).toEqual([...map.keys()]);
        const asked = Uint32Array.from([...keys, 5, 0xffffffff]);
        const found = new Int32Array(asked.length);
        table.getAll(asked, asked.length, found);
        for (const [at, one] of asked.entries()) {
          expect(found[at]).toBe(map.get(one) ?? -1);
          expect(table.get(one)).toBe(found[at]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

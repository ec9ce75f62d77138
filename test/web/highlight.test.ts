/** Evidence cut into marks: nothing of the text is lost, whatever the offsets are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceWords, splitMarks } from '../../src/web/highlight.js';

const strengths = (text: string, spans: Parameters<typeof splitMarks>[1]) =>
  splitMarks(text, spans).map(({ text: part, strength }) => [part, strength]);

describe('marks in the text', () => {
  it('stand where the evidence is, stronger for the heavier', () => {
    const spans = [
      { start: 2, end: 4, weight: 0.6 },
      { start: 5, end: 6, weight: 0.1 },
      { start: 7, end: 8, weight: 0.25 },
    ];
    expect(strengths('半夜打桩，吵，烦', spans)).toEqual([
      ['半夜', 0],
      ['打桩', 3],
      ['，', 0],
      ['吵', 1],
      ['，', 0],
      ['烦', 2],
    ]);
  });

  it('show the heavier of two that overlap', () => {
    const spans = [
      { start: 0, end: 3, weight: 0.2 },
      { start: 2, end: 4, weight: 0.8 },
    ];
    expect(strengths('噪声污染', spans)).toEqual([
      ['噪声', 1],
      ['污染', 3],
    ]);
  });

  it('never cut a character of two units', () => {
    const text = '有𠮷野家和😀';
    // 𠮷 lies at 1–3, 😀 at 6–8.
    expect(strengths(text, [{ start: 2, end: 3, weight: 1 }])[1]).toEqual(['𠮷', 3]);
    expect(strengths(text, [{ start: 0, end: 2, weight: 1 }])[0]).toEqual(['有𠮷', 3]);
    expect(strengths(text, [{ start: 7, end: 99, weight: 1 }]).at(-1)).toEqual(['😀', 3]);
  });

  it('leave out what has no length, no weight or no place', () => {
    for (const span of [
      { start: 1, end: 1, weight: 1 },
      { start: 2, end: 1, weight: 1 },
      { start: 0, end: 1, weight: 0 },
      { start: 50, end: 60, weight: 1 },
      { start: Number.NaN, end: Number.NaN, weight: 1 },
      { start: 0, end: 1, weight: Number.NaN },
    ]) {
      expect(strengths('正文', [span])).toEqual([['正文', 0]]);
    }
    expect(splitMarks('', [{ start: 0, end: 1, weight: 1 }])).toEqual([]);
  });

  it('joined give the text back, and each part is well-formed where the text is', () => {
    const span = fc.record({
      start: fc.integer({ min: -5, max: 40 }),
      end: fc.integer({ min: -5, max: 40 }),
      weight: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.array(span), (text, spans) => {
        const parts = splitMarks(text, spans);
        expect(parts.map((part) => part.text).join('')).toBe(text);
        for (const part of parts) {
          expect(part.text).not.toBe('');
          expect(encodeURIComponent(part.text)).toBeTypeOf('string');
        }
        for (const [index, part] of parts.entries()) {
          expect(part.strength).not.toBe(parts[index - 1]?.strength);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the list of evidence', () => {
  it('names each word once, heaviest first, and joins overlapping n-grams into one phrase', () => {
    const words = evidenceWords([
      { text: '噪声', spans: [{ start: 0, end: 2, weight: 0.2 }] },
      {
        text: '施工噪声大，噪声',
        spans: [
          { start: 1, end: 3, weight: 0.1 },
          { start: 0, end: 2, weight: 0.3 },
          { start: 6, end: 8, weight: 0.25 },
        ],
      },
    ]);
    expect(words.map(({ word, weight }) => [word, Math.round(weight * 100)])).toEqual([
      ['噪声', 45],
      ['施工噪', 40],
    ]);
  });

  it('has no blank words', () => {
    expect(evidenceWords([{ text: '  好 ', spans: [{ start: 0, end: 2, weight: 1 }] }])).toEqual([]);
  });
});

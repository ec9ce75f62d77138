import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWordUnit, normalize } from '../../src/text/normalize.js';

/** Any UTF-16 at all: lone surrogates too. */
const anyText = fc
  .array(
    fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x5c0f, 0x533a, 0x41, 0xff11, 0xd842)),
    {
      maxLength: 300,
    },
  )
  .map((units) => units.map((unit) => String.fromCharCode(unit)).join(''));

describe('normalising', () => {
  it('makes full-width signs plain, letters small and white space a blank', () => {
    expect(normalize('ＡＢＣ１２３\t小区　Ｗｉｆｉ\r\n')).toBe('abc123 小区 wifi  ');
  });

  it('leaves signs that would become longer as they are', () => {
    expect(normalize('50㎡½')).toBe('50㎡½');
  });

  it('keeps every offset, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const normal = normalize(text);
        expect(normal.length).toBe(text.length);
        for (let at = 0; at < text.length; at += 1) {
          // Unit by unit: what stands beside it does not matter.
          expect(normal[at]).toBe(normalize(text[at]!));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('changes nothing the second time', () => {
    const every = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit)).join('');
    expect(normalize(normalize(every))).toBe(normalize(every));
  });

  it('is right for texts longer than any chunk', () => {
    const text = 'Ａ小'.repeat(20_000);
    expect(normalize(text)).toBe('a小'.repeat(20_000));
  });
});

it('tells words and numbers from what parts them', () => {
  const isWord = (sign: string) => isWordUnit(sign.charCodeAt(0));
  expect(['小', 'a', '9', 'é', '\ud842'].every(isWord)).toBe(true);
  expect(['，', ' ', '-', '。', '\u0000', '￥'].some(isWord)).toBe(false);
});

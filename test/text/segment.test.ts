import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_SEGMENTER, openSegmenter } from '../../src/text/segment.js';

const nodejieba = dirname(createRequire(import.meta.url).resolve('nodejieba/package.json'));
const built = existsSync(join(nodejieba, 'build/Release/nodejieba.node'));
if (!built) console.warn('SKIPPED: nodejieba was not built on this machine');

const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0xffff }), fc.constantFrom(0x5c0f, 0x533a, 0xd842, 0xdfb7)), {
    maxLength: 60,
  })
  .map((units) => units.map((unit) => String.fromCharCode(unit)).join(''));

it('opens the default unless told otherwise', async () => {
  expect((await openSegmenter()).name).toBe(DEFAULT_SEGMENTER);
});

it('cuts without losing or adding a unit, lone surrogates too', async () => {
  const segmenter = await openSegmenter('node-rs-jieba');
  fc.assert(
    fc.property(anyText, (text) => {
      const words = segmenter.segment(text);
      expect(words.reduce((length, word) => length + word.length, 0)).toBe(text.length);
    }),
  );
});

it.skipIf(!built)(
  'nodejieba cuts until the last who opened it has closed, and after it is opened again',
  async () => {
    const [first, second] = [await openSegmenter('nodejieba'), await openSegmenter('nodejieba')];
    const words = first.segment('小区旁工地夜间施工');
    expect(words).toContain('小区');
    first.close?.();
    expect(second.segment('小区旁工地夜间施工')).toEqual(words);
    second.close?.();
    expect(second.segment('小区旁工地夜间施工')).not.toEqual(words);
    const third = await openSegmenter('nodejieba');
    expect(third.segment('小区旁工地夜间施工')).toEqual(words);
    third.close?.();
  },
);

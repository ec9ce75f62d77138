import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packFew, unpackFew } from '../../src/model-store/few-values.js';

describe('few values', () => {
  it('unpack to what was packed, to the bit', () => {
    const value = fc.float({ min: Math.fround(1e-6), max: 1000, noNaN: true });
    fc.assert(
      fc.property(
        fc
          .uniqueArray(value, { minLength: 1, maxLength: 256 })
          .chain((values) => fc.array(fc.constantFrom(...values), { maxLength: 2000 })),
        (given) => {
          const numbers = Float32Array.from(given);
          expect(unpackFew(packFew(numbers), numbers.length)).toEqual(numbers);
        },
      ),
    );
  });

  it('that are too many are not rounded in silence', () => {
    expect(() => packFew(Float32Array.from({ length: 257 }, (_, at) => at + 1))).toThrow(RangeError);
  });

  it('that are damaged are refused', () => {
    const packed = packFew(Float32Array.of(1, 1, 2));
    expect(() => unpackFew(packed, 2)).toThrow(/train it again/);
    expect(() => unpackFew({ ...packed, places: Uint8Array.of(0, 1, 2) }, 3)).toThrow(/train it again/);
    expect(() => unpackFew({ ...packed, values: Float32Array.of(1, Number.NaN) }, 3)).toThrow(/train it/);
    expect(() => unpackFew({ ...packed, values: Float32Array.of(-1, 1) }, 3)).toThrow(/train it again/);
  });
});

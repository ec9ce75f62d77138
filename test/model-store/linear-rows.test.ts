import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRows, unpackRows } from '../../src/model-store/linear-rows.js';

/** Rows of ascending outputs below 2,000. */
const anyRows = fc.array(
  fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 1999 }), fc.constantFrom(0, 254, 255, 256, 510, 1999)), {
    maxLength: 30,
  }),
  { maxLength: 20 },
);

function flat(rows: readonly (readonly number[])[]): { starts: Uint32Array; outputs: Uint16Array } {
  const sorted = rows.map((row) => [...row].sort((a, b) => a - b));
  const starts = new Uint32Array(rows.length + 1);
  for (const [at, row] of sorted.entries()) starts[at + 1] = starts[at]! + row.length;
  return { starts, outputs: Uint16Array.from(sorted.flat()) };
}

describe('packed rows', () => {
  it('unpack to what was packed', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { starts, outputs } = flat(rows);
        expect(unpackRows(packRows(starts, outputs), rows.length, 2000, outputs.length)).toEqual({
          starts,
          outputs,
        });
      }),
    );
  });

  it('that were damaged are refused or lie within their bounds', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(), fc.integer({ min: 0, max: 255 }), (rows, place, byte) => {
        const { starts, outputs } = flat(rows);
        const packed = packRows(starts, outputs);
        if (packed.steps.length === 0) return;
        packed.steps[place % packed.steps.length] = byte;
        try {
          const unpacked = unpackRows(packed, rows.length, 2000, outputs.length);
          expect(unpacked.outputs.every((output) => output < 2000)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'model-damaged' });
        }
      }),
    );
  });

  it('of another number of features or entries are refused', () => {
    const { starts, outputs } = flat([[1, 300], [], [7]]);
    const packed = packRows(starts, outputs);
    expect(() => unpackRows(packed, 2, 2000, 3)).toThrow(/train it again/);
    expect(() => unpackRows(packed, 3, 2000, 4)).toThrow(/train it again/);
    expect(() => unpackRows(packed, 3, 300, 3)).toThrow(/train it again/);
  });
});

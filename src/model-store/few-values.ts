/** Numbers of which few differ, a byte each and a table of the values. */
import { DuihaoError } from '../errors.js';

/** As many as a byte can tell apart. */
export const MOST_VALUES = 256;

export interface PackedFew {
  /** Each value once, ascending. */
  readonly values: Float32Array;
  /** Of each number, the place of its value. */
  readonly places: Uint8Array;
}

/** @throws RangeError where more than `MOST_VALUES` differ */
export function packFew(numbers: Float32Array): PackedFew {
  const values = Float32Array.from(new Set(numbers)).sort();
  if (values.length > MOST_VALUES) throw new RangeError(`${values.length} values do not fit into a byte`);
  const placeOf = new Map([...values].map((value, place) => [value, place]));
  return { values, places: Uint8Array.from(numbers, (number) => placeOf.get(number)!) };
}

/** @throws DuihaoError `model-damaged` where they are not `size` numbers of 0 or more */
export function unpackFew({ values, places }: PackedFew, size: number): Float32Array {
  const isSound =
    places.length === size &&
    places.every((place) => place < values.length) &&
    values.every((value) => value >= 0 && Number.isFinite(value));
  if (isSound) return Float32Array.from(places, (place) => values[place]!);
  throw new DuihaoError(
    'corrupt',
    'model-damaged',
    'weights.bin: the weights of its features are no numbers of 0 or more; copy the model again, or train it again with this version',
  );
}

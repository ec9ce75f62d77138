/**
 * Typed arrays in one file, and where each lies: `weights.bin` beside the manifest. Little-endian, every array at a
 * multiple of eight bytes; the same arrays give the same bytes.
 */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { DuihaoError } from '../errors.js';

const KINDS = {
  i8: Int8Array,
  u8: Uint8Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
} as const;

export type ArrayKind = keyof typeof KINDS;
export type StoredArray = Int8Array | Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array;

export interface ArrayEntry {
  readonly name: string;
  readonly kind: ArrayKind;
  readonly length: number;
  /** Bytes from the file's beginning. */
  readonly offset: number;
}

const ALIGNMENT = 8;

export function packArrays(arrays: Readonly<Record<string, StoredArray>>): {
  bytes: Buffer;
  entries: ArrayEntry[];
  sha256: string;
} {
  const entries: ArrayEntry[] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(arrays)) {
    entries.push({ name, kind: kindOf(array), length: array.length, offset });
    offset = Math.ceil((offset + array.byteLength) / ALIGNMENT) * ALIGNMENT;
  }
  refuseBigEndian();
  const bytes = Buffer.alloc(offset);
  for (const [at, array] of Object.values(arrays).entries()) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), entries[at]!.offset);
  }
  return { bytes, entries, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Views into `bytes`, nothing is copied.
 * @throws DuihaoError `model-damaged` where an entry lies outside the file or is of another kind than asked for
 */
export class ArrayReader {
  readonly #bytes: Buffer;
  readonly #entries: ReadonlyMap<string, ArrayEntry>;
  readonly #path: string;

  constructor(bytes: Buffer, entries: readonly ArrayEntry[], path: string) {
    refuseBigEndian();
    // A Buffer of the pool may begin anywhere; typed arrays need their alignment.
    this.#bytes = bytes.byteOffset % ALIGNMENT === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    this.#path = path;
  }

  read<K extends ArrayKind>(name: string, kind: K): InstanceType<(typeof KINDS)[K]> {
    const entry = this.#entries.get(name);
    const type = KINDS[kind];
    if (
      entry?.kind !== kind ||
      entry.offset % ALIGNMENT !== 0 ||
      entry.offset + entry.length * type.BYTES_PER_ELEMENT > this.#bytes.length
    ) {
      throw new DuihaoError(
        'corrupt',
        'model-damaged',
        `${this.#path}: array ${name} is missing or cut off`,
        {
          path: this.#path,
          name,
        },
      );
    }
    return new type(
      this.#bytes.buffer as ArrayBuffer,
      this.#bytes.byteOffset + entry.offset,
      entry.length,
    ) as InstanceType<(typeof KINDS)[K]>;
  }
}

function kindOf(array: StoredArray): ArrayKind {
  for (const [kind, type] of Object.entries(KINDS)) if (array instanceof type) return kind as ArrayKind;
  throw new TypeError('an array of this type cannot be stored');
}

function refuseBigEndian(): void {
  if (endianness() !== 'LE') {
    throw new DuihaoError('unavailable', 'big-endian', 'model files are little-endian; this machine is not');
  }
}

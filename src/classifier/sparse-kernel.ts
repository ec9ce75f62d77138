/**
 * The inner loops of an answer in SIMD WebAssembly: an answer takes half the time of the plain loops. Weights are
 * copied into the module's memory once. Where WebAssembly or its SIMD is missing, or no memory is given, the plain
 * twins in LinearPart and Network compute the same.
 */
import type { SparseVector } from '../features/sparse-vector.js';
import { log } from '../log.js';
import { SPARSE_KERNEL } from './sparse-kernel-binary.js';

/** Adds a vector's weighted rows to a few dense sums. */
export interface RowSums<Sums extends Float32Array | Float64Array> {
  /** Of the vector added up last. */
  readonly sums: Sums;
  /** Sets the sums to those of the vector. */
  add(vector: SparseVector): void;
}

interface KernelExports {
  readonly memory: WebAssembly.Memory;
  addEntries(...pointers: number[]): void;
  addRows(...pointers: number[]): void;
  addProduct(...pointers: number[]): void;
  weighEntries(...pointers: number[]): void;
  weighRows(...pointers: number[]): void;
}

/** Longer vectors are added up in several calls. */
const ENTRIES = 4096;
const PAGE = 65_536;
/** A cache line; more than any type needs. */
const ALIGNMENT = 64;

/** A vector's weights summed by output. */
export interface EntrySums extends RowSums<Float64Array> {
  /**
   * What each feature would add to a weighted sum of outputs.
   * @param factors one per output
   * @param out one per feature of the list
   */
  weigh(indices: Uint32Array, factors: Float64Array, out: Float64Array): void;
}

/** Sums of `weights` by output; null where the kernel cannot run. */
export function openEntrySums(linear: {
  readonly starts: Uint32Array;
  readonly outputs: Uint16Array;
  readonly weights: Int8Array;
  readonly items: Int32Array;
}): EntrySums | null {
  const { starts, outputs, weights, items } = linear;
  const memory = openMemory([starts, rowByRow(starts, outputs, weights)], (items.length + ENTRIES) * 8);
  if (!memory) return null;
  const { kernel, places, sumsAt } = memory;
  const sums = new Float64Array(kernel.memory.buffer, sumsAt, items.length);
  const weighedAt = sumsAt + items.length * 8;
  const weighed = new Float64Array(kernel.memory.buffer, weighedAt, ENTRIES);
  return {
    sums,
    add(vector) {
      sums.fill(0);
      memory.forChunks(vector, (indices, values, count) =>
        kernel.addEntries(indices, values, count, places[0]!, places[1]!, sumsAt),
      );
    },
    weigh(indices, factors, out) {
      sums.set(factors);
      memory.forChunks({ indices, values: null }, (indicesAt, _, count, from) => {
        kernel.weighEntries(indicesAt, count, places[0]!, places[1]!, sumsAt, weighedAt);
        out.set(count === ENTRIES ? weighed : weighed.subarray(0, count), from);
      });
    },
  };
}

/** Each row's outputs, then its weights: one stretch of memory to wait for, not two. */
function rowByRow(starts: Uint32Array, outputs: Uint16Array, weights: Int8Array): Uint8Array {
  const rows = new Uint8Array(3 * weights.length);
  let to = 0;
  for (let row = 0; row + 1 < starts.length; row += 1) {
    const [from, end] = [starts[row]!, starts[row + 1]!];
    for (let at = from; at < end; at += 1) {
      rows[to] = outputs[at]! & 0xff;
      rows[to + 1] = outputs[at]! >> 8;
      to += 2;
    }
    for (let at = from; at < end; at += 1) {
      rows[to] = weights[at]!;
      to += 1;
    }
  }
  return rows;
}

/** A vector's bag of embeddings, and what the heads make of it. */
export interface BagSums<Sums extends Float32Array | Float64Array> extends RowSums<Sums> {
  /** Logits of the bag added up last, without the biases; valid until the next call. */
  product(): Sums;
  /**
   * What each feature would add to one output.
   * @param column of the heads
   * @param out one per feature of the list
   */
  weigh(indices: Uint32Array, column: Float32Array, out: Float32Array): void;
}

/** Bags of embeddings; null where the kernel cannot run. */
export function openBagSums(network: {
  readonly dimensions: number;
  readonly rows: number;
  readonly embeddings: Int8Array;
  readonly scales: Float32Array;
  readonly heads: Float32Array;
}): BagSums<Float32Array> | null {
  const { dimensions, rows, embeddings, scales, heads } = network;
  const outputs = heads.length / dimensions;
  const width = wholeRegisters(dimensions);
  const headWidth = wholeRegisters(outputs);
  const wideEmbeddings = widened(embeddings, new Int8Array(rows * width), rows);
  const wideHeads = widened(heads, new Float32Array(dimensions * headWidth), dimensions);
  const memory = openMemory([wideEmbeddings, scales, wideHeads], (width + headWidth + ENTRIES) * 4);
  if (!memory) return null;
  const { kernel, places, sumsAt } = memory;
  const sums = new Float32Array(kernel.memory.buffer, sumsAt, width);
  const productAt = sumsAt + width * 4;
  const product = new Float32Array(kernel.memory.buffer, productAt, headWidth);
  const logits = product.subarray(0, outputs);
  const weighedAt = productAt + headWidth * 4;
  const weighed = new Float32Array(kernel.memory.buffer, weighedAt, ENTRIES);
  return {
    sums: sums.subarray(0, dimensions),
    add(vector) {
      sums.fill(0);
      memory.forChunks(vector, (indices, values, count) =>
        kernel.addRows(indices, values, count, rows, width, places[0]!, places[1]!, sumsAt),
      );
    },
    product() {
      product.fill(0);
      kernel.addProduct(sumsAt, dimensions, headWidth, places[2]!, productAt);
      return logits;
    },
    weigh(indices, column, out) {
      sums.fill(0);
      sums.set(column);
      memory.forChunks({ indices, values: null }, (indicesAt, _, count, from) => {
        kernel.weighRows(indicesAt, count, rows, width, places[0]!, places[1]!, sumsAt, weighedAt);
        out.set(count === ENTRIES ? weighed : weighed.subarray(0, count), from);
      });
    },
  };
}

/** The kernel takes sixteen numbers a turn. */
const wholeRegisters = (numbers: number): number => Math.ceil(numbers / 16) * 16;

/** The rows of `from` as rows of `to`, filled up by zeros. */
function widened<T extends Int8Array | Float32Array>(from: T, to: T, rows: number): T {
  if (from.length === to.length) return from;
  const [narrow, wide] = [from.length / rows, to.length / rows];
  for (let row = 0; row < rows; row += 1) {
    to.set(from.subarray(row * narrow, (row + 1) * narrow), row * wide);
  }
  return to;
}

interface KernelMemory {
  readonly kernel: KernelExports;
  /** Where each array lies. */
  readonly places: readonly number[];
  readonly sumsAt: number;
  forChunks(
    vector: { readonly indices: Uint32Array; readonly values: Float32Array | null },
    run: (indicesAt: number, valuesAt: number, count: number, from: number) => void,
  ): void;
}

function openMemory(
  arrays: readonly (Uint32Array | Uint8Array | Int8Array | Float32Array)[],
  sumsBytes: number,
): KernelMemory | null {
  const places: number[] = [];
  let end = ALIGNMENT;
  const reserve = (bytes: number) => {
    const at = end;
    end = Math.ceil((end + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const indicesAt = reserve(ENTRIES * 4);
  const valuesAt = reserve(ENTRIES * 4);
  const sumsAt = reserve(sumsBytes);
  for (const array of arrays) places.push(reserve(array.byteLength));
  let kernel: KernelExports;
  try {
    const module = new WebAssembly.Module(Buffer.from(SPARSE_KERNEL, 'base64'));
    kernel = new WebAssembly.Instance(module).exports as unknown as KernelExports;
    kernel.memory.grow(Math.ceil(end / PAGE));
  } catch (error) {
    log.debug({ reason: String(error) }, 'the WebAssembly kernel cannot run: plain loops compute');
    return null;
  }
  const { buffer } = kernel.memory;
  for (const [nth, array] of arrays.entries()) {
    new Uint8Array(buffer, places[nth]!, array.byteLength).set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
    );
  }
  const indices = new Uint32Array(buffer, indicesAt, ENTRIES);
  const values = new Float32Array(buffer, valuesAt, ENTRIES);
  return {
    kernel,
    places,
    sumsAt,
    forChunks(vector, run) {
      const { length } = vector.indices;
      for (let from = 0; from < length; from += ENTRIES) {
        const count = Math.min(ENTRIES, length - from);
        indices.set(count === length ? vector.indices : vector.indices.subarray(from, from + count));
        if (vector.values) {
          values.set(count === length ? vector.values : vector.values.subarray(from, from + count));
        }
        run(indicesAt, valuesAt, count, from);
      }
    },
  };
}

/** The features a model knows, each with what it counts in a ticket (training/feature-weights.ts finds that out). */
import { HashTable } from './hash-table.js';

export class Vocabulary {
  /** Hash of feature i. */
  readonly hashes: Uint32Array;
  /** What a mention of feature i counts, above 0. */
  readonly weights: Float32Array;
  readonly #ids: HashTable;

  constructor(hashes: Uint32Array, weights: Float32Array) {
    this.hashes = hashes;
    this.weights = weights;
    this.#ids = new HashTable(hashes.length);
    for (const hash of hashes) this.#ids.number(hash);
  }

  get size(): number {
    return this.hashes.length;
  }

  /** −1 where the feature is unknown. */
  idOf(hash: number): number {
    return this.#ids.get(hash);
  }

  /** Of the first `count` hashes. */
  idsOf(hashes: Uint32Array, count: number, out: Int32Array): void {
    this.#ids.getAll(hashes, count, out);
  }
}

/**
 * The features a model knows, each with its inverse document frequency (Spärck Jones, 1972), smoothed as in
 * scikit-learn: ln((1 + tickets) / (1 + tickets that have it)) + 1.
 */
import { HashTable } from './hash-table.js';

export class Vocabulary {
  /** Hash of feature i. */
  readonly hashes: Uint32Array;
  readonly idf: Float32Array;
  readonly #ids: HashTable;

  constructor(hashes: Uint32Array, idf: Float32Array) {
    this.hashes = hashes;
    this.idf = idf;
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

export function inverseDocumentFrequency(tickets: number, having: number): number {
  return Math.log((1 + tickets) / (1 + having)) + 1;
}

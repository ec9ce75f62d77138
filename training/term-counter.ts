/** Counts the features of one ticket: occurrences → distinct hashes with their counts. Scratch is used again. */
import type { OccurrenceReader } from '../src/features/occurrences.js';

export class TermCounter {
  hashes = new Uint32Array(1024);
  counts = new Float32Array(1024);
  size = 0;
  #slots = new Int32Array(4096).fill(-1);

  /** Counts what the reader holds. */
  count(reader: OccurrenceReader): void {
    while (this.#slots.length < reader.count * 2) this.#slots = new Int32Array(this.#slots.length * 2);
    this.#slots.fill(-1);
    const slots = this.#slots;
    const mask = slots.length - 1;
    this.size = 0;
    for (let nth = 0; nth < reader.count; nth += 1) {
      const hash = reader.hashes[nth]!;
      let at = hash & mask;
      while (slots[at]! >= 0 && this.hashes[slots[at]!] !== hash) at = (at + 1) & mask;
      if (slots[at]! < 0) {
        if (this.size === this.hashes.length) this.#grow();
        slots[at] = this.size;
        this.hashes[this.size] = hash;
        this.counts[this.size] = 0;
        this.size += 1;
      }
      this.counts[slots[at]!]! += reader.weights[nth]!;
    }
  }

  #grow(): void {
    const hashes = new Uint32Array(this.hashes.length * 2);
    const counts = new Float32Array(this.counts.length * 2);
    hashes.set(this.hashes);
    counts.set(this.counts);
    this.hashes = hashes;
    this.counts = counts;
  }
}

/**
 * Counted tickets → the vocabulary: features that enough tickets have, the most frequent first where there are
 * more than a model may hold. A sketch of saturating counters (a counting Bloom filter with one hash; Bloom, 1970)
 * keeps features seen once, two thirds of all, out of the exact count, whose memory is then small.
 */
import { HashTable } from '../src/features/hash-table.js';
import { Vocabulary } from '../src/features/vocabulary.js';
import type { TermStore } from './term-store.js';

export interface VocabularyLimits {
  /** Tickets that must have a feature. */
  readonly minTickets: number;
  readonly maxFeatures: number;
}

/** Few tickets cannot spare what only two of them say; many have typos and names seen three times. */
export function vocabularyLimits(tickets: number): VocabularyLimits {
  return { minTickets: tickets < 10_000 ? 2 : tickets < 200_000 ? 3 : 6, maxFeatures: 400_000 };
}

/**
 * Features are numbered from the most frequent down; of the same count, by hash: the same for any order of tickets.
 * Each counts 1 as yet.
 */
export function buildVocabulary(store: TermStore, limits: VocabularyLimits): Vocabulary {
  const sketch = new Uint8Array(1 << (store.entries > 1 << 24 ? 27 : 24));
  const mask = sketch.length - 1;
  store.forEach((_, hashes) => {
    for (const hash of hashes) {
      const at = (hash ^ (hash >>> 7)) & mask;
      if (sketch[at]! < 255) sketch[at]! += 1;
    }
  });
  const table = new HashTable(1 << 16);
  let having = new Uint32Array(1 << 16);
  store.forEach((_, hashes) => {
    for (const hash of hashes) {
      if (sketch[(hash ^ (hash >>> 7)) & mask]! < limits.minTickets) continue;
      const id = table.number(hash);
      if (id >= having.length) {
        const grown = new Uint32Array(having.length * 2);
        grown.set(having);
        having = grown;
      }
      having[id]! += 1;
    }
  });
  const hashes = table.keys();
  const chosen: number[] = [];
  for (let id = 0; id < hashes.length; id += 1) if (having[id]! >= limits.minTickets) chosen.push(id);
  chosen.sort((a, b) => having[b]! - having[a]! || hashes[a]! - hashes[b]!);
  chosen.length = Math.min(chosen.length, limits.maxFeatures);
  return new Vocabulary(
    Uint32Array.from(chosen, (id) => hashes[id]!),
    new Float32Array(chosen.length).fill(1),
  );
}

/**
 * A ticket → the hashes of its features, one per occurrence, with the stretch each comes from. A hash names a
 * feature: 32 bits collide for 0.006 % of a vocabulary of 250,000, which no figure shows.
 */
import { isWordUnit, normalize } from '../text/normalize.js';
import type { Segmenter } from '../text/segment.js';
import type { Ticket } from '../text/ticket.js';
import type { FeatureOptions } from './feature-options.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Told apart by their seed: n-grams by length, words, pairs, and all of them once more for the title. */
const WORD_SEED = 77;
const PAIR_SEED = 99;
const TITLE_SALT = 0x5bd1e995;

/** The occurrences of the ticket read last. Arrays grow and are used again: one reader serves one thread. */
export class OccurrenceReader {
  readonly options: FeatureOptions;
  readonly segmenter: Segmenter;
  hashes = new Uint32Array(4096);
  /** How much an occurrence counts. */
  weights = new Float32Array(4096);
  starts = new Uint32Array(4096);
  ends = new Uint32Array(4096);
  count = 0;
  /** Occurrences before this one stand in the title. */
  titleEnd = 0;
  /** Where each word ends, in its field; those of the title come first. */
  words: number[] = [];
  titleWords = 0;

  constructor(options: FeatureOptions, segmenter: Segmenter) {
    this.options = options;
    this.segmenter = segmenter;
  }

  read({ title, text }: Pick<Ticket, 'title' | 'text'>): void {
    this.count = 0;
    this.words = [];
    if (title) this.#readField(title, this.options.titleWeight, this.options.titleFeatures);
    this.titleEnd = this.count;
    this.titleWords = this.words.length;
    this.#readField(text.slice(0, this.options.maxCharacters), 1, false);
  }

  #readField(raw: string, weight: number, asTitle: boolean): void {
    const text = normalize(raw);
    const { charGrams } = this.options;
    for (let start = 0; start < text.length; start += 1) {
      let hash = FNV_OFFSET;
      const last = Math.min(text.length, start + charGrams);
      for (let end = start; end < last; end += 1) {
        const unit = text.charCodeAt(end);
        if (!isWordUnit(unit)) break;
        hash = step(hash, unit);
        this.#add(hash + (end - start + 1), weight, start, end + 1, asTitle);
      }
    }
    this.#readWords(text, weight, asTitle);
  }

  #readWords(text: string, weight: number, asTitle: boolean): void {
    const { charGrams, words, wordPairs } = this.options;
    let start = 0;
    let before = 0;
    let beforeStart = 0;
    for (const word of this.segmenter.segment(text)) {
      const end = start + word.length;
      if (!isWordUnit(word.charCodeAt(0))) before = 0;
      else {
        let hash = FNV_OFFSET ^ WORD_SEED;
        for (let at = 0; at < word.length; at += 1) hash = step(hash, word.charCodeAt(at));
        // A word of one character is a character.
        if (words && (word.length > 1 || charGrams === 0))
          this.#add(hash + WORD_SEED, weight, start, end, asTitle);
        if (wordPairs && before !== 0) {
          this.#add(Math.imul(before, 31) + hash + PAIR_SEED, weight, beforeStart, end, asTitle);
        }
        before = hash;
        beforeStart = start;
      }
      start = end;
      this.words.push(end);
    }
  }

  #add(hash: number, weight: number, start: number, end: number, asTitle: boolean): void {
    if (this.count + 2 > this.hashes.length) this.#grow();
    this.#put(finish(hash), weight, start, end);
    if (asTitle) this.#put(finish(hash ^ TITLE_SALT), 1, start, end);
  }

  #put(hash: number, weight: number, start: number, end: number): void {
    const at = this.count;
    this.hashes[at] = hash;
    this.weights[at] = weight;
    this.starts[at] = start;
    this.ends[at] = end;
    this.count = at + 1;
  }

  #grow(): void {
    const size = this.hashes.length * 2;
    const copy = <T extends Uint32Array | Float32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.hashes = copy(new Uint32Array(size), this.hashes);
    this.weights = copy(new Float32Array(size), this.weights);
    this.starts = copy(new Uint32Array(size), this.starts);
    this.ends = copy(new Uint32Array(size), this.ends);
  }
}

/** FNV-1a with a stir, for units of 16 bits. */
function step(hash: number, unit: number): number {
  const mixed = Math.imul(hash ^ unit, FNV_PRIME);
  return Math.imul(mixed ^ (mixed >>> 13), 0x5bd1e995);
}

/** Lets every bit of the input reach every bit of the hash (C. Wellons, hash-prospector, 2018). */
function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * A ticket → the hashes of its features, one per occurrence, with the stretch each comes from. A hash names a
 * feature: 32 bits collide for 0.006 % of a vocabulary of 250,000, which no figure shows.
 */
import { BLANK, isWordUnit, normalize } from '../text/normalize.js';
import type { Segmenter } from '../text/segment.js';
import type { Ticket } from '../text/ticket.js';
import type { FeatureOptions } from './feature-options.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Told apart by their seed: n-grams by length, words, pairs, and all of them once more for the title. */
const WORD_SEED = 77;
const PAIR_SEED = 99;
const TITLE_SALT = 0x5bd1e995;
/** Stand for the ends of a field: normalised text has no control characters. */
const BEGIN = 2;
const END = 3;

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
  wordEnds = new Uint32Array(4096);
  /** 1 where it is one, 0 where it is punctuation, a blank or a symbol. */
  wordKinds = new Uint8Array(4096);
  wordCount = 0;
  titleWords = 0;

  constructor(options: FeatureOptions, segmenter: Segmenter) {
    this.options = options;
    this.segmenter = segmenter;
  }

  read({ title, text }: Pick<Ticket, 'title' | 'text'>): void {
    this.count = 0;
    this.wordCount = 0;
    const { titleWeight, titleFeatures, maxCharacters } = this.options;
    if (title) this.#readField(title, titleWeight, titleFeatures);
    this.titleEnd = this.count;
    this.titleWords = this.wordCount;
    this.#readField(text.length > maxCharacters ? text.slice(0, maxCharacters) : text, 1, false);
  }

  #readField(raw: string, weight: number, asTitle: boolean): void {
    const text = normalize(raw);
    this.#reserve(text.length, asTitle);
    const from = this.count;
    this.#readCharacters(text, weight);
    this.#readWords(text, weight);
    this.#stir(from, asTitle);
  }

  #readCharacters(text: string, weight: number): void {
    const { charGrams, marks } = this.options;
    const { hashes, weights, starts, ends } = this;
    let count = this.count;
    for (let start = 0; start < text.length; start += 1) {
      let hash = FNV_OFFSET;
      const last = Math.min(text.length, start + charGrams);
      for (let end = start; end < last; end += 1) {
        const unit = text.charCodeAt(end);
        if (!marks && !isWordUnit(unit)) break;
        hash = step(hash, unit);
        hashes[count] = hash + (end - start + 1);
        weights[count] = weight;
        starts[count] = start;
        ends[count] = end + 1;
        count += 1;
      }
    }
    this.count = count;
    if (!marks || charGrams === 0) return;
    // Blanks around a text come from where it was copied.
    let first = 0;
    let last = text.length - 1;
    while (first <= last && text.charCodeAt(first) === BLANK) first += 1;
    while (last > first && text.charCodeAt(last) === BLANK) last -= 1;
    if (first > last) return;
    this.#addEnd(BEGIN, text.charCodeAt(first), first, weight);
    this.#addEnd(END, text.charCodeAt(last), last, weight);
  }

  /** A pair of an end of the field and the unit there. */
  #addEnd(end: number, unit: number, at: number, weight: number): void {
    this.hashes[this.count] = step(step(FNV_OFFSET, end), unit) + 2;
    this.weights[this.count] = weight;
    this.starts[this.count] = at;
    this.ends[this.count] = at + 1;
    this.count += 1;
  }

  #readWords(text: string, weight: number): void {
    const { charGrams, words, wordPairs } = this.options;
    const { hashes, weights, starts, ends, wordEnds, wordKinds } = this;
    let { count, wordCount } = this;
    let start = 0;
    let before = 0;
    let beforeStart = 0;
    for (const word of this.segmenter.segment(text)) {
      // A segmenter that gives back more than it was given must not write beyond what was reserved.
      if (start >= text.length) break;
      const end = Math.min(text.length, start + word.length);
      const isWord = isWordUnit(text.charCodeAt(start));
      if (!isWord) before = 0;
      else {
        let hash = FNV_OFFSET ^ WORD_SEED;
        // Read from the text, not from the word: one string for all instead of one for each.
        for (let at = start; at < end; at += 1) hash = step(hash, text.charCodeAt(at));
        // A word of one character is a character.
        if (words && (end - start > 1 || charGrams === 0)) {
          hashes[count] = hash + WORD_SEED;
          weights[count] = weight;
          starts[count] = start;
          ends[count] = end;
          count += 1;
        }
        if (wordPairs && before !== 0) {
          hashes[count] = Math.imul(before, 31) + hash + PAIR_SEED;
          weights[count] = weight;
          starts[count] = beforeStart;
          ends[count] = end;
          count += 1;
        }
        before = hash;
        beforeStart = start;
      }
      start = end;
      wordEnds[wordCount] = end;
      wordKinds[wordCount] = isWord ? 1 : 0;
      wordCount += 1;
    }
    this.count = count;
    this.wordCount = wordCount;
  }

  /** Finishes the hashes from `from` on; a title's features stand once more behind, as the title's own. */
  #stir(from: number, asTitle: boolean): void {
    const { hashes, weights, starts, ends } = this;
    const to = this.count;
    if (asTitle) {
      let copy = to;
      for (let at = from; at < to; at += 1) {
        hashes[copy] = finish(hashes[at]! ^ TITLE_SALT);
        weights[copy] = 1;
        starts[copy] = starts[at]!;
        ends[copy] = ends[at]!;
        copy += 1;
      }
      this.count = copy;
    }
    for (let at = from; at < to; at += 1) hashes[at] = finish(hashes[at]!);
  }

  /** Room for all a field of so many units may have: its n-grams and ends, and a word and a pair for each unit. */
  #reserve(units: number, asTitle: boolean): void {
    const most = this.count + (units * (this.options.charGrams + 2) + 2) * (asTitle ? 2 : 1);
    if (most > this.hashes.length) {
      const size = Math.max(most, this.hashes.length * 2);
      this.hashes = grown(new Uint32Array(size), this.hashes);
      this.weights = grown(new Float32Array(size), this.weights);
      this.starts = grown(new Uint32Array(size), this.starts);
      this.ends = grown(new Uint32Array(size), this.ends);
    }
    const words = this.wordCount + units;
    if (words > this.wordEnds.length) {
      const size = Math.max(words, this.wordEnds.length * 2);
      this.wordEnds = grown(new Uint32Array(size), this.wordEnds);
      this.wordKinds = grown(new Uint8Array(size), this.wordKinds);
    }
  }
}

function grown<T extends Uint8Array | Uint32Array | Float32Array>(to: T, from: T): T {
  to.set(from);
  return to;
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

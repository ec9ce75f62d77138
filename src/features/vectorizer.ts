/** A ticket → its features: (1 + ln count) · the feature's weight, scaled to length 1 (Salton & Buckley, 1988). */
import type { Segmenter } from '../text/segment.js';
import type { Ticket } from '../text/ticket.js';
import type { FeatureOptions } from './feature-options.js';
import { OccurrenceReader } from './occurrences.js';
import type { SparseVector } from './sparse-vector.js';
import type { Vocabulary } from './vocabulary.js';

/** What is read of a ticket. */
export type TicketText = Pick<Ticket, 'title' | 'text'>;

/** Where the ticket's known features stand: for explanations. */
export interface FeatureOccurrences {
  /** Which feature of the vector each occurrence is of (its place in `indices`), −1 where it is unknown. */
  readonly places: Int32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Occurrences before this one stand in the title. */
  readonly titleEnd: number;
  /** Where each word ends, in its field; those of the title first. */
  readonly words: Uint32Array;
  /** Of each: 1 where it is a word, 0 where it is punctuation, a blank or a symbol. */
  readonly wordKinds: Uint8Array;
  readonly titleWords: number;
}

/** One for each thread: it keeps scratch of the vocabulary's size. */
export class Vectorizer {
  readonly vocabulary: Vocabulary;
  /** Holds the occurrences of the ticket vectorised last, for the explanation. */
  readonly reader: OccurrenceReader;
  /** Place in the vector + 1 of each feature of the ticket at hand; else 0. */
  readonly #placeOf: Uint32Array;
  /** Of each occurrence: first the feature's id, then its place in the vector; −1 where it is unknown. */
  #places = new Int32Array(4096);
  /** By place in the vector. */
  #indices = new Uint32Array(4096);
  #counts = new Float32Array(4096);

  constructor(options: FeatureOptions, vocabulary: Vocabulary, segmenter: Segmenter) {
    this.vocabulary = vocabulary;
    this.reader = new OccurrenceReader(options, segmenter);
    this.#placeOf = new Uint32Array(vocabulary.size);
  }

  /** Features come in the order of their first occurrence; empty where none is known. */
  vectorize(ticket: TicketText): SparseVector {
    const { reader, vocabulary } = this;
    reader.read(ticket);
    const { count, weights } = reader;
    this.#reserve(count);
    const places = this.#places;
    const found = this.#indices;
    const counts = this.#counts;
    const placeOf = this.#placeOf;
    vocabulary.idsOf(reader.hashes, count, places);
    let known = 0;
    for (let at = 0; at < count; at += 1) {
      const id = places[at]!;
      if (id < 0) continue;
      let place = placeOf[id]!;
      if (place === 0) {
        found[known] = id;
        counts[known] = 0;
        known += 1;
        place = known;
        placeOf[id] = place;
      }
      counts[place - 1]! += weights[at]!;
      places[at] = place - 1;
    }
    const indices = found.slice(0, known);
    const values = new Float32Array(known);
    const { weights: featureWeights } = vocabulary;
    for (let at = 0; at < known; at += 1) {
      const id = indices[at]!;
      values[at] = countWeight(counts[at]!) * featureWeights[id]!;
      placeOf[id] = 0;
    }
    scaleToLength1(values);
    return { indices, values };
  }

  /** Of the ticket vectorised last. */
  occurrences(): FeatureOccurrences {
    const { reader } = this;
    return {
      places: this.#places.slice(0, reader.count),
      starts: reader.starts.slice(0, reader.count),
      ends: reader.ends.slice(0, reader.count),
      titleEnd: reader.titleEnd,
      words: reader.wordEnds.slice(0, reader.wordCount),
      wordKinds: reader.wordKinds.slice(0, reader.wordCount),
      titleWords: reader.titleWords,
    };
  }

  #reserve(count: number): void {
    if (count <= this.#places.length) return;
    const size = Math.max(count, this.#places.length * 2);
    this.#places = new Int32Array(size);
    this.#indices = new Uint32Array(size);
    this.#counts = new Float32Array(size);
  }
}

/** Sublinear: the tenth mention says little more than the first. */
export function countWeight(count: number): number {
  return count <= 1 ? 1 : 1 + Math.log(count);
}

export function scaleToLength1(values: Float32Array): void {
  let squares = 0;
  for (let at = 0; at < values.length; at += 1) squares += values[at]! * values[at]!;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let at = 0; at < values.length; at += 1) values[at]! *= scale;
}

/** A ticket → its features, weighted (1 + ln count) · idf and scaled to length 1 (Salton & Buckley, 1988). */
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
  /** Feature of each occurrence, −1 where it is unknown. */
  readonly features: Int32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Occurrences before this one stand in the title. */
  readonly titleEnd: number;
  /** Where each word ends, in its field; those of the title first. */
  readonly words: Uint32Array;
  readonly titleWords: number;
}

/** One for each thread: it keeps scratch of the vocabulary's size. */
export class Vectorizer {
  readonly vocabulary: Vocabulary;
  /** Holds the occurrences of the ticket vectorised last, for the explanation. */
  readonly reader: OccurrenceReader;
  readonly #counts: Float32Array;

  constructor(options: FeatureOptions, vocabulary: Vocabulary, segmenter: Segmenter) {
    this.vocabulary = vocabulary;
    this.reader = new OccurrenceReader(options, segmenter);
    this.#counts = new Float32Array(vocabulary.size);
  }

  /** Features come in the order of their first occurrence; empty where none is known. */
  vectorize(ticket: TicketText): SparseVector {
    const { reader, vocabulary } = this;
    reader.read(ticket);
    const counts = this.#counts;
    const indices = new Uint32Array(reader.count);
    let known = 0;
    for (let at = 0; at < reader.count; at += 1) {
      const id = vocabulary.idOf(reader.hashes[at]!);
      if (id < 0) continue;
      if (counts[id] === 0) {
        indices[known] = id;
        known += 1;
      }
      counts[id]! += reader.weights[at]!;
    }
    const values = new Float32Array(known);
    for (let at = 0; at < known; at += 1) {
      const id = indices[at]!;
      values[at] = countWeight(counts[id]!) * vocabulary.idf[id]!;
      counts[id] = 0;
    }
    scaleToLength1(values);
    return { indices: indices.subarray(0, known), values };
  }

  /** Of the ticket vectorised last. */
  occurrences(): FeatureOccurrences {
    const { reader, vocabulary } = this;
    const features = new Int32Array(reader.count);
    for (let at = 0; at < reader.count; at += 1) features[at] = vocabulary.idOf(reader.hashes[at]!);
    return {
      features,
      starts: reader.starts.slice(0, reader.count),
      ends: reader.ends.slice(0, reader.count),
      titleEnd: reader.titleEnd,
      words: Uint32Array.from(reader.words),
      titleWords: reader.titleWords,
    };
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

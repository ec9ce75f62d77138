/**
 * The tickets as one sparse matrix in shared memory, a row a ticket (compressed sparse rows), weighted exactly as
 * `Vectorizer` does it: training and serving see the same numbers.
 */
import { countWeight, scaleToLength1 } from '../src/features/vectorizer.js';
import type { Vocabulary } from '../src/features/vocabulary.js';
import type { TermStore } from './term-store.js';

export interface TicketMatrix {
  /** Row r has the entries `starts[r] … starts[r + 1] − 1`. */
  readonly starts: Uint32Array;
  readonly features: Uint32Array;
  readonly values: Float32Array;
  readonly rows: number;
  /** Columns: the vocabulary's size. */
  readonly columns: number;
}

/** Which features each ticket has; the values are for `weigh` to write. */
export function layOut(store: TermStore, vocabulary: Vocabulary): TicketMatrix {
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (store.tickets + 1)));
  store.forEach((ticket, hashes) => {
    let known = 0;
    for (const hash of hashes) if (vocabulary.idOf(hash) >= 0) known += 1;
    starts[ticket + 1] = starts[ticket]! + known;
  });
  const entries = starts[store.tickets]!;
  const features = new Uint32Array(new SharedArrayBuffer(4 * entries));
  const values = new Float32Array(new SharedArrayBuffer(4 * entries));
  store.forEach((ticket, hashes) => {
    let at = starts[ticket]!;
    for (const hash of hashes) {
      const id = vocabulary.idOf(hash);
      if (id >= 0) features[at++] = id;
    }
  });
  return { starts, features, values, rows: store.tickets, columns: vocabulary.size };
}

/** Writes the values anew, with the weights that the vocabulary has now. */
export function weigh({ starts, values }: TicketMatrix, store: TermStore, vocabulary: Vocabulary): void {
  store.forEach((ticket, hashes, counts) => {
    let at = starts[ticket]!;
    for (let nth = 0; nth < hashes.length; nth += 1) {
      const id = vocabulary.idOf(hashes[nth]!);
      if (id >= 0) values[at++] = countWeight(counts[nth]!) * vocabulary.weights[id]!;
    }
    scaleToLength1(values.subarray(starts[ticket]!, at));
  });
}

/** Of the entries `begin` … `end` − 1, each square multiplied by its feature's factor. */
export function squaredLength(
  factors: Float32Array,
  features: Uint32Array,
  values: Float32Array,
  begin: number,
  end: number,
): number {
  let sum = 0;
  for (let entry = begin; entry < end; entry += 1) {
    sum += values[entry]! * values[entry]! * factors[features[entry]!]!;
  }
  return sum;
}

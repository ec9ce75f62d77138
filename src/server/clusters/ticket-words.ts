/** A masked ticket → the words it may be compared by, and words of many tickets → rows of tf-idf. */
import type { SparseVector } from '../../features/sparse-vector.js';
import { maskWords } from '../../text/mask.js';
import { normalize } from '../../text/normalize.js';
import type { Segmenter } from '../../text/segment.js';

export interface MaskedTicket {
  readonly title: string | null;
  readonly text: string;
}

/** Word → how much it counts in the ticket, however often it stands there. */
export type TicketWords = ReadonlyMap<string, number>;

/** A title says what it is about; a text says much else. Chosen with the rule in find-clusters.ts. */
const titleWeight = 2;
/** UTF-16 units; what stands further behind is quoted law and repetition. */
const readUnits = 1_500;
const masks = new RegExp(Object.values(maskWords).join('|'), 'g');
/** Numbers and letters tell one citizen from another, not one matter from another. */
const isWord = (word: string): boolean => /^\p{Script=Han}{2,8}$/u.test(word);

export function wordsOf({ title, text }: MaskedTicket, segmenter: Segmenter): TicketWords {
  const words = new Map<string, number>();
  const read = (field: string, weight: number) => {
    const plain = normalize(field.slice(0, readUnits).replace(masks, ' '));
    for (const word of new Set(segmenter.segment(plain)))
      if (isWord(word)) words.set(word, (words.get(word) ?? 0) + weight);
  };
  if (title) read(title, titleWeight);
  read(text, 1);
  return words;
}

export interface WordRows {
  /** Of length 1, less what no other ticket says: who says much that nobody else does is like nobody. */
  readonly rows: readonly SparseVector[];
  /** Feature → word. */
  readonly words: readonly string[];
  /** Word → tickets that say it. */
  readonly counts: ReadonlyMap<string, number>;
}

/** What more of all tickets say tells nothing apart, and costs the most to compare by. */
const mostShare = 0.2;

export function toRows(tickets: readonly TicketWords[]): WordRows {
  const counts = new Map<string, number>();
  for (const ticket of tickets)
    for (const word of ticket.keys()) counts.set(word, (counts.get(word) ?? 0) + 1);
  // Of few tickets a share is a handful: a new matter may be most of what there is.
  const most = Math.max(50, mostShare * tickets.length);
  const features = new Map<string, number>();
  const words: string[] = [];
  for (const [word, count] of counts) {
    if (count < 2 || count > most) continue;
    features.set(word, words.length);
    words.push(word);
  }
  const rows = tickets.map((ticket): SparseVector => {
    const indices: number[] = [];
    const values: number[] = [];
    let square = 0;
    for (const [word, times] of ticket) {
      const count = counts.get(word)!;
      if (count > most) continue;
      const value = times * Math.log(1 + tickets.length / count);
      square += value * value;
      const feature = features.get(word);
      if (feature === undefined) continue;
      indices.push(feature);
      values.push(value);
    }
    const length = Math.sqrt(square);
    return {
      indices: Uint32Array.from(indices),
      values: Float32Array.from(values, (value) => value / length),
    };
  });
  return { rows, words, counts };
}

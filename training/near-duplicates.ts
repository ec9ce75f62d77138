/**
 * Groups tickets that say (nearly) the same, so that a split can keep them on one side: one citizen sends a
 * complaint five times, a chain letter comes from a whole estate. MinHash over character 4-grams with
 * banding (Broder, 1997; Leskovec et al., Mining of Massive Datasets, ch. 3).
 */
import type { Ticket } from '../src/text/ticket.js';

const HASHES = 24;
/** 6 bands of 4 rows find pairs of similarity 0.8 with probability 0.96 and 0.5 with 0.32; verified below. */
const BAND_ROWS = 4;
const SHINGLE = 4;
/** Share of equal MinHash values from which two tickets count as near-duplicates. */
const SIMILAR = 0.7;
/** Characters read: a long letter that differs only behind this is the same letter. */
const MAX_CHARACTERS = 600;

/** Digits, letters, marks and white space vary between copies of one message. */
function essence(ticket: Ticket): string {
  return `${ticket.title ?? ''}${ticket.text}`.replace(/[^\p{Script=Han}]/gu, '').slice(0, MAX_CHARACTERS);
}

/** @returns for each ticket the number of its group: the index of the group's first ticket. */
export function groupNearDuplicates(tickets: readonly Ticket[]): Int32Array {
  const parent = Int32Array.from(tickets, (_, index) => index);
  const find = (start: number): number => {
    let at = start;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const union = (a: number, b: number) => {
    const [x, y] = [find(a), find(b)];
    if (x !== y) parent[Math.max(x, y)] = Math.min(x, y);
  };
  const exact = new Map<string, number>();
  const bands = Array.from({ length: HASHES / BAND_ROWS }, () => new Map<number, number>());
  const signatures = new Uint32Array(tickets.length * HASHES);
  const signatureOf = (index: number) => signatures.subarray(index * HASHES, (index + 1) * HASHES);
  tickets.forEach((ticket, index) => {
    const text = essence(ticket);
    const key = text === '' ? `\0${ticket.title ?? ''}\0${ticket.text}` : text;
    const same = exact.get(key);
    if (same !== undefined) {
      union(index, same);
      return;
    }
    exact.set(key, index);
    if (text.length < 2 * SHINGLE) return;
    const signature = signatureOf(index);
    minHash(text, signature);
    for (const [band, seen] of bands.entries()) {
      const key = bandKey(signature, band * BAND_ROWS);
      const other = seen.get(key);
      if (other === undefined) seen.set(key, index);
      else if (similarity(signature, signatureOf(other)) >= SIMILAR) union(index, other);
    }
  });
  return parent.map((_, index) => find(index));
}

function minHash(text: string, signature: Uint32Array): void {
  signature.fill(0xffffffff);
  for (let start = 0; start + SHINGLE <= text.length; start += 1) {
    let hash = 0x811c9dc5;
    for (let at = start; at < start + SHINGLE; at += 1)
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    for (let nth = 0; nth < HASHES; nth += 1) {
      // One multiplicative hash each, finished so that the high bits mix (Knuth; murmur3's last step).
      let mixed = Math.imul(hash ^ (nth * 0x9e3779b9), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      mixed = (mixed ^ (mixed >>> 16)) >>> 0;
      if (mixed < signature[nth]!) signature[nth] = mixed;
    }
  }
}

/** 53 bits of a band: a number takes a fraction of the memory of a text, and those that fall together are compared anyway. */
function bandKey(signature: Uint32Array, from: number): number {
  let low = 0x811c9dc5;
  let high = 0;
  for (let at = from; at < from + BAND_ROWS; at += 1) {
    low = Math.imul(low ^ signature[at]!, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ signature[at]!, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

function similarity(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let nth = 0; nth < HASHES; nth += 1) if (a[nth] === b[nth]) equal += 1;
  return equal / HASHES;
}

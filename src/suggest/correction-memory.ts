/**
 * What agents chose lately, to be found again by likeness: the newest choices with the fingerprints of their tickets,
 * in memory that all threads share. The main thread writes; workers, also those that replace dead ones, only search.
 */
import { type Fingerprint, fingerprintLength, signsOf, signWords } from '../classifier/fingerprint.js';

/** An agent's choice for a ticket, as the memory takes it. */
export interface Choice {
  readonly fingerprint: Fingerprint;
  /** Index of the chosen item in the model's own tree. */
  readonly item: number;
  /** Milliseconds since 1970. */
  readonly decidedAt: number;
  /** What the choice counts, in (0, 1]. */
  readonly weight: number;
  /** Whose it is. */
  readonly agent: string;
  /** It is another item than the model alone had put first, and not one above it. */
  readonly corrected: boolean;
}

/** A choice that was found. */
export interface Neighbour {
  /** Cosine of the two fingerprints, at most 1. */
  readonly similarity: number;
  readonly item: number;
  readonly decidedAt: number;
  readonly weight: number;
  /** Tells agents apart, names nobody. */
  readonly agent: number;
  readonly corrected: boolean;
}

export interface Change {
  /** What the choice is about and whose it is: a later one of the same key takes the place of the earlier. */
  readonly key: string;
  /** null: it was taken back. */
  readonly choice: Choice | null;
}

/** 3 MB, and a search of about a millisecond; a month of a hotline with 650 choices a day. */
export const memoryCapacity = 20_000;

/** Numbers of the header. */
const VERSION = 0;
const USED = 1;
const HEADER = 2;
/** A search that met writing begins anew, at most this often: a batch is written in a few milliseconds. */
const TRIES = 8;
const PATIENCE_MS = 2;

export class CorrectionMemory {
  /** Give it to another thread and open it there with the constructor. */
  readonly shared: SharedArrayBuffer;
  readonly capacity: number;
  readonly #header: Int32Array;
  readonly #signs: Uint32Array;
  readonly #fingerprints: Int8Array;
  readonly #lengths: Float32Array;
  /** −1: nothing here. */
  readonly #items: Int32Array;
  readonly #times: Float64Array;
  readonly #weights: Float32Array;
  readonly #agents: Uint32Array;
  readonly #corrected: Uint8Array;
  // Of the writing thread only.
  readonly #slots = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  readonly #agentNumbers = new Map<string, number>();
  #next = 0;

  /** @param shared of a memory of the same capacity; default: a new, empty one */
  constructor(capacity: number = memoryCapacity, shared?: SharedArrayBuffer) {
    this.capacity = capacity;
    let end = 0;
    const place = (bytes: number): number => {
      const at = end;
      end = Math.ceil((end + bytes) / 8) * 8;
      return at;
    };
    const at = {
      header: place(HEADER * 4),
      signs: place(capacity * signWords * 4),
      fingerprints: place(capacity * fingerprintLength),
      lengths: place(capacity * 4),
      items: place(capacity * 4),
      times: place(capacity * 8),
      weights: place(capacity * 4),
      agents: place(capacity * 4),
      corrected: place(capacity),
    };
    if (shared && shared.byteLength !== end) throw new Error('a memory of another capacity');
    this.shared = shared ?? new SharedArrayBuffer(end);
    this.#header = new Int32Array(this.shared, at.header, HEADER);
    this.#signs = new Uint32Array(this.shared, at.signs, capacity * signWords);
    this.#fingerprints = new Int8Array(this.shared, at.fingerprints, capacity * fingerprintLength);
    this.#lengths = new Float32Array(this.shared, at.lengths, capacity);
    this.#items = new Int32Array(this.shared, at.items, capacity);
    this.#times = new Float64Array(this.shared, at.times, capacity);
    this.#weights = new Float32Array(this.shared, at.weights, capacity);
    this.#agents = new Uint32Array(this.shared, at.agents, capacity);
    this.#corrected = new Uint8Array(this.shared, at.corrected, capacity);
  }

  /** Choices in it; known to the writing thread only. */
  get size(): number {
    return this.#slots.size;
  }

  /** In the writing thread. Where it is full the earliest written gives way. */
  write(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const header = this.#header;
    // Odd while it is being written: a search that saw it begins anew.
    Atomics.add(header, VERSION, 1);
    for (const { key, choice } of changes) {
      const before = this.#slots.get(key);
      if (before !== undefined) this.#clear(before);
      if (choice) this.#put(key, choice);
    }
    Atomics.add(header, VERSION, 1);
    Atomics.notify(header, VERSION);
  }

  /**
   * Choices about tickets similar to this one, in no order.
   * @param least similarity
   */
  nearest(fingerprint: Fingerprint, least: number): Neighbour[] {
    const header = this.#header;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const version = Atomics.load(header, VERSION);
      if (version % 2 !== 0) {
        Atomics.wait(header, VERSION, version, PATIENCE_MS);
        continue;
      }
      const found = this.#search(fingerprint, least);
      if (Atomics.load(header, VERSION) === version) return found;
    }
    // Rather an answer of the model alone than a late one.
    return [];
  }

  #search(fingerprint: Fingerprint, least: number): Neighbour[] {
    const used = Atomics.load(this.#header, USED);
    const found: Neighbour[] = [];
    if (used === 0) return found;
    const signs = this.#signs;
    const items = this.#items;
    const own = new Uint32Array(signWords);
    signsOf(fingerprint, own);
    const [a, b, c, d] = [own[0]!, own[1]!, own[2]!, own[3]!];
    const numbers = Int32Array.from(fingerprint);
    const length = lengthOf(fingerprint);
    const far = farthestSigns(least);
    for (let slot = 0, at = 0; slot < used; slot += 1, at += signWords) {
      const differing =
        ones(signs[at]! ^ a) + ones(signs[at + 1]! ^ b) + ones(signs[at + 2]! ^ c) + ones(signs[at + 3]! ^ d);
      if (differing > far || items[slot]! < 0) continue;
      const similarity = this.#product(numbers, slot) / (length * this.#lengths[slot]!);
      if (similarity < least) continue;
      found.push({
        similarity: Math.min(1, similarity),
        item: items[slot]!,
        decidedAt: this.#times[slot]!,
        weight: this.#weights[slot]!,
        agent: this.#agents[slot]!,
        corrected: this.#corrected[slot] === 1,
      });
    }
    return found;
  }

  #product(numbers: Int32Array, slot: number): number {
    const fingerprints = this.#fingerprints;
    const from = slot * fingerprintLength;
    // Four sums of whole numbers side by side: half the time of one.
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let at = 0; at < fingerprintLength; at += 4) {
      a = (a + Math.imul(numbers[at]!, fingerprints[from + at]!)) | 0;
      b = (b + Math.imul(numbers[at + 1]!, fingerprints[from + at + 1]!)) | 0;
      c = (c + Math.imul(numbers[at + 2]!, fingerprints[from + at + 2]!)) | 0;
      d = (d + Math.imul(numbers[at + 3]!, fingerprints[from + at + 3]!)) | 0;
    }
    return a + b + c + d;
  }

  #put(key: string, choice: Choice): void {
    const slot = this.#next;
    this.#next = (slot + 1) % this.capacity;
    if (this.#keys[slot] !== undefined) this.#clear(slot);
    this.#keys[slot] = key;
    this.#slots.set(key, slot);
    signsOf(choice.fingerprint, this.#signs, slot * signWords);
    this.#fingerprints.set(choice.fingerprint, slot * fingerprintLength);
    this.#lengths[slot] = lengthOf(choice.fingerprint);
    this.#times[slot] = choice.decidedAt;
    this.#weights[slot] = choice.weight;
    this.#agents[slot] = this.#numberOf(choice.agent);
    this.#corrected[slot] = choice.corrected ? 1 : 0;
    this.#items[slot] = choice.item;
    if (slot >= Atomics.load(this.#header, USED)) Atomics.store(this.#header, USED, slot + 1);
  }

  #clear(slot: number): void {
    this.#items[slot] = -1;
    this.#slots.delete(this.#keys[slot]!);
    this.#keys[slot] = undefined;
  }

  #numberOf(agent: string): number {
    const known = this.#agentNumbers.get(agent) ?? this.#agentNumbers.size;
    this.#agentNumbers.set(agent, known);
    return known;
  }
}

function lengthOf(fingerprint: Fingerprint): number {
  let squares = 0;
  for (let at = 0; at < fingerprint.length; at += 1) squares += fingerprint[at]! * fingerprint[at]!;
  return Math.sqrt(squares);
}

/** Bits that are set. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Signs that may differ where the cosine is at least `least`: of random directions the share that differs is the angle
 * over π; two standard deviations of that are let in too. Of db44_gold's neighbours that loses one in a
 * thousand.
 */
function farthestSigns(least: number): number {
  const share = Math.acos(Math.max(-1, Math.min(1, least))) / Math.PI;
  return fingerprintLength * share + 2 * Math.sqrt(fingerprintLength * share * (1 - share));
}

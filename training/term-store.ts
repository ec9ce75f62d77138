/**
 * The counted features of all tickets, in the order they were added: in memory while they fit, in a file of the
 * system's temporary folder beyond that, so that a million tickets train within a few gigabytes. The file holds
 * hashes and counts, no text, and is unlinked as soon as it is open: nothing is left behind, even by a crash.
 */
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two words an entry: hash, and count as a float. */
const CHUNK_WORDS = 1 << 21;

export class TermStore {
  readonly #memoryWords: number;
  readonly #chunks: Uint32Array[] = [];
  /** Words used of each chunk. */
  readonly #used: number[] = [];
  readonly #sizes: number[] = [];
  readonly #chunkWords: number;
  #current: Uint32Array;
  #filled = 0;
  #file: number | undefined;
  #inFile: number[] = [];

  /** @param memoryBytes what is kept in memory before the file is used */
  constructor(memoryBytes = 768 << 20, chunkWords = CHUNK_WORDS) {
    this.#memoryWords = memoryBytes / 4;
    this.#chunkWords = chunkWords;
    this.#current = new Uint32Array(chunkWords);
  }

  /** Tickets so far. */
  get tickets(): number {
    return this.#sizes.length;
  }

  get entries(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0);
  }

  get onDisk(): boolean {
    return this.#file !== undefined;
  }

  /** Takes the first `size` entries. */
  add(hashes: Uint32Array, counts: Float32Array, size: number): void {
    if (this.#filled + 2 * size > this.#current.length) this.#nextChunk(2 * size);
    this.#current.set(hashes.subarray(0, size), this.#filled);
    new Float32Array(this.#current.buffer).set(counts.subarray(0, size), this.#filled + size);
    this.#filled += 2 * size;
    this.#sizes.push(size);
  }

  /** Arrays are views that are valid during the call only. */
  forEach(visit: (ticket: number, hashes: Uint32Array, counts: Float32Array) => void): void {
    let ticket = 0;
    const visitChunk = (words: Uint32Array, used: number) => {
      const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
      for (let at = 0; at < used; ) {
        const size = this.#sizes[ticket]!;
        visit(ticket, words.subarray(at, at + size), floats.subarray(at + size, at + 2 * size));
        at += 2 * size;
        ticket += 1;
      }
      // Tickets without features at the end of a chunk take no room in it.
    };
    const empties = () => {
      while (ticket < this.#sizes.length && this.#sizes[ticket] === 0) {
        visit(ticket, EMPTY_HASHES, EMPTY_COUNTS);
        ticket += 1;
      }
    };
    let position = 0;
    for (const words of this.#inFile) {
      const chunk = new Uint32Array(words);
      readFully(this.#file!, new Uint8Array(chunk.buffer), position);
      position += words * 4;
      empties();
      visitChunk(chunk, words);
    }
    for (const [index, chunk] of this.#chunks.entries()) {
      empties();
      visitChunk(chunk, this.#used[index]!);
    }
    empties();
    visitChunk(this.#current, this.#filled);
    empties();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #nextChunk(atLeast: number): void {
    if (this.#filled > 0) {
      if (this.#file !== undefined || (this.#chunks.length + 1) * this.#chunkWords > this.#memoryWords)
        this.#spill();
      else {
        this.#chunks.push(this.#current);
        this.#used.push(this.#filled);
        this.#current = new Uint32Array(this.#chunkWords);
      }
    }
    if (atLeast > this.#current.length) this.#current = new Uint32Array(atLeast);
    this.#filled = 0;
  }

  /** Once the file is begun everything goes there, in order. */
  #spill(): void {
    if (this.#file === undefined) {
      const path = join(tmpdir(), `duihao-terms-${process.pid}-${Date.now()}`);
      this.#file = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      for (const [index, chunk] of this.#chunks.entries()) this.#write(chunk, this.#used[index]!);
      this.#chunks.length = 0;
      this.#used.length = 0;
    }
    this.#write(this.#current, this.#filled);
  }

  #write(chunk: Uint32Array, words: number): void {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, words * 4);
    let position = fstatSync(this.#file!).size;
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.#file!, bytes, at, bytes.length - at, position);
      at += written;
      position += written;
    }
    this.#inFile.push(words);
  }
}

const EMPTY_HASHES = new Uint32Array(0);
const EMPTY_COUNTS = new Float32Array(0);

function readFully(file: number, into: Uint8Array, from: number): void {
  for (let at = 0; at < into.length; ) {
    const read = readSync(file, into, at, into.length - at, from + at);
    if (read === 0) throw new Error('the cache of features ended early');
    at += read;
  }
}

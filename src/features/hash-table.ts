/** 32-bit keys → small integers in one flat array: no objects for the collector, one cache line a look-up. */
export class HashTable {
  /** Slot s has its key at 2s and its value + 1 at 2s + 1; 0: free. */
  #slots: Uint32Array;
  #mask: number;
  size = 0;

  constructor(expected = 1024) {
    let capacity = 1024;
    while (capacity < expected * 2) capacity *= 2;
    this.#slots = new Uint32Array(capacity * 2);
    this.#mask = capacity - 1;
  }

  /** −1 where the key is unknown. */
  get(key: number): number {
    return look(this.#slots, this.#mask, key);
  }

  /** Looks up the first `count` keys at once: the processor waits for several cache lines at the same time. */
  getAll(keys: Uint32Array, count: number, out: Int32Array): void {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let nth = 0; nth < count; nth += 1) out[nth] = look(slots, mask, keys[nth]!);
  }

  /** The key's value; a new key gets the next number: 0, 1, 2, … */
  number(key: number): number {
    let slots = this.#slots;
    let at = key & this.#mask;
    for (;;) {
      const value = slots[2 * at + 1]!;
      if (value === 0) break;
      if (slots[2 * at] === key) return value - 1;
      at = (at + 1) & this.#mask;
    }
    if (this.size * 2 > this.#mask) {
      this.#double();
      slots = this.#slots;
      at = this.#free(key);
    }
    slots[2 * at] = key;
    this.size += 1;
    slots[2 * at + 1] = this.size;
    return this.size - 1;
  }

  /** `keys()[value]` is the key. */
  keys(): Uint32Array {
    const slots = this.#slots;
    const keys = new Uint32Array(this.size);
    for (let at = 0; at < slots.length; at += 2) {
      const value = slots[at + 1]!;
      if (value !== 0) keys[value - 1] = slots[at]!;
    }
    return keys;
  }

  #free(key: number): number {
    let at = key & this.#mask;
    while (this.#slots[2 * at + 1] !== 0) at = (at + 1) & this.#mask;
    return at;
  }

  #double(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#mask = old.length - 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      const to = this.#free(old[at]!);
      this.#slots[2 * to] = old[at]!;
      this.#slots[2 * to + 1] = old[at + 1]!;
    }
  }
}

function look(slots: Uint32Array, mask: number, key: number): number {
  let at = key & mask;
  for (;;) {
    const value = slots[2 * at + 1]!;
    if (value === 0) return -1;
    if (slots[2 * at] === key) return value - 1;
    at = (at + 1) & mask;
  }
}

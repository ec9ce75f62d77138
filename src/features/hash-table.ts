/** 32-bit keys → small integers in two flat arrays: no objects for the collector, one cache line a look-up. */
export class HashTable {
  #keys: Uint32Array;
  /** Value + 1; 0: free. */
  #values: Uint32Array;
  #mask: number;
  size = 0;

  constructor(expected = 1024) {
    let capacity = 1024;
    while (capacity < expected * 2) capacity *= 2;
    this.#keys = new Uint32Array(capacity);
    this.#values = new Uint32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** −1 where the key is unknown. */
  get(key: number): number {
    let at = key & this.#mask;
    for (;;) {
      const value = this.#values[at]!;
      if (value === 0) return -1;
      if (this.#keys[at] === key) return value - 1;
      at = (at + 1) & this.#mask;
    }
  }

  /** The key's value; a new key gets the next number: 0, 1, 2, … */
  number(key: number): number {
    let at = key & this.#mask;
    for (;;) {
      const value = this.#values[at]!;
      if (value === 0) break;
      if (this.#keys[at] === key) return value - 1;
      at = (at + 1) & this.#mask;
    }
    if (this.size * 2 >= this.#keys.length) {
      this.#double();
      return this.number(key);
    }
    this.#keys[at] = key;
    this.size += 1;
    this.#values[at] = this.size;
    return this.size - 1;
  }

  /** `keys()[value]` is the key. */
  keys(): Uint32Array {
    const keys = new Uint32Array(this.size);
    for (let at = 0; at < this.#keys.length; at += 1) {
      const value = this.#values[at]!;
      if (value !== 0) keys[value - 1] = this.#keys[at]!;
    }
    return keys;
  }

  #double(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#values = new Uint32Array(keys.length * 2);
    this.#mask = this.#keys.length - 1;
    for (let old = 0; old < keys.length; old += 1) {
      if (values[old] === 0) continue;
      let at = keys[old]! & this.#mask;
      while (this.#values[at] !== 0) at = (at + 1) & this.#mask;
      this.#keys[at] = keys[old]!;
      this.#values[at] = values[old]!;
    }
  }
}

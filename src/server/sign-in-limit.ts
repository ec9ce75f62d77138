/** Slows down guessing: a few wrong passwords per name and address, more per address, then a pause. */
import { Problem } from './problem.js';

const windowMs = 10 * 60_000;
const mostPerName = 8;
/** A hotline's agents may share one address. */
const mostPerAddress = 60;
const mostKept = 20_000;

export class SignInLimit {
  readonly #failures = new Map<string, { count: number; until: number }>();

  /** @throws Problem `sign-in-limited` (429) */
  check(name: string, address: string): void {
    const now = Date.now();
    for (const [key, most] of this.#keys(name, address)) {
      const failures = this.#failures.get(key);
      if (failures && failures.until > now && failures.count >= most) {
        throw new Problem(429, 'sign-in-limited', 'too many wrong passwords; wait before the next', {
          headers: { 'Retry-After': String(Math.ceil((failures.until - now) / 1000)) },
        });
      }
    }
  }

  failed(name: string, address: string): void {
    const now = Date.now();
    if (this.#failures.size > mostKept) this.#failures.clear();
    for (const [key] of this.#keys(name, address)) {
      const failures = this.#failures.get(key);
      if (failures && failures.until > now) failures.count += 1;
      else this.#failures.set(key, { count: 1, until: now + windowMs });
    }
  }

  succeeded(name: string, address: string): void {
    this.#failures.delete(this.#keys(name, address)[0]![0]);
  }

  #keys(name: string, address: string): readonly (readonly [key: string, most: number])[] {
    return [
      [`${address} ${name.toLowerCase()}`, mostPerName],
      [address, mostPerAddress],
    ];
  }
}

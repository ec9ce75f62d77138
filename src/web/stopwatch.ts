/** The time a ticket takes: what passes while the page is hidden is not the agent's. */
export class Stopwatch {
  readonly #now: () => number;
  #spent = 0;
  #since: number | null;

  /** Runs from now on. @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  pause(): void {
    this.#spent = this.#elapsed();
    this.#since = null;
  }

  resume(): void {
    this.#since ??= this.#now();
  }

  /** Whole milliseconds, at most a day: what the API takes. */
  get milliseconds(): number {
    return Math.min(86_400_000, Math.max(0, Math.round(this.#elapsed())));
  }

  #elapsed(): number {
    return this.#spent + (this.#since === null ? 0 : this.#now() - this.#since);
  }
}

/** `0:07`, `12:34`, `1:02:03`. */
export function clockFace(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

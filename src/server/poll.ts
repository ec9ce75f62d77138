/**
 * Looks at something again and again: looks never overlap, and a stop waits for the one under way. Polling works on
 * every file system, network shares and mounted volumes included.
 */

export class Poll<T> {
  readonly #look: () => Promise<T>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<T> | undefined;
  #stopped = false;

  /** @param look must not throw */
  constructor(look: () => Promise<T>, everyMs: number) {
    this.#look = look;
    this.#everyMs = everyMs;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** One look; concurrent calls share it. */
  check(): Promise<T> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /**
   * Begins looking; once it has begun, nothing more.
   * @param firstAfterMs milliseconds until the first look; default as between two
   */
  start(firstAfterMs: number = this.#everyMs): void {
    if (!this.#timer) this.#wait(firstAfterMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #wait(milliseconds: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(async () => {
      await this.check();
      this.#wait(this.#everyMs);
    }, milliseconds);
    // Connections keep the process alive, not the watch.
    this.#timer.unref();
  }
}

/**
 * Writes that arrive together are committed together: what comes while a transaction runs waits for the
 * next. A commit costs the same for one row as for a hundred, so many agents at once cost little more than
 * one, and nobody waits for a timer.
 */

export class GroupCommit<T, R> {
  readonly #write: (items: readonly T[]) => Promise<readonly R[]>;
  readonly #most: number;
  #waiting: { readonly item: T; resolve(result: R): void; reject(error: unknown): void }[] = [];
  #running: Promise<void> | undefined;

  /**
   * @param write commits all of them or none, and answers in their order
   * @param most per transaction
   */
  constructor(write: (items: readonly T[]) => Promise<readonly R[]>, most: number) {
    this.#write = write;
    this.#most = most;
  }

  /** Resolves when it is committed. */
  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // What the same turn of the event loop brings shares the first transaction.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      try {
        const results = await this.#write(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => {
          resolve(results[index]!);
        });
      } catch (error) {
        // One that cannot be stored must not take the others with it.
        if (batch.length === 1) batch[0]!.reject(error);
        else await this.#oneByOne(batch);
      }
    }
    this.#running = undefined;
  }

  async #oneByOne(
    batch: readonly { readonly item: T; resolve(result: R): void; reject(error: unknown): void }[],
  ): Promise<void> {
    for (const { item, resolve, reject } of batch) {
      try {
        resolve((await this.#write([item]))[0]!);
      } catch (error) {
        reject(error);
      }
    }
  }
}

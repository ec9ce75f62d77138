/**
 * The agents' workplace as the routes know it: the store, which opens after the server listens, and how
 * strict it is.
 */
import type { Store } from '../store/store.js';
import { ClusterFinder } from './clusters/cluster-finder.js';
import { Problem } from './problem.js';

export interface WorkplaceOptions {
  /** false: everybody may do everything, under the name `local`. */
  readonly auth: boolean;
  /** Keep tickets' texts, masked. */
  readonly storeText: boolean;
}

export class Workplace {
  readonly auth: boolean;
  readonly storeText: boolean;
  readonly clusters = new ClusterFinder();
  #store: Store | undefined;

  constructor({ auth, storeText }: WorkplaceOptions, store?: Store) {
    this.auth = auth;
    this.storeText = storeText;
    this.#store = store;
  }

  fill(store: Store): void {
    this.#store = store;
  }

  /** @returns the store, for the caller to close. */
  empty(): Store | undefined {
    const store = this.#store;
    this.#store = undefined;
    return store;
  }

  /** The store where it is open: suggestions are answered without it too. */
  get store(): Store | undefined {
    return this.#store;
  }

  /** @throws Problem `store-opening` (503) until it is open. */
  take(): Store {
    if (!this.#store) {
      throw new Problem(503, 'store-opening', 'the database is still opening; try again shortly', {
        headers: { 'Retry-After': '2' },
      });
    }
    return this.#store;
  }
}

/**
 * Holds the service that answers: empty while the model loads, exchanged when another is promoted, empty
 * again when the server stops. Requests take what is there and keep it until they have answered.
 */
import type { SuggestService } from '../suggest/suggest-service.js';
import { Problem } from './problem.js';

export type SlotState = 'starting' | 'ready' | 'stopping';

export class ServiceSlot {
  #service: SuggestService | undefined;
  #state: SlotState = 'starting';
  #listener: ((service: SuggestService) => void) | undefined;

  constructor(service?: SuggestService) {
    if (service) this.fill(service);
  }

  get state(): SlotState {
    return this.#state;
  }

  /** @returns the service that was there before, for the caller to close. */
  fill(service: SuggestService): SuggestService | undefined {
    const before = this.#service;
    this.#service = service;
    if (this.#state === 'starting') this.#state = 'ready';
    this.#listener?.(service);
    return before;
  }

  /** Calls at once where there is a service, and whenever another one comes. */
  whenFilled(listener: (service: SuggestService) => void): void {
    this.#listener = listener;
    if (this.#service) listener(this.#service);
  }

  /** From now on not ready, so that a load balancer looks elsewhere; what arrives is still answered. */
  stop(): void {
    this.#state = 'stopping';
  }

  /** @returns the service, for the caller to close when no request can come any more. */
  empty(): SuggestService | undefined {
    const service = this.#service;
    this.#service = undefined;
    return service;
  }

  /** @throws Problem `model-loading` (503) while there is none. */
  take(): SuggestService {
    if (!this.#service) {
      throw new Problem(503, 'model-loading', 'the model is still loading; try again shortly', {
        headers: { 'Retry-After': '2' },
      });
    }
    return this.#service;
  }
}

/**
 * Keeps a running server on the promoted model: looks at the registry's file every two seconds, and when
 * another model is promoted opens it, puts it into the slot and closes the old one once it has answered all it
 * was asked. A model that does not open changes nothing but the log.
 */
import { codeOf, isDuihaoError } from '../errors.js';
import { log } from '../log.js';
import { type Current, promotedModel, readCurrent } from '../model-store/registry.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import { Poll } from './poll.js';
import type { ServiceSlot } from './service-slot.js';

export interface ExchangeOptions {
  /** The models folder. */
  readonly models: string;
  readonly slot: ServiceSlot;
  readonly open: (folder: string) => Promise<SuggestService>;
  /** Told what the registry says at the start and whenever that changes, whether the model opens or not. */
  readonly onChoice?: (current: Current) => void;
  /** Default 2,000. */
  readonly everyMs?: number;
}

export type ExchangeOutcome = 'unchanged' | 'exchanged' | 'failed';

export class ModelExchange {
  readonly #options: ExchangeOptions;
  readonly #poll: Poll<ExchangeOutcome>;
  /** The choice last acted on, whether its model opened or not: a broken model is tried once, not for ever. */
  #seen = '';
  readonly #closing = new Set<Promise<void>>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#poll = new Poll(() => this.#check(), options.everyMs ?? 2000);
  }

  /**
   * Opens the promoted model, fills the slot and begins to watch.
   * @throws DuihaoError what keeps the model from opening: at the start there is no other one to stay with
   */
  async start(): Promise<SuggestService | undefined> {
    const { models, open } = this.#options;
    this.#seen = await this.#choice();
    const service = await open((await promotedModel(models)).folder);
    await this.#fill(service);
    this.#poll.start();
    return this.#poll.stopped ? undefined : service;
  }

  /** One look at the registry; concurrent calls share it. */
  check(): Promise<ExchangeOutcome> {
    return this.#poll.check();
  }

  /** Ends watching and waits for an exchange under way; the service in the slot is the caller's to close. */
  async stop(): Promise<void> {
    await this.#poll.stop();
    await Promise.all(this.#closing);
  }

  async #check(): Promise<ExchangeOutcome> {
    const { models, open } = this.#options;
    const before = this.#seen;
    this.#seen = await this.#choice();
    if (this.#seen === before) return 'unchanged';
    try {
      const service = await open((await promotedModel(models)).folder);
      await this.#fill(service);
      log.info({ model: service.model.id, version: service.model.version }, 'model exchanged');
      return 'exchanged';
    } catch (error) {
      log.error(
        { code: codeOf(error) },
        'the promoted model cannot be opened; the one before goes on answering',
      );
      return 'failed';
    }
  }

  /** What the file says; a damaged one is a choice too, so that it is reported once and not at every look. */
  async #choice(): Promise<string> {
    try {
      const current = await readCurrent(this.#options.models);
      const choice = current ? JSON.stringify(current.current) : '';
      if (current && choice !== this.#seen) this.#options.onChoice?.(current);
      return choice;
    } catch (error) {
      return isDuihaoError(error) ? error.code : `${(error as NodeJS.ErrnoException).code}`;
    }
  }

  async #fill(service: SuggestService): Promise<void> {
    if (this.#poll.stopped) return service.close();
    const before = this.#options.slot.fill(service);
    if (!before) return;
    const closing = before.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

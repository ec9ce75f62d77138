/**
 * Keeps a running server's shadow on the one that is chosen: looks at `shadow.json` every two seconds, opens what is
 * chosen and closes what was. Whatever goes wrong is logged: answers do not depend on it.
 */
import { isDuihaoError } from '../errors.js';
import { log } from '../log.js';
import { readShadow, shadowModel } from '../model-store/shadow-choice.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import { Poll } from './poll.js';
import type { Shadow } from './shadow.js';

export interface ShadowExchangeOptions {
  /** The models folder. */
  readonly models: string;
  readonly shadow: Shadow;
  readonly open: (folder: string) => Promise<SuggestService>;
  /** Default 2,000. */
  readonly everyMs?: number;
}

export type ShadowOutcome = 'unchanged' | 'opened' | 'closed' | 'failed';

export class ShadowExchange {
  readonly #options: ShadowExchangeOptions;
  readonly #poll: Poll<ShadowOutcome>;
  /** The choice last acted on, whether its model opened or not: a broken model is tried once, not for ever. */
  #seen = '';

  constructor(options: ShadowExchangeOptions) {
    this.#options = options;
    this.#poll = new Poll(() => this.#check(), options.everyMs ?? 2000);
  }

  /** Begins to watch, with a first look. Never rejects. */
  async start(): Promise<ShadowOutcome> {
    const outcome = await this.check();
    this.#poll.start();
    return outcome;
  }

  /** One look; concurrent calls share it. */
  check(): Promise<ShadowOutcome> {
    return this.#poll.check();
  }

  /** Ends watching; the shadow is the caller's to close. */
  async stop(): Promise<void> {
    await this.#poll.stop();
  }

  async #check(): Promise<ShadowOutcome> {
    const { models, shadow, open } = this.#options;
    try {
      const choice = await readShadow(models);
      const text = choice ? JSON.stringify(choice) : '';
      if (text === this.#seen) return 'unchanged';
      this.#seen = text;
      // First: two models beside the current one would be one too many for the memory.
      await shadow.fill(undefined)?.close();
      if (!choice) {
        log.info('no shadow model any more');
        return 'closed';
      }
      const service = await open((await shadowModel(models, choice)).folder);
      if (this.#poll.stopped) await service.close();
      else {
        shadow.fill(service);
        log.info({ model: service.model.id, version: service.model.version }, 'shadow model opened');
      }
      return 'opened';
    } catch (error) {
      const code = isDuihaoError(error)
        ? error.code
        : ((error as NodeJS.ErrnoException).code ?? (error as Error).name);
      if (code === this.#seen) return 'unchanged';
      // A damaged file is reported once, not at every look.
      if (code === 'shadow-invalid') this.#seen = code;
      log.error({ code }, 'the shadow model cannot be opened');
      return 'failed';
    }
  }
}

/** The shadow's part of a server's life: which model it is, opened after the current one, closed before the store. */
import { codeOf, DuihaoError } from '../errors.js';
import { log } from '../log.js';
import { readModelCard } from '../model-store/model-card.js';
import { Shadow } from '../server/shadow.js';
import { ShadowExchange } from '../server/shadow-exchange.js';
import type { Workplace } from '../server/workplace.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { Environment } from './environment.js';
import { type ModelOptions, modelsFolder, namedModel } from './model-option.js';

interface ShadowOptions extends ModelOptions {
  readonly shadow?: string;
}

type Open = (
  folder: string,
  options: { readonly workers: number; readonly adjust: boolean },
) => Promise<SuggestService>;

const nameOf = (options: ShadowOptions, environment: Environment) =>
  options.shadow ?? environment.DUIHAO_SHADOW;

/** Its folder where the shadow is named; undefined where the models folder's choice is followed. */
function namedShadow(options: ShadowOptions, environment: Environment): string | undefined {
  const name = nameOf(options, environment);
  return name === undefined ? undefined : namedModel({ ...options, model: name }, environment);
}

/**
 * Before the server listens: what was named and cannot be is a mistake, not a failure to live with.
 * @throws DuihaoError `option-invalid`, `manifest-…`
 */
export async function refuseLonelyShadow(
  options: ShadowOptions,
  environment: Environment,
  hasStore: boolean,
): Promise<void> {
  const folder = namedShadow(options, environment);
  if (folder === undefined) return;
  if (!hasStore) {
    throw new DuihaoError(
      'invalid-input',
      'option-invalid',
      '--shadow（DUIHAO_SHADOW）须有存储：并行的候选模型说了什么记在那里；请用 --store 指明',
    );
  }
  await readModelCard(folder);
}

export class Shadowing {
  readonly shadow: Shadow;
  readonly #open: (folder: string) => Promise<SuggestService>;
  readonly #folder: string | undefined;
  readonly #exchange: ShadowExchange | undefined;
  #starting: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ShadowOptions, environment: Environment, workplace: Workplace, open: Open) {
    this.shadow = new Shadow(() => workplace.store);
    // One worker: a comparison has time.
    this.#open = (folder) => open(folder, { workers: 1, adjust: false });
    this.#folder = namedShadow(options, environment);
    if (this.#folder === undefined) {
      const models = modelsFolder(options, environment);
      this.#exchange = new ShadowExchange({ models, shadow: this.shadow, open: this.#open });
    }
  }

  /** Opens the shadow behind the server's back; what fails is logged. */
  start(): void {
    this.#starting = this.#exchange ? this.#exchange.start() : this.#openNamed(this.#folder!);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#exchange?.stop();
    await this.#starting;
    await this.shadow.close();
  }

  async #openNamed(folder: string): Promise<void> {
    try {
      const service = await this.#open(folder);
      if (this.#closed) return void (await service.close());
      this.shadow.fill(service);
      log.info({ model: service.model.id, version: service.model.version }, 'shadow model opened');
    } catch (error) {
      log.error({ code: codeOf(error) }, 'the shadow model cannot be opened');
    }
  }
}

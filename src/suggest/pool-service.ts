/**
 * The service over worker threads: each opens the model once; the main thread only cuts requests into tasks,
 * hands them out and rebuilds the answers, so that it stays free for connections.
 *
 * A worker that dies is replaced, and what it was at is tried once more: each request by itself, so that a
 * ticket that kills the model takes no other caller along.
 */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { DuihaoError } from '../errors.js';
import { log } from '../log.js';
import { taxonomyFromJson } from '../taxonomy/snapshot.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Ticket } from '../text/ticket.js';
import { CorrectionMemory } from './correction-memory.js';
import {
  errorOf,
  type ModelDescription,
  type WorkerAnswer,
  type WorkerSetup,
  type WorkerTask,
} from './pool-messages.js';
import type { ModelIdentity, SuggestService } from './suggest-service.js';
import type { Suggestion, SuggestOptions } from './suggestion.js';
import { fromMessage } from './suggestion-message.js';
import { type Slice, type SuggestRequest, TicketQueue } from './ticket-queue.js';

export interface PoolOptions {
  /** Threads; each holds the model and the dictionary. Default 1: a second one costs their memory again. */
  readonly workers?: number;
  /** Tickets that may wait beyond those being answered. Default 2,048: a few seconds' work. */
  readonly maxQueue?: number;
  /** URL of a module with `openAnswerer(modelFolder, corrections)`; default `open-answerer`. */
  readonly opener?: string;
  /** Keep a memory of what agents chose lately, for somebody to fill. Default false. */
  readonly adjust?: boolean;
}

/** The same file name as this one's, so that sources start sources and dist starts dist. */
const beside = (name: string) =>
  new URL(`./${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url).href;

const MAX_WORKERS = 64;
/** A worker that just started must open its model before it can release it; none is waited for longer. */
const RELEASE_MS = 10_000;

/**
 * Returns when the first worker has the model; the others join as they get ready.
 * @throws DuihaoError why no worker could open the model; `option-invalid`
 */
export async function openPoolService(modelFolder: string, options: PoolOptions = {}): Promise<PoolService> {
  const workers = checked(options.workers ?? 1, 'workers', MAX_WORKERS);
  const maxQueue = checked(options.maxQueue ?? 2048, 'maxQueue', 1_000_000);
  const corrections = options.adjust ? new CorrectionMemory() : undefined;
  const setup: WorkerSetup = {
    modelFolder,
    opener: options.opener ?? beside('open-answerer'),
    logLevel: log.level,
    corrections: corrections?.shared ?? null,
  };
  const pool = new Piscina({
    filename: fileURLToPath(beside('pool-worker')),
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData: setup,
  });
  // Without a listener a worker's death would end the process; before the service exists its tasks say why.
  pool.on('error', () => {});
  // One for each: piscina gives a busy worker no second task.
  const opening = Array.from({ length: workers }, () => describe(pool));
  try {
    return new PoolService(pool, await Promise.any(opening), opening, maxQueue, corrections);
  } catch (error) {
    await pool.destroy();
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

async function describe(pool: Piscina): Promise<ModelDescription> {
  let answer: WorkerAnswer;
  try {
    answer = (await pool.run({ kind: 'describe' })) as WorkerAnswer;
  } catch (error) {
    throw new DuihaoError(
      'internal',
      'worker-crashed',
      'a worker thread died while it opened the model; is there enough memory?',
      {},
      { cause: error },
    );
  }
  if (answer.kind === 'described') return answer.description;
  if ('error' in answer) throw errorOf(answer.error);
  throw new DuihaoError('internal', 'worker-failed', 'a worker answered another task than it was given');
}

function checked(value: number, name: string, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new DuihaoError('invalid-input', 'option-invalid', `${name} must be a whole number, 1–${most}`, {
    name,
  });
}

/** Use `openPoolService`. */
export class PoolService implements SuggestService {
  readonly taxonomy: Taxonomy;
  readonly model: ModelIdentity;
  readonly coverages: readonly number[];
  readonly corrections: CorrectionMemory | undefined;
  readonly #pool: Piscina;
  readonly #maxQueue: number;
  // 8–32 tickets: below, the batch's gain is lost; above, a single ticket waits too long for its turn.
  readonly #queue = new TicketQueue({ least: 8, most: 32, characters: 30_000 });
  /** Tasks that workers are at. */
  readonly #running = new Set<readonly Slice[]>();
  /** Workers that have the model. */
  #workers = 0;
  readonly #opening: readonly Promise<void>[];
  #closing: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(
    pool: Piscina,
    description: ModelDescription,
    opening: readonly Promise<ModelDescription>[],
    maxQueue: number,
    corrections: CorrectionMemory | undefined,
  ) {
    this.#pool = pool;
    this.corrections = corrections;
    this.#maxQueue = maxQueue;
    this.taxonomy = taxonomyFromJson(description.taxonomy);
    this.model = description.model;
    this.coverages = description.coverages;
    if (this.taxonomy.digest !== description.digest) {
      throw new DuihaoError('internal', 'taxonomy-transfer', 'the tree changed on its way from the worker');
    }
    pool.on('error', (error: Error) => this.#workerLost(error));
    this.#opening = opening.map((worker) =>
      worker.then(
        () => {
          this.#workers += 1;
          this.#dispatch();
        },
        (error) => log.warn({ code: error.code }, 'a worker could not open the model'),
      ),
    );
  }

  /** Threads with the model, as far as known. */
  get workers(): number {
    return this.#workers;
  }

  suggest(tickets: readonly Ticket[], options: SuggestOptions): Promise<Suggestion[]> {
    if (this.#closing) {
      return Promise.reject(
        new DuihaoError(
          'unavailable',
          'service-closed',
          'this service has been closed; ask the one that replaced it',
        ),
      );
    }
    if (tickets.length === 0) return Promise.resolve([]);
    // A request larger than the queue is still taken by an idle service: refusing it would be for ever.
    const waiting = this.#queue.tickets;
    if (waiting > 0 && waiting + tickets.length > this.#maxQueue) {
      return Promise.reject(
        new DuihaoError(
          'unavailable',
          'queue-full',
          `${waiting} tickets are waiting already; try again shortly`,
          {
            waiting,
            maxQueue: this.#maxQueue,
          },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({
        tickets,
        options,
        results: new Array<Suggestion>(tickets.length),
        left: tickets.length,
        settled: false,
        resolve,
        reject,
      });
      this.#dispatch();
    });
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        this.#settleIdle();
      });
      await Promise.race([this.#release(), setTimeout(RELEASE_MS, undefined, { ref: false })]);
      await this.#pool.destroy();
    })();
    return this.#closing;
  }

  async #release(): Promise<void> {
    // One for each: all are idle then, and piscina gives a busy worker no second task.
    await Promise.all(this.#opening);
    await Promise.allSettled(this.#pool.threads.map(() => this.#pool.run({ kind: 'release' })));
  }

  #dispatch(): void {
    while (this.#running.size < this.#workers && this.#queue.tickets > 0) {
      const slices = this.#queue.take(this.#workers - this.#running.size);
      if (slices.length > 0) void this.#run(slices);
    }
    this.#settleIdle();
  }

  #settleIdle(): void {
    if (this.#running.size === 0 && this.#queue.tickets === 0) this.#idle?.();
  }

  async #run(slices: readonly Slice[]): Promise<void> {
    this.#running.add(slices);
    const tickets = slices.flatMap(({ request, start, end }) => request.tickets.slice(start, end));
    const { options } = slices[0]!.request;
    try {
      const task: WorkerTask = {
        kind: 'suggest',
        version: this.model.version,
        digest: this.taxonomy.digest,
        tickets,
        options,
      };
      const answer = (await this.#pool.run(task)) as WorkerAnswer;
      if (!this.#running.has(slices)) return;
      if (answer.kind === 'suggested' && answer.suggestions.length === tickets.length) {
        let at = 0;
        for (const { request, start, end } of slices) {
          for (let index = start; index < end; index += 1, at += 1) {
            request.results[index] = fromMessage(answer.suggestions[at]!, tickets[at]!.id, this.taxonomy);
          }
          request.left -= end - start;
          if (request.left === 0 && !request.settled) {
            request.settled = true;
            request.resolve(request.results);
          }
        }
      } else if (answer.kind === 'not-open') {
        // Each try costs the time of opening; the callers are told instead of waiting.
        log.error({ code: answer.error.code }, 'a worker could not open the model again');
        const error = errorOf({ ...answer.error, kind: 'unavailable' });
        for (const { request } of slices) fail(request, error);
      } else {
        this.#again(
          slices,
          answer.kind === 'failed'
            ? errorOf(answer.error)
            : new DuihaoError(
                'internal',
                'worker-failed',
                'a worker gave another number of answers than tickets',
              ),
        );
      }
    } catch (error) {
      // piscina rejects a task when its worker has died, and has started another one by now.
      if (!this.#running.has(slices)) return;
      log.error({ tickets: tickets.length, name: (error as Error).name }, 'a worker died at a task');
      this.#again(slices, crash(error));
    } finally {
      this.#running.delete(slices);
      this.#dispatch();
    }
  }

  #again(slices: readonly Slice[], error: DuihaoError): void {
    for (const slice of slices) {
      if (slice.alone) fail(slice.request, error);
      else this.#queue.retry(slice);
    }
  }

  /** A worker died without a task. If none is left, what it would have been given would wait for ever. */
  #workerLost(error: Error): void {
    if (this.#pool.threads.length > 0) {
      log.warn({ name: error.name, threads: this.#pool.threads.length }, 'a worker died and was replaced');
      return;
    }
    log.error({ name: error.name }, 'no worker is left; the next request starts one');
    const lost = new DuihaoError(
      'unavailable',
      'workers-lost',
      'the worker threads died; try again shortly',
      {},
      {
        cause: error,
      },
    );
    for (const { request } of this.#queue.clear()) fail(request, lost);
    for (const slices of [...this.#running]) {
      for (const { request } of slices) fail(request, lost);
      this.#running.delete(slices);
    }
    this.#settleIdle();
  }
}

function fail(request: SuggestRequest, error: DuihaoError): void {
  if (request.settled) return;
  request.settled = true;
  request.reject(error);
}

function crash(cause: unknown): DuihaoError {
  return new DuihaoError(
    'internal',
    'worker-crashed',
    'a worker thread died twice at these tickets; another one has taken its place',
    {},
    { cause },
  );
}

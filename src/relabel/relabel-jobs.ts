/**
 * Relabelling as jobs: an uploaded file waits in a folder of its own, one job runs at a time, and its result
 * lies there until it is fetched and deleted or too old. What a job is stands in its folder, so that a server
 * that is stopped or killed goes on with it when it starts again.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuihaoError, isDuihaoError } from '../errors.js';
import { log } from '../log.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { Encoding } from '../table/encoding.js';
import type { TicketColumns } from '../table/ticket-columns.js';
import type { FacetTable } from '../taxonomy/facets.js';
import { isAlive, markOf, type ProcessMark, writeDurably } from './journal.js';
import { relabel } from './relabel.js';
import type { RelabelSummary } from './summary.js';

export interface JobRequest {
  readonly format: 'csv' | 'jsonl';
  readonly output: 'csv' | 'jsonl';
  readonly columns: TicketColumns;
  readonly level?: number;
  readonly encoding?: Encoding;
}

export interface RelabelJob {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly finished: string | null;
  readonly request: JobRequest;
  readonly summary: RelabelSummary | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface JobProgress {
  readonly rows: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface RelabelJobsOptions {
  /** Made where it is missing; holds tickets, so nobody else may read it. */
  readonly folder: string;
  /** What answers now. Asked again when a model was exchanged meanwhile; may throw while none is loaded. */
  readonly service: () => SuggestService;
  readonly facets?: FacetTable | undefined;
  /** Of an upload. Default 256 MiB. */
  readonly maxBytes?: number | undefined;
  /** Jobs kept, finished ones too. Default 20. */
  readonly maxJobs?: number | undefined;
  /** Milliseconds that a finished job is kept. Default a day. */
  readonly keep?: number | undefined;
}

const JOB_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Small, and one at a time: people at the intake wait in the same queue. */
const BATCH = 64;
const RETRY = 500;

export class RelabelJobs {
  readonly maxBytes: number;
  readonly #options: RelabelJobsOptions;
  readonly #jobs = new Map<string, RelabelJob>();
  readonly #uploads = new Set<string>();
  #running:
    | {
        readonly id: string;
        readonly stop: AbortController;
        progress: JobProgress | null;
        ended: Promise<void>;
      }
    | undefined;
  #closing = false;

  private constructor(options: RelabelJobsOptions) {
    this.#options = options;
    this.maxBytes = options.maxBytes ?? 256 * 1024 * 1024;
  }

  /**
   * Reads the folder and goes on with what was not finished.
   * @throws DuihaoError `jobs-folder-locked` while another process uses the folder
   */
  static async open(options: RelabelJobsOptions): Promise<RelabelJobs> {
    const jobs = new RelabelJobs(options);
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    await jobs.#lock();
    for (const entry of await readdir(options.folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || !JOB_ID.test(entry.name)) continue;
      const job = await readJob(jobs.#path(entry.name, 'job.json'));
      // An upload that was broken off has no job yet.
      if (job) jobs.#jobs.set(job.id, job);
      else await rm(jobs.#path(entry.name), { recursive: true, force: true });
    }
    await jobs.#removeOld();
    jobs.#next();
    return jobs;
  }

  /**
   * Takes an upload in. The job starts when its turn comes.
   * @throws DuihaoError `jobs-full`, `upload-too-large`, `file-empty`, `jobs-closed`; what the stream throws
   */
  async create(request: JobRequest, upload: AsyncIterable<Uint8Array>): Promise<RelabelJob> {
    if (this.#closing) throw new DuihaoError('unavailable', 'jobs-closed', 'the server is stopping');
    await this.#removeOld();
    const most = this.#options.maxJobs ?? 20;
    if (this.#jobs.size + this.#uploads.size >= most) {
      throw new DuihaoError(
        'conflict',
        'jobs-full',
        `${most} jobs are kept at the most; fetch and delete finished ones first`,
        { most },
      );
    }
    const id = randomUUID();
    this.#uploads.add(id);
    try {
      await mkdir(this.#path(id), { mode: 0o700 });
      await this.#receive(this.#path(id, inputName(request)), upload);
      const job: RelabelJob = {
        id,
        state: 'queued',
        created: new Date().toISOString(),
        finished: null,
        request,
        summary: null,
        failure: null,
      };
      await this.#save(job);
      this.#next();
      return job;
    } catch (error) {
      await rm(this.#path(id), { recursive: true, force: true });
      throw error;
    } finally {
      this.#uploads.delete(id);
    }
  }

  /** Newest first. */
  list(): RelabelJob[] {
    return [...this.#jobs.values()].sort((a, b) => b.created.localeCompare(a.created));
  }

  /** @throws DuihaoError `job-unknown` */
  get(id: string): RelabelJob {
    const job = this.#jobs.get(id);
    if (!job) throw new DuihaoError('not-found', 'job-unknown', 'there is no job with this id');
    return job;
  }

  /** Of the running job; null for the others. */
  progress(id: string): JobProgress | null {
    return this.#running?.id === id ? this.#running.progress : null;
  }

  /** The finished file. @throws DuihaoError `job-unknown`, `job-unfinished` */
  result(id: string): string {
    const job = this.get(id);
    if (job.state !== 'done')
      throw new DuihaoError('conflict', 'job-unfinished', `the job is ${job.state}: it has no result`);
    return this.#path(id, resultName(job.request));
  }

  /** Stops it if it runs, and removes its files. @throws DuihaoError `job-unknown` */
  async delete(id: string): Promise<void> {
    this.get(id);
    this.#jobs.delete(id);
    if (this.#running?.id === id) {
      this.#running.stop.abort();
      await this.#running.ended;
    }
    await rm(this.#path(id), { recursive: true, force: true });
  }

  /** Stops the running job where it is; the next `open` goes on with it. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#running?.stop.abort();
    await this.#running?.ended;
    await rm(join(this.#options.folder, 'lock.json'), { force: true });
  }

  #path(id: string, name = ''): string {
    return join(this.#options.folder, id, name);
  }

  async #lock(): Promise<void> {
    const path = join(this.#options.folder, 'lock.json');
    const holder = await readFile(path, 'utf8')
      .then((text) => JSON.parse(text) as ProcessMark)
      .catch(() => null);
    if (holder && isAlive(holder)) {
      throw new DuihaoError(
        'conflict',
        'jobs-folder-locked',
        `process ${holder.pid} uses ${this.#options.folder}; give each server a folder of its own`,
        { folder: this.#options.folder, pid: holder.pid },
      );
    }
    await writeDurably(path, JSON.stringify(markOf(process.pid)));
  }

  async #receive(path: string, upload: AsyncIterable<Uint8Array>): Promise<void> {
    let bytes = 0;
    const { maxBytes } = this;
    const count = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        bytes += chunk.length;
        if (bytes <= maxBytes) return done(null, chunk);
        done(
          new DuihaoError('too-large', 'upload-too-large', `an upload may have ${maxBytes} bytes`, {
            maxBytes,
          }),
        );
      },
    });
    await pipeline(upload, count, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
    if (bytes === 0) throw new DuihaoError('invalid-input', 'file-empty', 'the upload is empty');
  }

  async #save(job: RelabelJob): Promise<void> {
    await writeDurably(this.#path(job.id, 'job.json'), `${JSON.stringify(job)}\n`);
    this.#jobs.set(job.id, job);
  }

  async #removeOld(): Promise<void> {
    const oldest = Date.now() - (this.#options.keep ?? 24 * 60 * 60 * 1000);
    for (const { id, finished } of this.#jobs.values()) {
      if (finished !== null && Date.parse(finished) < oldest) await this.delete(id);
    }
  }

  /** Starts the oldest waiting job unless one runs. A job left running by an earlier process comes first. */
  #next(): void {
    if (this.#running || this.#closing) return;
    const waiting = this.list().filter(({ state }) => state === 'running' || state === 'queued');
    const job = waiting.filter(({ state }) => state === 'running').at(-1) ?? waiting.at(-1);
    if (!job) return;
    const running = {
      id: job.id,
      stop: new AbortController(),
      progress: null as JobProgress | null,
      ended: Promise.resolve(),
    };
    this.#running = running;
    running.ended = this.#run(job, running.stop.signal)
      .catch((error) => {
        log.error({ job: job.id, name: (error as Error).name }, 'a job could not be recorded');
        // In memory at least, so that it is not tried again and again; the next start reads the folder.
        const failure = { code: 'internal', message: 'see the server log' };
        this.#jobs.set(job.id, { ...job, state: 'failed', finished: new Date().toISOString(), failure });
      })
      .then(() => {
        this.#running = undefined;
        this.#next();
      });
  }

  async #run(job: RelabelJob, signal: AbortSignal): Promise<void> {
    const end = async (change: Partial<RelabelJob>) => {
      // Deleted meanwhile: its folder goes too.
      if (!this.#jobs.has(job.id)) return;
      await this.#save({ ...job, finished: new Date().toISOString(), ...change });
    };
    await this.#save({ ...job, state: 'running' });
    log.info({ job: job.id }, 'relabelling');
    // Anew where the model is another one than before: a file is never labelled by two.
    for (let anew = false; ; ) {
      try {
        const { summary } = await relabel(this.#options.service(), {
          input: this.#path(job.id, inputName(job.request)),
          output: this.#path(job.id, resultName(job.request)),
          format: job.request.format,
          encoding: job.request.encoding,
          columns: job.request.columns,
          level: job.request.level,
          facets: this.#options.facets,
          batch: BATCH,
          inFlight: 1,
          resume: !anew,
          force: anew,
          signal,
          onProgress: (progress) => {
            if (this.#running?.id === job.id) this.#running.progress = progress;
          },
        });
        await end({ state: 'done', summary });
        log.info({ job: job.id, rows: summary.rows }, 'relabelled');
        return;
      } catch (error) {
        if (signal.aborted) return;
        const code = isDuihaoError(error) ? error.code : (error as { code?: unknown }).code;
        if (code === 'run-changed' || code === 'service-closed' || code === 'model-loading') {
          if (code !== 'model-loading') anew = true;
          await sleep(RETRY, undefined, { signal }).catch(() => undefined);
          if (signal.aborted) return;
          continue;
        }
        const known = isDuihaoError(error) && error.kind !== 'internal';
        const failure = known
          ? // Where the server keeps its files is nobody's business.
            { code: error.code, message: error.message.replaceAll(this.#path(job.id) + sep, '') }
          : { code: 'internal', message: 'see the server log' };
        log.warn({ job: job.id, code: failure.code, name: (error as Error).name }, 'relabelling failed');
        await end({ state: 'failed', failure });
        return;
      }
    }
  }
}

const inputName = ({ format }: JobRequest) => `input.${format}`;
const resultName = ({ output }: JobRequest) => `result.${output}`;

async function readJob(path: string): Promise<RelabelJob | null> {
  try {
    const job = JSON.parse(await readFile(path, 'utf8')) as RelabelJob;
    return JOB_ID.test(job.id) && typeof job.request === 'object' ? job : null;
  } catch {
    return null;
  }
}

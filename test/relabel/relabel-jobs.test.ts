import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type ErrorRequestHandler } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { DuihaoError } from '../../src/errors.js';
import { markOf } from '../../src/relabel/journal.js';
import { relabel } from '../../src/relabel/relabel.js';
import { type JobRequest, RelabelJobs, type RelabelJobsOptions } from '../../src/relabel/relabel-jobs.js';
import { listen, type RunningServer } from '../../src/server/listen.js';
import { sendProblem, toProblem } from '../../src/server/problem.js';
import { relabelJobSchema, relabelRoutes } from '../../src/server/relabel-routes.js';
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import { toyService } from '../server/toy-service.js';
import { answeringWith, legacyCsv } from './files.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const folder = () => mkdtemp(join(tmpdir(), 'duihao-jobs-'));

async function open(options: Partial<RelabelJobsOptions> = {}): Promise<RelabelJobs> {
  const service = toyService();
  const jobs = await RelabelJobs.open({
    folder: options.folder ?? (await folder()),
    service: () => service,
    ...options,
  });
  cleanups.push(() => jobs.close());
  return jobs;
}

/** Answers only when it is let: a job stays running as long as a test needs. */
function gatedService(): { service: SuggestService; release: () => void; asked: () => number } {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let asked = 0;
  const service = answeringWith(toyService(), async (own, tickets, options) => {
    asked += 1;
    if (asked > 2) await gate;
    return own(tickets, options);
  });
  return { service, release, asked: () => asked };
}

async function* upload(content: string | Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content as string);
}

const csv: JobRequest = { format: 'csv', output: 'csv', columns: {} };

async function ended(jobs: RelabelJobs, id: string) {
  for (let wait = 0; wait < 500; wait += 1) {
    const job = jobs.get(id);
    if (job.state === 'done' || job.state === 'failed') return job;
    await sleep(20);
  }
  throw new Error(`job ${id} is still ${jobs.get(id).state}`);
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => (error instanceof DuihaoError ? error.code : String(error)),
  );

describe('relabel jobs', () => {
  it('run one after the other and give what the command gives', async () => {
    const jobs = await open();
    const content = legacyCsv(300);
    const [one, two] = [await jobs.create(csv, upload(content)), await jobs.create(csv, upload(content))];
    expect(jobs.list().filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(1);
    for (const { id } of [one, two]) expect(await ended(jobs, id)).toMatchObject({ state: 'done' });
    const input = join(await folder(), 'legacy.csv');
    await writeFile(input, content);
    await relabel(toyService(), { input, output: `${input}.new.csv` });
    expect(await readFile(jobs.result(one.id))).toEqual(await readFile(`${input}.new.csv`));
    expect(jobs.get(two.id).summary).toMatchObject({ rows: 300, unreadable: 3 });
  });

  it('fail with a reason where the file cannot be read, and the next one runs', async () => {
    const jobs = await open();
    const bad = await jobs.create(csv, upload('foo,bar\n1,2\n'));
    const open_ = await jobs.create(csv, upload('"text\n1\n'));
    const good = await jobs.create(csv, upload('text\n摆摊\n'));
    expect((await ended(jobs, open_.id)).failure).toEqual({
      code: 'file-malformed',
      message: 'input.csv: the heading line opens a quote that is never closed',
    });
    expect(await ended(jobs, bad.id)).toMatchObject({ state: 'failed', failure: { code: 'column-missing' } });
    expect(await ended(jobs, good.id)).toMatchObject({ state: 'done' });
    expect(() => jobs.result(bad.id)).toThrow(/no result/);
  });

  it('go on after a stop where they were, and leave nothing of a broken upload', async () => {
    const place = await folder();
    const gated = gatedService();
    const first = await open({ folder: place, service: () => gated.service });
    const { id } = await first.create(csv, upload(legacyCsv(300)));
    const waiting = await first.create(csv, upload('text\n摆摊\n'));
    while (gated.asked() < 3) await sleep(10);
    const stopping = first.close();
    gated.release();
    await stopping;
    expect(await codeOf(first.create(csv, upload('text\na\n')))).toBe('jobs-closed');
    await mkdir(join(place, randomUUID()));
    const second = await open({ folder: place });
    expect(await ended(second, id)).toMatchObject({ state: 'done', summary: { rows: 300 } });
    expect(await ended(second, waiting.id)).toMatchObject({ state: 'done' });
    expect(await readdir(place)).toHaveLength(3);
  });

  it('start anew where another model has taken over, so that no file is labelled by two', async () => {
    const gated = gatedService();
    let current = gated.service;
    const jobs = await open({ service: () => current });
    const { id } = await jobs.create(csv, upload(legacyCsv(300)));
    while (gated.asked() < 3) await sleep(10);
    const next = toyService();
    current = {
      ...answeringWith(next, (own, ...question) => own(...question)),
      model: { ...next.model, version: '2' },
    };
    await gated.service.close();
    gated.release();
    expect(await ended(jobs, id)).toMatchObject({ state: 'done', summary: { rows: 300 } });
    const manifest = JSON.parse(await readFile(`${jobs.result(id)}.relabel.json`, 'utf8'));
    expect(manifest.model.version).toBe('2');
  });

  it('are limited in size and number, deleted while they run, and forgotten when old', async () => {
    const place = await folder();
    const gated = gatedService();
    const jobs = await open({ folder: place, service: () => gated.service, maxBytes: 50_000, maxJobs: 2 });
    expect(await codeOf(jobs.create(csv, upload('x'.repeat(50_001))))).toBe('upload-too-large');
    expect(await codeOf(jobs.create(csv, upload('')))).toBe('file-empty');
    const running = await jobs.create(csv, upload(legacyCsv(300)));
    await jobs.create(csv, upload('text\n摆摊\n'));
    expect(await codeOf(jobs.create(csv, upload('text\n摆摊\n')))).toBe('jobs-full');
    while (gated.asked() < 3) await sleep(10);
    const deleting = jobs.delete(running.id);
    gated.release();
    await deleting;
    expect(await codeOf(jobs.delete(running.id))).toBe('job-unknown');
    await expect(stat(join(place, running.id))).rejects.toThrow();
    const [rest] = jobs.list();
    expect(await ended(jobs, rest!.id)).toMatchObject({ state: 'done' });
    await jobs.close();
    await sleep(5);
    expect((await open({ folder: place, keep: 1 })).list()).toEqual([]);
  });

  it('have their folder to themselves, readable by nobody else', async () => {
    const place = join(await folder(), 'jobs');
    const jobs = await open({ folder: place });
    const { id } = await jobs.create(csv, upload('text\n摆摊\n'));
    expect((await stat(place)).mode & 0o077).toBe(0);
    expect((await stat(join(place, id, 'input.csv'))).mode & 0o077).toBe(0);
    await ended(jobs, id);
    await writeFile(join(place, 'lock.json'), JSON.stringify(markOf(process.ppid)));
    expect(await codeOf(RelabelJobs.open({ folder: place, service: toyService }))).toBe('jobs-folder-locked');
  });
});

describe('/v1/relabel-jobs', () => {
  async function serve(options: Partial<RelabelJobsOptions> = {}): Promise<RunningServer> {
    const jobs = await open(options);
    const app = express();
    app.set('query parser', 'simple');
    const answerError: ErrorRequestHandler = (error, _request, response, next) =>
      response.headersSent ? next(error) : sendProblem(response, toProblem(error));
    app.use(relabelRoutes(jobs), answerError);
    const server = await listen(app, { port: 0, host: '127.0.0.1' });
    cleanups.push(() => server.close(1000));
    return server;
  }
  const send = (url: string, body: string, type = 'text/csv') =>
    fetch(url, { method: 'POST', headers: { 'Content-Type': type }, body });

  it('take a file, tell how far it is, give the result, and forget it', async () => {
    const { url } = await serve();
    const posted = await send(`${url}/v1/relabel-jobs?labelColumn=old`, 'text,old\n摆摊,080102\n');
    expect(posted.status).toBe(202);
    const place = posted.headers.get('Location')!;
    let job = relabelJobSchema.parse(await posted.json());
    while (job.state !== 'done') {
      await sleep(20);
      job = relabelJobSchema.parse(await (await fetch(url + place)).json());
    }
    expect(job.summary).toMatchObject({ rows: 1, specific: 1, old: { changedAtLevel: { 3: 1 } } });
    const result = await fetch(url + job.result!);
    expect(result.headers.get('Content-Disposition')).toContain('attachment');
    expect(await result.text()).toContain('摆摊,080102,0801010000');
    const { jobs } = (await (await fetch(`${url}/v1/relabel-jobs`)).json()) as { jobs: unknown[] };
    expect(jobs).toEqual([job]);
    expect((await fetch(url + place, { method: 'DELETE' })).status).toBe(204);
    for (const path of [place, job.result!]) expect((await fetch(url + path)).status).toBe(404);
  });

  it('take JSON lines and give CSV', async () => {
    const { url } = await serve();
    const posted = await send(
      `${url}/v1/relabel-jobs?output=csv`,
      '{"text":"摆摊"}\n',
      'application/x-ndjson',
    );
    const { id } = (await posted.json()) as { id: string };
    let result = await fetch(`${url}/v1/relabel-jobs/${id}/result`);
    while (result.status === 409) {
      expect(await result.json()).toMatchObject({ code: 'job-unfinished' });
      await sleep(20);
      result = await fetch(`${url}/v1/relabel-jobs/${id}/result`);
    }
    // With a BOM for Excel, which `text()` would take off.
    const bytes = Buffer.from(await result.arrayBuffer());
    expect(bytes.toString()).toMatch(/^\uFEFFtext,code,name/);
  });

  it('refuse what they do not know, each with its code', async () => {
    const { url } = await serve({ maxBytes: 100 });
    const jobs = `${url}/v1/relabel-jobs`;
    const answers = [
      await send(jobs, '{}', 'application/json'),
      await send(`${jobs}?level=0`, 'text\na\n'),
      await send(`${jobs}?nonsense=1`, 'text\na\n'),
      await send(jobs, 'x'.repeat(101)),
      await send(jobs, ''),
      await fetch(`${jobs}/${randomUUID()}`),
      await fetch(`${jobs}/..%2f..%2fetc`),
      await fetch(`${jobs}/${createHash('sha1').update('x').digest('hex')}/result`),
    ];
    const told = await Promise.all(
      answers.map(async (answer) => [answer.status, ((await answer.json()) as { code: string }).code]),
    );
    expect(told).toEqual([
      [415, 'content-type-unsupported'],
      [422, 'request-invalid'],
      [422, 'request-invalid'],
      [413, 'upload-too-large'],
      [422, 'file-empty'],
      [404, 'job-unknown'],
      [404, 'job-unknown'],
      [404, 'job-unknown'],
    ]);
  });

  it('keep nothing of an upload that its sender broke off', async () => {
    const place = await folder();
    const { port, url } = await serve({ folder: place });
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /v1/relabel-jobs HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\ntext\nab',
    );
    const folders = async () => (await readdir(place)).filter((name) => name !== 'lock.json').length;
    while ((await folders()) === 0) await sleep(10);
    socket.destroy();
    while ((await folders()) > 0) await sleep(10);
    expect(await (await fetch(`${url}/v1/relabel-jobs`)).json()).toEqual({ jobs: [] });
  });
});

import { appendFile, copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { readSheet } from 'read-excel-file/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { DuihaoError } from '../../src/errors.js';
import { journalPath, markOf, partialPath } from '../../src/relabel/journal.js';
import { manifestPath } from '../../src/relabel/manifest.js';
import { relabel } from '../../src/relabel/relabel.js';
import type { RelabelOptions } from '../../src/relabel/relabel-options.js';
import { type Ended, type Started, start } from '../cli/start.js';
import { toyService } from '../server/toy-service.js';
import { writeToyModel } from '../toy-model.js';
import { answeringWith, legacyCsv } from './files.js';

let folder: string;
let input: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-resume-'));
  input = join(folder, 'legacy.csv');
  await writeFile(input, legacyCsv(2000));
});

/** Answers so many batches, then fails. */
function failingService(after: number) {
  let calls = -1; // The probe for facets is not counted.
  return answeringWith(toyService(), async (own, tickets, options) => {
    calls += 1;
    if (calls > after) throw new DuihaoError('internal', 'worker-crashed', 'the worker died');
    return own(tickets, options);
  });
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => (error instanceof DuihaoError ? error.code : String(error)),
  );

async function uninterrupted(options: Partial<RelabelOptions> = {}) {
  const output = join(folder, 'whole.csv');
  const { summary } = await relabel(toyService(), { input, output, force: true, ...options });
  return { bytes: await readFile(output), summary };
}

/** A run that broke off, with the files it left. */
async function brokenOff(name: string, after = 7, options: Partial<RelabelOptions> = {}) {
  const output = join(folder, name);
  const all = { input, output, batch: 64, ...options };
  expect(await codeOf(relabel(failingService(after), all))).toBe('worker-crashed');
  return { output, all };
}

describe('a run that broke off', () => {
  it('goes on to the same bytes and the same summary, wherever it broke', async () => {
    const whole = await uninterrupted({ batch: 64 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }), async (breaks) => {
        const output = join(folder, 'property.csv');
        await Promise.all([output, manifestPath(output)].map((path) => rm(path, { force: true })));
        const all = { input, output, batch: 64, checkpoint: 0, resume: true };
        for (const after of breaks) await codeOf(relabel(failingService(after), all));
        const { summary } = await relabel(toyService(), all);
        expect((await readFile(output)).equals(whole.bytes)).toBe(true);
        expect(summary).toEqual(whole.summary);
      }),
      { numRuns: 25 },
    );
  });

  it('cuts off what was written behind the journal', async () => {
    const { output, all } = await brokenOff('torn.csv');
    await appendFile(partialPath(output), 'half a ro');
    await relabel(toyService(), { ...all, resume: true });
    expect((await readFile(output)).equals((await uninterrupted({ batch: 64 })).bytes)).toBe(true);
  });

  it('is not begun again nor gone on with unless one says so', async () => {
    const { output, all } = await brokenOff('asked.csv');
    expect(await codeOf(relabel(toyService(), all))).toBe('run-unfinished');
    expect(await codeOf(relabel(toyService(), { ...all, force: true }))).toBe('none');
    expect((await readFile(output)).equals((await uninterrupted({ batch: 64 })).bytes)).toBe(true);
  });

  it('does not go on with other options, another model, another input', async () => {
    const { output, all } = await brokenOff('other.csv', 7, {});
    const resume = { ...all, resume: true };
    const refusal = await relabel(toyService(), { ...resume, level: 2 }).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'run-changed', details: { changed: ['the option level'] } });
    const service = toyService();
    const asItIs = answeringWith(service, (own, ...question) => own(...question));
    const other = { ...asItIs, model: { ...service.model, version: '2' } };
    expect(await codeOf(relabel(other, resume))).toBe('run-changed');
    const changed = join(folder, 'changed.csv');
    await copyFile(input, changed);
    await appendFile(changed, '1,a,b,c\r\n');
    expect(await codeOf(relabel(service, { ...resume, input: changed }))).toBe('run-changed');
    // The same content under another name is the same input.
    await copyFile(input, changed);
    expect(await codeOf(relabel(service, { ...resume, input: changed }))).toBe('none');
    expect((await stat(output)).size).toBeGreaterThan(0);
  });

  it('is told from damage: a short or missing partial file, a broken journal', async () => {
    const { output, all } = await brokenOff('damaged.csv');
    await writeFile(partialPath(output), 'short');
    expect(await codeOf(relabel(toyService(), { ...all, resume: true }))).toBe('partial-damaged');
    await rm(partialPath(output));
    expect(await codeOf(relabel(toyService(), { ...all, resume: true }))).toBe('partial-damaged');
    await writeFile(journalPath(output), '{"version":1,"rows"');
    expect(await codeOf(relabel(toyService(), { ...all, resume: true }))).toBe('journal-damaged');
    expect(await codeOf(relabel(toyService(), { ...all, force: true }))).toBe('none');
  });

  it('is left alone while its process lives', async () => {
    const { output, all } = await brokenOff('alive.csv');
    const journal = JSON.parse(await readFile(journalPath(output), 'utf8'));
    const living = { ...journal, process: markOf(process.ppid) };
    await writeFile(journalPath(output), JSON.stringify(living));
    expect(await codeOf(relabel(toyService(), { ...all, resume: true }))).toBe('run-active');
    expect(await codeOf(relabel(toyService(), { ...all, force: true }))).toBe('run-active');
    // A later process with the same number is another one.
    const reused = { ...journal, process: { pid: process.ppid, started: '1' } };
    await writeFile(journalPath(output), JSON.stringify(reused));
    expect(await codeOf(relabel(toyService(), { ...all, resume: true }))).toBe('none');
  });

  it('stops at a signal with what is done, and waits where the service is full', async () => {
    const output = join(folder, 'signal.csv');
    const controller = new AbortController();
    let asked = 0;
    const busy = answeringWith(toyService(), async (own, tickets, options) => {
      asked += 1;
      if (asked % 3 === 0) throw new DuihaoError('unavailable', 'queue-full', 'full');
      return own(tickets, options);
    });
    const all = { input, output, batch: 64, resume: true };
    const stopped = relabel(busy, {
      ...all,
      signal: controller.signal,
      onProgress: ({ rows }) => rows > 500 && controller.abort(),
    });
    expect(await codeOf(stopped)).toBe('interrupted');
    const journal = JSON.parse(await readFile(journalPath(output), 'utf8'));
    expect(journal.rows).toBeGreaterThan(500);
    await relabel(busy, all);
    expect((await readFile(output)).equals((await uninterrupted({ batch: 64 })).bytes)).toBe(true);
  });

  it('has nothing left to do when it had finished', async () => {
    const output = join(folder, 'finished.csv');
    const first = await relabel(toyService(), { input, output });
    const again = await relabel(toyService(), { input, output, resume: true });
    expect(again).toMatchObject({ alreadyDone: true, summary: first.summary });
    expect(await codeOf(relabel(toyService(), { input, output, resume: true, level: 1 }))).toBe(
      'output-exists',
    );
  });

  it('goes on to the same cells where a workbook is written', async () => {
    const whole = join(folder, 'whole.xlsx');
    await relabel(toyService(), { input, output: whole, batch: 64 });
    const { output, all } = await brokenOff('broken.xlsx');
    const partial = await readFile(partialPath(output));
    const journal = await readFile(journalPath(output));
    await relabel(toyService(), { ...all, resume: true });
    expect(await readSheet(output)).toEqual(await readSheet(whole));
    // As if killed behind the rename: what is at its place is ours and is written again.
    await rm(manifestPath(output));
    await writeFile(partialPath(output), partial);
    await writeFile(journalPath(output), JSON.stringify({ ...JSON.parse(String(journal)), replace: true }));
    await relabel(toyService(), { ...all, resume: true });
    expect(await readSheet(output)).toEqual(await readSheet(whole));
    expect(await relabel(toyService(), { ...all, resume: true })).toMatchObject({ alreadyDone: true });
  });

  it('does not take the place of a file that came there meanwhile', async () => {
    const output = join(folder, 'meanwhile.csv');
    const run = relabel(toyService(), { input, output, onStart: () => void appendFile(output, 'theirs') });
    expect(await codeOf(run)).toBe('output-exists');
    expect(await codeOf(relabel(toyService(), { input, output, resume: true }))).toBe('output-exists');
    expect(await readFile(output, 'utf8')).toBe('theirs');
    expect(await codeOf(relabel(toyService(), { input, output, resume: true, force: true }))).toBe('none');
    expect((await readFile(output)).equals((await uninterrupted()).bytes)).toBe(true);
  });

  it('is refused at the end where the input changed meanwhile', async () => {
    const moving = join(folder, 'moving.csv');
    await copyFile(input, moving);
    const output = join(folder, 'moved.csv');
    const run = relabel(toyService(), {
      input: moving,
      output,
      onStart: () => void appendFile(moving, '9,x,y,z\r\n'),
    });
    expect(await codeOf(run)).toBe('input-changed');
    await expect(stat(output)).rejects.toThrow();
  });
});

describe('duihao relabel killed with SIGKILL', () => {
  let model: string;
  beforeAll(() => {
    model = writeToyModel(folder, 'toy', '1');
  });
  const run = (delay: number, args: readonly string[]): Started =>
    start([String(delay), 'relabel', ...args, ...(args.includes('--reverse') ? [] : ['--model', model])], {
      script: 'test/relabel/relabel-process.ts',
    });

  it('at random moments and resumed gives the bytes and the summary of a run left alone', async () => {
    const large = join(folder, 'large.csv');
    await writeFile(large, legacyCsv(20_000));
    const whole = join(folder, 'large-whole.csv');
    const args = (output: string) => ['--in', large, '--out', output, '--workers', '1', '--json'];
    const alone = await run(0, args(whole)).ended;
    expect(alone).toMatchObject({ code: 0 });
    const output = join(folder, 'large-killed.csv');
    const rowsDone = async () =>
      Number(JSON.parse(await readFile(journalPath(output), 'utf8').catch(() => '{"rows":0}')).rows);
    const starts = new Set<number>();
    let killed = 0;
    let last: Ended = { code: -1, out: '', err: '' };
    for (let attempt = 0; attempt < 20 && last.code !== 0; attempt += 1) {
      const before = await rowsDone();
      starts.add(before);
      const { child, ended } = run(200, [...args(output), '--resume']);
      if (killed < 5) {
        // In turn: any moment at all, and soon behind a checkpoint, so that there is something to go on from.
        if (killed % 2 === 0) await sleep(Math.random() * 2500);
        else while (child.exitCode === null && (await rowsDone()) === before) await sleep(10);
        await sleep(Math.random() * 300);
        if (child.exitCode === null) killed += child.kill('SIGKILL') ? 1 : 0;
      }
      last = await ended;
    }
    expect(killed).toBeGreaterThanOrEqual(3);
    // Two starts at the least found work of an earlier one.
    expect([...starts].filter((rows) => rows > 0).length).toBeGreaterThanOrEqual(2);
    expect(last).toMatchObject({ code: 0 });
    expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
    expect(JSON.parse(last.out).summary).toEqual(JSON.parse(alone.out).summary);
  }, 180_000);

  it('is told apart from an interruption, which says how to go on', async () => {
    const output = join(folder, 'interrupted.csv');
    const args = ['--in', join(folder, 'large.csv'), '--out', output];
    const { child, ended } = run(150, args);
    while (!(await stat(partialPath(output)).catch(() => null))) await sleep(20);
    await sleep(300);
    child.kill('SIGINT');
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toMatch(/已停在第 \d+ 行之后；加 --resume/);
    const again = await run(0, args).ended;
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toContain('用 --resume 续做，或用 --force 重新开始（run-unfinished）');
  });

  it('prints a summary in Chinese, writes a report, and reverses', async () => {
    const output = join(folder, 'printed.csv');
    const report = join(folder, 'report.html');
    const printed = await run(0, ['--in', input, '--out', output, '--report', report]).ended;
    expect(printed.code).toBe(0);
    expect(printed.out).toContain('共 2000 行：具体事项');
    expect(printed.out).toMatch(/与原编码相比：相同 \d+，第 1 级起不同 \d+/);
    expect(printed.err).toContain('列：内容 ← 内容，原编码 ← 事项编码；编码 utf-8');
    expect(await readFile(report, 'utf8')).toContain('判定到具体事项');
    const back = join(folder, 'back.csv');
    const reversed = await run(0, ['--reverse', output, '--out', back]).ended;
    expect(reversed).toMatchObject({ code: 0 });
    expect(reversed.out).toContain('与 legacy.csv 逐字节相同');
    expect((await readFile(back)).equals(await readFile(input))).toBe(true);
  });
});

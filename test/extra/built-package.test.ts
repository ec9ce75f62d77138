/** What `npm run build` makes runs by itself: the command line, its worker threads, from JavaScript only. */
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { writeToyModel } from '../toy-model.js';

const run = promisify(execFile);
/** A package of its own beside the sources, so that nothing can be taken from them. */
const built = join(packageRoot, 'test-results', 'built-package');
const compiled = (path: string) => JSON.stringify(join(built, 'dist', 'src', path));

beforeAll(async () => {
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built, { recursive: true });
  const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', join(built, 'dist')], {
    cwd: packageRoot,
  });
  copyFileSync(join(packageRoot, 'package.json'), join(built, 'package.json'));
  for (const name of ['data', 'models']) symlinkSync(join(packageRoot, name), join(built, name));
  writeToyModel(built, 'model', '1');
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** No TypeScript loader: the test's own would hide a missing file. */
const node = (args: readonly string[]) =>
  run(process.execPath, args, { cwd: built, env: { PATH: process.env.PATH } });

describe('the built package', () => {
  it('has a command line that starts', async () => {
    const { version } = await import('../../src/cli/run.js');
    const { stdout } = await node([join(built, 'dist/src/cli/main.js'), '--version']);
    expect(stdout).toBe(`duihao ${version}\n`);
    const parsed = await node([join(built, 'dist/src/cli/main.js'), 'code', 'parse', '0801020000']);
    expect(parsed.stdout).toContain('0801020000');
  });

  it('segments with the prebuilt binary, which is all there is without a compiler', async () => {
    const script = join(built, 'segment.mjs');
    writeFileSync(
      script,
      `import { openSegmenter } from ${compiled('text/segment.js')};
       const { name, segment } = await openSegmenter('node-rs-jieba');
       console.log(name, segment('拖欠农民工工资').join('/'));`,
    );
    const { stdout } = await node([script]);
    expect(stdout).toMatch(/^node-rs-jieba 拖欠\/农民工?\//);
  });

  it('answers from worker threads, and replaces one that dies', async () => {
    const opener = join(built, 'opener.mjs');
    writeFileSync(
      opener,
      `import { loadTaxonomy } from ${compiled('taxonomy/load.js')};
       export async function openAnswerer() {
         const taxonomy = await loadTaxonomy(${JSON.stringify(join(packageRoot, 'data/taxonomy/db44t2479-2024.csv'))});
         const item = taxonomy.leafAt(0);
         return {
           taxonomy,
           model: { id: 'built', version: '1', trainedAt: '2026-01-01T00:00:00Z' },
           coverages: [],
           answer: (tickets) => tickets.map(({ id, text }) => {
             if (text === 'exit') process.exit(3);
             const decision = { kind: 'specific', item, probability: 1 };
             return { id, decision, candidates: [], evidence: [], facets: [] };
           }),
         };
       }`,
    );
    const script = join(built, 'script.mjs');
    writeFileSync(
      script,
      `import { pathToFileURL } from 'node:url';
       import { openPoolService } from ${compiled('suggest/pool-service.js')};
       const service = await openPoolService('x', { opener: pathToFileURL(${JSON.stringify(opener)}).href, workers: 2 });
       const ask = (text) => service.suggest(Array.from({ length: 40 }, (_, at) => ({ id: String(at), text })), { k: 1, evidence: false });
       const first = await ask('x');
       const failed = await ask('exit').catch((error) => error.code);
       const again = await ask('x');
       await service.close();
       console.log(JSON.stringify([first.length, first[39].decision.item.level, failed, again.length]));`,
    );
    const { stdout, stderr } = await node([script]);
    expect([JSON.parse(stdout), stderr]).toEqual([[40, expect.any(Number), 'worker-crashed', 40], '']);
  });

  it('passes the container’s health check when it is ready, and not before', async () => {
    const check = (port: string) =>
      run(process.execPath, [join(packageRoot, '.config/health-check.mjs')], {
        env: { PATH: process.env.PATH, PORT: port, HOST: '0.0.0.0' },
      }).then(
        () => 0,
        (error) => error.code,
      );
    const server = spawn(process.execPath, [
      '-e',
      `let status = 503;
       const server = require('node:http').createServer((q, r) => {
         r.statusCode = q.url === '/health/ready' ? status : 404; r.end(); status = 200;
       }).listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    ]);
    const port = await new Promise<string>((resolve) =>
      server.stdout.once('data', (data) => resolve(String(data).trim())),
    );
    expect([await check(port), await check(port)]).toEqual([1, 0]);
    server.kill();
    await new Promise((resolve) => server.once('close', resolve));
    expect(await check(port)).toBe(1);
  });
});

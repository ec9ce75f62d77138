/** A thread that used nodejieba leaves its dictionary's memory behind, unless it is released. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const nodejieba = dirname(createRequire(import.meta.url).resolve('nodejieba/package.json'));
const built = existsSync(join(nodejieba, 'build/Release/nodejieba.node'));
if (!built) console.warn('SKIPPED: nodejieba was not built on this machine');

it.skipIf(!built)('threads that release it do not add up', () => {
  // A process of its own: what other tests load would be measured too.
  const release = fileURLToPath(new URL('../src/text/release-nodejieba.ts', import.meta.url));
  const thread = `
    const nodejieba = require(${JSON.stringify(nodejieba)});
    nodejieba.cut('小区旁工地');
    require('tsx/cjs/api').register();
    require(${JSON.stringify(release)}).releaseNodejieba(nodejieba);`;
  const script = `
    const { Worker } = require('node:worker_threads');
    const rss = () => process.memoryUsage().rss / 2 ** 20;
    const run = () => new Promise((done, failed) => {
      new Worker(${JSON.stringify(thread)}, { eval: true }).on('exit', done).on('error', failed);
    });
    (async () => {
      await run();
      const first = rss();
      for (let more = 0; more < 3; more += 1) await run();
      console.log(rss() - first);
    })();`;
  const out = execFileSync(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  });
  // Three dictionaries would be 750 MB.
  expect(Number(out)).toBeLessThan(250);
});

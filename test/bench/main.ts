/**
 * `npm run bench [-- --quick]`: measures the trees, the quality and the speed, prints Markdown and then JSON.
 * Quality and speed need the data sets: DUIHAO_DATASETS names their folder. `--help` tells the options.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runScript } from './child.js';
import { type BenchResult, benchMarkdown } from './markdown.js';
import { benchQuality } from './quality.js';
import { benchSpeed } from './speed.js';

const HELP = `npm run bench -- [options]
  --quick           3,000 training rows, two sets, fewer runs: within five minutes
  --only NAMES      sections, joined by commas: taxonomy, quality, speed
  --sets NAMES      data sets of the quality section: db44_gold, csl_hier, tnews15, thucnews
  --no-peers        ours only
  --model DIR       measure the speed of this model instead of training one
  --opener MODULE   opens the model of the speed section (for trying the bench itself)
  --out DIR         write bench.md and bench.json there too
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'taxonomy,quality,speed' },
    sets: { type: 'string', default: '' },
    'no-peers': { type: 'boolean', default: false },
    model: { type: 'string' },
    opener: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const names = (list: string) => list.split(',').filter((name) => name !== '');
  const sections = names(values.only);
  const unknown = sections.find((name) => !['taxonomy', 'quality', 'speed'].includes(name));
  if (unknown) throw new Error(`no section ${unknown}; there are taxonomy, quality and speed`);
  const datasets = process.env.DUIHAO_DATASETS;
  if (!datasets && sections.some((name) => name !== 'taxonomy')) {
    throw new Error(
      'DUIHAO_DATASETS must name the folder of the data sets; without it only --only taxonomy runs',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'duihao-bench-'));
  const start = performance.now();
  try {
    const given = {
      datasets: resolve(datasets ?? '.'),
      folder,
      quick: values.quick,
      peers: !values['no-peers'],
    };
    const result: BenchResult = {
      at: new Date().toISOString(),
      quick: values.quick,
      machine: {
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
        gigabytes: Math.round(totalmem() / 2 ** 30),
        node: process.version,
        loadAtStart: Number(loadavg()[0]!.toFixed(2)),
      },
      ...(sections.includes('taxonomy') ? { taxonomy: await benchTaxonomy() } : {}),
      ...(sections.includes('quality')
        ? { quality: await benchQuality({ ...given, sets: names(values.sets) }) }
        : {}),
      ...(sections.includes('speed')
        ? {
            speed: await benchSpeed({
              ...given,
              model: values.model ?? null,
              opener: values.opener,
              runs: values.quick ? 3 : 5,
            }),
          }
        : {}),
      seconds: Math.round((performance.now() - start) / 1000),
    };
    const json = JSON.stringify(result, null, 2);
    const markdown = benchMarkdown(result);
    process.stdout.write(`${markdown}\n\`\`\`json\n${json}\n\`\`\`\n`);
    if (values.out) {
      await mkdir(values.out, { recursive: true });
      await writeFile(join(values.out, 'bench.md'), markdown);
      await writeFile(join(values.out, 'bench.json'), `${json}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** That bench speaks in sentences of its own. */
async function benchTaxonomy(): Promise<string[]> {
  process.stderr.write('bench: large trees\n');
  const { stdout } = await runScript(join('test', 'bench', 'taxonomy.ts'), []);
  return stdout.trim().split('\n');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

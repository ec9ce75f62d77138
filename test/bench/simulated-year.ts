/**
 * A year of the learning loop: `node --import tsx test/bench/simulated-year.ts [--data DIR] [--steps N] [--limit N]
 * [--error SHARE] [--seed N] [--quick]
 * [--out FILE]`. Each week tickets without codes come in, the model of the week before
 * suggests, an agent who errs in 5 % of the tickets accepts or corrects, the store keeps it, and a model is trained on
 * what the store holds. Prints a row a week (Markdown) and draws the acceptance of the week and the level-3 accuracy on
 * the dev split, which nothing is fitted on, against the tickets seen. Every week is a training with the shipped defaults;
 * --quick trains small models without the written examples: to try the script, not to measure.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../../src/model-store/model-folder.js';
import { toShown } from '../../src/server/suggestion-record.js';
import type { ChosenLabel } from '../../src/store/labels.js';
import { openStore, type Store } from '../../src/store/store.js';
import { timeOrderedId } from '../../src/store/time-ordered-id.js';
import { ModelAnswerer } from '../../src/suggest/model-answerer.js';
import { defaultFacetsPath, loadFacets } from '../../src/taxonomy/facets.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../../src/taxonomy/load.js';
import { evaluateTickets } from '../../training/evaluation/evaluate-tickets.js';
import { openJudge } from '../../training/evaluation/open-judge.js';
import { labelTickets } from '../../training/label-tickets.js';
import type { LabelledTicket } from '../../training/labelled-ticket.js';
import { seededRandom } from '../../training/random.js';
import { readTickets } from '../../training/read-tickets.js';
import { train } from '../../training/train.js';
import { DEFAULT_TRAINING } from '../../training/train-options.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join('..', 'shared', 'datasets', 'db44_gold') },
    steps: { type: 'string', default: '12' },
    limit: { type: 'string', default: '1000000' },
    error: { type: 'string', default: '0.05' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string', default: join('docs', 'simulated-year.svg') },
  },
});
const steps = wholeOption('steps', values.steps, 1);
const limit = wholeOption('limit', values.limit, 20);
const seed = wholeOption('seed', values.seed, 0);
const quick = {
  network: { ...DEFAULT_TRAINING.network, dimensions: 8, epochs: 2, maxRows: 4096 },
  exampleWeight: 0,
  threads: 1,
};
const agentError = Number(values.error);
if (!(agentError >= 0 && agentError < 1)) throw new RangeError('--error must lie in [0, 1)');

function wholeOption(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new RangeError(`--${name} must be a whole number of ${least} or more`);
}

interface Week {
  readonly seen: number;
  readonly acceptance: number;
  readonly top1: number;
}

const folder = mkdtempSync(join(tmpdir(), 'duihao-year-'));
const store = await openStore({ kind: 'folder', folder: join(folder, 'store') });
try {
  const weeks = await simulate(store);
  writeFileSync(values.out, drawing(weeks));
  process.stdout.write(`\n${values.out}\n`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true });
}

async function simulate(store: Store): Promise<Week[]> {
  const taxonomy = await loadTaxonomy(defaultTaxonomyPath);
  const { tickets: written } = await readTickets(join(values.data, 'train.jsonl'));
  const random = seededRandom(seed);
  const stream = shuffled(labelTickets(taxonomy, written).tickets, random).slice(0, limit);
  process.stdout.write(
    '| week | tickets seen | accepted | dev level 3 top-1 | seconds |\n|---|---|---|---|---|\n',
  );
  const weeks: Week[] = [];
  // A hotline begins with an archive: one week's worth of tickets that somebody coded without us.
  const first = Math.ceil(stream.length / (steps + 1));
  let model = await retrain(store, stream.slice(0, first), 0, first);
  for (let week = 1; week <= steps; week += 1) {
    const started = performance.now();
    const from = first + Math.floor(((stream.length - first) * (week - 1)) / steps);
    const until = first + Math.floor(((stream.length - first) * week) / steps);
    const acceptance = await work(store, model, stream.slice(from, until), random);
    model = await retrain(store, stream.slice(0, until), week, first);
    const top1 = await devAccuracy(model);
    weeks.push({ seen: until, acceptance, top1 });
    process.stdout.write(
      `| ${week} | ${until} | ${(100 * acceptance).toFixed(1)} % | ${(100 * top1).toFixed(1)} % | ${Math.round((performance.now() - started) / 1000)} |\n`,
    );
  }
  return weeks;
}

/** @returns the share of the week's tickets whose suggestion was accepted */
async function work(
  store: Store,
  model: string,
  tickets: readonly LabelledTicket[],
  random: () => number,
): Promise<number> {
  const answerer = new ModelAnswerer(await loadModel(model));
  const { taxonomy } = answerer;
  let accepted = 0;
  for (let from = 0; from < tickets.length; from += 64) {
    const batch = tickets.slice(from, from + 64);
    const answers = answerer.answer(
      batch.map(({ ticket }) => ticket),
      { k: 5, evidence: false },
    );
    const shown = answers.map((answer, at) =>
      toShown(timeOrderedId(), batch[at]!.ticket, answer, answerer, {
        storeText: false,
        textKey: store.textKey,
      }),
    );
    await store.suggestions.add(shown);
    await Promise.all(
      answers.map(async ({ decision, candidates }, at) => {
        const truth = taxonomy.at(batch[at]!.labels[0]!);
        const wrong = candidates.filter(({ item }) => item.index !== truth.index);
        const errs = random() < agentError && wrong.length > 0;
        const chosen = errs ? wrong[Math.floor(random() * wrong.length)]!.item : truth;
        // A ticket coded at an upper level only: any item beneath is as right as its coder knew.
        const agrees =
          decision.item !== null &&
          (decision.item.index === chosen.index ||
            (!errs && decision.kind === 'specific' && taxonomy.isWithin(decision.item, chosen)));
        if (agrees) accepted += 1;
        await store.feedback.give({
          suggestionId: shown[at]!.id,
          agent: 'simulated',
          kind: agrees ? 'accepted' : 'corrected',
          item: agrees ? decision.item!.id : chosen.id,
          ticket: batch[at]!.ticket.id,
          decidedAt: null,
          milliseconds: 20_000,
          note: null,
        });
      }),
    );
  }
  answerer.close();
  return accepted / tickets.length;
}

/** The archive: the first tickets with their codes, the others without: those must come from the store. */
async function retrain(
  store: Store,
  seen: readonly LabelledTicket[],
  week: number,
  first: number,
): Promise<string> {
  const taxonomy = await loadTaxonomy(defaultTaxonomyPath);
  const archive = join(folder, `archive-${week}.jsonl`);
  const lines = seen.map(({ ticket, labels }, at) =>
    JSON.stringify({
      id: ticket.id,
      ...(ticket.title === undefined ? {} : { title: ticket.title }),
      text: ticket.text,
      labels: at < first ? taxonomy.pathOf(taxonomy.at(labels[0]!)).map(({ code }) => code) : [],
    }),
  );
  writeFileSync(archive, `${lines.join('\n')}\n`);
  const feedback: ChosenLabel[] = [];
  for await (const one of store.labels()) feedback.push(one);
  const out = join(folder, `model-${week}`);
  await train(
    {
      tickets: [archive],
      dev: [],
      taxonomy: defaultTaxonomyPath,
      overlays: [],
      facets: await loadFacets(defaultFacetsPath),
      feedback,
      out,
      labelOrigin: 'a simulated agent',
      options: { ...DEFAULT_TRAINING, ...(values.quick ? quick : {}), seed },
    },
    { onStage: () => {} },
  );
  return out;
}

async function devAccuracy(model: string): Promise<number> {
  const { evaluation } = await evaluateTickets(await openJudge(model), {
    files: [join(values.data, 'dev.jsonl')],
    trainFiles: [],
    acceptAlternatives: false,
    seed,
  });
  return evaluation.levels.find(({ level }) => level === 3)!.top1;
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other]!, copy[at]!];
  }
  return copy;
}

function drawing(weeks: readonly Week[]): string {
  const [width, height, left, top, right, bottom] = [640, 360, 52, 20, 620, 312];
  const most = weeks.at(-1)!.seen;
  const x = (seen: number) => (left + ((right - left) * seen) / most).toFixed(1);
  const y = (share: number) => (bottom - (bottom - top) * share).toFixed(1);
  const line = (of: (week: Week) => number, colour: string, dashes: string) =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}" points="${weeks
      .map((week) => `${x(week.seen)},${y(of(week))}`)
      .join(' ')}"/>${weeks
      .map((week) => `<circle cx="${x(week.seen)}" cy="${y(of(week))}" r="3" fill="${colour}"/>`)
      .join('')}`;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="12" fill="#333">
<title>模拟一年：采纳率与三级首选准确率，随见过的工单数</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${ticks
  .map(
    (share) =>
      `<line x1="${left}" x2="${right}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/><text x="${left - 6}" y="${Number(y(share)) + 4}" text-anchor="end">${100 * share}%</text><text x="${x(share * most)}" y="${bottom + 18}" text-anchor="middle">${Math.round(share * most)}</text>`,
  )
  .join('\n')}
<text x="${(left + right) / 2}" y="${height - 8}" text-anchor="middle">见过的工单（件）</text>
${line(({ acceptance }) => acceptance, '#b45309', '6 4')}
${line(({ top1 }) => top1, '#1d4ed8', '')}
<g><line x1="${left + 16}" x2="${left + 46}" y1="32" y2="32" stroke="#b45309" stroke-width="2" stroke-dasharray="6 4"/><text x="${left + 52}" y="36">当周采纳率</text>
<line x1="${left + 136}" x2="${left + 166}" y1="32" y2="32" stroke="#1d4ed8" stroke-width="2"/><text x="${left + 172}" y="36">开发集三级首选准确率</text></g>
</svg>
`;
}

/**
 * A year of the learning loop: `DUIHAO_DATASETS=… node --import tsx test/bench/simulated-year.ts --state DIR`.
 *
 * A hotline begins with an archive of one week. Each week tickets without codes come in; the last model
 * suggests; an agent accepts, corrects, errs (5 %) or takes what is there unread (10 %); the store keeps it; and a new model
 * is trained on the archive and what the store holds, as `duihao train --from-store` does. Nothing is fitted on the dev
 * split, on which each week's model is judged. The agent knows the archive's code and ignores second admissible ones.
 *
 * Every model is a real training from nothing. So that a year takes half an hour of two cores, not four hours, they are
 * trained weekly for a quarter (13 weeks), then every fourth week and at the end (`--every 1`: weekly to the end), and
 * differ from the shipped defaults in this alone: our written example tickets are left out (`exampleWeight: 0`; the
 * items' own words stay). `--full` trains with the shipped defaults. A run that was stopped goes on with the first week
 * that was not finished.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { evaluateTickets } from '../../training/evaluation/evaluate-tickets.js';
import { openJudge } from '../../training/evaluation/open-judge.js';
import { labelTickets } from '../../training/label-tickets.js';
import type { LabelledTicket } from '../../training/labelled-ticket.js';
import { seededRandom } from '../../training/random.js';
import { readTickets } from '../../training/read-tickets.js';
import { train } from '../../training/train.js';
import { DEFAULT_TRAINING, type TrainOptions } from '../../training/train-options.js';
import { chooseAsAgent, isRight } from './simulated-agent.js';
import { acceptanceOf, type Stream, type Week, weeksCsv, yearPlot } from './year-figures.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(process.env.DUIHAO_DATASETS ?? '', 'db44_gold') },
    state: { type: 'string', default: join('var', 'simulated-year') },
    weeks: { type: 'string', default: '52' },
    tickets: { type: 'string', default: '1000000' },
    error: { type: 'string', default: '0.05' },
    haste: { type: 'string', default: '0.1' },
    every: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(DEFAULT_TRAINING.threads) },
    full: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
/** Of everything that changes the figures: a run goes on only with the settings it began with. */
const settings = {
  data: values.data,
  weeks: whole('weeks', values.weeks, 1),
  tickets: whole('tickets', values.tickets, 20),
  error: share('error', values.error),
  haste: share('haste', values.haste),
  every: whole('every', values.every, 1),
  seed: whole('seed', values.seed, 0),
  training: values.quick ? 'quick' : values.full ? 'full' : 'light',
} as const;
const trainings: Readonly<Record<typeof settings.training, Partial<TrainOptions>>> = {
  full: {},
  light: { exampleWeight: 0 },
  // To try the script, not to measure.
  quick: {
    exampleWeight: 0,
    refit: false,
    network: { ...DEFAULT_TRAINING.network, dimensions: 8, epochs: 2, maxRows: 4096 },
  },
};

function whole(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new RangeError(`--${name} must be a whole number of ${least} or more`);
}

function share(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && value < 1) return value;
  throw new RangeError(`--${name} must lie in [0, 1)`);
}

if (!existsSync(join(values.data, 'train.jsonl'))) {
  throw new Error(`${values.data} has no train.jsonl: DUIHAO_DATASETS must name the folder of the data sets`);
}
mkdirSync(values.state, { recursive: true });
const weeks = readState();
const store = await openStore({ kind: 'folder', folder: join(values.state, 'store') });
try {
  await simulate(store, weeks);
} finally {
  await store.close();
}

/** @returns the weeks that are finished */
function readState(): Week[] {
  const path = join(values.state, 'simulated-year.json');
  if (!existsSync(path)) return [];
  const state = JSON.parse(readFileSync(path, 'utf8')) as { settings: unknown; weeks: Week[] };
  if (JSON.stringify(state.settings) === JSON.stringify(settings)) return state.weeks;
  throw new Error(
    `${values.state} holds a run with other settings: ${JSON.stringify(state.settings)}; name another --state`,
  );
}

/** The state last, and renamed: a run that is killed meanwhile does the week again. */
function writeState(weeks: readonly Week[]): void {
  writeFileSync(join(values.state, 'simulated-year.csv'), weeksCsv(weeks));
  const title = `A simulated year: acceptance and accuracy on dev against the tickets trained on, ${weeks.at(-1)!.week} weeks`;
  writeFileSync(join(values.state, 'simulated-year.svg'), yearPlot(weeks, title));
  const path = join(values.state, 'simulated-year.json');
  writeFileSync(`${path}.tmp`, `${JSON.stringify({ settings, weeks }, null, 1)}\n`);
  renameSync(`${path}.tmp`, path);
}

async function simulate(store: Store, weeks: Week[]): Promise<void> {
  const taxonomy = await loadTaxonomy(defaultTaxonomyPath);
  const { tickets: written } = await readTickets(join(values.data, 'train.jsonl'));
  const stream = shuffled(labelTickets(taxonomy, written).tickets, seededRandom(settings.seed)).slice(
    0,
    settings.tickets,
  );
  const first = Math.ceil(stream.length / (settings.weeks + 1));
  const until = (week: number) => first + Math.floor(((stream.length - first) * week) / settings.weeks);
  process.stdout.write(
    '| week | seen | accepted of those read | dev level 3 | dev level 1 | training s | s |\n|---|---|---|---|---|---|---|\n',
  );
  for (const week of weeks) process.stdout.write(rowOf(week));
  // Drawn anew: a year that is finished is only redrawn.
  if (weeks.length > 0) writeState(weeks);
  for (let week = weeks.length; week <= settings.weeks; week += 1) {
    const started = performance.now();
    const seen = stream.slice(0, until(week));
    const tickets = week === 0 ? seen : stream.slice(until(week - 1), until(week));
    const worked =
      week === 0 ? null : await work(store, folderOf(lastTrained(weeks)), tickets, weekRandom(week));
    const trainStarted = performance.now();
    const isTrained = trains(week);
    if (isTrained) await retrain(store, taxonomy, seen, week, first);
    const trainSeconds = isTrained ? (performance.now() - trainStarted) / 1000 : 0;
    const dev = isTrained ? await judge(folderOf(week)) : null;
    const seconds = (performance.now() - started) / 1000;
    weeks.push({
      week,
      tickets: tickets.length,
      seen: seen.length,
      stream: worked,
      dev,
      trainSeconds,
      seconds,
    });
    writeState(weeks);
    for (const { week: old } of weeks) {
      if (old !== lastTrained(weeks)) rmSync(folderOf(old), { recursive: true, force: true });
    }
    process.stdout.write(rowOf(weeks.at(-1)!));
  }
}

function folderOf(week: number): string {
  return join(values.state, `model-${week}`);
}

/** Weekly for a quarter, while every week's tickets add much; then every few weeks, and at the end. */
function trains(week: number): boolean {
  return week <= 13 || (week - 13) % settings.every === 0 || week === settings.weeks;
}

function lastTrained(weeks: readonly Week[]): number {
  return weeks.findLast(({ dev }) => dev !== null)!.week;
}

/** Its own for each week, so that a run that goes on draws what one without a break would have drawn. */
function weekRandom(week: number): () => number {
  return seededRandom(settings.seed * 1_000 + week);
}

function rowOf({ week, seen, stream, dev, trainSeconds, seconds }: Week): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const accepted = stream ? percent(acceptanceOf(stream)) : '–';
  const [level3, level1] = dev ? [percent(dev.level3), percent(dev.level1)] : ['–', '–'];
  return `| ${week} | ${seen} | ${accepted} | ${level3} | ${level1} | ${trainSeconds.toFixed(0)} | ${seconds.toFixed(0)} |\n`;
}

async function work(
  store: Store,
  model: string,
  tickets: readonly LabelledTicket[],
  random: () => number,
): Promise<Stream> {
  const answerer = new ModelAnswerer(await loadModel(model));
  const { taxonomy } = answerer;
  const counts = {
    ...{ accepted: 0, read: 0, acceptedRead: 0, wrongLabels: 0 },
    ...{ named: 0, namedRight: 0, firstRight: 0, amongFive: 0 },
  };
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
      answers.map((answer, at) => {
        const { decision, candidates } = answer;
        const truth = taxonomy.at(batch[at]!.labels[0]!);
        const choice = chooseAsAgent(taxonomy, answer, truth, settings, random);
        const accepted = choice.kind === 'accepted';
        counts.accepted += Number(accepted);
        counts.read += Number(choice.read);
        counts.acceptedRead += Number(accepted && choice.read);
        counts.wrongLabels += Number(!isRight(taxonomy, choice.item, truth));
        if (decision.kind === 'specific') {
          counts.named += 1;
          counts.namedRight += Number(isRight(taxonomy, decision.item, truth));
        }
        const place = candidates.findIndex(({ item }) => isRight(taxonomy, item, truth));
        counts.firstRight += Number(place === 0);
        counts.amongFive += Number(place >= 0);
        return store.feedback.give({
          suggestionId: shown[at]!.id,
          agent: 'simulated',
          kind: choice.kind,
          item: choice.item.id,
          ticket: batch[at]!.ticket.id,
          decidedAt: null,
          milliseconds: choice.milliseconds,
          note: null,
        });
      }),
    );
  }
  answerer.close();
  return counts;
}

/** The archive: the first tickets with their codes, the others without: those must come from the store. */
async function retrain(
  store: Store,
  taxonomy: Taxonomy,
  seen: readonly LabelledTicket[],
  week: number,
  first: number,
): Promise<void> {
  const archive = join(values.state, 'archive.jsonl');
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
  await train(
    {
      tickets: [archive],
      dev: [],
      taxonomy: defaultTaxonomyPath,
      overlays: [],
      facets: await loadFacets(defaultFacetsPath),
      feedback,
      out: folderOf(week),
      labelOrigin: 'a simulated agent',
      options: {
        ...DEFAULT_TRAINING,
        ...trainings[settings.training],
        seed: settings.seed,
        threads: whole('threads', values.threads, 1),
      },
    },
    { onStage: () => {} },
  );
}

async function judge(model: string): Promise<Week['dev']> {
  const { evaluation } = await evaluateTickets(await openJudge(model), {
    files: [join(values.data, 'dev.jsonl')],
    trainFiles: [],
    acceptAlternatives: false,
    seed: settings.seed,
  });
  const [level1, level3] = [1, 3].map((wanted) => evaluation.levels.find(({ level }) => level === wanted)!);
  return { level1: level1!.top1, level3: level3!.top1, level3Top5: level3!.top5 };
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other]!, copy[at]!];
  }
  return copy;
}

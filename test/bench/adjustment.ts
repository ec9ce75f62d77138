/**
 * What agents' choices are worth before the next training: `DUIHAO_DATASETS=DIR node --import tsx
 * test/bench/adjustment.ts --model FOLDER [--error SHARE] [--delay N] [--agents N] [--choose]`. A model of the first
 * half of db44_gold's training rows (trained into FOLDER where there is none) answers the second half in its order;
 * `--delay` tickets later each ticket's code is given as an agent's choice, or in a share of `--error` a wrong one of the
 * first candidates. Twice: with the codes as they are, and as if a new rule had six of the twelve most frequent items
 * coded as the other six, which the model cannot know. The later half of each stream is reported, with and without the
 * memory; --choose looks for the rule on the earlier halves. Prints Markdown.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Fingerprint } from '../../src/classifier/fingerprint.js';
import { Distribution } from '../../src/decision/distribution.js';
import { loadModel } from '../../src/model-store/model-folder.js';
import { type AdjustmentRule, adjust, defaultAdjustment, voteOf } from '../../src/suggest/adjustment.js';
import { CorrectionMemory, memoryCapacity, type Neighbour } from '../../src/suggest/correction-memory.js';
import { defaultFacetsPath, loadFacets } from '../../src/taxonomy/facets.js';
import type { Item } from '../../src/taxonomy/item.js';
import { defaultTaxonomyPath } from '../../src/taxonomy/load.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { labelTickets } from '../../training/label-tickets.js';
import { seededRandom } from '../../training/random.js';
import { readTickets } from '../../training/read-tickets.js';
import { train } from '../../training/train.js';
import { DEFAULT_TRAINING } from '../../training/train-options.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    error: { type: 'string', default: '0.05' },
    delay: { type: 'string', default: '16' },
    agents: { type: 'string', default: '20' },
    choose: { type: 'boolean', default: false },
  },
});
if (!values.model) throw new Error('--model must name a folder');
const datasets = process.env.DUIHAO_DATASETS;
if (!datasets) throw new Error('DUIHAO_DATASETS must name the folder of the data sets');
const rows = join(datasets, 'db44_gold', 'train.jsonl');
const [error, delay, agents] = [Number(values.error), Number(values.delay), Number(values.agents)];
const LEVEL = 3;

interface Answered {
  readonly leaves: Float64Array;
  readonly fingerprint: Fingerprint | null;
  readonly truth: Item;
  /** Index of the item that the model alone puts first. */
  readonly first: number;
}

/** Of some tickets of a stream, at level 3. */
interface Figures {
  tickets: number;
  top1: number;
  top5: number;
  /** Mean −ln of the true item's probability. */
  surprise: number;
  ece: number;
}

/** What is right in a stream, and what agents choose. */
interface Scenario {
  readonly truths: readonly Item[];
  readonly chosen: readonly Item[];
}

/** A ticket of the stream that another one is like. */
interface Like {
  readonly at: number;
  readonly similarity: number;
}

const LEAST = 0.7;
const taxonomy = await trained(values.model);
const stream = await answers(values.model);
const half = Math.floor(stream.length / 2);
const likes = findLikes();
const agentOf = agentsOfTickets();
const changes = newRule();
const asIs = (wrong: number) =>
  scenario(
    stream.map(({ truth }) => truth),
    wrong,
  );
const changed = (wrong: number) =>
  scenario(
    stream.map(({ truth }) => changes.get(truth) ?? truth),
    wrong,
  );

/** Trains where there is no model yet. */
async function trained(folder: string): Promise<Taxonomy> {
  if (!existsSync(join(folder, 'manifest.json'))) {
    const lines = readFileSync(rows, 'utf8').trimEnd().split('\n');
    const first = `${folder}.jsonl`;
    writeFileSync(first, `${lines.slice(0, Math.floor(lines.length / 2)).join('\n')}\n`);
    await train(
      {
        tickets: [first],
        dev: [],
        taxonomy: defaultTaxonomyPath,
        overlays: [],
        facets: await loadFacets(defaultFacetsPath),
        out: folder,
        labelOrigin: 'db44_gold',
        options: DEFAULT_TRAINING,
      },
      { onStage: () => {} },
    );
  }
  return (await loadModel(folder)).taxonomy;
}

/** The second half of the rows, as the model alone answers them. */
async function answers(folder: string): Promise<Answered[]> {
  const { classifier } = await loadModel(folder);
  const { tickets } = await readTickets(rows);
  const labelled = labelTickets(taxonomy, tickets.slice(Math.floor(tickets.length / 2))).tickets;
  const answered: Answered[] = [];
  for (let from = 0; from < labelled.length; from += 32) {
    const batch = labelled.slice(from, from + 32);
    const classified = classifier.classify(
      batch.map(({ ticket }) => ticket),
      false,
      true,
    );
    for (const [nth, { leaves, fingerprint }] of classified.entries()) {
      const first = new Distribution(taxonomy, leaves).top(1, LEVEL)[0]!.item.index;
      answered.push({ leaves, fingerprint, truth: taxonomy.at(batch[nth]!.labels[0]!), first });
    }
  }
  classifier.dispose();
  return answered;
}

/** For each ticket those before it whose choice is known by then, found by the memory itself. */
function findLikes(): Like[][] {
  const memory = new CorrectionMemory();
  return stream.map(({ fingerprint }, at) => {
    const known = stream[at - delay]?.fingerprint;
    // The place in the stream instead of an item: what is chosen there is the scenario's.
    if (known) memory.write([{ key: `${at}`, choice: choiceOf(known, at - delay) }]);
    if (!fingerprint) return [];
    return memory.nearest(fingerprint, LEAST).map(({ item, similarity }) => ({ at: item, similarity }));
  });
}

function choiceOf(fingerprint: Fingerprint, item: number) {
  return { fingerprint, item, decidedAt: 0, weight: 1, agent: '', corrected: true };
}

function agentsOfTickets(): number[] {
  const random = seededRandom(2);
  return stream.map(() => Math.floor(random() * agents));
}

/** Of the twelve most frequent items the first six are coded as the others from now on. */
function newRule(): Map<Item, Item> {
  const counts = new Map<Item, number>();
  for (const { truth } of stream) counts.set(truth, (counts.get(truth) ?? 0) + 1);
  const frequent = [...counts].sort(([, a], [, b]) => b - a).map(([item]) => item);
  return new Map(frequent.slice(0, 6).map((item, at) => [item, frequent[at + 6]!]));
}

function scenario(truths: readonly Item[], wrong: number): Scenario {
  const random = seededRandom(1);
  const chosen = truths.map((truth, at) => {
    if (random() >= wrong) return truth;
    const others = new Distribution(taxonomy, stream[at]!.leaves)
      .top(5, LEVEL)
      .filter(({ item }) => item !== truth);
    return others[Math.floor(random() * others.length)]?.item ?? truth;
  });
  return { truths, chosen };
}

/**
 * @param used null: the model alone
 * @param counts whether a ticket is to be counted, by its place and its own code
 */
function run(
  used: AdjustmentRule | null,
  { truths, chosen }: Scenario,
  counts: (at: number, coded: Item) => boolean,
): Figures {
  const tally = new Tally();
  for (const [at, { leaves, truth: coded }] of stream.entries()) {
    const truth = truths[at]!;
    // Those coded at an upper level only are streamed, but not counted.
    if (!counts(at, coded) || truth.leafEnd - truth.leafStart > 1) continue;
    const vote = used && voteOf(neighboursOf(at, used.least, chosen), used, 0);
    tally.add(new Distribution(taxonomy, vote ? adjust(taxonomy, leaves, vote) : leaves), truth);
  }
  return tally.figures();
}

function neighboursOf(at: number, least: number, chosen: readonly Item[]): Neighbour[] {
  return likes[at]!.flatMap((like) => {
    if (like.similarity < least) return [];
    const item = chosen[like.at]!.index;
    return {
      similarity: like.similarity,
      item,
      decidedAt: 0,
      weight: 1,
      agent: agentOf[like.at]!,
      corrected: stream[like.at]!.first !== item,
    };
  });
}

class Tally {
  readonly #sure: { probability: number; right: boolean }[] = [];
  #top5 = 0;
  #surprise = 0;

  add(answer: Distribution, truth: Item): void {
    const top = answer.top(5, LEVEL);
    const found = top.findIndex(({ item }) => item === truth);
    this.#sure.push({ probability: top[0]!.probability, right: found === 0 });
    if (found >= 0) this.#top5 += 1;
    this.#surprise -= Math.log(Math.max(1e-9, answer.probability(truth)));
  }

  figures(): Figures {
    const tickets = this.#sure.length;
    let ece = 0;
    for (let bin = 0; bin < 15; bin += 1) {
      const some = this.#sure.filter(({ probability }) => Math.min(14, Math.floor(probability * 15)) === bin);
      ece += Math.abs(some.reduce((sum, { probability, right }) => sum + probability - (right ? 1 : 0), 0));
    }
    return {
      tickets,
      top1: this.#sure.filter(({ right }) => right).length / tickets,
      top5: this.#top5 / tickets,
      surprise: this.#surprise / tickets,
      ece: ece / tickets,
    };
  }
}

/**
 * By the earlier halves, with the agents' errors: of the rules whose surprise at the codes as they are lies within 0.002
 * of the least, the one that gets most right of what the new rule is about.
 */
function choose(): AdjustmentRule {
  const earlier = (at: number) => at < half;
  const [stable, moved] = [asIs(error), changed(error)];
  const tried: { rule: AdjustmentRule; alike: number; right: number }[] = [];
  for (const least of [0.7, 0.8, 0.85, 0.9]) {
    for (const sharpness of [1, 2, 3, 4]) {
      for (const model of [0.25, 0.5, 1, 2, 4]) {
        const rule = { ...defaultAdjustment, least, sharpness, model };
        const alike = run(rule, stable, earlier);
        const other = run(rule, moved, (at, coded) => earlier(at) && changes.has(coded));
        process.stderr.write(
          `least ${least} sharpness ${sharpness} model ${model}: as they are ${alike.surprise.toFixed(4)} ${percent(alike.top1)}; new rule ${other.surprise.toFixed(4)} ${percent(other.top1)}\n`,
        );
        tried.push({ rule, alike: alike.surprise, right: other.top1 });
      }
    }
  }
  const least = Math.min(...tried.map(({ alike }) => alike));
  const [best] = tried.filter(({ alike }) => alike <= least + 0.002).sort((a, b) => b.right - a.right);
  process.stdout.write(`Chosen: ${JSON.stringify(best!.rule)}\n\n`);
  return best!.rule;
}

function report(used: AdjustmentRule): void {
  const later = (at: number) => at >= half;
  const alike = (least: number) => (at: number) =>
    later(at) && likes[at]!.some(({ similarity }) => similarity >= least);
  const renamed = (at: number, coded: Item) => later(at) && changes.has(coded);
  const others = (at: number, coded: Item) => later(at) && !changes.has(coded);
  const rows: [string, (wrong: number) => Scenario, (at: number, coded: Item) => boolean][] = [
    ['codes as they are', asIs, later],
    ['– tickets with one before them of similarity ≥ 0.9', asIs, alike(0.9)],
    ['– of similarity ≥ 0.95', asIs, alike(0.95)],
    ['a new rule: tickets it is about', changed, renamed],
    ['a new rule: all others', changed, others],
  ];
  process.stdout.write('| | | tickets | top-1 | top-5 | ECE | −ln p |\n|---|---|--:|--:|--:|--:|--:|\n');
  const wrongs = `memory, ${percent(error)} of choices wrong`;
  for (const [name, of, counts] of rows) {
    for (const [who, rule, wrong] of [
      ['model alone', null, 0],
      ['memory', used, 0],
      [wrongs, used, error],
    ] as const) {
      const { tickets, top1, top5, ece, surprise } = run(rule, of(wrong), counts);
      process.stdout.write(
        `| ${name} | ${who} | ${tickets} | ${percent(top1)} | ${percent(top5)} | ${ece.toFixed(3)} | ${surprise.toFixed(3)} |\n`,
      );
    }
  }
}

function timeSearch(): void {
  const memory = new CorrectionMemory();
  const known = stream.flatMap(({ fingerprint, truth }) => (fingerprint ? [{ fingerprint, truth }] : []));
  memory.write(
    Array.from({ length: memoryCapacity }, (_, at) => {
      const { fingerprint, truth } = known[at % known.length]!;
      return { key: `${at}`, choice: choiceOf(fingerprint, truth.index) };
    }),
  );
  const asked = known.slice(0, 500);
  for (const { fingerprint } of asked) memory.nearest(fingerprint, defaultAdjustment.least);
  // Of the processor, not of the clock: others may be at work.
  const before = process.cpuUsage();
  for (const { fingerprint } of asked) memory.nearest(fingerprint, defaultAdjustment.least);
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000 / asked.length;
  process.stdout.write(
    `\nA search among ${memory.size} choices: ${milliseconds.toFixed(2)} ms of processor time.\n`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

report(values.choose ? choose() : defaultAdjustment);
timeSearch();

/**
 * What the simplest classifier would reach on the same tickets: naive Bayes of the package `natural` over the
 * words of each ticket. Its counts and its formula are used as they are; around them two things are done
 * differently, because it is made for short English texts: words are looked up instead of searched for in
 * every ticket, and logarithms are added where it multiplies probabilities, which underflow to 0 on a page of
 * text. Still slow, so the tickets are capped; the answer says at how many.
 */
import { createRequire } from 'node:module';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { seededRandom } from '../random.js';
import { evaluate } from './evaluate.js';
import type { JudgedTicket } from './judged-ticket.js';

export interface SegmentedTicket {
  /** Words of title and text. */
  readonly words: readonly string[];
  readonly labels: readonly number[];
  readonly alternatives: readonly number[];
}

export interface BayesOptions {
  readonly acceptAlternatives: boolean;
  readonly seed: number;
  /** Most tickets to learn from and to judge; drawn by chance where there are more. */
  readonly maxTrain?: number;
  readonly maxTest?: number;
  /** The model's own answers to the test tickets, in the same order: to be measured on the same sample. */
  readonly model?: readonly JudgedTicket[];
}

export interface BayesBaseline {
  /** Tickets learnt from, of how many; those labelled above the leaves are not usable. */
  readonly trained: number;
  readonly trainRows: number;
  /** Tickets judged, of how many. */
  readonly judged: number;
  readonly testRows: number;
  readonly levels: readonly {
    readonly level: number;
    readonly rows: number;
    readonly top1: number;
    readonly top3: number;
    readonly top5: number;
    /** What the model reached on the very same tickets, where its answers were given. */
    readonly modelTop1?: number;
    readonly modelTop5?: number;
  }[];
  /** Which of the test tickets were judged, so that the model can be measured on the same. */
  readonly sample: readonly number[];
}

export const BAYES_MAX_TRAIN = 10_000;
export const BAYES_MAX_TEST = 1_000;
/** A word of one ticket tells nothing about another. */
const MIN_TICKETS = 2;

/** The parts of natural's classifier that are used; it ships no types for single files. */
interface NaturalBayes {
  addDocument(words: readonly string[], label: string): void;
  train(): void;
  textToFeatures(words: readonly string[]): ArrayLike<number>;
  readonly classifier: {
    /** Per class: feature → tickets with it, smoothed. */
    readonly classFeatures: Record<string, Record<number, number>>;
    /** Per class: tickets, smoothed. */
    readonly classTotals: Record<string, number>;
    readonly totalExamples: number;
    readonly smoothing: number;
  };
}

/** The single file: the package's index costs a second, 160 MB and reads .env into the process. */
const BAYES_FILE = 'natural/lib/natural/classifiers/bayes_classifier.js';

export function bayesBaseline(
  taxonomy: Taxonomy,
  train: readonly SegmentedTicket[],
  test: readonly SegmentedTicket[],
  options: BayesOptions,
): BayesBaseline {
  const usable = train.filter(({ labels }) => leafOf(taxonomy, labels) >= 0);
  const learnt = draw(usable.length, options.maxTrain ?? BAYES_MAX_TRAIN, options.seed).map(
    (at) => usable[at]!,
  );
  const sample = draw(test.length, options.maxTest ?? BAYES_MAX_TEST, options.seed + 1);
  const answer = learn(taxonomy, learnt);
  const judged = sample.map(
    (at): JudgedTicket => ({
      leaves: answer(test[at]!.words),
      labels: test[at]!.labels,
      alternatives: test[at]!.alternatives,
    }),
  );
  const { acceptAlternatives, seed } = options;
  const { levels } = evaluate(taxonomy, judged, { acceptAlternatives, seed });
  const model = options.model
    ? evaluate(
        taxonomy,
        sample.map((at) => options.model![at]!),
        { acceptAlternatives, seed },
      )
    : undefined;
  return {
    trained: learnt.length,
    trainRows: train.length,
    judged: sample.length,
    testRows: test.length,
    levels: levels.map(({ level, rows, top1, top3, top5 }, at) => ({
      ...{ level, rows, top1, top3, top5 },
      ...(model ? { modelTop1: model.levels[at]!.top1, modelTop5: model.levels[at]!.top5 } : {}),
    })),
    sample,
  };
}

/** @returns words → probability of each leaf; leaves without a training ticket get 0. */
function learn(
  taxonomy: Taxonomy,
  tickets: readonly SegmentedTicket[],
): (words: readonly string[]) => Float64Array {
  const vocabulary = vocabularyOf(tickets);
  const known = (words: readonly string[]) =>
    [...new Set(words)].map((word) => vocabulary.get(word)).filter((place) => place !== undefined);
  const Bayes = createRequire(import.meta.url)(BAYES_FILE) as new () => NaturalBayes;
  const bayes = new Bayes();
  // natural reads the features before it asks for the next ticket's, so one array serves all.
  const features = new Array<number>(vocabulary.size).fill(0);
  bayes.textToFeatures = (words) => {
    features.fill(0);
    for (const place of known(words)) features[place] = 1;
    return features;
  };
  for (const { words, labels } of tickets) bayes.addDocument(words, String(leafOf(taxonomy, labels)));
  bayes.train();
  const { classFeatures, classTotals, totalExamples, smoothing } = bayes.classifier;
  const classes = Object.keys(classFeatures).map((label) => ({
    leaf: Number(label),
    counts: classFeatures[label]!,
    total: classTotals[label]!,
  }));
  return (words) => {
    const leaves = new Float64Array(taxonomy.leaves.length);
    if (classes.length === 0) return leaves;
    const places = known(words);
    const logs = classes.map(({ counts, total }) => {
      let log = Math.log(total / totalExamples);
      for (const place of places) log += Math.log((counts[place] || smoothing) / total);
      return log;
    });
    const max = Math.max(...logs);
    let sum = 0;
    for (const [at, { leaf }] of classes.entries()) {
      // The smallest that is not 0, so that hopeless classes still have a place in the ranking.
      leaves[leaf] = Math.max(Math.exp(logs[at]! - max), Number.MIN_VALUE * 2 ** 40);
      sum += leaves[leaf]!;
    }
    return leaves.map((value) => value / sum);
  };
}

function vocabularyOf(tickets: readonly SegmentedTicket[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { words } of tickets) {
    for (const word of new Set(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const kept = [...counts].filter(([, count]) => count >= MIN_TICKETS);
  return new Map(kept.map(([word], place) => [word, place]));
}

/** Leaf of the first label; −1 where it stands above the leaves. */
function leafOf(taxonomy: Taxonomy, labels: readonly number[]): number {
  const [label] = labels;
  if (label === undefined) return -1;
  const { leafStart, leafEnd } = taxonomy.at(label);
  return leafEnd - leafStart === 1 ? leafStart : -1;
}

/** At most `count` of the numbers below `size`, by chance, in rising order. */
function draw(size: number, count: number, seed: number): number[] {
  const all = Array.from({ length: size }, (_, at) => at);
  if (size <= count) return all;
  const random = seededRandom(seed);
  for (let at = 0; at < count; at += 1) {
    const other = at + Math.floor(random() * (size - at));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all.slice(0, count).sort((a, b) => a - b);
}

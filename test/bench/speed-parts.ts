/**
 * Where the time of an answer goes, in microseconds per ticket, ticket by ticket. What a stage adds is the
 * difference between the flow up to it and the flow before it. Prints one JSON line.
 * `node --import tsx test/bench/speed-parts.ts --model DIR --texts FILE [--runs 5]`
 */
import { parseArgs } from 'node:util';
import { LinearPart } from '../../src/classifier/linear-part.js';
import { Network } from '../../src/classifier/network.js';
import { Vectorizer } from '../../src/features/vectorizer.js';
import { loadModel } from '../../src/model-store/model-folder.js';
import { ModelAnswerer } from '../../src/suggest/model-answerer.js';
import { normalize } from '../../src/text/normalize.js';
import { readTickets } from '../../training/read-tickets.js';

const { values } = parseArgs({
  options: { model: { type: 'string' }, texts: { type: 'string' }, runs: { type: 'string', default: '5' } },
});
if (!values.model || !values.texts) throw new Error('--model and --texts are needed');

const { tickets: read } = await readTickets(values.texts, { needLabel: false });
const tickets = read.map(({ ticket }) => ticket);
const loaded = await loadModel(values.model);
const { segmenter, classifier, parts } = loaded;
const vectorizer = new Vectorizer(loaded.features, loaded.vocabulary, segmenter);
const answerer = new ModelAnswerer(loaded);
const linear = new LinearPart(parts.linear);
const scores = new Float64Array(linear.outputs);
const network = parts.network ? new Network(parts.network) : null;
const vectors = tickets.map((ticket) => vectorizer.vectorize(ticket));
const normalised = tickets.map(({ title, text }) => [normalize(title ?? ''), normalize(text)] as const);

const flows: Record<string, (at: number) => unknown> = {
  normalise: (at) => [normalize(tickets[at]!.title ?? ''), normalize(tickets[at]!.text)],
  segment: (at) => normalised[at]!.map((text) => segmenter.segment(text)),
  vectorise: (at) => vectorizer.vectorize(tickets[at]!),
  linear: (at) => linear.score(vectors[at]!, scores),
  network: (at) => network?.logits([vectors[at]!]),
  classify: (at) => classifier.classify([tickets[at]!]),
  answer: (at) => answerer.answer([tickets[at]!], { k: 5, evidence: false }),
  explained: (at) => answerer.answer([tickets[at]!], { k: 5, evidence: true }),
};

const times = new Map(Object.keys(flows).map((name) => [name, [] as number[]]));
const runs = Number(values.runs);
// Round by round, so that a busy moment hits all alike; the first round warms up.
for (let round = 0; round <= runs; round += 1) {
  for (const [name, flow] of Object.entries(flows)) {
    const start = performance.now();
    for (let at = 0; at < tickets.length; at += 1) flow(at);
    if (round > 0) times.get(name)!.push(((performance.now() - start) * 1000) / tickets.length);
  }
}

/** Median of the runs. */
function took(name: string): number {
  const sorted = times.get(name)!.sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** Differences of medians may fall below 0 by chance. */
const rest = (value: number) => Math.max(0, Number(value.toFixed(1)));

console.log(
  JSON.stringify({
    tickets: tickets.length,
    microseconds: {
      normalise: rest(took('normalise')),
      segment: rest(took('segment')),
      features: rest(took('vectorise') - took('segment') - took('normalise')),
      linear: rest(took('linear')),
      network: rest(took('network')),
      calibration: rest(took('classify') - took('vectorise') - took('linear') - took('network')),
      decision: rest(took('answer') - took('classify')),
      evidence: rest(took('explained') - took('answer')),
      whole: rest(took('answer')),
    },
  }),
);
process.exit(0);

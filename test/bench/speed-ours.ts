/**
 * Raw tickets → five candidates with probabilities, in this thread: one by one, in batches of 64, with and without
 * evidence. A process of its own, so that memory and start are the model's. Prints one JSON line.
 * `node --import tsx test/bench/speed-ours.ts --model DIR --texts FILE [--runs 5] [--opener MODULE]`
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Answerer } from '../../src/suggest/answerer.js';
import type { Ticket } from '../../src/text/ticket.js';
import { readTickets } from '../../training/read-tickets.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    texts: { type: 'string' },
    runs: { type: 'string', default: '5' },
    opener: { type: 'string', default: 'src/suggest/open-answerer.ts' },
  },
});
if (!values.model || !values.texts) throw new Error('--model and --texts are needed');

const megabytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);
const { tickets: read } = await readTickets(values.texts, { needLabel: false });
const tickets: readonly Ticket[] = read.map(({ ticket }) => ticket);
const runs = Number(values.runs);

const before = performance.now();
const { openAnswerer } = (await import(pathToFileURL(values.opener).href)) as {
  openAnswerer(folder: string): Promise<Answerer>;
};
const model = await openAnswerer(values.model);
const loadSeconds = (performance.now() - before) / 1000;
const loadedMegabytes = megabytes();

const ways = {
  single: { batch: 1, evidence: false },
  batch64: { batch: 64, evidence: false },
  singleWithEvidence: { batch: 1, evidence: true },
} as const;
const rates: Record<keyof typeof ways, number[]> = { single: [], batch64: [], singleWithEvidence: [] };

// Round by round, so that a busy moment of the machine hits all ways alike; the first round warms up.
for (let round = 0; round <= runs; round += 1) {
  for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
    const { batch, evidence } = ways[way];
    const start = performance.now();
    for (let at = 0; at < tickets.length; at += batch) {
      model.answer(tickets.slice(at, at + batch), { k: 5, evidence });
    }
    if (round > 0) rates[way].push((tickets.length * 1000) / (performance.now() - start));
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

console.log(
  JSON.stringify({
    peer: 'duihao',
    tickets: tickets.length,
    single: Math.round(median(rates.single)),
    batch64: Math.round(median(rates.batch64)),
    singleWithEvidence: Math.round(median(rates.singleWithEvidence)),
    loadSeconds,
    loadedMegabytes,
    peakMegabytes: megabytes(),
  }),
);
process.exit(0);

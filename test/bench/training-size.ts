/**
 * How long `duihao train` takes and how much memory it needs at 10,000, 100,000 and 1,000,000 tickets of about 100
 * characters. `node --import tsx test/bench/training-size.ts [ROWS …]`; prints a Markdown row for each.
 *
 * The tickets are made: clauses of our example tickets, three of five from the item's own examples and the rest from
 * any, put together at random. They have real words in real proportions; how often the model is right about them says
 * nothing.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { defaultTaxonomyPath, loadTaxonomy } from '../../src/taxonomy/load.js';
import { exampleTickets } from '../../training/item-tickets.js';
import { seededRandom } from '../../training/random.js';
import { buildDuihao, runDuihao } from './child.js';

const CHARACTERS = 100;
/** Items are as unequal as those of a hotline: the first fifth of them have three fifths of the tickets. */
const SKEW = 3;

async function* tickets(rows: number): AsyncGenerator<string> {
  const taxonomy = await loadTaxonomy(defaultTaxonomyPath);
  const clauses = new Map<number, string[]>();
  for (const { ticket, labels } of (await exampleTickets(taxonomy, 1)).tickets) {
    const own = clauses.get(labels[0]!) ?? [];
    own.push(...ticket.text.split(/[，。；？！,]/u).filter((clause) => clause.length > 2));
    clauses.set(labels[0]!, own);
  }
  const items = [...clauses.keys()];
  const all = [...clauses.values()].flat();
  const random = seededRandom(1);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
  for (let row = 0; row < rows; row += 1) {
    const item = items[Math.floor(random() ** SKEW * items.length)]!;
    const text: string[] = [];
    let length = 0;
    while (length < CHARACTERS) {
      const clause = random() < 0.6 ? pick(clauses.get(item)!) : pick(all);
      text.push(clause);
      length += clause.length + 1;
    }
    yield `${JSON.stringify({ id: String(row), text: text.join('，'), code: taxonomy.at(item).fullCode })}\n`;
  }
}

const sizes = process.argv.slice(2).map(Number);
await buildDuihao();
const folder = await mkdtemp(join(tmpdir(), 'duihao-size-'));
try {
  console.log('| tickets | seconds | peak memory, MB |\n|--:|--:|--:|');
  for (const rows of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) {
    if (!Number.isInteger(rows) || rows < 100) throw new Error('ROWS must be whole numbers of 100 or more');
    const path = join(folder, 'tickets.jsonl');
    await pipeline(tickets(rows), createWriteStream(path));
    const { seconds, peakMegabytes } = await runDuihao([
      'train',
      '--tickets',
      path,
      '--out',
      join(folder, 'model'),
    ]);
    console.log(`| ${rows.toLocaleString('en')} | ${Math.round(seconds)} | ${peakMegabytes ?? '?'} |`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

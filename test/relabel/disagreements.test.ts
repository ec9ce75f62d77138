/** What a finished file tells the review queue. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDisagreements } from '../../src/relabel/disagreements.js';
import { relabel } from '../../src/relabel/relabel.js';
import { CorrespondenceTable } from '../../src/taxonomy/correspondence.js';
import { toyService, toyTaxonomy } from '../server/toy-service.js';
import { answeringWith } from './files.js';

const tree = toyTaxonomy();
const entry = (from: string, id: string) => ({ from, to: tree.byId(id)!, weight: 1 });
/** X stands for one of the two items that are printed with the same code. */
const table = new CorrespondenceTable(null, tree, [
  entry('A', '08.0802.080201'),
  entry('X', '09.0905.090499'),
]);
/** Firmer where the text says so twice. */
const service = answeringWith(toyService(), async (own, tickets, options) =>
  (await own(tickets, options)).map((suggestion, at) => {
    const { decision } = suggestion;
    const firm = tickets[at]!.text.includes('又') && decision.kind === 'specific';
    return firm ? { ...suggestion, decision: { ...decision, probability: 0.95 } } : suggestion;
  }),
);

describe('disagreements with the table', () => {
  it.each(['csv', 'jsonl', 'xlsx'])('are read out of a finished %s, the firmest first', async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'duihao-disagreements-'));
    const input = join(folder, 'in.csv');
    const rows = [
      'GD1,摆摊,A',
      'GD2,物业费,A',
      'GD3,又摆摊,A',
      ',摆摊,A',
      'GD4,摆摊,X',
      'GD5,摆摊,没有',
      '"GD6,摆',
    ];
    await writeFile(input, `编号,内容,编码\n${rows.join('\n')}\n`);
    const output = join(folder, `out.${kind}`);
    const result = await relabel(service, { input, output, table });
    const { best, found, unnumbered } = await readDisagreements(result, tree, 10);
    expect([found, unnumbered]).toEqual([4, 1]);
    const meant = '08.0801.080101';
    expect(best[0]).toEqual({ ticket: 'GD3', admitted: '08.0802.080201', meant, probability: 0.95 });
    expect(best.slice(1)).toEqual([
      { ticket: 'GD1', admitted: '08.0802.080201', meant, probability: 0.85 },
      { ticket: 'GD4', admitted: '09.0905.090499', meant, probability: 0.85 },
    ]);
    expect((await readDisagreements(result, tree, 1)).best.map(({ ticket }) => ticket)).toEqual(['GD3']);
  });
});

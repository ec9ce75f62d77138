/**
 * Proposals from a real city's list to the standard's, against 60 old items drawn by chance (seed 2479) and judged
 * by hand from both paths; a proposal nobody judged counts as wrong. Needs DUIHAO_DATASETS; with DUIHAO_MODEL a
 * model is asked too.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { answersForItems } from '../../src/suggest/answers-for-items.js';
import { openAnswerer } from '../../src/suggest/open-answerer.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../../src/taxonomy/load.js';
import { type MatchOptions, matchTaxonomies } from '../../src/taxonomy/match.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';

const datasets = process.env.DUIHAO_DATASETS;
const model = process.env.DUIHAO_MODEL;
if (!datasets) console.warn('SKIPPED: DUIHAO_DATASETS does not name the folder of the data sets');
else if (!model) console.warn('SKIPPED in part: DUIHAO_MODEL names no model to ask about the old items');

interface Verdict {
  readonly old: string;
  readonly new: string;
  readonly verdict: 'right' | 'acceptable' | 'wrong';
}

async function readVerdicts(): Promise<Verdict[]> {
  const path = join(packageRoot, 'test/extra/data/match-verdicts.csv');
  return parse(await readFile(path), { columns: true });
}

function judge(
  from: Taxonomy,
  to: Taxonomy,
  verdicts: readonly Verdict[],
  answers: MatchOptions['answers'] = () => undefined,
) {
  const olds = [...new Set(verdicts.map(({ old }) => old))];
  const items = olds.map((code) => from.byCode(code)[0]!);
  const counts = { right: 0, acceptable: 0, wrong: 0, none: 0, rightInThree: 0 };
  const known = new Map(verdicts.map((one) => [`${one.old} ${one.new}`, one.verdict]));
  const proposals = matchTaxonomies(from, to, { items, answers });
  for (const item of items) {
    const own = proposals.filter((one) => one.from.index === item.index);
    const verdictOf = (code: string) => known.get(`${item.code} ${code}`) ?? 'wrong';
    counts[own[0] ? verdictOf(own[0].to.code) : 'none'] += 1;
    if (own.some(({ to: now }) => verdictOf(now.code) === 'right')) counts.rightInThree += 1;
  }
  return { items: items.length, ...counts };
}

describe.skipIf(!datasets)('matching a city’s list', () => {
  const list = () =>
    loadTaxonomy(join(datasets!, 'tax_pingshan/taxonomy.jsonl'), { skipRepeated: true }).then(
      async (from) => ({ from, to: await loadTaxonomy(defaultTaxonomyPath), verdicts: await readVerdicts() }),
    );

  it('proposes what a person finds right for a third of the items from names and words alone', async () => {
    const { from, to, verdicts } = await list();
    const counts = judge(from, to, verdicts);
    console.log('names and words:', counts);
    expect(counts.items).toBe(60);
    expect(counts.right).toBeGreaterThanOrEqual(20);
    expect(counts.right + counts.acceptable).toBeGreaterThanOrEqual(30);
  });

  it.skipIf(!model)('proposes more of it where a model is asked', async () => {
    const { from, to, verdicts } = await list();
    const items = from.leaves.map((index) => from.at(index));
    const answers = answersForItems(await openAnswerer(model!), from, to, items);
    const counts = judge(from, to, verdicts, ({ index }) => answers.get(index));
    console.log('with the model:', counts);
    expect(counts.right).toBeGreaterThan(judge(from, to, verdicts).right);
  });
});

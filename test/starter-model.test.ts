/** The shipped model: whole, small enough, and useful on the first screen. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../src/model-store/model-folder.js';
import { packageRoot } from '../src/package-root.js';
import { ModelAnswerer } from '../src/suggest/model-answerer.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../src/taxonomy/load.js';
import { examples } from '../src/web/examples.js';

const folder = join(packageRoot, 'models/starter');

describe('the starter model', () => {
  let answerer: ModelAnswerer;
  beforeAll(async () => {
    answerer = new ModelAnswerer(await loadModel(folder));
  });

  it('is of the standard’s list as it is shipped', async () => {
    expect(answerer.taxonomy.digest).toBe((await loadTaxonomy(defaultTaxonomyPath)).digest);
  });

  it('takes 20 MB at most', () => {
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThan(20e6);
    expect(readdirSync(folder)).not.toContain('rejected.csv');
  });

  it('knows everyday complaints, and that it cannot know what is not said', () => {
    const ask = (title: string, text: string) =>
      answerer.answer([{ id: '1', title, text }], { k: 5, evidence: true })[0]!;
    const top = (title: string, text: string) => ask(title, text).candidates.map(({ item }) => item.code);
    expect(top('工地半夜打桩', '凌晨一点多还在施工，噪声吵得全家睡不着')[0]).toBe('040201');
    expect(top('', '老板拖欠我们十几个农民工三个月的工资，打电话也不接')).toContain('080508');
    expect(top('', '自来水停了一整天也没有通知，什么时候恢复供水')).toContain('090403');
    const vague = examples.at(-1)!;
    expect(ask(vague.title, vague.text).decision.kind).toBe('fallback');
    const plain = ask(examples[0]!.title, examples[0]!.text);
    expect(plain.decision.kind).toBe('specific');
    expect(plain.evidence.length).toBeGreaterThan(0);
  });
});

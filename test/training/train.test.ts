/** Files in, a model out: the whole training on small tickets over the real list of items. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model-store/model-folder.js';
import { ModelAnswerer } from '../../src/suggest/model-answerer.js';
import { defaultFacetsPath, loadFacets } from '../../src/taxonomy/facets.js';
import { defaultTaxonomyPath } from '../../src/taxonomy/load.js';
import { type TrainOutcome, type TrainRequest, train } from '../../training/train.js';
import { DEFAULT_TRAINING, type TrainOptions } from '../../training/train-options.js';
import { jsonLines, toyTickets } from './toy-tickets.js';

const small: TrainOptions = {
  ...DEFAULT_TRAINING,
  network: { ...DEFAULT_TRAINING.network, dimensions: 16, epochs: 4, maxRows: 4096 },
  exampleWeight: 0,
  threads: 2,
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-train-'));
  await writeFile(join(folder, 'tickets.jsonl'), jsonLines(toyTickets(360, 1, 0.2)));
  await writeFile(join(folder, 'dev.jsonl'), jsonLines(toyTickets(120, 2)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(
  out: string,
  more: Partial<TrainRequest> = {},
  signal?: AbortSignal,
): Promise<TrainOutcome> {
  return train(
    {
      tickets: [join(folder, 'tickets.jsonl')],
      dev: [join(folder, 'dev.jsonl')],
      taxonomy: defaultTaxonomyPath,
      overlays: [],
      facets: await loadFacets(defaultFacetsPath),
      out: join(folder, out),
      labelOrigin: 'made up for the test',
      options: small,
      ...more,
    },
    { signal, onStage: () => undefined },
  );
}

describe('training', () => {
  it('learns, writes everything a model needs, and the model answers', async () => {
    const { manifest, report } = await run('model');
    expect(report.evaluation!.levels[2]!.top1).toBeGreaterThan(0.8);
    expect(report.data.labelLevels[0]! + report.data.labelLevels[1]!).toBeGreaterThan(20);
    const files = (await readdir(join(folder, 'model'))).sort();
    expect(files).toEqual(
      [
        'MODEL_CARD.md',
        'facets.json',
        'manifest.json',
        'metrics.json',
        'report.html',
        'taxonomy.json',
        'weights.bin',
      ].sort(),
    );
    const metrics = JSON.parse(await readFile(join(folder, 'model/metrics.json'), 'utf8'));
    expect(metrics.rows).toBe(120);
    expect(metrics.levels.map(({ level }: { level: number }) => level)).toEqual([1, 2, 3]);
    expect(report.uncalibrated!.map(({ level }) => level)).toEqual([1, 2, 3]);
    expect(report.uncalibrated![2]!.bins.length).toBeGreaterThan(0);
    expect(await readFile(join(folder, 'model/report.html'), 'utf8')).toContain('虚线为校准前');
    // The dev file's tickets and the held-out ones, each set by thresholds that had not seen its ticket.
    for (const { outcomes } of metrics.conformal) {
      expect(outcomes.map(({ coverage }: { coverage: number }) => coverage)).toEqual([0.8, 0.9, 0.95, 0.99]);
      expect(outcomes[0].rows).toBeGreaterThan(0);
      expect(outcomes[0].covered).toBeGreaterThan(0.7);
    }
    expect(metrics.conformal.map(({ on }: { on: string }) => on)).toEqual(['留出的训练工单', '开发集']);

    const answerer = new ModelAnswerer(await loadModel(join(folder, 'model')));
    expect(answerer.model.version).toBe(manifest.version);
    const [noise, blank, foreign] = answerer.answer(
      [
        { id: 'a', title: '夜间施工噪音', text: '工地打桩到半夜，吵得睡不着' },
        { id: 'b', text: ' 。！ ' },
        { id: 'c', text: 'ꙮꙮꙮ' },
      ],
      { k: 5, evidence: true },
    );
    expect(noise!.candidates[0]!.item.code).toBe('040201');
    expect(noise!.candidates).toHaveLength(5);
    expect(noise!.evidence.length).toBeGreaterThan(0);
    for (const { field, start, end, weight } of noise!.evidence) {
      const length = field === 'title' ? '夜间施工噪音'.length : '工地打桩到半夜，吵得睡不着'.length;
      expect(start).toBeLessThan(end);
      expect(end).toBeLessThanOrEqual(length);
      expect(weight).toBeGreaterThan(0);
    }
    expect(answerer.coverages[0]).toBe(0.5);
    for (const coverage of answerer.coverages) {
      const [one, blank] = answerer.answer(
        [
          { id: 'a', title: '夜间施工噪音', text: '工地打桩到半夜，吵得睡不着' },
          { id: 'b', text: '' },
        ],
        { k: 1, evidence: false, coverage },
      );
      expect(one!.set!.coverage).toBe(coverage);
      const [first] = one!.candidates;
      expect(one!.set!.items.some(({ item }) => first!.path.includes(item))).toBe(true);
      expect(blank!.set).toBeUndefined();
    }
    expect(() =>
      answerer.answer([{ id: 'a', text: '噪音' }], { k: 1, evidence: false, coverage: 0.999 }),
    ).toThrow(/promises coverages up to/);
    expect(blank!.decision).toMatchObject({ kind: 'fallback', reason: 'empty-text' });
    expect(foreign!.decision).toMatchObject({ kind: 'fallback', reason: 'unintelligible' });
    expect(foreign!.decision.item!.isCatchAll).toBe(true);
  });

  it('gives byte-equal weights for the same seed, whatever the number of threads, and others for another', async () => {
    const tree = { taxonomy: 'infer' };
    const one = await run('one', tree);
    const single = await run('single', { ...tree, options: { ...small, threads: 1 } });
    const other = await run('other', { ...tree, options: { ...small, seed: 2 } });
    const bytes = (out: string) => readFile(join(folder, out, 'weights.bin'));
    expect((await bytes('one')).equals(await bytes('single'))).toBe(true);
    expect(single.manifest.version).toBe(one.manifest.version);
    expect(other.manifest.version).not.toBe(one.manifest.version);
  });

  it('judges every one of few tickets once, by a fit that left it out; with a single fit only those it left out', async () => {
    const tree = { taxonomy: 'infer' };
    const all = await run('all', { ...tree, dev: [] });
    const split = all.report.data.split;
    expect(split.dev).toBe(split.train);
    expect(all.report.evaluation!.rows).toBe(split.train);
    const once = await run('once', { ...tree, dev: [], options: { ...small, refit: false } });
    expect(once.report.evaluation!.rows).toBe(Math.round(0.2 * split.train));
    expect(once.manifest.version).not.toBe(all.manifest.version);
  });

  it('puts every row it cannot use into rejected.csv with its reason', async () => {
    const path = join(folder, 'spoilt.jsonl');
    const good = jsonLines(toyTickets(60, 3));
    await writeFile(
      path,
      `${good}{"text":"没有编码"}\n不是 JSON\n{"text":"码不存在","labels":["77"]}\n{"labels":["08"]}\n`,
    );
    const { report } = await run('spoilt', { tickets: [path], dev: [], taxonomy: defaultTaxonomyPath });
    const reasons = Object.fromEntries(report.data.rejections.map(({ reason, count }) => [reason, count]));
    expect(reasons).toEqual({ 'label-missing': 1, 'row-malformed': 1, 'label-unknown': 1, 'text-empty': 1 });
    const csv = await readFile(join(folder, 'spoilt/rejected.csv'), 'utf8');
    expect(csv.trim().split('\n')).toHaveLength(5);
    expect(csv).toContain('spoilt.jsonl,61,label-missing');
  });

  it('builds a tree from the labels where it is told to', async () => {
    const path = join(folder, 'names.jsonl');
    const rows = Array.from({ length: 120 }, (_, at) => {
      const sort = at % 3;
      const text = ['股票 基金 证券 大盘', '球队 比赛 进球 联赛', '电影 导演 票房 演员'][sort]!;
      return JSON.stringify({ text: `${text} ${at}`, labels: [['财经', '体育', '娱乐'][sort]] });
    });
    await writeFile(path, `${rows.join('\n')}\n`);
    await run('names', { tickets: [path], dev: [], taxonomy: 'infer' });
    const answerer = new ModelAnswerer(await loadModel(join(folder, 'names')));
    const [answer] = answerer.answer([{ id: '1', text: '昨晚的比赛进球很多' }], { k: 3, evidence: false });
    expect(answer!.candidates[0]!.item.displayName).toBe('体育');
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const controller = new AbortController();
    const running = run('interrupted', {}, controller.signal);
    setTimeout(() => controller.abort(), 300);
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    expect((await readdir(folder)).filter((name) => name.includes('interrupted'))).toEqual([]);
  });

  it('does not write into a folder that holds something else', async () => {
    await expect(run('.')).rejects.toMatchObject({ code: 'folder-exists' });
  });
});

describe('a stored model', () => {
  it('is refused when a byte of it changed or a file is missing', async () => {
    await run('damaged', { taxonomy: 'infer' });
    const path = join(folder, 'damaged/weights.bin');
    const bytes = await readFile(path);
    bytes[100]! ^= 1;
    await writeFile(path, bytes);
    await expect(loadModel(join(folder, 'damaged'))).rejects.toMatchObject({ code: 'model-damaged' });
    await rm(path);
    await expect(loadModel(join(folder, 'damaged'))).rejects.toMatchObject({ code: 'model-damaged' });
    await expect(loadModel(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'manifest-missing' });
  });

  it('is refused with another list of items than its own', async () => {
    await run('moved', { taxonomy: 'infer' });
    const path = join(folder, 'moved/manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    manifest.taxonomyDigest = '0'.repeat(64);
    await writeFile(path, JSON.stringify(manifest));
    await expect(loadModel(join(folder, 'moved'))).rejects.toMatchObject({ code: 'model-taxonomy-mismatch' });
  });
});

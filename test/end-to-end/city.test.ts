/**
 * The standard's list with a city's overlay, facets and an old list, from tickets to combined codes: one model
 * answers for the province at level 3 and for the city in full depth, old files are relabelled with a table, and the
 * model moves to the next version of the list.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateModel } from '../../src/model-store/migrate-model.js';
import { type LoadedModel, loadModel, saveModel } from '../../src/model-store/model-folder.js';
import { packageRoot } from '../../src/package-root.js';
import { relabel } from '../../src/relabel/relabel.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { InlineService } from '../../src/suggest/inline-service.js';
import { ModelAnswerer } from '../../src/suggest/model-answerer.js';
import { parseCombinedCode } from '../../src/taxonomy/combined-code.js';
import { CorrespondenceTable, loadCorrespondence } from '../../src/taxonomy/correspondence.js';
import { type FacetTable, loadFacets } from '../../src/taxonomy/facets.js';
import { defaultTaxonomyPath, loadTaxonomy } from '../../src/taxonomy/load.js';
import { rowsOfTaxonomy } from '../../src/taxonomy/snapshot.js';
import { buildTaxonomy, type Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { type TrainOutcome, train } from '../../training/train.js';
import { DEFAULT_TRAINING } from '../../training/train-options.js';
import { serveApp } from '../server/serve-app.js';
import { type CityFiles, writeCityFiles } from './city-tickets.js';

const overlay = join(packageRoot, 'data/overlays/example-city.csv');
let folder: string;
let files: CityFiles;
let facets: FacetTable;
let outcome: TrainOutcome;
let model: LoadedModel;
let answerer: ModelAnswerer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-city-'));
  files = await writeCityFiles(folder);
  facets = await loadFacets();
  outcome = await train(
    {
      tickets: [files.province, files.city, files.mixed],
      dev: [],
      taxonomy: defaultTaxonomyPath,
      overlays: [overlay],
      out: join(folder, 'model'),
      facets,
      table: { path: files.table, from: files.oldList },
      labelOrigin: 'made up',
      segmenter: 'node-rs-jieba',
      options: {
        ...DEFAULT_TRAINING,
        network: { ...DEFAULT_TRAINING.network, dimensions: 32, epochs: 6 },
        heldOut: 0.15,
        exampleWeight: 0,
        itemWeight: 0,
        threads: 1,
      },
    },
    { onStage: () => {} },
  );
  model = await loadModel(join(folder, 'model'));
  answerer = new ModelAnswerer(model);
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const DANCING = '老街每晚广场舞音响震天，大妈在空地跳舞，领舞的开大功率音箱，我要投诉，请查处';
const SITE = '科技园工地半夜还在打桩，通宵施工轰鸣不停，强烈投诉这种行为，要求处罚';
const first = (text: string, options: { level?: number; facets?: Record<string, string> } = {}) =>
  answerer.answer([{ id: '1', text, ...(options.facets ? { facets: options.facets } : {}) }], {
    k: 5,
    evidence: false,
    ...(options.level ? { level: options.level } : {}),
  })[0]!;

describe('training on a province, a city and an old list at once', () => {
  it('uses every row it can and says of the others why not', async () => {
    const { data, taxonomy } = outcome.report;
    expect(taxonomy.meta.id).toBe('db44t2479-2024+example-city');
    expect(data.rejections).toEqual([{ reason: 'label-unmapped', count: 2 }]);
    expect(data.files.map(({ rows, tickets }) => rows - tickets)).toEqual([0, 0, 2]);
    const rejected = await readFile(join(folder, 'model/rejected.csv'), 'utf8');
    expect(rejected).toContain('L301');
  });

  it('counts labels at their own levels: 3 for the province, 4, 5 and 6 for the city', () => {
    const levels = outcome.report.data.labelLevels;
    expect(levels.length).toBeGreaterThanOrEqual(6);
    for (const level of [3, 4, 5, 6]) expect(levels[level - 1]).toBeGreaterThan(20);
  });

  it('gives each facet with a column a head that beats the commonest value, with figures in metrics and report', async () => {
    const metrics = JSON.parse(await readFile(join(folder, 'model/metrics.json'), 'utf8'));
    expect(metrics.facets.map(({ facet }: { facet: string }) => facet)).toEqual(['demand']);
    const [demand] = metrics.facets;
    expect(demand.rows).toBeGreaterThan(50);
    expect(demand.accuracy).toBeGreaterThan(demand.majority + 0.2);
    expect(demand.ece).toBeLessThan(0.15);
    expect(
      demand.values
        .map(({ support }: { support: number }) => support)
        .reduce((a: number, b: number) => a + b),
    ).toBe(demand.rows);
    const report = await readFile(join(folder, 'model/report.html'), 'utf8');
    expect(report).toContain('<h2>扩展码</h2>');
    expect(report).toContain('诉求类别：ECE');
    expect(await readFile(join(folder, 'model/MODEL_CARD.md'), 'utf8')).toContain('扩展维度诉求类别');
    expect(model.parts.facets).toHaveLength(1);
  });
});

describe('one model for province and city', () => {
  it('answers the province at level 3 and the city in full depth', () => {
    expect(first(DANCING).candidates[0]!.item.fullCode).toBe('0402010300Z01');
    expect(first(SITE).candidates[0]!.item.code).toBe('0402010101');
    const province = first(DANCING, { level: 3 });
    expect(province.candidates[0]!.item.code).toBe('040201');
    for (const { item } of province.candidates) expect(item.level).toBeLessThanOrEqual(3);
    expect(province.decision.item!.level).toBeLessThanOrEqual(3);
  });

  it('is never surer of an item than of what lies above it', () => {
    const deep = first(DANCING);
    for (const { item, probability } of deep.candidates) {
      const above = answerer.answer([{ id: '1', text: DANCING }], { k: 20, evidence: false, level: 3 })[0]!;
      const parent = above.candidates.find((one) => one.item === answerer.taxonomy.ancestorAt(item, 3));
      if (parent) expect(probability).toBeLessThanOrEqual(parent.probability + 1e-9);
    }
  });

  it('keeps facets that were given, predicts the others, and composes a code that parses back', () => {
    const predicted = first(DANCING);
    expect(predicted.facets).toMatchObject([{ facet: 'demand', code: '03', name: '投诉', given: false }]);
    const given = first(DANCING, { facets: { demand: '05', requester: '02' } });
    expect(given.facets).toEqual([
      { facet: 'demand', code: '05', name: '建议', probability: 1, given: true },
      { facet: 'requester', code: '02', name: '企业', probability: 1, given: true },
    ]);
    const parsed = parseCombinedCode(facets, given.combinedCode!);
    expect(parsed).toMatchObject({ ok: true, item: given.decision.item!.fullCode });
    expect(parsed.ok && parsed.extensions.map(({ value }) => value.name)).toEqual(['建议', '企业']);
  });

  it('does so over HTTP, where facets come by name, and explains the code', async () => {
    const app = await serveApp({ slot: new ServiceSlot(new InlineService(answerer)), facets });
    try {
      const { status, body } = await app.post('/v1/suggestions', {
        tickets: [{ id: 'a', text: DANCING, facets: { 诉求类别: '咨询' } }],
      });
      expect(status).toBe(200);
      const [result] = body.results;
      expect(result.facets).toMatchObject([{ facet: 'demand', code: '01', given: true, probability: 1 }]);
      const code = await app.ask(`/v1/codes/${encodeURIComponent(result.combinedCode)}`);
      expect(code.status).toBe(200);
      expect(code.body.extensions).toMatchObject([{ facet: 'demand', code: 'A01' }]);
      const city = await app.ask('/v1/codes/0402010300Z01-A03');
      expect(city.status).toBe(200);
      expect(JSON.stringify(city.body)).toContain('广场舞噪声');
    } finally {
      await app.server.close(1000);
    }
  });
});

describe('relabelling old tickets with a table', () => {
  const run = async (name: string, more: { resume?: boolean; signal?: AbortSignal } = {}, one = answerer) => {
    const service = new InlineService(one);
    const { table } = await loadCorrespondence(
      files.table,
      service.taxonomy,
      await loadTaxonomy(files.oldList),
    );
    const output = join(folder, name);
    await relabel(service, { input: files.legacy, output, facets, table, ...more });
    return parse(await readFile(output), { columns: true, bom: true }) as Record<string, string>[];
  };

  it('stays within what the old code admits, says when the text disagrees, and writes combined codes that parse', async () => {
    const rows = await run('new.csv');
    expect(rows).toHaveLength(6);
    const { taxonomy } = answerer;
    for (const row of rows) {
      const parsed = parseCombinedCode(facets, row.组合码!);
      expect(parsed).toMatchObject({ ok: true, item: row.编码 });
      expect(taxonomy.byCode(row.编码!)).not.toEqual([]);
    }
    const within = (row: Record<string, string>, ...codes: string[]) =>
      codes.some((code) => taxonomy.isWithin(taxonomy.byCode(row.编码!)[0]!, taxonomy.byCode(code)[0]!));
    expect(rows[0]!.编码).toBe('0402010101');
    expect(rows[1]!.编码).toBe('0402010300Z01');
    expect(rows[2]!.编码).toBe('0801020200');
    // Given demands stand, in the old file's own column and in the code.
    expect(rows[1]!.组合码).toContain('-A05');
    expect(rows[1]!.诉求类型).toBe('建议');
    expect(rows[0]!.组合码).toContain('-A03');
    // The text speaks of insurance, the old code of noise.
    expect(rows[4]!.对照说明).toMatch(/^table-disagrees 08/);
    for (const row of [rows[0]!, rows[1]!]) expect(within(row, '04020101', '04020103')).toBe(true);
    expect(rows[5]!.对照说明).toBe('table-no-code');
  });

  it('does not go on with a run of a model of another list', async () => {
    await expect(run('again.csv', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
    const other = new ModelAnswerer({ ...model, taxonomy: nextVersion(model.taxonomy) });
    await expect(run('again.csv', { resume: true }, other)).rejects.toMatchObject({ code: 'run-changed' });
  });
});

/** 广场舞 renamed, 商业经营噪声 merged into 其他噪声污染, 门诊报销 split in two, a new item beside them. */
function nextVersion(list: Taxonomy): Taxonomy {
  const rows = rowsOfTaxonomy(list).flatMap((row) => {
    if (row.code === '0402010300Z01') return [{ ...row, name: '广场舞扰民' }];
    if (row.code === '04020102') return [{ ...row, retired: true, successors: ['04020199'] }];
    if (row.code === '08010202') {
      return [
        { ...row, retired: true, successors: ['08010203', '08010204'] },
        { code: '08010203', name: '普通门诊报销', owner: row.owner ?? '' },
        { code: '08010204', name: '药店购药', owner: row.owner ?? '' },
      ];
    }
    return [row];
  });
  const { taxonomy, faults } = buildTaxonomy({ ...list.meta, version: 'next' }, rows, list.scheme);
  expect(faults.filter(({ severity }) => severity === 'error')).toEqual([]);
  return taxonomy!;
}

describe('moving the model to the next version of the list', () => {
  it('carries, adds up and divides probabilities, and survives saving and loading', async () => {
    const to = nextVersion(model.taxonomy);
    const table = new CorrespondenceTable(
      model.taxonomy,
      to,
      [
        ['08010203', 3],
        ['08010204', 1],
      ].map(([code, weight]) => ({
        from: model.taxonomy.byCode('08010202')[0]!.id,
        to: to.byCode(code as string)[0]!,
        weight: weight as number,
      })),
    );
    const { content, account } = migrateModel(model, to, { table });
    expect(account.split.map(({ code }) => code)).toEqual(['08010202']);
    expect(account.merged.map(({ code }) => code).sort()).toEqual(['04020102', '04020199']);
    expect(account.unreached).toEqual([]);
    await saveModel(join(folder, 'moved'), content, model.manifest.trainedAt, () => ({}));
    const moved = await loadModel(join(folder, 'moved'));
    expect(moved.manifest.taxonomyDigest).toBe(to.digest);
    expect(moved.manifest.version).not.toBe(model.manifest.version);
    const texts = [
      DANCING,
      SITE,
      '河西药店买药刷医保，门诊统筹额度，请问需要什么手续',
      '东门手机店开业放音乐',
    ];
    const tickets = texts.map((text) => ({ text }));
    const before = model.classifier.classify(tickets);
    const after = moved.classifier.classify(tickets, true);
    const of = (list: Taxonomy, leaves: Float64Array, code: string) =>
      leaves[list.byCode(code)[0]!.leafStart]!;
    for (const [at, { leaves }] of after.entries()) {
      const old = (code: string) => of(model.taxonomy, before[at]!.leaves, code);
      const now = (code: string) => of(to, leaves, code);
      expect(leaves.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      expect(now('0402010300Z01')).toBeCloseTo(old('0402010300Z01'), 6);
      expect(now('04020199')).toBeCloseTo(old('04020199') + old('04020102'), 6);
      expect(now('08010203')).toBeCloseTo(0.75 * old('08010202'), 6);
      expect(now('08010204')).toBeCloseTo(0.25 * old('08010202'), 6);
    }
    const suggestion = new ModelAnswerer(moved).answer([{ id: '1', text: DANCING }], {
      k: 3,
      evidence: true,
    })[0]!;
    expect(suggestion.candidates[0]!.item.name).toBe('广场舞扰民');
    expect(suggestion.evidence.length).toBeGreaterThan(0);
  });

  it('twice is as good as once', async () => {
    const next = nextVersion(model.taxonomy);
    const moved = await loadModel(join(folder, 'moved'));
    const back = migrateModel(moved, model.taxonomy, { toCatchAll: true });
    expect(back.content.moved!.trained.digest).toBe(model.taxonomy.digest);
    expect(moved.taxonomy.digest).toBe(next.digest);
    await saveModel(join(folder, 'back'), back.content, model.manifest.trainedAt, () => ({}));
    const loaded = await loadModel(join(folder, 'back'));
    const [before] = model.classifier.classify([{ text: DANCING }]);
    const [after] = loaded.classifier.classify([{ text: DANCING }]);
    const leaf = model.taxonomy.byCode('0402010300Z01')[0]!.leafStart;
    expect(after!.leaves[leaf]).toBeCloseTo(before!.leaves[leaf]!, 5);
  });

  it('makes the province’s model of the city’s: what is no longer divided gets the sum of its parts', async () => {
    const province = await loadTaxonomy(defaultTaxonomyPath);
    const { content, account } = migrateModel(model, province);
    expect(account).toMatchObject({ toCatchAll: [], split: [], unreached: [] });
    await saveModel(join(folder, 'province'), content, model.manifest.trainedAt, () => ({}));
    const [moved] = (await loadModel(join(folder, 'province'))).classifier.classify([{ text: DANCING }]);
    const [own] = model.classifier.classify([{ text: DANCING }]);
    const { leafStart, leafEnd } = model.taxonomy.byCode('040201')[0]!;
    const parts = own!.leaves.subarray(leafStart, leafEnd).reduce((a, b) => a + b);
    expect(moved!.leaves[province.byCode('040201')[0]!.leafStart]).toBeCloseTo(parts, 6);
  });

  it('is refused where items lead nowhere, unless they may go to the nearest catch-all', () => {
    const rows = rowsOfTaxonomy(model.taxonomy).filter(({ code }) => code !== '040203');
    const { taxonomy } = buildTaxonomy({ ...model.taxonomy.meta, version: 'less' }, rows, 'db44');
    expect(() => migrateModel(model, taxonomy!)).toThrow(
      expect.objectContaining({
        code: 'migration-incomplete',
        details: expect.objectContaining({ items: ['040203'] }),
      }),
    );
    const { content, account } = migrateModel(model, taxonomy!, { toCatchAll: true });
    expect(account.toCatchAll.map(({ code }) => code)).toEqual(['040203']);
    const from = model.taxonomy.byCode('040203')[0]!.leafStart;
    const { starts, leaves } = content.moved!.moves;
    expect(taxonomy!.leafAt(leaves[starts[from]!]!).code).toBe('040299');
    expect(() => migrateModel(model, model.taxonomy)).toThrow(
      expect.objectContaining({ code: 'migration-needless' }),
    );
  });

  it('is refused by loading where the list beside it was exchanged', async () => {
    const other = await readFile(join(folder, 'model/taxonomy.json'));
    await writeFile(join(folder, 'moved/taxonomy.json'), other);
    await expect(loadModel(join(folder, 'moved'))).rejects.toMatchObject({ code: 'model-damaged' });
    const manifest = JSON.parse(await readFile(join(folder, 'moved/manifest.json'), 'utf8'));
    const { createHash } = await import('node:crypto');
    manifest.files.taxonomy.sha256 = createHash('sha256').update(other).digest('hex');
    await writeFile(join(folder, 'moved/manifest.json'), JSON.stringify(manifest));
    await expect(loadModel(join(folder, 'moved'))).rejects.toMatchObject({ code: 'model-taxonomy-mismatch' });
  });
});

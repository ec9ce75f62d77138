/**
 * `duihao models promote|rollback`: which model answers. With a gold set a candidate must not be worse than the model it
 * replaces; who did what and why is kept where a store is named.
 */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type Comparison,
  compareModels,
  type PairedLevel,
  readGold,
} from '../../training/evaluation/compare-models.js';
import { countReasons } from '../../training/evaluation/evaluate-tickets.js';
import { decimal, levelName, percent, whole } from '../../training/report/figures.js';
import { reasonName } from '../../training/report/training-facts.js';
import { DuihaoError, isDuihaoError } from '../errors.js';
import { type ModelCard, readModelCard } from '../model-store/model-card.js';
import {
  type Choice,
  type Current,
  folderOf,
  promoteModel,
  readCurrent,
  rollbackModel,
} from '../model-store/registry.js';
import type { Store } from '../store/store.js';
import { readEnvironment } from './environment.js';
import type { OpenJudge } from './evaluate.js';
import { onInterrupt } from './interrupt.js';
import { type ModelOptions, modelsFolder, withModelsOption } from './model-option.js';
import { type StoreOptions, storeLocation, withStoreOption } from './store-option.js';
import { printJson, printLines } from './taxonomy-options.js';
import { wholeNumber } from './whole-number.js';

type Options = ModelOptions & StoreOptions & { readonly json?: boolean };

interface PromoteOptions extends Options {
  readonly gold?: readonly string[];
  readonly acceptAlt?: boolean;
  readonly seed: number;
  readonly force?: boolean;
  readonly reason?: string;
}

const openModel: OpenJudge = async (folder) =>
  (await import('../../training/evaluation/open-judge.js')).openJudge(folder);

export function registerPromotion(models: Command, open: OpenJudge = openModel): void {
  withStoreOption(
    withModelsOption(
      models
        .command('promote')
        .description('让一个模型上线；运行中的服务会在几秒内换用，不中断请求')
        .argument('<model>', '模型存放目录中的名称'),
    ),
  )
    .option('--gold <file...>', '金标准工单（两个模型都没有训练过）：先与现用模型配对比较，较差的拒绝上线')
    .option('--accept-alt', '比较时，第二个可接受的事项（alt 列）也算正确')
    .option('--seed <n>', '置信区间的随机种子', wholeNumber(0, 999_999_999), 1)
    .option('--force', '较差也上线；须与 --reason 同用')
    .option('--reason <text>', '强行上线的理由，记入模型目录、模型事件与审计日志')
    .option('--json', '输出 JSON')
    .action((name: string, options: PromoteOptions) => promote(name, options, open));
  withStoreOption(withModelsOption(models.command('rollback').description('回到上一个上线的模型')))
    .option('--json', '输出 JSON')
    .action(rollback);
}

async function promote(name: string, options: PromoteOptions, open: OpenJudge): Promise<void> {
  const reason = reasonOf(options);
  const models = modelsFolder(options, readEnvironment());
  const [current, candidate] = [await readCurrent(models), await readModelCard(folderOf(models, name))];
  const compared = options.gold ? await compare(models, current, candidate, options, reason, open) : null;
  if (compared?.verdict === 'worse') {
    if (!options.json) printLines(describe(compared));
    if (reason === undefined) {
      throw new DuihaoError(
        'conflict',
        'candidate-worse',
        'the candidate is worse than the current model on the gold set; promote it with --force and --reason if that is meant',
        { comparison: comparisonJson(compared) },
      );
    }
  }
  const outcome = await withRecord(options, async (record) => {
    const done = await promoteModel(models, name, new Date(), {
      ...(options.gold
        ? { compared: { version: candidate.version, current: current?.current ?? null } }
        : {}),
      forcedBecause: reason,
    });
    await record('promoted', models, done, current?.current ?? null, reason, compared);
    return done;
  });
  const said = compared ? [] : [nothingCompared(options, current)];
  if (options.json) {
    printJson({ ...(await outcomeJson(models, outcome)), comparison: compared && comparisonJson(compared) });
    return;
  }
  printLines([
    ...(compared && compared.verdict !== 'worse' ? describe(compared) : []),
    await outcomeLine('已上线', models, outcome),
    ...said,
  ]);
}

async function rollback(options: Options): Promise<void> {
  const models = modelsFolder(options, readEnvironment());
  const outcome = await withRecord(options, async (record) => {
    const before = await readCurrent(models);
    const done = await rollbackModel(models);
    await record('rolled-back', models, done, before?.current ?? null, undefined, null);
    return done;
  });
  if (options.json) printJson(await outcomeJson(models, outcome));
  else printLines([await outcomeLine('已回滚到', models, outcome)]);
}

/** @throws DuihaoError `option-invalid` */
function reasonOf({ force, reason }: PromoteOptions): string | undefined {
  const given = reason?.trim() ?? '';
  if (!force && reason === undefined) return undefined;
  if (force && given !== '') return given.slice(0, 500);
  throw new DuihaoError('invalid-input', 'option-invalid', '--force 与 --reason "理由" 须同时给出');
}

/**
 * Null where there is no model yet to compare with, or none any more and the promotion is forced.
 * @throws DuihaoError `comparison-impossible`, and those of `compareModels`
 */
async function compare(
  models: string,
  current: Current | null,
  candidate: ModelCard,
  { gold = [], acceptAlt = false, seed }: PromoteOptions,
  reason: string | undefined,
  open: OpenJudge,
): Promise<Comparison | null> {
  if (!current) return null;
  const folder = join(models, current.current.model);
  const before = await readModelCard(folder).catch((error) => {
    if (isDuihaoError(error)) return null;
    throw error;
  });
  const { version } = current.current;
  // Promoted already, which promoting says; there is nothing to compare.
  if (candidate.folder === folder && candidate.version === version) return null;
  if (before?.version !== version) {
    if (reason !== undefined) return null;
    throw new DuihaoError(
      'conflict',
      'comparison-impossible',
      'the current model has been trained anew, moved or damaged: there is nothing to compare the candidate with',
      { model: current.current.model, version },
    );
  }
  const read = await readGold(gold);
  const interrupt = onInterrupt();
  try {
    return await compareModels(await open(candidate.folder), await open(folder), read, {
      acceptAlternatives: acceptAlt,
      seed,
      signal: interrupt.signal,
    });
  } finally {
    interrupt.release();
  }
}

type Keep = (
  event: 'promoted' | 'rolled-back',
  models: string,
  done: Current,
  before: Choice | null,
  reason: string | undefined,
  compared: Comparison | null,
) => Promise<void>;

/**
 * Opens the store first, so that what cannot be recorded is not done either. A store that only the environment names
 * and that the running server holds does not keep people from promoting: the server records which model it loads.
 */
async function withRecord<T>(options: Options, work: (record: Keep) => Promise<T>): Promise<T> {
  const location = storeLocation(options, readEnvironment());
  if (!location) return work(async () => {});
  const { openStore } = await import('../store/store.js');
  const store = await openStore(location).catch((error) => {
    if (options.store !== undefined || !isDuihaoError(error) || error.code !== 'store-locked') throw error;
    process.stderr.write(
      '存储正由服务使用，这次操作只记入模型目录；要写入审计日志，请停止服务或改用 PostgreSQL\n',
    );
    return null;
  });
  if (!store) return work(async () => {});
  try {
    return await work((...what) => keep(store, ...what));
  } finally {
    await store.close();
  }
}

const keep = async (store: Store, ...[event, models, done, before, reason, compared]: Parameters<Keep>) => {
  const { model, version } = done.current;
  const { id, taxonomyDigest } = await readModelCard(join(models, model));
  const actor = `cli/${login()}`;
  await store.models.add({
    event,
    model: id,
    modelVersion: version,
    taxonomyDigest,
    actor,
    reason: reason ?? null,
  });
  await store.audit.append([
    {
      actor,
      action: `model.${event}`,
      subject: `${model}@${version}`,
      details: {
        before: before ? `${before.model}@${before.version}` : null,
        reason: reason ?? null,
        verdict: compared?.verdict ?? null,
        levels:
          compared?.levels.map(({ level, rows, difference, pWorse }) => ({
            level,
            rows,
            difference,
            pWorse,
          })) ?? null,
      },
    },
  ]);
};

/** A container's user may have no name. */
function login(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function describe({
  candidate,
  current,
  sameTaxonomy,
  rows,
  levels,
  verdict,
  rejections,
}: Comparison): string[] {
  return [
    `候选 ${candidate.id}（${candidate.version}）与现用 ${current.id}（${current.version}），同一批 ${whole(rows)} 件金标准工单：`,
    ...(sameTaxonomy ? [] : ['两个模型的分类体系不同：只比较编码为两者共有的工单']),
    ...levels.map(levelLine),
    ...countReasons(rejections).map(
      ({ reason, count }) => `  ${whole(count)} 行未比较：${reasonName(reason)}`,
    ),
    { better: '候选更好', even: '候选不逊于现用模型', worse: '候选较差' }[verdict],
  ];
}

function levelLine(one: PairedLevel): string {
  const points = (share: number) => `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(1)}`;
  const { level, rows, interval } = one;
  const fault =
    one.fault === 'significantly-worse' ? '；显著较差' : one.fault === 'loses-too-much' ? '；下降过多' : '';
  return `  ${levelName(level)}（${whole(rows)} 件）首选 候选 ${percent(one.candidateTop1)}，现用 ${percent(one.currentTop1)}，相差 ${points(one.difference)} 个百分点（95% 区间 ${points(interval.low)} 至 ${points(interval.high)}）；只有候选对 ${whole(one.onlyCandidate)} 件，只有现用对 ${whole(one.onlyCurrent)} 件，McNemar 精确检验 p=${decimal(one.p)}${fault}`;
}

function comparisonJson({ rejections, ...comparison }: Comparison) {
  return { ...comparison, rejected: countReasons(rejections) };
}

function nothingCompared({ gold }: PromoteOptions, current: Current | null): string {
  if (!gold) return '未作比较：用 --gold 给出金标准工单，可在上线前与现用模型比较';
  return current ? '未作比较：现用模型已不可用，按 --force 上线' : '未作比较：此前没有上线的模型';
}

async function outcomeLine(done: string, models: string, { current }: Current): Promise<string> {
  const { trainedAt } = await readModelCard(join(models, current.model));
  return `${done} ${current.model}（版本 ${current.version}，训练于 ${trainedAt}）`;
}

async function outcomeJson(models: string, { current, history }: Current) {
  const { id, trainedAt } = await readModelCard(join(models, current.model));
  return { models, ...current, id, trainedAt, history };
}

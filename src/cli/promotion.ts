/**
 * `duihao models promote|rollback`: which model answers. A candidate must not be worse than the model it replaces, on a gold
 * set and on what agents chose lately; who did what and why is kept where a store is named.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import { type ChoicesUse, MOST_CHOICES, pairsOfChoices } from '../../training/evaluation/choice-pairs.js';
import {
  type CompareOptions,
  type Comparison,
  compareModels,
  compareOnTickets,
  readGold,
} from '../../training/evaluation/compare-models.js';
import { DuihaoError, isDuihaoError } from '../errors.js';
import { type ModelCard, readModelCard } from '../model-store/model-card.js';
import { type Current, folderOf, promoteModel, readCurrent, rollbackModel } from '../model-store/registry.js';
import type { Store } from '../store/store.js';
import { comparisonJson, describeChoices, describeComparison } from './comparison-report.js';
import { readEnvironment } from './environment.js';
import type { OpenJudge } from './evaluate.js';
import { onInterrupt } from './interrupt.js';
import { type ModelOptions, modelsFolder, withModelsOption } from './model-option.js';
import { recordPromotion, terminalActor } from './model-record.js';
import { type StoreOptions, storeLocation, withStoreOption } from './store-option.js';
import { printJson, printLines } from './taxonomy-options.js';
import { wholeNumber } from './whole-number.js';

type Options = ModelOptions & StoreOptions & { readonly json?: boolean };

interface PromoteOptions extends Options {
  readonly gold?: readonly string[];
  readonly acceptAlt?: boolean;
  readonly choices: number;
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
    .option(
      '--choices <n>',
      '有存储时，还在两个模型训练之后坐席的选择中最近的若干件上比较（须保留了脱敏内容）；0 为不比较',
      wholeNumber(0, 100_000),
      MOST_CHOICES,
    )
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
  const { outcome, compared } = await withOptionalStore(options, async (store) => {
    const [current, candidate] = [await readCurrent(models), await readModelCard(folderOf(models, name))];
    const compared = await compare(models, current, candidate, { options, reason, open, store });
    const worse = [compared.gold, compared.choices].some((one) => one?.verdict === 'worse');
    if (!options.json && worse) printLines(linesOf(compared));
    if (worse && reason === undefined) {
      throw new DuihaoError(
        'conflict',
        'candidate-worse',
        'the candidate is worse than the current model; promote it with --force and --reason if that is meant',
        jsonOf(compared),
      );
    }
    const done = await promoteModel(models, name, new Date(), {
      ...(compared.gold || compared.choices
        ? { compared: { version: candidate.version, current: current?.current ?? null } }
        : {}),
      forcedBecause: reason,
      by: terminalActor(),
    });
    if (store) await recordPromotion(store, models, done, current?.current ?? null, compared);
    const lines = worse ? [] : linesOf(compared);
    return { outcome: done, compared: { ...compared, lines, current } };
  });
  if (options.json) {
    printJson({ ...(await outcomeJson(models, outcome)), ...jsonOf(compared) });
    return;
  }
  printLines([
    ...compared.lines,
    await outcomeLine('已上线', models, outcome),
    ...(compared.gold || compared.choices ? [] : [nothingCompared(options, compared.current)]),
  ]);
}

async function rollback(options: Options): Promise<void> {
  const models = modelsFolder(options, readEnvironment());
  const outcome = await withOptionalStore(options, async (store) => {
    const before = await readCurrent(models);
    const done = await rollbackModel(models, new Date(), terminalActor());
    if (store) {
      await recordPromotion(store, models, done, before?.current ?? null, { gold: null, choices: null });
    }
    return done;
  });
  if (options.json) printJson(await outcomeJson(models, outcome));
  else printLines([await outcomeLine('已回滚到', models, outcome)]);
}

interface ComparedBoth {
  readonly gold: Comparison | null;
  readonly choices: Comparison | null;
  /** Of the store's choices, where they were looked for. */
  readonly use: ChoicesUse | null;
}

function linesOf({ gold, choices, use }: ComparedBoth): string[] {
  return [
    ...(gold ? describeComparison(gold, '金标准工单') : []),
    ...(use ? [describeChoices(use)] : []),
    ...(choices ? describeComparison(choices, '坐席选定的工单') : []),
  ];
}

function jsonOf({ gold, choices, use }: ComparedBoth) {
  return {
    comparison: gold && comparisonJson(gold),
    choices: use && { ...use, comparison: choices && comparisonJson(choices) },
  };
}

/** @throws DuihaoError `option-invalid` */
function reasonOf({ force, reason }: PromoteOptions): string | undefined {
  const given = reason?.trim() ?? '';
  if (!force && reason === undefined) return undefined;
  if (force && given !== '') return given.slice(0, 500);
  throw new DuihaoError('invalid-input', 'option-invalid', '--force 与 --reason "理由" 须同时给出');
}

interface Comparing {
  readonly options: PromoteOptions;
  readonly reason: string | undefined;
  readonly open: OpenJudge;
  readonly store: Store | null;
}

/**
 * Nothing where there is no model yet to compare with, or none any more and the promotion is forced.
 * @throws DuihaoError `comparison-impossible`, and those of `compareModels`
 */
async function compare(
  models: string,
  current: Current | null,
  candidate: ModelCard,
  { options, reason, open, store }: Comparing,
): Promise<ComparedBoth> {
  const nothing = { gold: null, choices: null, use: null };
  const byChoices = store !== null && options.choices > 0;
  if (!current || !(options.gold || byChoices)) return nothing;
  const folder = join(models, current.current.model);
  const before = await readModelCard(folder).catch((error) => {
    if (isDuihaoError(error)) return null;
    throw error;
  });
  const { version } = current.current;
  // Promoted already, which promoting says; there is nothing to compare.
  if (candidate.folder === folder && candidate.version === version) return nothing;
  if (before?.version !== version) {
    // Without a gold set nobody asked for a comparison.
    if (reason !== undefined || !options.gold) return nothing;
    throw new DuihaoError(
      'conflict',
      'comparison-impossible',
      'the current model has been trained anew, moved or damaged: there is nothing to compare the candidate with',
      { model: current.current.model, version },
    );
  }
  const gold = options.gold ? await readGold(options.gold) : null;
  const interrupt = onInterrupt();
  try {
    const [one, other] = [await open(candidate.folder), await open(folder)];
    const how: CompareOptions = {
      acceptAlternatives: options.acceptAlt ?? false,
      seed: options.seed,
      signal: interrupt.signal,
    };
    const onGold = gold && (await compareModels(one, other, gold, how));
    if (!byChoices) return { ...nothing, gold: onGold };
    const since = new Date(Math.max(Date.parse(candidate.trainedAt), Date.parse(before.trainedAt)));
    const { pairs, use } = await pairsOfChoices(one.taxonomy, other.taxonomy, () => store.labels(), {
      since,
      most: options.choices,
    });
    const choices =
      pairs.length > 0 ? await compareOnTickets(one, other, { pairs, rejections: [] }, how) : null;
    return { gold: onGold, choices, use };
  } finally {
    interrupt.release();
  }
}

/**
 * Opens the store first, so that what cannot be recorded is not done either. A store that only the environment names
 * and that the running server holds does not keep people from promoting: the server records what it notices.
 */
async function withOptionalStore<T>(options: Options, work: (store: Store | null) => Promise<T>): Promise<T> {
  const location = storeLocation(options, readEnvironment());
  if (!location) return work(null);
  const { openStore } = await import('../store/store.js');
  const store = await openStore(location).catch((error) => {
    if (options.store !== undefined || !isDuihaoError(error) || error.code !== 'store-locked') throw error;
    process.stderr.write('存储正由服务使用：未与坐席选择比较；这次操作由服务记入模型事件与审计日志\n');
    return null;
  });
  if (!store) return work(null);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
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

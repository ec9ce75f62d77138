/** `duihao models shadow|compare-shadow`: which candidate runs beside the current model, and where the two differ. */
import type { Command } from 'commander';
import { decimal, percent, whole } from '../../training/report/figures.js';
import { pairedTest } from '../decision/paired-test.js';
import { DuihaoError } from '../errors.js';
import { chooseShadow, clearShadow, readShadow } from '../model-store/shadow-choice.js';
import type { ShadowComparison, ShadowPair } from '../store/shadow-answers.js';
import { readEnvironment } from './environment.js';
import { type ModelOptions, modelsFolder, withModelsOption } from './model-option.js';
import { type StoreOptions, withStore, withStoreOption } from './store-option.js';
import { printJson, printLines } from './taxonomy-options.js';
import { wholeNumber } from './whole-number.js';

interface ChoiceOptions extends ModelOptions {
  readonly off?: boolean;
  readonly json?: boolean;
}

interface CompareOptions extends StoreOptions {
  readonly days: number;
  readonly limit: number;
  readonly json?: boolean;
}

export function registerShadow(models: Command): void {
  withModelsOption(
    models
      .command('shadow')
      .description('选定并行的候选模型：运行中的服务（须有存储）在答完之后同样问它，只供比较，不给人看')
      .argument('[model]', '模型存放目录中的名称；不给时显示现在选定的'),
  )
    .option('--off', '不再并行')
    .option('--json', '输出 JSON')
    .action(choose);
  withStoreOption(
    models.command('compare-shadow').description('并行的候选模型与现用模型有何不同，坐席选定的是谁的'),
  )
    .option('--days <n>', '最近多少天', wholeNumber(1, 400), 30)
    .option('--limit <n>', '列出多少对事项', wholeNumber(1, 2000), 20)
    .option('--json', '输出 JSON')
    .action(compare);
}

async function choose(name: string | undefined, options: ChoiceOptions): Promise<void> {
  const models = modelsFolder(options, readEnvironment());
  if (name !== undefined && options.off) {
    throw new DuihaoError('invalid-input', 'option-invalid', '模型名称与 --off 不能同时给出');
  }
  if (options.off) await clearShadow(models);
  const choice = name === undefined ? await readShadow(models) : await chooseShadow(models, name);
  if (options.json) {
    const { model, version, since } = choice ?? { model: null, version: null, since: null };
    printJson({ models, model, version, since });
  } else if (choice) {
    const done = name === undefined ? '并行的候选模型' : '已选定并行的候选模型';
    printLines([`${done} ${choice.model}（版本 ${choice.version}，自 ${choice.since}）`]);
  } else printLines(['没有并行的候选模型']);
}

const dayMs = 86_400_000;

async function compare(options: CompareOptions): Promise<void> {
  const to = new Date();
  const span = { from: new Date(to.getTime() - options.days * dayMs), to };
  const [comparisons, pairs] = await withStore(options, async ({ shadow }) => [
    await shadow.comparisons(span),
    await shadow.pairs(span, options.limit),
  ]);
  if (options.json) {
    const tested = comparisons.map((one) => ({
      ...one,
      ...pairedTest(one.onlyCandidate, one.onlyCurrent),
    }));
    printJson({ ...span, comparisons: tested, pairs });
  } else printLines(report(comparisons, pairs, options.days));
}

function report(
  comparisons: readonly ShadowComparison[],
  pairs: readonly ShadowPair[],
  days: number,
): string[] {
  if (comparisons.length === 0) {
    return [
      `最近 ${days} 天没有可比较的：用 duihao models shadow 选定候选模型，服务须有存储；新的建议要过片刻才比较`,
    ];
  }
  return comparisons.flatMap((one) => [
    ...comparisonLines(one),
    ...pairs
      .filter(
        ({ version, candidateVersion }) =>
          version === one.version && candidateVersion === one.candidateVersion,
      )
      .map(pairLine),
  ]);
}

function comparisonLines(one: ShadowComparison): string[] {
  const { p, pWorse } = pairedTest(one.onlyCandidate, one.onlyCurrent);
  const { judged, bothRight, onlyCandidate, onlyCurrent } = one;
  const right = (count: number) => percent(judged === 0 ? undefined : count / judged);
  return [
    `候选 ${one.candidate}（${one.candidateVersion}）与现用 ${one.model}（${one.version}）：都答了 ${whole(one.compared)} 件，判定不同 ${whole(one.differ)} 件（${percent(one.differ / one.compared)}）；退回上级 候选 ${whole(one.candidateFallbacks)} 件，现用 ${whole(one.currentFallbacks)} 件`,
    judged === 0
      ? '  还没有坐席读过后选定的工单，无从判断谁对'
      : `  坐席读过后选定 ${whole(judged)} 件：候选对 ${right(bothRight + onlyCandidate)}，现用对 ${right(bothRight + onlyCurrent)}；只有候选对 ${whole(onlyCandidate)} 件，只有现用对 ${whole(onlyCurrent)} 件，McNemar 精确检验 p=${decimal(p)}（候选较差：单侧 p=${decimal(pWorse)}）。坐席只看过现用模型的建议，难免偏向它`,
  ];
}

function pairLine(one: ShadowPair): string {
  const choices =
    one.judged === 0
      ? ''
      : `；坐席选定 ${whole(one.judged)} 件，候选对 ${whole(one.onlyCandidate)}，现用对 ${whole(one.onlyCurrent)}`;
  const item = (id: string | null) => id ?? '（无）';
  return `  ${whole(one.count)} 件  ${item(one.current)}（${percent(one.currentProbability)}）→ ${item(one.candidate)}（${percent(one.candidateProbability)}）${choices}`;
}

/** `duihao evaluate`: how good a model is on labelled tickets, for people or, with --json, for scripts. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  countReasons,
  evaluateTickets,
  type TicketsEvaluation,
} from '../../training/evaluation/evaluate-tickets.js';
import { evaluationToJson } from '../../training/evaluation/evaluation-json.js';
import type { Judge } from '../../training/evaluation/judge.js';
import { decimal, levelName, percent, whole } from '../../training/report/figures.js';
import { reasonName } from '../../training/report/training-facts.js';
import { DuihaoError, isDuihaoError } from '../errors.js';
import { type Encoding, parseEncoding } from '../table/encoding.js';
import type { TicketColumns } from '../table/ticket-columns.js';
import type { Item } from '../taxonomy/item.js';
import { readEnvironment } from './environment.js';
import { onInterrupt } from './interrupt.js';
import { type ModelOptions, modelFolder, withModelOptions } from './model-option.js';
import type { Queued } from './review-queue.js';
import {
  checkSuspectOptions,
  queueSuspects,
  refuseStoreWithoutSuspects,
  type SuspectOptions,
  suspectsJson,
  suspectsLine,
  withSuspectOptions,
} from './suspects.js';
import { collect, printJson, printLines } from './taxonomy-options.js';
import { wholeNumber } from './whole-number.js';

/** Opens the model that is judged; another one in tests. */
export type OpenJudge = (modelFolder: string) => Promise<Judge>;

interface Options extends ModelOptions, SuspectOptions {
  readonly tickets: readonly string[];
  readonly trainTickets?: readonly string[];
  readonly acceptAlt?: boolean;
  readonly seed: number;
  readonly encoding?: string;
  readonly titleColumn?: string;
  readonly textColumn?: string;
  readonly labelColumn?: string;
  readonly levelColumn: readonly string[];
  readonly altColumn?: string;
  readonly rejected?: string;
  readonly json?: boolean;
}

/** The model comes with megabytes of code that `--help` and the other commands need not load. */
const openModel: OpenJudge = async (folder) =>
  (await import('../../training/evaluation/open-judge.js')).openJudge(folder);

export function register(program: Command, open: OpenJudge = openModel): void {
  const command = withModelOptions(
    program.command('evaluate').description('在有编码的工单上评估模型：各级命中率、校准误差、可作答比例等'),
  )
    .requiredOption('--tickets <file...>', '有编码的工单：CSV、XLSX 或 JSON Lines；不应是训练过的')
    .option('--train-tickets <file...>', '训练时用的工单：用来按训练件数分组，并与朴素贝叶斯基线比较')
    .option('--accept-alt', '第二个可接受的事项（alt 列）也算正确')
    .option('--seed <n>', '置信区间与抽样的随机种子', wholeNumber(0, 999_999_999), 1)
    .option('--title-column <name>', '标题列；默认按表头识别')
    .option('--text-column <name>', '内容列；默认按表头识别')
    .option('--label-column <name>', '编码列；默认按表头识别')
    .option('--level-column <name>', '编码分列存放时，各级的列，依次给出', collect, [])
    .option('--alt-column <name>', '第二个可接受事项的列；默认按表头识别')
    .option('--encoding <name>', 'utf-8、gb18030、utf-16le、utf-16be；默认自动识别')
    .option('--rejected <file>', '把无法评估的行（文件、行号、原因，不含内容）写成 CSV');
  withSuspectOptions(command, '工单中')
    .option('--store <where>', '存储：数据目录，或 postgres://…（与 --suspects 同用）')
    .option('--json', '输出 JSON')
    .action((options: Options) => run(options, open));
}

async function run(options: Options, open: OpenJudge): Promise<void> {
  const encoding: Encoding | undefined =
    options.encoding === undefined ? undefined : parseEncoding(options.encoding);
  refuseStoreWithoutSuspects(options);
  await checkSuspectOptions(options);
  const judge = await open(await modelFolder(options, readEnvironment()));
  const interrupt = onInterrupt();
  let result: TicketsEvaluation;
  try {
    result = await evaluateTickets(judge, {
      files: options.tickets,
      trainFiles: options.trainTickets ?? [],
      acceptAlternatives: options.acceptAlt ?? false,
      seed: options.seed,
      encoding,
      columns: namedColumns(options),
      onProgress: progress(),
      signal: interrupt.signal,
    });
  } catch (error) {
    if (!isDuihaoError(error) || error.code !== 'interrupted') throw error;
    process.exitCode = interrupt.exitCode() ?? 1;
    return;
  } finally {
    interrupt.release();
  }
  let queued: Queued | undefined;
  if (options.suspects !== undefined) {
    await writeFile(options.suspects, result.suspects.csv);
    queued = await queueSuspects(options, result.suspects);
    process.stderr.write(`${suspectsLine(result.suspects, queued)}；写到 ${options.suspects}\n`);
  }
  if (options.rejected !== undefined) await writeRejected(options.rejected, result);
  const rejected = countReasons(result.rejections);
  if (options.json) {
    const { sample, ...bayes } = result.bayes ?? { sample: [] };
    printJson({
      ...evaluationToJson(result.evaluation),
      conformal: result.conformal,
      ...(result.bayes ? { bayes } : {}),
      ...(options.suspects === undefined ? {} : { suspects: suspectsJson(result.suspects, queued) }),
      rejected,
      model: judge.model,
      taxonomy: {
        id: judge.taxonomy.meta.id,
        version: judge.taxonomy.meta.version,
        digest: judge.taxonomy.digest,
      },
      seconds: result.seconds,
    });
  } else printLines(describe(judge, result));
  for (const { reason, count } of rejected) {
    process.stderr.write(`${whole(count)} 行未评估：${reasonName(reason)}\n`);
  }
}

function namedColumns(options: Options): TicketColumns | undefined {
  const named: TicketColumns = {
    ...(options.titleColumn === undefined ? {} : { title: options.titleColumn }),
    ...(options.textColumn === undefined ? {} : { text: options.textColumn }),
    ...(options.labelColumn === undefined ? {} : { label: options.labelColumn }),
    ...(options.levelColumn.length === 0 ? {} : { levels: options.levelColumn }),
    ...(options.altColumn === undefined ? {} : { alternative: options.altColumn }),
  };
  if (named.label !== undefined && named.levels !== undefined) {
    throw new DuihaoError(
      'invalid-input',
      'option-conflict',
      '--label-column 与 --level-column 只能给出一种',
    );
  }
  return Object.keys(named).length > 0 ? named : undefined;
}

/** One line on stderr, rewritten; nothing where stderr is a file. */
function progress(): ((done: { tickets: number; of: number }) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  const start = performance.now();
  return ({ tickets, of }) => {
    const rate = (tickets * 1000) / (performance.now() - start);
    const left = Math.ceil((of - tickets) / rate);
    process.stderr.write(
      `\r已评估 ${whole(tickets)}/${whole(of)} 件，每秒 ${whole(rate)} 件，约剩 ${left} 秒  `,
    );
    if (tickets === of) process.stderr.write('\n');
  };
}

async function writeRejected(path: string, { rejections }: TicketsEvaluation): Promise<void> {
  // File names may hold commas and quotes; reasons and rows do not.
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = rejections.map(({ file, row, reason }) => `${cell(file)},${row},${reason}`);
  await writeFile(path, `\uFEFFfile,row,reason\n${lines.map((line) => `${line}\n`).join('')}`);
}

function describe({ model, taxonomy }: Judge, { evaluation, conformal, bayes }: TicketsEvaluation): string[] {
  const { levels, hierarchical, fewShot, confusions } = evaluation;
  return [
    `模型 ${model.id}（${model.version}），分类体系 ${taxonomy.meta.id}：评估 ${whole(evaluation.rows)} 件工单${evaluation.acceptAlternatives ? '，第二个可接受的事项也算正确' : ''}`,
    '',
    '层级      工单   首位（95% 置信区间）      前三    前五    ECE    差错≤5%可作答',
    ...levels.map(
      ({ level, rows, top1, top3, top5, top1Interval, ece, coverageAtError }) =>
        `${levelName(level)}  ${whole(rows).padStart(8)}   ${percent(top1).padStart(6)}（${percent(top1Interval.low)}–${percent(top1Interval.high)}）`.padEnd(
          42,
        ) +
        `${percent(top3).padStart(6)}  ${percent(top5).padStart(6)}  ${decimal(ece)}  ${percent(coverageAtError.find(({ error }) => error === 0.05)?.coverage).padStart(6)}`,
    ),
    '',
    `层次精确率 ${percent(hierarchical.precision)}，召回率 ${percent(hierarchical.recall)}，F1 ${percent(hierarchical.f1)}`,
    ...levels.flatMap(({ level, policy }) =>
      policy
        ? [
            `按策略在${levelName(level)}：${percent(policy.fallbackRate)} 退回上级，其余差错 ${percent(policy.answeredError)}`,
          ]
        : [],
    ),
    ...(fewShot ?? []).map(
      ({ from, to, rows, top1, top5 }) =>
        `训练 ${to === null ? `${from} 件及以上` : from === to ? `${from} 件` : `${from}–${to} 件`}的事项：${whole(rows)} 件，首位 ${percent(top1)}，前五 ${percent(top5)}`,
    ),
    ...conformal.map(
      ({ coverage, covered, meanItems }) =>
        `承诺 ${percent(coverage, 0)} 的候选集合：实际包含 ${percent(covered)}，平均 ${decimal(meanItems, 1)} 项`,
    ),
    ...(bayes
      ? [
          `朴素贝叶斯基线（${whole(bayes.trained)} 件训练，${whole(bayes.judged)} 件评估，同一批工单）：${bayes.levels
            .map(
              ({ level, top1, modelTop1 }) =>
                `${levelName(level)} ${percent(top1)}，本模型 ${percent(modelTop1)}`,
            )
            .join('；')}`,
        ]
      : []),
    ...(confusions.length > 0 ? ['', '最易混淆：'] : []),
    ...confusions
      .slice(0, 10)
      .map(({ truth, predicted, count }) => `  ${whole(count)} 件  ${named(truth)} → ${named(predicted)}`),
  ];
}

/** Where codes are names, once is enough. */
function named({ code, displayName }: Item): string {
  return code === displayName ? code : `${code} ${displayName}`;
}

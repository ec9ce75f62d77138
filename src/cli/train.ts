/** `duihao train`: labelled tickets → a model folder with its report. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { reasonName } from '../../training/report/training-facts.js';
import { train } from '../../training/train.js';
import { DEFAULT_TRAINING } from '../../training/train-options.js';
import type { FeedbackUse, TrainingData } from '../../training/training-data.js';
import { DuihaoError } from '../errors.js';
import type { ChosenLabel } from '../store/labels.js';
import type { Store } from '../store/store.js';
import { type Encoding, parseEncoding } from '../table/encoding.js';
import type { TicketColumns } from '../table/ticket-columns.js';
import { defaultFacetsPath, loadFacets } from '../taxonomy/facets.js';
import { defaultTaxonomyPath } from '../taxonomy/load.js';
import { onInterrupt } from './interrupt.js';
import { withStore } from './store-option.js';
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
import { TrainingProgress } from './training-progress.js';
import { wholeNumber } from './whole-number.js';

interface Options extends SuspectOptions {
  readonly fromStore?: boolean;
  readonly archive: readonly string[];
  readonly tickets: readonly string[];
  readonly dev: readonly string[];
  readonly taxonomy: string;
  readonly overlay: readonly string[];
  readonly out: string;
  readonly seed: number;
  readonly table?: string;
  readonly oldTaxonomy?: string;
  readonly facets?: string;
  readonly titleColumn?: string;
  readonly textColumn?: string;
  readonly labelColumn?: string;
  readonly levelColumn: readonly string[];
  readonly altColumn?: string;
  readonly dateColumn?: string;
  readonly encoding?: string;
  readonly threads?: number;
  readonly targetError: string;
  readonly examples: boolean;
  readonly labelOrigin: string;
  readonly segmenter?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('train')
    .description('用有编码的工单训练模型；结束前不写出任何文件，Ctrl-C 不留半成品')
    .option('--tickets <file...>', '有编码的工单：CSV、XLSX 或 JSON Lines', [])
    .option(
      '--from-store',
      '再用存储中坐席的选择作标签：按工单编号与 --archive 连接，存有脱敏文本的可不用存档',
    )
    .option(
      '--store <where>',
      '存储：数据目录，或 postgres://…（也可用环境变量给出；与 --from-store 或 --suspects 同用）',
    )
    .option(
      '--archive <file...>',
      '与 --from-store 同用：工单存档，可以没有编码；坐席的选择优先于其中的编码',
      [],
    )
    .option('--dev <file...>', '只用来校准和评估、不参与拟合的工单', [])
    .option('--taxonomy <file>', '分类体系；infer：由工单的各级标签生成', defaultTaxonomyPath)
    .option('--overlay <file>', '地市叠加表，可重复给出', collect, [])
    .requiredOption('--out <folder>', '模型文件夹')
    .option('--seed <n>', '随机种子；种子和数据相同，权重逐字节相同', wholeNumber(0, 999_999_999), 1)
    .option('--table <file>', '对照表：工单的编码属于旧体系时')
    .option('--old-taxonomy <file>', '旧编码所属的分类体系（与 --table 同用）')
    .option('--facets <file>', '扩展码表；默认为程序自带的')
    .option('--title-column <name>', '标题列；默认按表头识别')
    .option('--text-column <name>', '内容列；默认按表头识别')
    .option('--label-column <name>', '编码列；默认按表头识别')
    .option('--level-column <name>', '编码分列存放时，各级的列，依次给出', collect, [])
    .option('--alt-column <name>', '第二个可接受事项的列；默认按表头识别')
    .option('--date-column <name>', '日期列；默认按表头识别')
    .option('--encoding <name>', 'utf-8、gb18030、utf-16le、utf-16be；默认自动识别')
    .option('--threads <n>', '线程数；默认为处理器数，至多 8', wholeNumber(1, 64))
    .option('--target-error <share>', '直接给出事项时可接受的错误率', String(DEFAULT_TRAINING.targetError))
    .option('--no-examples', '不用程序自带的示例工单')
    .option('--label-origin <text>', '标签由谁、怎样得来，写进模型说明', '未说明')
    .option('--segmenter <name>', 'node-rs-jieba 或 nodejieba；默认前者，装不上时用后者');
  withSuspectOptions(command, '留出工单和 --dev 工单中').option('--json', '输出 JSON').action(run);
}

async function run(options: Options): Promise<void> {
  const { tickets, archive, fromStore } = options;
  if (!fromStore && archive.length > 0) {
    throw new DuihaoError('invalid-input', 'option-invalid', '--archive 须与 --from-store 同用');
  }
  if (!fromStore) refuseStoreWithoutSuspects(options);
  if (!fromStore && tickets.length === 0) {
    throw new DuihaoError('invalid-input', 'option-invalid', '请用 --tickets 给出工单，或用 --from-store');
  }
  // Read first and closed: training takes minutes, and a server may want the store.
  const choices = fromStore ? await withStore(options, allLabels) : undefined;
  let feedback: FeedbackUse | undefined;
  const progress = new TrainingProgress(process.stderr);
  const interrupt = onInterrupt();
  try {
    await checkSuspectOptions(options);
    const { manifest, report, suspects } = await train(
      {
        tickets: [...tickets, ...archive],
        feedback: choices,
        dev: options.dev,
        taxonomy: options.taxonomy,
        overlays: options.overlay,
        out: options.out,
        columns: columnsOf(options),
        encoding: options.encoding === undefined ? undefined : (parseEncoding(options.encoding) as Encoding),
        facets: await loadFacets(options.facets ?? defaultFacetsPath),
        table: options.table === undefined ? undefined : { path: options.table, from: options.oldTaxonomy },
        labelOrigin: options.labelOrigin,
        segmenter: segmenterOf(options.segmenter),
        options: {
          ...DEFAULT_TRAINING,
          seed: options.seed,
          threads: options.threads ?? DEFAULT_TRAINING.threads,
          targetError: Number(options.targetError),
          exampleWeight: options.examples ? DEFAULT_TRAINING.exampleWeight : 0,
        },
      },
      {
        signal: interrupt.signal,
        onStage: (stage, share) => progress.show(stage, share),
        onData: (data, extras) => {
          progress.clear();
          for (const line of describeData(data)) process.stderr.write(`${line}\n`);
          feedback = data.feedback;
          if (feedback) process.stderr.write(`${feedbackLine(feedback)}\n`);
          for (const { what, count } of extras) process.stderr.write(`另用 ${what} ${count} 条\n`);
        },
      },
    );
    progress.clear();
    if (options.suspects !== undefined) await writeFile(options.suspects, suspects.csv);
    const queued = await queueSuspects(options, suspects);
    const { evaluation, data, seconds } = report;
    if (options.json) {
      printJson({
        out: options.out,
        model: { id: manifest.id, version: manifest.version, trainedAt: manifest.trainedAt },
        taxonomy: { ...report.taxonomy.meta, digest: report.taxonomy.digest },
        files: data.files,
        rejections: data.rejections,
        ...(feedback ? { feedback } : {}),
        evaluatedOn: report.evaluatedOn,
        rows: evaluation?.rows ?? 0,
        levels:
          evaluation?.levels.map(({ level, rows, top1, top3, top5, ece }) => ({
            level,
            rows,
            top1,
            top3,
            top5,
            ece,
          })) ?? [],
        ...(options.suspects === undefined ? {} : { suspects: suspectsJson(suspects, queued) }),
        seconds: Math.round(seconds * 10) / 10,
      });
      return;
    }
    const share = (value: number) => `${(100 * value).toFixed(1)}%`;
    printLines([
      ...(evaluation
        ? [
            `${report.evaluatedOn}，${evaluation.rows} 件：`,
            ...evaluation.levels.map(
              ({ level, top1, top3, top5, ece }) =>
                `  第 ${level} 级  首选 ${share(top1)}  前三 ${share(top3)}  前五 ${share(top5)}  校准误差 ${ece.toFixed(3)}`,
            ),
          ]
        : ['没有留出的工单，未评估']),
      ...(data.rejections.length > 0
        ? [
            `未能使用的行：${data.rejections.map(({ reason, count }) => `${reasonName(reason)} ${count}`).join('，')}；见 rejected.csv`,
          ]
        : []),
      ...(options.suspects === undefined
        ? []
        : [`${suspectsLine(suspects, queued)}；写到 ${options.suspects}`]),
      `模型写到 ${options.out}（版本 ${manifest.version}，用时 ${Math.round(seconds)} 秒）；图表见 report.html`,
    ]);
  } finally {
    progress.clear();
    interrupt.release();
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
  }
}

async function allLabels(store: Store): Promise<readonly ChosenLabel[]> {
  const labels: ChosenLabel[] = [];
  for await (const one of store.labels()) labels.push(one);
  return labels;
}

function feedbackLine(feedback: FeedbackUse): string {
  const { choices, tickets, joined, fromStore, replaced, hasty, unknownItems, disagreeing } = feedback;
  return `坐席的选择 ${choices} 次：工单 ${tickets} 件有标签，其中与文件连接 ${joined} 件、用存储中的脱敏文本 ${fromStore} 件、意见不一 ${disagreeing} 件；被同一坐席后来的选择取代 ${replaced} 次，匆忙采纳退回项而不用 ${hasty} 次，事项已不在体系中 ${unknownItems} 次`;
}

function describeData({ files, columns, taxonomy }: TrainingData): string[] {
  return [
    ...files.map(
      ({ file, rows, tickets, rejected, encoding }) =>
        `${file}：${rows} 行，可用 ${tickets}，未能使用 ${rejected}${encoding ? `，${encoding}` : ''}`,
    ),
    ...columns.slice(0, 1).map(({ columns: one }) => `列：${columnNames(one)}`),
    `分类体系：${taxonomy.meta.title}（${taxonomy.meta.version}），末级 ${taxonomy.leaves.length} 项`,
  ];
}

function columnNames({ id, title, text, label, levels, alternative, date }: TicketColumns): string {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['编号', id],
    ['标题', title],
    ['内容', text],
    ['编码', label ?? levels?.join(' / ')],
    ['备选', alternative],
    ['日期', date],
  ];
  return named.flatMap(([what, column]) => (column === undefined ? [] : [`${what}＝${column}`])).join('，');
}

function columnsOf(options: Options): TicketColumns {
  const { titleColumn, textColumn, labelColumn, levelColumn, altColumn, dateColumn } = options;
  return {
    ...(titleColumn === undefined ? {} : { title: titleColumn }),
    ...(textColumn === undefined ? {} : { text: textColumn }),
    ...(labelColumn === undefined ? {} : { label: labelColumn }),
    ...(levelColumn.length > 0 ? { levels: levelColumn } : {}),
    ...(altColumn === undefined ? {} : { alternative: altColumn }),
    ...(dateColumn === undefined ? {} : { date: dateColumn }),
  };
}

function segmenterOf(name: string | undefined): 'nodejieba' | 'node-rs-jieba' | undefined {
  if (name === undefined || name === 'nodejieba' || name === 'node-rs-jieba') return name;
  throw new DuihaoError('invalid-input', 'option-invalid', '--segmenter 应为 nodejieba 或 node-rs-jieba');
}

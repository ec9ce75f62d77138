/** `duihao relabel`: a legacy file → the same file with codes, resumed where it was broken off; and back. */
import { rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { DuihaoError, isDuihaoError } from '../errors.js';
import { readDisagreements } from '../relabel/disagreements.js';
import { type RelabelResult, relabel } from '../relabel/relabel.js';
import type { RelabelProgress } from '../relabel/relabel-options.js';
import { levelName, noteName, reportHtml } from '../relabel/report.js';
import { reverse } from '../relabel/reverse.js';
import type { NewReview } from '../store/reviews.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import { parseEncoding } from '../table/encoding.js';
import type { TicketColumns } from '../table/ticket-columns.js';
import { type CorrespondenceTable, loadCorrespondence } from '../taxonomy/correspondence.js';
import { defaultFacetsPath, loadFacets } from '../taxonomy/facets.js';
import { loadTaxonomy } from '../taxonomy/load.js';
import { readEnvironment } from './environment.js';
import { onInterrupt } from './interrupt.js';
import { type ModelOptions, modelFolder, withModelOptions } from './model-option.js';
import {
  checkStore,
  type Queued,
  queuedWords,
  queueOnce,
  type ReviewOptions,
  withReviewLimit,
} from './review-queue.js';
import { collect, printJson, printLines } from './taxonomy-options.js';
import { wholeNumber } from './whole-number.js';

/** Opens the model that answers; another one in tests. */
export type OpenService = (
  modelFolder: string,
  options: { readonly workers: number },
) => Promise<SuggestService>;

interface Options extends ModelOptions, ReviewOptions {
  readonly in?: string;
  readonly out: string;
  readonly reverse?: string;
  readonly workers?: number;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly level?: number;
  readonly textColumn?: string;
  readonly titleColumn?: string;
  readonly labelColumn?: string;
  readonly levelColumn: readonly string[];
  readonly encoding?: string;
  readonly sheet?: string;
  readonly table?: string;
  readonly oldTaxonomy?: string;
  readonly facets?: string;
  readonly report?: string;
  readonly json?: boolean;
}

/** The pool comes with code that `--help` and `--reverse` need not load. */
const openPool: OpenService = async (folder, options) =>
  (await import('../suggest/pool-service.js')).openPoolService(folder, options);

export function register(program: Command, openService: OpenService = openPool): void {
  const command = withModelOptions(
    program.command('relabel').description('给历史工单文件逐行加上事项编码；中断后可续做，也可还原'),
  )
    .option('--in <file>', '历史工单：CSV、JSON Lines 或 XLSX')
    .requiredOption(
      '--out <file>',
      '新文件：.csv、.jsonl，5 万行以内也可 .xlsx；与原文件同为 CSV 或 JSON Lines 时逐字保留原有各列',
    )
    .option('--workers <n>', '工作线程数；默认为处理器数，至多 4', wholeNumber(1, 64))
    .option('--resume', '从中断处续做，结果与不中断时逐字节相同')
    .option('--force', '覆盖已有的文件或未完成的一次')
    .option('--level <n>', '答到第几级；默认到末级', wholeNumber(1, 12))
    .option('--title-column <name>', '标题列；默认按表头识别')
    .option('--text-column <name>', '内容列；默认按表头识别')
    .option('--label-column <name>', '原编码列；默认按表头识别')
    .option('--level-column <name>', '原编码分列存放时，各级的列，依次给出', collect, [])
    .option('--encoding <name>', 'utf-8、gb18030、utf-16le、utf-16be；默认自动识别')
    .option('--sheet <name>', 'XLSX 的工作表名或序号')
    .option('--table <file>', '对照表：把候选限于原编码可对应的事项')
    .option('--old-taxonomy <file>', '原编码所属的分类体系（与 --table 同用）')
    .option('--store <where>', '存储：与 --table 同用，文本与对照表不符的工单排进坐席的复核队列');
  withReviewLimit(command, '--table、--store')
    .option('--facets <file>', '扩展码表；默认为程序自带的')
    .option('--report <file>', '另写一份报告：.json 或 .html')
    .option('--reverse <file>', '还原：从重新编码的文件去掉加上的列，写到 --out')
    .option('--json', '输出 JSON')
    .action((options: Options) =>
      options.reverse === undefined ? forward(options, openService) : backward(options, options.reverse),
    );
}

async function forward(options: Options, openService: OpenService): Promise<void> {
  if (options.in === undefined) {
    throw new DuihaoError('invalid-input', 'option-missing', '请用 --in 给出历史工单文件');
  }
  if (options.report !== undefined && !/\.(json|html?)$/i.test(options.report)) {
    throw new DuihaoError('invalid-input', 'option-invalid', '--report 应以 .json 或 .html 结尾');
  }
  if (options.oldTaxonomy !== undefined && options.table === undefined) {
    throw new DuihaoError('invalid-input', 'option-invalid', '--old-taxonomy 须与 --table 同用');
  }
  if (options.store !== undefined) {
    if (options.table === undefined)
      throw new DuihaoError('invalid-input', 'option-invalid', '--store 须与 --table 同用');
    await checkStore(options);
  }
  const environment = readEnvironment();
  const workers = options.workers ?? environment.WORKERS ?? Math.min(4, availableParallelism());
  const encoding = options.encoding === undefined ? undefined : parseEncoding(options.encoding);
  const facets = await loadFacets(options.facets ?? environment.DUIHAO_FACETS ?? defaultFacetsPath);
  const service = await openService(await modelFolder(options, environment), { workers });
  const interrupt = onInterrupt();
  interrupt.signal.addEventListener('abort', () => tell('正在停下，已完成的会保留'));
  const progress = new ProgressLine();
  let result: RelabelResult;
  try {
    result = await relabel(service, {
      input: options.in,
      output: options.out,
      encoding,
      sheet:
        options.sheet !== undefined && /^\d+$/.test(options.sheet) ? Number(options.sheet) : options.sheet,
      columns: namedColumns(options),
      level: options.level,
      facets,
      table: await readTable(options, service),
      resume: options.resume,
      force: options.force,
      inFlight: workers + 2,
      signal: interrupt.signal,
      onStart: ({ columns, encoding, resumedAt }) => {
        tell(`列：${describeColumns(columns)}${encoding ? `；编码 ${encoding}` : ''}`);
        if (resumedAt > 0) tell(`从第 ${resumedAt + 1} 行续做`);
      },
      onProgress: (done) => progress.show(done),
    });
  } catch (error) {
    progress.end();
    const code = interrupt.exitCode();
    if (code === undefined || !isDuihaoError(error) || error.code !== 'interrupted') throw error;
    tell(`已停在第 ${error.details.rows} 行之后；加 --resume 再运行一次即从那里续做`);
    process.exitCode = code;
    return;
  } finally {
    progress.end();
    interrupt.release();
    await service.close();
  }
  if (options.report !== undefined) await writeReport(options.report, result);
  const queued = await queueDisagreements(options, result, service);
  if (options.json) {
    const { output, alreadyDone, manifest, columns } = result;
    const added = manifest.output.added;
    printJson({ output, alreadyDone, columns, ...summaryBody(result), added, ...(queued ? { queued } : {}) });
  } else printLines([...summaryLines(result), ...(queued ? [queuedWords(queued)] : [])]);
}

/** Undefined where no store was named. */
async function queueDisagreements(
  options: Options,
  result: RelabelResult,
  { taxonomy }: SuggestService,
): Promise<Queued | undefined> {
  if (options.store === undefined) return undefined;
  const { best, unnumbered } = await readDisagreements(result, taxonomy, options.reviews);
  const reviews = best.map(
    ({ ticket, admitted, meant, probability }): NewReview => ({
      ticket,
      cause: 'table-disagrees',
      doubt: probability,
      label: admitted,
      suggestionId: null,
      candidates: meant === null ? [] : [{ item: meant, probability }],
    }),
  );
  return queueOnce(options, reviews, unnumbered);
}

async function backward(options: Options, relabelled: string): Promise<void> {
  if (options.in !== undefined)
    throw new DuihaoError('invalid-input', 'option-invalid', '--reverse 与 --in 不能同用');
  const result = await reverse(relabelled, options.out, options.force);
  if (options.json) printJson(result);
  else {
    const { output, rows, unmatched, identical, original } = result;
    printLines([
      `${output}：${rows} 行`,
      ...(unmatched > 0 ? [`${unmatched} 行中找不到加上的列，原样写出`] : []),
      identical
        ? `与 ${original.name} 逐字节相同`
        : `与 ${original.name} 不同：重新编码后的文件被改过，或原文件中有无法保留的字符`,
    ]);
  }
  if (!result.identical) process.exitCode = 1;
}

async function readTable(
  options: Options,
  service: SuggestService,
): Promise<CorrespondenceTable | undefined> {
  if (options.table === undefined) return undefined;
  const old =
    options.oldTaxonomy === undefined
      ? null
      : await loadTaxonomy(options.oldTaxonomy, { skipRepeated: true });
  return (await loadCorrespondence(options.table, service.taxonomy, old)).table;
}

function namedColumns({ titleColumn, textColumn, labelColumn, levelColumn }: Options): TicketColumns {
  return {
    ...(titleColumn === undefined ? {} : { title: titleColumn }),
    ...(textColumn === undefined ? {} : { text: textColumn }),
    ...(labelColumn === undefined ? {} : { label: labelColumn }),
    ...(levelColumn.length === 0 ? {} : { levels: levelColumn }),
  };
}

function describeColumns({ title, text, label, levels }: TicketColumns): string {
  return [
    ...(title === undefined ? [] : [`标题 ← ${title}`]),
    ...(text === undefined ? [] : [`内容 ← ${text}`]),
    label !== undefined
      ? `原编码 ← ${label}`
      : levels
        ? `原编码 ← ${levels.join('、')}`
        : '没有原编码列（可用 --label-column 指定）',
  ].join('，');
}

const summaryBody = ({ manifest: { model, taxonomy, summary } }: RelabelResult) => ({
  model,
  taxonomy,
  summary,
});

async function writeReport(path: string, result: RelabelResult): Promise<void> {
  const content =
    extname(path).toLowerCase() === '.json'
      ? `${JSON.stringify(summaryBody(result), null, 2)}\n`
      : reportHtml(result.manifest);
  await writeFile(`${path}.tmp`, content);
  await rename(`${path}.tmp`, path);
}

function summaryLines({ output, summary, alreadyDone }: RelabelResult): string[] {
  const { old } = summary;
  const listed = (counts: Readonly<Record<string, number>>, name: (key: string) => string) =>
    Object.entries(counts)
      .map(([key, count]) => `${name(key)} ${count}`)
      .join('，');
  return [
    `${output}${alreadyDone ? '（此前已完成）' : ''}`,
    `共 ${summary.rows} 行：具体事项 ${summary.specific}，退回收容项 ${summary.fellBack}，读不出 ${summary.unreadable}`,
    ...(summary.fellBack > 0 ? [`退回时能确定到：${listed(summary.fellBackUnder, levelName)}`] : []),
    `与原编码相比：${[
      `相同 ${old.same}`,
      ...Object.entries(old.changedAtLevel).map(([level, count]) => `第 ${level} 级起不同 ${count}`),
      `细化 ${old.refined}`,
      `变粗 ${old.coarser}`,
      `原编码不识 ${old.unknown}`,
      `无原编码 ${old.missing}`,
      ...(old.withoutItem > 0 ? [`无可归入的事项 ${old.withoutItem}`] : []),
    ].join('，')}`,
    ...(Object.keys(summary.tableNotes).length > 0
      ? [`对照表：${listed(summary.tableNotes, noteName)}`]
      : []),
  ];
}

const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** One line that is written over on a terminal; elsewhere a line every ten seconds. */
class ProgressLine {
  readonly #terminal = process.stderr.isTTY === true;
  readonly #every = this.#terminal ? 200 : 10_000;
  #last = performance.now();
  #first: { time: number; rows: number; bytes: number } | undefined;
  #open = false;

  show({ rows, bytes, totalBytes }: RelabelProgress): void {
    const now = performance.now();
    // Counted from the first batch of this run: a resumed one has read the earlier rows in no time.
    if (!this.#first) this.#first = { time: now, rows, bytes };
    if (now - this.#last < this.#every) return;
    this.#last = now;
    const seconds = (now - this.#first.time) / 1000;
    const rate = (rows - this.#first.rows) / seconds;
    const left = ((totalBytes - bytes) * seconds) / Math.max(1, bytes - this.#first.bytes);
    const line = `${rows} 行，${((100 * bytes) / totalBytes).toFixed(1)} %，每秒 ${rate.toFixed(0)} 行${
      bytes > this.#first.bytes ? `，还需约 ${duration(left)}` : ''
    }`;
    process.stderr.write(this.#terminal ? `\r\u001B[K${line}` : `${line}\n`);
    this.#open = this.#terminal;
  }

  end(): void {
    if (this.#open) process.stderr.write('\n');
    this.#open = false;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} 秒`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} 分钟`;
  return `${(seconds / 3600).toFixed(1)} 小时`;
}

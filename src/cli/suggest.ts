/** `duihao suggest`: items for one text, a file of tickets, or JSON lines on stdin. */
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import { type ConformalSet, coverageFor } from '../decision/conformal.js';
import type { Decision } from '../decision/decision.js';
import { DuihaoError } from '../errors.js';
import { itemsOfCode } from '../server/item-lookup.js';
import { presentSuggestion, presentTaxonomy } from '../server/presentation.js';
import { limits } from '../server/schemas.js';
import type { Answerer } from '../suggest/answerer.js';
import { InlineService } from '../suggest/inline-service.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { Evidence, Suggestion, SuggestOptions } from '../suggest/suggestion.js';
import { type Encoding, parseEncoding } from '../table/encoding.js';
import { openTable, type TableRow } from '../table/table.js';
import { guessColumns, type TicketColumns } from '../table/ticket-columns.js';
import { readExtensions } from '../taxonomy/combined-code.js';
import {
  defaultFacetsPath,
  type FacetTable,
  facetColumns,
  facetValueOf,
  loadFacets,
} from '../taxonomy/facets.js';
import type { Item } from '../taxonomy/item.js';
import type { Ticket } from '../text/ticket.js';
import { readEnvironment } from './environment.js';
import { type Interrupt, onInterrupt } from './interrupt.js';
import { type ModelOptions, modelFolder, withModelOptions } from './model-option.js';
import { collect, printJson, printLines } from './taxonomy-options.js';
import { wholeNumber } from './whole-number.js';

/** Opens the model that answers; another one in tests. */
export type OpenAnswerer = (modelFolder: string) => Promise<Answerer>;

interface Options extends ModelOptions {
  readonly text?: string;
  readonly title?: string;
  readonly k: number;
  readonly level?: number;
  readonly coverage?: number;
  readonly within: readonly string[];
  readonly without: readonly string[];
  readonly evidence: boolean;
  readonly encoding?: string;
  readonly facets?: string;
  readonly idColumn?: string;
  readonly titleColumn?: string;
  readonly textColumn?: string;
  readonly json?: boolean;
}

/** The model comes with megabytes of code that `--help` and the other commands need not load. */
const openModel: OpenAnswerer = async (folder) =>
  (await import('../suggest/open-answerer.js')).openAnswerer(folder);

export function register(program: Command, open: OpenAnswerer = openModel): void {
  withModelOptions(
    program
      .command('suggest')
      .description('为工单推荐诉求事项')
      .argument('[file]', '工单文件：CSV、XLSX 或 JSON Lines；不给出时从标准输入读 JSON Lines'),
  )
    .option('--text <text>', '直接给出一件工单的内容')
    .option('--title <title>', '与 --text 同用：工单的标题')
    .option('--k <n>', '候选的个数，1–20', wholeNumber(1, limits.candidates), limits.defaultCandidates)
    .option('--level <n>', '答到第几级；默认到末级', wholeNumber(1, 12))
    .option('--coverage <share>', '另给出以此概率（如 0.95）包含正确事项的最短清单', openShare)
    .option('--within <code>', '只在此事项及其下级中选，可重复给出', collect, [])
    .option('--without <code>', '不选此事项及其下级，可重复给出', collect, [])
    .option('--no-evidence', '不给出依据，较快')
    .option('--encoding <name>', 'utf-8、gb18030、utf-16le、utf-16be；默认自动识别')
    .option('--id-column <name>', '编号列；默认按表头识别')
    .option('--title-column <name>', '标题列；默认按表头识别')
    .option('--text-column <name>', '内容列；默认按表头识别')
    .option('--facets <file>', '扩展码表：工单中已有的诉求类别等照用不改；默认为程序自带的')
    .option('--json', '输出 JSON；文件与标准输入为每件工单一行')
    .action((file: string | undefined, options: Options) => suggest(file, options, open));
}

/** In (0, 1). */
function openShare(text: string): number {
  const value = Number(text);
  if (/^[\d.]+$/.test(text) && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('应大于 0 且小于 1，如 0.95');
}

/** A row of the input: a ticket, or why it is none. */
type InputRow =
  | { readonly row: number; readonly ticket: Ticket }
  | { readonly row: number; readonly fault: string };

/** Tickets answered together: the model is faster on batches. */
const BATCH = 32;

async function suggest(file: string | undefined, options: Options, open: OpenAnswerer): Promise<void> {
  if (options.text !== undefined && file !== undefined)
    throw new DuihaoError('invalid-input', 'option-conflict', '--text 与文件只能给出一个');
  if (options.text === undefined && options.title !== undefined)
    throw new DuihaoError('invalid-input', 'option-conflict', '--title 须与 --text 同用');
  if (options.text === undefined && file === undefined && process.stdin.isTTY)
    throw new DuihaoError('invalid-input', 'input-missing', '没有工单：请用 --text、文件或标准输入给出');
  // A single text has nothing to tidy up: Ctrl-C ends it as usual.
  const interrupt = options.text === undefined ? onInterrupt() : undefined;
  const rows = interrupt ? await inputRows(file, options, interrupt.signal) : undefined;
  const service = new InlineService(await open(await modelFolder(options, readEnvironment())));
  const asked = suggestOptions(service, options);
  if (!rows || !interrupt) {
    const ticket = { id: '1', text: options.text!, ...(options.title ? { title: options.title } : {}) };
    const [suggestion] = await service.suggest([ticket], asked);
    if (options.json) {
      printJson({
        model: service.model,
        taxonomy: presentTaxonomy(service.taxonomy),
        results: [presentSuggestion(suggestion!)],
      });
    } else printLines(describe(ticket, suggestion!));
    return;
  }
  await answerRows(rows, service, asked, options.json ?? false, interrupt);
}

async function answerRows(
  rows: AsyncIterable<InputRow>,
  service: SuggestService,
  asked: SuggestOptions,
  asJson: boolean,
  interrupt: Interrupt,
): Promise<void> {
  let [answered, unreadable] = [0, 0];
  let batch: Ticket[] = [];
  const answer = async () => {
    const suggestions = await service.suggest(batch, asked);
    for (const [at, suggestion] of suggestions.entries()) {
      if (asJson) process.stdout.write(`${JSON.stringify(presentSuggestion(suggestion))}\n`);
      else printLines([...describe(batch[at]!, suggestion), '']);
    }
    answered += batch.length;
    batch = [];
  };
  for await (const row of rows) {
    if (interrupt.signal.aborted) break;
    if ('fault' in row) {
      unreadable += 1;
      process.stderr.write(`第 ${row.row} 行未处理：${row.fault}\n`);
      continue;
    }
    batch.push(row.ticket);
    if (batch.length === BATCH) await answer();
  }
  if (batch.length > 0 && !interrupt.signal.aborted) await answer();
  interrupt.release();
  await service.close();
  process.stderr.write(`共 ${answered} 件${unreadable > 0 ? `，另有 ${unreadable} 行无法读取` : ''}\n`);
  const code = interrupt.exitCode() ?? (unreadable > 0 ? 1 : undefined);
  if (code !== undefined) process.exitCode = code;
}

function suggestOptions({ taxonomy, coverages }: SuggestService, options: Options): SuggestOptions {
  if (options.level !== undefined && options.level > taxonomy.depth) {
    throw new DuihaoError('invalid-input', 'level-out-of-range', `分类体系只有 ${taxonomy.depth} 级`);
  }
  const items = (codes: readonly string[]) =>
    codes.flatMap((code) => {
      const found = itemsOfCode(taxonomy, code);
      if (found.length === 0) throw new DuihaoError('not-found', 'item-unknown', `${code} 不在分类体系中`);
      return found.map(({ index }) => index);
    });
  return {
    k: options.k,
    evidence: options.evidence,
    ...(options.level === undefined ? {} : { level: options.level }),
    ...(options.coverage === undefined ? {} : { coverage: coverageFor(coverages, options.coverage) }),
    ...(options.within.length > 0 ? { within: items(options.within) } : {}),
    ...(options.without.length > 0 ? { without: items(options.without) } : {}),
  };
}

/** The file is opened at once: a wrong name is reported before the model loads. */
async function inputRows(
  file: string | undefined,
  options: Options,
  signal: AbortSignal,
): Promise<AsyncIterable<InputRow>> {
  const named: TicketColumns = {
    ...(options.idColumn === undefined ? {} : { id: options.idColumn }),
    ...(options.titleColumn === undefined ? {} : { title: options.titleColumn }),
    ...(options.textColumn === undefined ? {} : { text: options.textColumn }),
  };
  const facets = await loadFacets(options.facets ?? readEnvironment().DUIHAO_FACETS ?? defaultFacetsPath);
  if (file === undefined) return rowsOf(stdinRows(signal), undefined, named, facets);
  const encoding: Encoding | undefined =
    options.encoding === undefined ? undefined : parseEncoding(options.encoding);
  const table = await openTable(file, { encoding });
  const columns = table.format === 'jsonl' ? undefined : guessColumns(table.columns, named, false);
  return rowsOf(table.rows, columns, named, facets);
}

async function* rowsOf(
  rows: AsyncIterable<TableRow>,
  columns: TicketColumns | undefined,
  named: TicketColumns,
  facets: FacetTable,
): AsyncIterable<InputRow> {
  for await (const { row, cells, message } of rows) {
    if (!cells) {
      yield { row, fault: message ?? '无法读取' };
      continue;
    }
    let known = columns;
    try {
      // JSON lines need not all have the same keys.
      known ??= guessColumns(Object.keys(cells), named, false);
    } catch {
      yield { row, fault: '没有标题，也没有内容' };
      continue;
    }
    const cell = (name: string | undefined): string => {
      const value = name === undefined ? undefined : cells[name];
      return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
    };
    const [id, title] = [cell(known.id), cell(known.title)];
    const given = givenFacets(facets, cells, cell);
    if (typeof given === 'string') {
      yield { row, fault: given };
      continue;
    }
    yield {
      row,
      ticket: {
        id: id === '' ? String(row) : id,
        text: cell(known.text).slice(0, limits.textLength),
        ...(title === '' ? {} : { title: title.slice(0, limits.titleLength) }),
        ...(Object.keys(given).length > 0 ? { facets: given } : {}),
      },
    };
  }
}

/**
 * From columns named after a facet, where what is no value of it is left to the model as in relabelling, and from a
 * member `facets` as the API takes it. @returns facet id → value's code, or what is wrong
 */
function givenFacets(
  table: FacetTable,
  cells: Readonly<Record<string, unknown>>,
  cell: (name: string) => string,
): Record<string, string> | string {
  const given: Record<string, string> = {};
  for (const { column, facet } of facetColumns(table, Object.keys(cells))) {
    const value = facetValueOf(facet, cell(column));
    if (value) given[facet.id] = value.code;
  }
  const { facets } = cells;
  if (typeof facets !== 'object' || facets === null || Array.isArray(facets)) return given;
  const { extensions, faults } = readExtensions(
    table,
    Object.fromEntries(Object.entries(facets).map(([name, value]) => [name, String(value)])),
  );
  if (faults[0]) return faults[0].message;
  for (const { facet, value } of extensions) given[facet.id] = value.code;
  return given;
}

/** Ends at Ctrl-C too: the next line may never come. */
async function* stdinRows(signal: AbortSignal): AsyncIterable<TableRow> {
  let row = 0;
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY, signal });
  for await (const line of lines) {
    row += 1;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line.replace(/^\uFEFF/, ''));
    } catch {
      value = undefined;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield { row, cells: value as Record<string, unknown> };
    else yield { row, cells: null, fault: 'row-malformed', message: '不是 JSON 对象' };
  }
}

const reasons: Readonly<Record<Extract<Decision, { kind: 'fallback' }>['reason'], string>> = {
  'low-confidence': '把握不足',
  'empty-text': '没有内容',
  unintelligible: '读不懂内容',
  'no-candidates': '限定范围内没有事项',
};

const percent = (probability: number) => `${(probability * 100).toFixed(1)}%`;
const named = ({ code, displayName }: Item) => `${code} ${displayName}`;
const pathText = (path: readonly Item[]) => path.map((item) => item.displayName).join(' › ');

function describe(
  ticket: Ticket,
  { decision, candidates, evidence, facets, combinedCode, set }: Suggestion,
): string[] {
  const spoke = [...new Set(evidence.map((one) => `“${quote(ticket, one)}”`))];
  return [
    `［${ticket.id}］${decisionText(decision)}`,
    ...(spoke.length > 0 ? [`  依据：${spoke.join('、')}`] : []),
    ...candidates.map(
      ({ item, path, probability }, at) =>
        `  ${at + 1}. ${percent(probability).padStart(6)}  ${item.fullCode}  ${pathText(path)}`,
    ),
    ...(set ? setLines(set) : []),
    ...facets.map(
      ({ name, code, probability, given, facet }) =>
        `  ${facet}：${name}（${code}${given ? '，已给出' : `，${percent(probability)}`}）`,
    ),
    ...(combinedCode === undefined ? [] : [`  组合码：${combinedCode}`]),
  ];
}

function setLines({ coverage, items }: ConformalSet): string[] {
  const lines = items.map(
    ({ item, path, probability }) =>
      `    ${percent(probability).padStart(6)}  ${item.fullCode}  ${pathText(path)}${item.children.length > 0 ? '（及其下级）' : ''}`,
  );
  return [`  以 ${Number((coverage * 100).toFixed(4))}% 的概率在以下 ${items.length} 项之中：`, ...lines];
}

function decisionText(decision: Decision): string {
  switch (decision.kind) {
    case 'specific':
      return `${named(decision.item)}（${percent(decision.probability)}）`;
    case 'fallback': {
      const { item, under, reason, probability } = decision;
      const sure = under ? `，只能确定到 ${named(under)}（${percent(probability)}）` : '';
      const target = item ? `退回 ${named(item)}` : '没有可退回的收容项';
      return `拿不准（${reasons[reason]}）${sure}：${target}`;
    }
  }
}

function quote(ticket: Ticket, { field, start, end }: Evidence): string {
  return (ticket[field] ?? '').slice(start, end);
}

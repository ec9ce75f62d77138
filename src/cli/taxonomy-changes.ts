/** `duihao taxonomy change …`: propose, approve, reject, publish and list changes of a list. */
import { appendFile, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { DuihaoError } from '../errors.js';
import {
  addEvent,
  applyChanges,
  type ChangeEvent,
  eventLine,
  type ListChange,
  nextProposalId,
  type Proposal,
  readChangeLog,
} from '../taxonomy/change-log.js';
import { loadTaxonomy } from '../taxonomy/load.js';
import { saveTaxonomy } from '../taxonomy/save.js';
import { collect, printJson, printLines } from './taxonomy-options.js';

interface ProposeOptions {
  readonly add?: string;
  readonly rename?: string;
  readonly retire?: string;
  readonly setWords?: string;
  readonly name?: string;
  readonly parent?: string;
  readonly words?: string;
  readonly successor: readonly string[];
  readonly by: string;
  readonly why: string;
}

export function registerChanges(taxonomy: Command): void {
  const change = taxonomy
    .command('change')
    .description('编码管理：提出、批准、发布，谁、何时、为何都记入变更记录');
  change
    .command('propose')
    .description('提出一项变更')
    .argument('<list>', '分类体系文件')
    .option('--add <code>', '新增事项')
    .option('--rename <item>', '改名')
    .option('--retire <item>', '停用')
    .option('--set-words <item>', '改检索词')
    .option('--name <name>', '名称')
    .option('--parent <item>', '上级（编码能说明时不必给）')
    .option('--words <words>', '检索词，以分号分隔')
    .option('--successor <item>', '接替事项，可重复给出', collect, [])
    .requiredOption('--by <who>', '提出人')
    .requiredOption('--why <reason>', '理由')
    .action(propose);
  for (const [name, event, description] of [
    ['approve', 'approved', '批准提案（须由提出人以外的人）'],
    ['reject', 'rejected', '驳回提案'],
  ] as const) {
    change
      .command(name)
      .description(description)
      .argument('<list>', '分类体系文件')
      .argument('<id>', '提案编号')
      .requiredOption('--by <who>', '何人')
      .option('--why <reason>', '理由', '')
      .action(async (list: string, id: string, options: { by: string; why: string }) => {
        await record(list, [{ event, id, ...head(options) }]);
        printLines([`${id} ${event}`]);
      });
  }
  change
    .command('publish')
    .description('把已批准的提案写入分类体系，成为新版本')
    .argument('<list>', '分类体系文件')
    .requiredOption('--release <version>', '新版本号')
    .requiredOption('--by <who>', '何人')
    .option('--why <reason>', '理由', '')
    .action(publish);
  change
    .command('list')
    .description('列出提案')
    .argument('<list>', '分类体系文件')
    .option('--json', '输出 JSON')
    .action(async (list: string, options: { json?: boolean }) => {
      const proposals = await readLog(list);
      if (options.json) printJson(proposals);
      else printLines(proposals.map(proposalLine));
    });
}

const head = ({ by, why }: { by: string; why: string }) => ({ by, why, at: new Date().toISOString() });

async function propose(list: string, options: ProposeOptions): Promise<void> {
  const change = readChange(options);
  const taxonomy = await loadTaxonomy(list);
  // Refused now rather than when it is published.
  applyChanges(taxonomy, [change], taxonomy.meta.version);
  const id = nextProposalId(await readLog(list));
  await record(list, [{ event: 'proposed', id, change, ...head(options) }]);
  printLines([id]);
}

function readChange(options: ProposeOptions): ListChange {
  const { add, rename, retire, setWords, name = '', parent, successor } = options;
  const words = (options.words ?? '').split(/[;；]/u).filter((word) => word.trim() !== '');
  const changes: ListChange[] = [
    ...(add ? [{ op: 'add' as const, code: add, name, words, ...(parent ? { parent } : {}) }] : []),
    ...(rename ? [{ op: 'rename' as const, item: rename, name }] : []),
    ...(retire ? [{ op: 'retire' as const, item: retire, successors: successor }] : []),
    ...(setWords ? [{ op: 'words' as const, item: setWords, words }] : []),
  ];
  const [change] = changes;
  if (!change || changes.length > 1) {
    throw new DuihaoError(
      'invalid-input',
      'option-invalid',
      '请给出 --add、--rename、--retire、--set-words 之一',
    );
  }
  return change;
}

/** Published twice after an interruption it does nothing the second time but complete the log. */
async function publish(list: string, options: { release: string; by: string; why: string }): Promise<void> {
  const approved = (await readLog(list)).filter(({ state }) => state === 'approved');
  if (approved.length === 0)
    throw new DuihaoError('conflict', 'nothing-approved', '没有已批准而未发布的提案');
  const taxonomy = await loadTaxonomy(list);
  if (taxonomy.meta.version !== options.release) {
    const changes = approved.map(({ change }) => change);
    await saveTaxonomy(applyChanges(taxonomy, changes, options.release), list);
  }
  const events = approved.map(
    ({ id }): ChangeEvent => ({ event: 'published', id, version: options.release, ...head(options) }),
  );
  await record(list, events);
  printLines([`${list} ${options.release}：发布 ${approved.map(({ id }) => id).join('、')}`]);
}

const logPath = (list: string) => `${list.slice(0, list.length - extname(list).length)}.changes.jsonl`;

async function readLog(list: string): Promise<Proposal[]> {
  const text = await readFile(logPath(list), 'utf8').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return readChangeLog(text);
}

/** Checked against what is there, then added to the end of the file. */
async function record(list: string, events: readonly ChangeEvent[]): Promise<void> {
  let proposals = await readLog(list);
  for (const event of events) proposals = addEvent(proposals, event);
  await appendFile(logPath(list), events.map(eventLine).join(''));
}

function proposalLine({ id, state, change, events }: Proposal): string {
  const what = change.op === 'add' ? `${change.code} ${change.name}` : change.item;
  const last = events.at(-1)!;
  return `${id} ${state} ${change.op} ${what}（${last.by}，${last.at}${last.why === '' ? '' : `，${last.why}`}）`;
}

/** `duihao taxonomy diff|match|import|export|lint`: versions of lists, and lists against each other. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { DuihaoError } from '../errors.js';
import { answersForItems } from '../suggest/answers-for-items.js';
import { openAnswerer } from '../suggest/open-answerer.js';
import { loadCorrespondence } from '../taxonomy/correspondence.js';
import { diffTaxonomies, type TaxonomyChange } from '../taxonomy/diff.js';
import type { Item } from '../taxonomy/item.js';
import { lintTaxonomy } from '../taxonomy/lint.js';
import { checkTaxonomy, defaultTaxonomyPath, loadTaxonomy } from '../taxonomy/load.js';
import { type MatchProposal, matchTaxonomies } from '../taxonomy/match.js';
import { loadOverlay } from '../taxonomy/overlay.js';
import { referenceTo } from '../taxonomy/reference.js';
import { saveTaxonomy } from '../taxonomy/save.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { readEnvironment } from './environment.js';
import { modelFolder } from './model-option.js';
import {
  faultLine,
  printJson,
  printLines,
  readTaxonomy,
  type TaxonomyOptions,
  withTaxonomyOptions,
} from './taxonomy-options.js';

export function registerVersions(taxonomy: Command): void {
  taxonomy
    .command('diff')
    .description('比较两个版本：新增、停用、删除、改名、移动、拆分、合并')
    .argument('<old>', '旧版本')
    .argument('<new>', '新版本')
    .option('--json', '输出 JSON')
    .action(diff);
  taxonomy
    .command('match')
    .description('为旧体系的每个末级事项提出新体系中的对应事项，按可能性排序，供人工确认')
    .argument('<old>', '旧体系')
    .argument('[new]', '新体系', defaultTaxonomyPath)
    .option('--top <n>', '每个旧事项至多几条', '3')
    .option('--answers <file>', '模型对旧工单的判定（列：旧编码、新编码、权重）')
    .option('--model <dir>', '新体系的模型：把旧事项的名称当作工单问它')
    .option('--out <file>', '写成 CSV，删去不对的行即成对照表')
    .option('--json', '输出 JSON')
    .action(match);
  taxonomy
    .command('import')
    .description('读入任一格式的分类体系，检查后另存')
    .argument('<file>', 'CSV、XLSX、JSON、JSON Lines 或 SKOS')
    .requiredOption('--out <file>', '.csv、.xlsx、.jsonld（SKOS）或 .json')
    .option('--id <id>', '标识')
    .option('--release <version>', '版本')
    .option('--title <title>', '标题')
    .action(importList);
  withTaxonomyOptions(
    taxonomy
      .command('export')
      .description('导出分类体系（含叠加表）')
      .argument('<out>', '.csv、.xlsx、.jsonld（SKOS）或 .json'),
  ).action(async (out: string, options: TaxonomyOptions) => {
    await saveTaxonomy(await readTaxonomy(options), out);
    printLines([out]);
  });
  taxonomy
    .command('lint')
    .description('检查省标准与各地市叠加表合在一起是否唯一、一致')
    .argument('[overlay...]', '叠加表')
    .option('--taxonomy <file>', '省标准', defaultTaxonomyPath)
    .option('--json', '输出 JSON')
    .action(lint);
}

async function diff(oldFile: string, newFile: string, options: { json?: boolean }): Promise<void> {
  const [from, to] = [await loadTaxonomy(oldFile), await loadTaxonomy(newFile)];
  const { changes } = diffTaxonomies(from, to);
  if (options.json) {
    printJson({ from: from.meta, to: to.meta, changes: changes.map((change) => presentChange(change)) });
    return;
  }
  printLines([
    ...changes.map(changeLine),
    `共 ${changes.length} 处变更；${from.items.length} 项 → ${to.items.length} 项`,
  ]);
}

const named = (item: Item) => `${item.code} ${item.displayName}`;
const listed = (items: readonly Item[]) => items.map(named).join('、');

function changeLine(change: TaxonomyChange): string {
  switch (change.kind) {
    case 'added':
      return `新增 ${named(change.item)}`;
    case 'removed':
      return `删除 ${named(change.item)}（应停用而不是删除：编码不得另作他用）`;
    case 'retired':
      return `停用 ${named(change.item)}${change.successors.length > 0 ? ` → ${listed(change.successors)}` : ''}`;
    case 'restored':
      return `恢复 ${named(change.from)} → ${change.to.displayName}${change.from.name === change.to.name ? '' : '（停用的编码有了新含义）'}`;
    case 'renamed':
      return `改名 ${named(change.from)} → ${change.to.displayName}`;
    case 'moved':
      return `移动 ${named(change.from)} → ${named(change.to)}`;
    case 'split':
      return `拆分 ${named(change.from)} → ${listed(change.to)}`;
    case 'merged':
      return `合并 ${listed(change.from)} → ${named(change.to)}`;
  }
}

const ref = ({ id, code, displayName }: Item) => ({ id, code, name: displayName });

function presentChange(change: TaxonomyChange): object {
  switch (change.kind) {
    case 'added':
    case 'removed':
      return { kind: change.kind, item: ref(change.item) };
    case 'retired':
      return { kind: change.kind, item: ref(change.item), successors: change.successors.map(ref) };
    case 'split':
      return { kind: change.kind, from: ref(change.from), to: change.to.map(ref) };
    case 'merged':
      return { kind: change.kind, from: change.from.map(ref), to: ref(change.to) };
    default:
      return { kind: change.kind, from: ref(change.from), to: ref(change.to) };
  }
}

async function match(
  oldFile: string,
  newFile: string,
  options: { top: string; answers?: string; model?: string; out?: string; json?: boolean },
): Promise<void> {
  // A city's old list is as it is; what is wrong in it is told, and is no reason to leave it unmatched.
  const old = await checkTaxonomy(oldFile, { skipRepeated: true });
  for (const fault of old.faults) {
    if (fault.fault === 'place-duplicate') process.stderr.write(`${faultLine(fault)}\n`);
  }
  const from = old.taxonomy ?? (await loadTaxonomy(oldFile, { skipRepeated: true }));
  const to = await loadTaxonomy(newFile);
  if (options.answers && options.model)
    throw new DuihaoError('invalid-input', 'option-invalid', '--answers 与 --model 只能给出一个');
  const perItem = Number(options.top);
  if (!Number.isInteger(perItem) || perItem < 1)
    throw new DuihaoError('invalid-input', 'option-invalid', '--top 应为正整数');
  const answers = options.answers ? (await loadCorrespondence(options.answers, to, from)).table : null;
  const asked = options.model
    ? answersForItems(
        await openAnswerer(await modelFolder({ model: options.model }, readEnvironment())),
        from,
        to,
        from.leaves.map((index) => from.at(index)),
      )
    : null;
  const proposals = matchTaxonomies(from, to, {
    perItem,
    ...(answers
      ? {
          answers: (item: Item) =>
            new Map(answers.admissible(`@${item.id}`).map(({ item: now, weight }) => [now.index, weight])),
        }
      : {}),
    ...(asked ? { answers: (item: Item) => asked.get(item.index) } : {}),
  });
  if (options.out) await writeFile(options.out, proposalsCsv(from, to, proposals));
  if (options.json) {
    printJson(
      proposals.map(({ from: old, to: now, ...rest }) => ({ from: ref(old), to: ref(now), ...rest })),
    );
  } else if (!options.out) {
    printLines(
      proposals.map(
        ({ from: old, to: now, score, rank, reasons }) =>
          `${rank === 1 ? named(old) : '　'} → ${named(now)} ${score.toFixed(2)} ${reasons.join(' ')}`,
      ),
    );
  }
  const matched = new Set(proposals.map(({ from: old }) => old.index)).size;
  process.stderr.write(`${from.leaves.length} 个旧事项中 ${matched} 个有提议，共 ${proposals.length} 条\n`);
}

/** Headings that `loadCorrespondence` reads; the rest is for the person who confirms. */
function proposalsCsv(from: Taxonomy, to: Taxonomy, proposals: readonly MatchProposal[]): string {
  const rows = proposals.map((proposal) => [
    referenceTo(from, proposal.from),
    from
      .pathOf(proposal.from)
      .map(({ displayName }) => displayName)
      .join(' > '),
    referenceTo(to, proposal.to),
    to
      .pathOf(proposal.to)
      .map(({ displayName }) => displayName)
      .join(' > '),
    proposal.score.toFixed(3),
    proposal.rank,
    proposal.reasons.join(' '),
  ]);
  const headings = ['from', 'fromName', 'to', 'toName', 'score', 'rank', 'reasons'];
  return `\uFEFF${stringify([headings, ...rows])}`;
}

async function importList(
  file: string,
  options: { out: string; id?: string; release?: string; title?: string },
): Promise<void> {
  const meta = {
    ...(options.id === undefined ? {} : { id: options.id }),
    ...(options.release === undefined ? {} : { version: options.release }),
    ...(options.title === undefined ? {} : { title: options.title }),
  };
  const { taxonomy, faults, columns } = await checkTaxonomy(file, { meta });
  for (const [heading, meaning] of Object.entries(columns))
    process.stderr.write(`列 ${heading} → ${meaning}\n`);
  for (const fault of faults) process.stderr.write(`${faultLine(fault)}\n`);
  if (!taxonomy) {
    throw new DuihaoError('invalid-input', 'taxonomy-invalid', `${file} 有错误，未写出 ${options.out}`);
  }
  await saveTaxonomy(taxonomy, options.out);
  printLines([options.out]);
}

async function lint(
  overlayFiles: readonly string[],
  options: { taxonomy: string; json?: boolean },
): Promise<void> {
  const list = await loadTaxonomy(options.taxonomy);
  const { faults } = lintTaxonomy(list, await Promise.all(overlayFiles.map(loadOverlay)));
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  if (options.json) printJson({ ok: errors === 0, errors, warnings: faults.length - errors, faults });
  else printLines([...faults.map(faultLine), `${errors} 处错误，${faults.length - errors} 处警告`]);
  if (errors > 0) process.exitCode = 1;
}

/** `duihao taxonomy …`: check, show and search lists of items. */
import type { Command } from 'commander';
import { DuihaoError } from '../errors.js';
import { explainItem } from '../taxonomy/explain.js';
import type { Item } from '../taxonomy/item.js';
import { checkTaxonomy } from '../taxonomy/load.js';
import { loadOverlay, mergeOverlays } from '../taxonomy/overlay.js';
import { resolveLabel } from '../taxonomy/resolve-label.js';
import { ItemSearch } from '../taxonomy/search.js';
import type { Taxonomy, TaxonomyFault } from '../taxonomy/taxonomy.js';
import { registerChanges } from './taxonomy-changes.js';
import {
  collect,
  faultLine,
  printJson,
  printLines,
  readTaxonomy,
  type TaxonomyOptions,
  withTaxonomyOptions,
} from './taxonomy-options.js';
import { registerVersions } from './taxonomy-versions.js';

export function register(program: Command): void {
  const taxonomy = program.command('taxonomy').description('分类体系：检查、查看、比较、转换');
  taxonomy
    .command('check')
    .description('检查分类体系文件，逐行报告每一处错误；有错误时退出码为 1')
    .argument('<file>', 'CSV、XLSX（包括有合并单元格的印刷表式）、JSON 或 JSON Lines')
    .option('--overlay <file>', '同时检查叠加表，可重复给出', collect, [])
    .option('--strict', '有警告时退出码也为 1')
    .option('--json', '输出 JSON')
    .action(check);
  withTaxonomyOptions(
    taxonomy
      .command('show')
      .description('显示分类体系的概况，或某个事项及其下级')
      .argument('[item]', '编码、名称或 id')
      .option('--depth <levels>', '向下显示几级', '1')
      .option('--find <query>', '搜索：编码、中文、拼音或拼音首字母')
      .option('--json', '输出 JSON'),
  ).action(show);
  registerVersions(taxonomy);
  registerChanges(taxonomy);
}

async function check(
  file: string,
  options: { overlay: readonly string[]; strict?: boolean; json?: boolean },
): Promise<void> {
  const result = await checkTaxonomy(file);
  let { taxonomy } = result;
  const faults: TaxonomyFault[] = [...result.faults];
  if (taxonomy && options.overlay.length > 0) {
    const merged = mergeOverlays(taxonomy, await Promise.all(options.overlay.map(loadOverlay)));
    taxonomy = merged.taxonomy;
    faults.push(...merged.faults);
  }
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  const warnings = faults.length - errors;
  const ok = errors === 0 && (warnings === 0 || options.strict !== true);
  if (options.json) {
    printJson({
      file,
      ok,
      errors,
      warnings,
      columns: result.columns,
      taxonomy: taxonomy ? presentTaxonomy(taxonomy) : null,
      faults,
    });
  } else {
    printLines([
      ...faults.map(faultLine),
      `${ok ? '通过' : '未通过'}：${errors} 处错误，${warnings} 处警告${taxonomy ? `；${summary(taxonomy)}` : ''}`,
    ]);
  }
  if (!ok) process.exitCode = 1;
}

async function show(
  text: string | undefined,
  options: TaxonomyOptions & { depth: string; find?: string; json?: boolean },
): Promise<void> {
  const taxonomy = await readTaxonomy(options);
  if (options.find !== undefined) {
    const found = new ItemSearch(taxonomy).search(options.find, 20);
    if (options.json)
      printJson(found.map(({ item, score, matched }) => ({ ...present(item), score, matched })));
    else {
      printLines(
        found.map(
          ({ item, matched }) =>
            `${explainItem(taxonomy, item)}${matched === item.displayName ? '' : `  ← ${matched}`}`,
        ),
      );
    }
    return;
  }
  const depth = Number(options.depth);
  if (!Number.isInteger(depth) || depth < 0)
    throw new DuihaoError('invalid-input', 'option-invalid', '--depth 应为不小于 0 的整数');
  const items = text === undefined ? null : itemsOf(taxonomy, text);
  const roots = items ?? taxonomy.roots.map((index) => taxonomy.at(index));
  if (options.json) {
    printJson({
      taxonomy: presentTaxonomy(taxonomy),
      items: roots.map((item) => presentTree(taxonomy, item, depth - (items ? 0 : 1))),
    });
    return;
  }
  const lines: string[] = items
    ? []
    : [`${taxonomy.meta.title}（${taxonomy.meta.version}）`, summary(taxonomy)];
  for (const item of roots) {
    if (items) lines.push(explainItem(taxonomy, item), ...facts(taxonomy, item));
    const from = items ? item.level + 1 : 1;
    for (const below of subtree(taxonomy, item)) {
      if (below.level < from || below.level > from + depth - 1) continue;
      lines.push(`${'  '.repeat(below.level - from + (items ? 1 : 0))}${below.code} ${below.displayName}`);
    }
  }
  printLines(lines);
}

function facts(taxonomy: Taxonomy, item: Item): string[] {
  const fallback = taxonomy.catchAllOf(item);
  return [
    `  编码 ${item.fullCode}，第 ${item.level} 级，id ${item.id}`,
    ...(item.words.length > 0 ? [`  俗称：${item.words.join('、')}`] : []),
    `  拿不准时归入：${fallback ? `${fallback.code} ${fallback.displayName}` : '（无收容项）'}`,
  ];
}

function itemsOf(taxonomy: Taxonomy, text: string): readonly Item[] {
  const label = resolveLabel(taxonomy, text);
  if (label.kind === 'item') return [label.item];
  if (label.reason === 'label-ambiguous') return label.items;
  throw new DuihaoError('not-found', 'item-unknown', `${text} 不在分类体系中；可用 --find 搜索`);
}

function* subtree(taxonomy: Taxonomy, item: Item): Generator<Item> {
  yield item;
  for (const child of taxonomy.childrenOf(item)) yield* subtree(taxonomy, child);
}

function summary(taxonomy: Taxonomy): string {
  const counts = Array.from({ length: taxonomy.depth }, (_, at) =>
    taxonomy.items.reduce((count, item) => count + (item.level === at + 1 ? 1 : 0), 0),
  );
  const retired = taxonomy.items.filter((item) => item.retired).length;
  return `各级 ${counts.join('/')} 项，末级 ${taxonomy.leaves.length} 项${retired > 0 ? `，停用 ${retired} 项` : ''}`;
}

const presentTaxonomy = (taxonomy: Taxonomy) => ({
  ...taxonomy.meta,
  scheme: taxonomy.scheme,
  digest: taxonomy.digest,
  items: taxonomy.items.length,
  leaves: taxonomy.leaves.length,
  depth: taxonomy.depth,
});

const present = (item: Item) => ({
  id: item.id,
  code: item.fullCode,
  short: item.code,
  name: item.displayName,
  level: item.level,
  catchAll: item.isCatchAll,
  undivided: item.isUndivided,
  retired: item.retired,
  owner: item.owner,
  words: item.words,
});

function presentTree(taxonomy: Taxonomy, item: Item, depth: number): object {
  return {
    ...present(item),
    ...(depth > 0
      ? { children: taxonomy.childrenOf(item).map((child) => presentTree(taxonomy, child, depth - 1)) }
      : {}),
  };
}

/** `duihao code parse|compose`: item codes, city codes and combined codes, explained and put together. */
import type { Command } from 'commander';
import { DuihaoError } from '../errors.js';
import { formatCode, type ItemCode, parseCode } from '../taxonomy/code.js';
import {
  type CombinedParse,
  composeCombinedCode,
  type Extension,
  extensionCode,
  parseCombinedCode,
  readExtensions,
} from '../taxonomy/combined-code.js';
import { explainCode, type Language } from '../taxonomy/explain.js';
import { defaultFacetsPath, loadFacets } from '../taxonomy/facets.js';
import { resolveLabel } from '../taxonomy/resolve-label.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import {
  printJson,
  printLines,
  readTaxonomy,
  type TaxonomyOptions,
  withTaxonomyOptions,
} from './taxonomy-options.js';

interface CodeOptions extends TaxonomyOptions {
  readonly facets: string;
  readonly lang: Language;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const code = program.command('code').description('编码的解析与组合');
  withCodeOptions(
    code
      .command('parse')
      .description('用文字解释基本码、地市码（Z）或组合码；2–10 位、全角、空格和连字符均可')
      .argument('<code...>', '编码，如 0801020000 或 0801020000-A03'),
  ).action(parseCodes);
  withCodeOptions(
    code
      .command('compose')
      .description('由事项和扩展码组成组合码')
      .argument('<item>', '事项的编码或名称')
      .option('--facet <name=value>', '扩展码，如 诉求类别=投诉，可重复给出', collectFacet, {}),
  ).action(compose);
}

function withCodeOptions(command: Command): Command {
  return withTaxonomyOptions(command)
    .option('--facets <file>', '扩展码表（JSON）', defaultFacetsPath)
    .option('--lang <zh|en>', '说明所用语言', readLanguage, 'zh')
    .option('--json', '输出 JSON');
}

function readLanguage(value: string): Language {
  if (value === 'zh' || value === 'en') return value;
  throw new DuihaoError('invalid-input', 'option-invalid', '--lang 应为 zh 或 en');
}

function collectFacet(value: string, before: Record<string, string>): Record<string, string> {
  const cut = value.search(/[=＝]/);
  if (cut < 1)
    throw new DuihaoError('invalid-input', 'option-invalid', `--facet 应写成 名称=取值，现为 ${value}`);
  return { ...before, [value.slice(0, cut)]: value.slice(cut + 1) };
}

async function parseCodes(codes: readonly string[], options: CodeOptions): Promise<void> {
  const taxonomy = await readTaxonomy(options);
  const facets = await loadFacets(options.facets);
  const results = codes.map((text) =>
    describe(text, parseCombinedCode(facets, text), taxonomy, options.lang),
  );
  if (options.json) printJson(results.length === 1 ? results[0]!.json : results.map(({ json }) => json));
  else printLines(results.map(({ text }) => text));
  if (results.some(({ ok }) => !ok)) process.exitCode = 2;
}

function describe(
  text: string,
  parsed: CombinedParse,
  taxonomy: Taxonomy,
  language: Language,
): { ok: boolean; text: string; json: object } {
  if (!parsed.ok) {
    const marks = parsed.faults.map(
      ({ fault, position, length, message }) =>
        `  ${text}\n  ${' '.repeat(widthOf(text.slice(0, position)))}${'^'.repeat(Math.max(1, length))} ${fault}：${message}`,
    );
    return {
      ok: false,
      text: `${text} 不是有效的编码\n${marks.join('\n')}`,
      json: { input: text, ok: false, faults: parsed.faults },
    };
  }
  const explanation = explainCode(parsed.item, taxonomy, language);
  const facts = parsed.extensions.map(
    (one) => `${one.facet.name}：${one.value.name}（${extensionCode(one)}）`,
  );
  // `0106` is the level-2 item, `010600` its undivided row; padded, the code stands for both.
  const typed = taxonomy.byCode(parsed.typed);
  const items = typed.length > 0 ? typed : explanation.items;
  return {
    ok: items.length > 0,
    text: [explanation.text, ...facts].join('\n'),
    json: {
      input: text,
      ok: items.length > 0,
      code: explanation.code,
      short: explanation.short,
      level: explanation.level,
      catchAll: explanation.isCatchAll,
      items: items.map((item) => ({
        id: item.id,
        code: item.fullCode,
        short: item.code,
        name: item.displayName,
        level: item.level,
        retired: item.retired,
        path: taxonomy.pathOf(item).map((one) => one.displayName),
      })),
      extensions: parsed.extensions.map(presentExtension),
      text: explanation.text,
    },
  };
}

const presentExtension = (one: Extension) => ({
  facet: one.facet.id,
  name: one.facet.name,
  code: extensionCode(one),
  value: one.value.name,
});

/** Columns on a terminal: full-width characters take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const sign of text) width += /[\u1100-\uffef]/u.test(sign) ? 2 : 1;
  return width;
}

async function compose(
  item: string,
  options: CodeOptions & { facet: Readonly<Record<string, string>> },
): Promise<void> {
  const taxonomy = await readTaxonomy(options);
  const facets = await loadFacets(options.facets);
  const code = itemCode(taxonomy, item);
  const { extensions, faults } = readExtensions(facets, options.facet);
  if (faults.length > 0) {
    throw new DuihaoError(
      'invalid-input',
      faults[0]!.fault,
      faults.map(({ message }) => message).join('；'),
      { faults },
    );
  }
  const combined = composeCombinedCode(facets, code, extensions);
  if (options.json) {
    printJson({ code: combined, base: formatCode(code), extensions: extensions.map(presentExtension) });
  } else printLines([combined]);
}

/** @throws DuihaoError `code-unknown`, `code-ambiguous` */
function itemCode(taxonomy: Taxonomy, text: string): ItemCode {
  const label = resolveLabel(taxonomy, text);
  if (label.kind === 'unresolved') {
    const ambiguous = label.reason === 'label-ambiguous';
    const among = ambiguous ? `：${label.items.map(({ id }) => id).join('、')}` : '';
    throw new DuihaoError(
      'not-found',
      ambiguous ? 'code-ambiguous' : 'code-unknown',
      `${text} ${ambiguous ? '对应多个事项' : '不在分类体系中'}${among}`,
    );
  }
  const parsed = parseCode(label.item.fullCode);
  if (!parsed.ok) {
    throw new DuihaoError(
      'invalid-input',
      'code-scheme',
      `${taxonomy.meta.title} 不按 DB44/T 2479 编码，不能组成组合码`,
    );
  }
  return parsed.code;
}

/** `duihao models list|promote|rollback|shadow|migrate`: which model answers, and of which list. A running server follows within seconds. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DuihaoError } from '../errors.js';
import { type MigrationAccount, migrateModel } from '../model-store/migrate-model.js';
import { readModelCard } from '../model-store/model-card.js';
import { loadModel, saveModel } from '../model-store/model-folder.js';
import { listModels } from '../model-store/registry.js';
import { loadCorrespondence } from '../taxonomy/correspondence.js';
import type { Item } from '../taxonomy/item.js';
import { loadTaxonomyWithOverlays } from '../taxonomy/overlay.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { readEnvironment } from './environment.js';
import type { OpenJudge } from './evaluate.js';
import { type ModelOptions, modelsFolder, namedModel, withModelsOption } from './model-option.js';
import { registerPromotion } from './promotion.js';
import { registerShadow } from './shadow.js';
import { collect, printJson, printLines } from './taxonomy-options.js';

type Options = ModelOptions & { readonly json?: boolean };

export function register(program: Command, open?: OpenJudge): void {
  const models = program
    .command('models')
    .description('模型：列出、上线、回滚、并行比较、迁移到新版分类体系');
  withModelsOption(models.command('list').description('列出模型，上线的带 *'))
    .option('--json', '输出 JSON')
    .action(list);
  registerPromotion(models, open);
  registerShadow(models);
  withModelsOption(
    models
      .command('migrate')
      .description('不经训练，把模型迁移到分类体系的新版本：按版本差异和对照表；有事项无处可去时拒绝')
      .requiredOption('--model <dir>', '模型目录，或模型存放目录中的名称')
      .requiredOption('--taxonomy <file>', '新版本的分类体系')
      .option('--overlay <file>', '地市叠加表，可重复给出', collect, [])
      .option('--table <file>', '对照表：旧事项 → 新事项，优先于版本差异')
      .option('--to-catch-all', '无处可去的事项归入最近的“其他”')
      .requiredOption('--out <folder>', '迁移后的模型文件夹'),
  )
    .option('--json', '输出 JSON')
    .action(migrate);
}

async function list(options: Options): Promise<void> {
  const folder = modelsFolder(options, readEnvironment());
  const models = await listModels(folder);
  if (options.json) {
    printJson({
      models: folder,
      listed: models.map(({ name, promoted, card, fault }) => ({
        name,
        promoted,
        id: card?.id ?? null,
        version: card?.version ?? null,
        trainedAt: card?.trainedAt ?? null,
        taxonomyDigest: card?.taxonomyDigest ?? null,
        fault: fault?.code ?? null,
      })),
    });
    return;
  }
  if (models.length === 0) printLines([`${folder} 中没有模型；用 duihao train 训练一个`]);
  printLines(
    models.map(({ name, promoted, card, fault }) =>
      card
        ? `${promoted ? '*' : ' '} ${name}  版本 ${card.version}  训练于 ${card.trainedAt}  分类体系 ${card.taxonomyDigest.slice(0, 12)}`
        : `${promoted ? '*' : ' '} ${name}  不可用（${fault?.code}）`,
    ),
  );
}

interface MigrateOptions extends Options {
  readonly model: string;
  readonly taxonomy: string;
  readonly overlay: readonly string[];
  readonly table?: string;
  readonly toCatchAll?: boolean;
  readonly out: string;
}

async function migrate(options: MigrateOptions): Promise<void> {
  const { model, taxonomy, overlay, out } = options;
  const folder = (await readModelCard(namedModel(options, readEnvironment()) ?? model)).folder;
  if (resolve(out) === folder) {
    throw new DuihaoError('invalid-input', 'option-invalid', '--out 不能是模型自己的目录：原模型须保留');
  }
  const loaded = await loadModel(folder);
  const to = await loadTaxonomyWithOverlays(taxonomy, overlay);
  const table = options.table
    ? (await loadCorrespondence(options.table, to, loaded.taxonomy)).table
    : undefined;
  const { content, account } = migrateModel(loaded, to, { table, toCatchAll: options.toCatchAll });
  loaded.classifier.dispose();
  const told = {
    from: { model: loaded.manifest.id, version: loaded.manifest.version, ...listOf(loaded.taxonomy) },
    to: listOf(to),
    carried: account.carried,
    merged: account.merged.map(nameOf),
    split: account.split.map(nameOf),
    toCatchAll: account.toCatchAll.map(nameOf),
    unreached: account.unreached.map(nameOf),
  };
  const lines = accountLines(account);
  // The old figures are of the old list: the card says so instead of repeating them.
  const manifest = await saveModel(out, content, loaded.manifest.trainedAt, () => ({
    'migration.json': `${JSON.stringify(told, null, 2)}\n`,
    'MODEL_CARD.md': [
      '# 模型卡：迁移而来的模型',
      '',
      `由模型 ${told.from.model}（版本 ${told.from.version}）从分类体系 ${told.from.id} ${told.from.release} 迁移到 ${told.to.id} ${told.to.release}，未经重新训练。质量指标见原模型；迁移后请用 duihao evaluate 在新编码的工单上评估，并尽快重新训练。`,
      '',
      ...lines.map((line) => `- ${line}`),
      '',
    ].join('\n'),
  }));
  if (options.json) printJson({ out, version: manifest.version, ...told });
  else printLines([...lines, `迁移后的模型写到 ${out}（版本 ${manifest.version}）`]);
}

const listOf = ({ meta, digest }: Taxonomy) => ({ id: meta.id, release: meta.version, digest });
const nameOf = ({ id, code, displayName }: Item) => ({ id, code, name: displayName });

function accountLines({ carried, merged, split, toCatchAll, unreached }: MigrationAccount): string[] {
  const some = (items: readonly Item[]) =>
    items.length === 0
      ? ''
      : `：${items
          .slice(0, 5)
          .map(({ code, displayName }) => `${code} ${displayName}`)
          .join('、')}${items.length > 5 ? ' …' : ''}`;
  return [
    `原样带过来的末级事项 ${carried} 个`,
    `并入同一事项的 ${merged.length} 个（概率相加）${some(merged)}`,
    `拆分的 ${split.length} 个（概率按对照表权重或平均分给各新事项，重新训练前分不开）${some(split)}`,
    ...(toCatchAll.length > 0 ? [`无处可去而归入“其他”的 ${toCatchAll.length} 个${some(toCatchAll)}`] : []),
    `新体系中没有来源、重新训练前不会被推荐的 ${unreached.length} 个${some(unreached)}`,
  ];
}

/** `duihao models list|promote|rollback`: which model answers. A running server follows within seconds. */

import { join } from 'node:path';
import type { Command } from 'commander';
import { readModelCard } from '../model-store/model-card.js';
import { type Current, listModels, promoteModel, rollbackModel } from '../model-store/registry.js';
import { readEnvironment } from './environment.js';
import { type ModelOptions, modelsFolder, withModelsOption } from './model-option.js';
import { printJson, printLines } from './taxonomy-options.js';

type Options = ModelOptions & { readonly json?: boolean };

export function register(program: Command): void {
  const models = program.command('models').description('模型：列出、上线、回滚');
  withModelsOption(models.command('list').description('列出模型，上线的带 *'))
    .option('--json', '输出 JSON')
    .action(list);
  withModelsOption(
    models
      .command('promote')
      .description('让一个模型上线；运行中的服务会在几秒内换用，不中断请求')
      .argument('<model>', '模型存放目录中的名称'),
  )
    .option('--json', '输出 JSON')
    .action(async (name: string, options: Options) => {
      const folder = modelsFolder(options, readEnvironment());
      await report('已上线', folder, await promoteModel(folder, name), options);
    });
  withModelsOption(models.command('rollback').description('回到上一个上线的模型'))
    .option('--json', '输出 JSON')
    .action(async (options: Options) => {
      const folder = modelsFolder(options, readEnvironment());
      await report('已回滚到', folder, await rollbackModel(folder), options);
    });
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

async function report(
  done: string,
  folder: string,
  { current, history }: Current,
  options: Options,
): Promise<void> {
  const { id, trainedAt } = await readModelCard(join(folder, current.model));
  if (options.json) printJson({ models: folder, ...current, id, trainedAt, history });
  else printLines([`${done} ${current.model}（版本 ${current.version}，训练于 ${trainedAt}）`]);
}

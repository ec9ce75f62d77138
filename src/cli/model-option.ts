/** `--model` and `--models`, the same for every command that answers with a model. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readModelCard } from '../model-store/model-card.js';
import { defaultModelsFolder, promotedModel } from '../model-store/registry.js';
import type { Environment } from './environment.js';

export interface ModelOptions {
  readonly model?: string;
  readonly models?: string;
}

export function withModelOptions(command: Command): Command {
  return withModelsOption(
    command.option('--model <dir>', '模型目录，或模型存放目录中的名称；默认用上线的模型'),
  );
}

export function withModelsOption(command: Command): Command {
  return command.option('--models <dir>', '存放模型的目录；默认为程序自带的 models');
}

export function modelsFolder(options: ModelOptions, environment: Environment): string {
  return resolve(options.models ?? environment.DUIHAO_MODELS ?? defaultModelsFolder);
}

/** The folder that was named, by flag or environment; undefined where the promoted model is meant. */
export function namedModel(options: ModelOptions, environment: Environment): string | undefined {
  const name = options.model ?? environment.DUIHAO_MODEL;
  if (name === undefined) return undefined;
  const inside = join(modelsFolder(options, environment), name);
  return name === basename(name) && !existsSync(name) && existsSync(inside) ? inside : resolve(name);
}

/** @throws DuihaoError `manifest-missing`, `manifest-invalid`, `no-model-promoted`, … */
export async function modelFolder(options: ModelOptions, environment: Environment): Promise<string> {
  const named = namedModel(options, environment);
  const card = named ? await readModelCard(named) : await promotedModel(modelsFolder(options, environment));
  return card.folder;
}

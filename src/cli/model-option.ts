/** `--model`, `--models` and the list a model must be of: the same for every command that answers with a model. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { DuihaoError } from '../errors.js';
import { type ModelCard, readModelCard } from '../model-store/model-card.js';
import { defaultModelsFolder, promotedModel } from '../model-store/registry.js';
import { loadTaxonomyWithOverlays } from '../taxonomy/overlay.js';
import type { Environment } from './environment.js';
import { collect } from './taxonomy-options.js';

export interface ModelOptions {
  readonly model?: string;
  readonly models?: string;
  /** The list the caller's systems go by; a model of another one is refused. */
  readonly taxonomy?: string;
  readonly overlay?: readonly string[];
}

export function withModelOptions(command: Command): Command {
  return withModelsOption(
    command
      .option('--model <dir>', '模型目录，或模型存放目录中的名称；默认用上线的模型')
      .option('--taxonomy <file>', '模型须属于这一分类体系，否则拒绝；默认用模型自带的')
      .option('--overlay <file>', '与 --taxonomy 同用的地市叠加表，可重复给出', collect, []),
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

/** @throws DuihaoError `manifest-missing`, `manifest-invalid`, `no-model-promoted`, `model-taxonomy-mismatch`, … */
export async function modelFolder(options: ModelOptions, environment: Environment): Promise<string> {
  const named = namedModel(options, environment);
  const card = named ? await readModelCard(named) : await promotedModel(modelsFolder(options, environment));
  await refuseOtherTaxonomy(options, card);
  return card.folder;
}

/** @throws DuihaoError `model-taxonomy-mismatch`, and those of loading the list */
export async function refuseOtherTaxonomy(options: ModelOptions, card: ModelCard): Promise<void> {
  if (options.taxonomy === undefined) {
    if (!options.overlay?.length) return;
    throw new DuihaoError('invalid-input', 'option-invalid', '--overlay 须与 --taxonomy 同用');
  }
  const { digest, meta } = await loadTaxonomyWithOverlays(options.taxonomy, options.overlay ?? []);
  if (digest === card.taxonomyDigest) return;
  throw new DuihaoError(
    'conflict',
    'model-taxonomy-mismatch',
    `model ${card.id} ${card.version} is of another taxonomy than ${meta.id} ${meta.version}; migrate it or train again`,
    { model: card.taxonomyDigest, list: digest },
  );
}

/**
 * Which model runs beside the promoted one, unseen, to be compared with it: `shadow.json` in the models folder, written
 * beside and renamed like the promotion.
 */
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DuihaoError } from '../errors.js';
import { readJsonFile } from '../json-file.js';
import { writeChoice } from './choice-file.js';
import { type ModelCard, readModelCard } from './model-card.js';
import { folderOf, readCurrent } from './registry.js';

const shadowSchema = z.strictObject({
  format: z.literal('duihao-shadow'),
  formatVersion: z.literal(1),
  /** Name of the folder inside the models folder. */
  model: z.string().regex(/^(?!\.)[^/\\]+$/),
  version: z.string(),
  since: z.string(),
});

export type ShadowChoice = Readonly<z.infer<typeof shadowSchema>>;

const pathIn = (models: string) => join(models, 'shadow.json');

/**
 * Null where none is chosen.
 * @throws DuihaoError `shadow-invalid`
 */
export async function readShadow(models: string): Promise<ShadowChoice | null> {
  const path = pathIn(models);
  return readJsonFile(
    path,
    (json) => shadowSchema.safeParse(json).data,
    () => {
      const words = `${path} is damaged; choose the shadow again`;
      return new DuihaoError('corrupt', 'shadow-invalid', words, { path });
    },
  );
}

/**
 * @param name a folder inside `models`, or a path to one
 * @throws DuihaoError `shadow-promoted`, `model-outside`, `models-folder-missing`, `manifest-…`, `registry-invalid`
 */
export async function chooseShadow(models: string, name: string, now = new Date()): Promise<ShadowChoice> {
  const folder = folderOf(models, name);
  const { version } = await readModelCard(folder);
  const model = basename(folder);
  const current = (await readCurrent(models))?.current;
  if (current?.model === model && current.version === version) {
    throw new DuihaoError('conflict', 'shadow-promoted', `${model} ${version} is the promoted model itself`, {
      model,
      version,
    });
  }
  const choice: ShadowChoice = {
    format: 'duihao-shadow',
    formatVersion: 1,
    model,
    version,
    since: now.toISOString(),
  };
  await writeChoice(pathIn(models), choice);
  return choice;
}

/** No model beside the promoted one any more; none there is fine too. */
export async function clearShadow(models: string): Promise<void> {
  await rm(pathIn(models), { force: true });
}

/**
 * The chosen model; a folder that was trained anew since is another model.
 * @throws DuihaoError `model-changed`, `manifest-…`
 */
export async function shadowModel(models: string, { model, version }: ShadowChoice): Promise<ModelCard> {
  const card = await readModelCard(join(models, model));
  if (card.version === version) return card;
  throw new DuihaoError(
    'conflict',
    'model-changed',
    `${model} was version ${version} when it was chosen as shadow and is ${card.version} now; choose it again`,
    { model, promoted: version, found: card.version },
  );
}

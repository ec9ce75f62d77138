/**
 * A folder of models and which of them is promoted (上线). The choice is one small file, `current.json`, written
 * beside and renamed: a server that polls it sees the old choice or the new one, never half of one.
 */
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { DuihaoError } from '../errors.js';
import { readJsonFile } from '../json-file.js';
import { packageRoot } from '../package-root.js';
import { writeChoice } from './choice-file.js';
import { type ModelCard, readModelCard } from './model-card.js';

/** Where the starter model lies. */
export const defaultModelsFolder: string = join(packageRoot, 'models');

const choiceSchema = z.strictObject({
  /** Name of the folder inside the models folder. */
  model: z.string().regex(/^(?!\.)[^/\\]+$/),
  /** A folder may be trained anew in place: then it is another model. */
  version: z.string(),
  promotedAt: z.string(),
  /** Of a promotion by force: why. */
  forcedBecause: z.string().optional(),
  /** Who chose it, as the audit log names people; and whether by rolling back. */
  by: z.string().optional(),
  rolledBack: z.boolean().optional(),
});
const currentSchema = z.strictObject({
  format: z.literal('duihao-current'),
  formatVersion: z.literal(1),
  current: choiceSchema,
  /** What was promoted before, latest last: where a rollback goes. */
  history: z.array(choiceSchema),
});

export type Choice = Readonly<z.infer<typeof choiceSchema>>;
export type Current = Readonly<z.infer<typeof currentSchema>>;

/** Rollbacks beyond this are archaeology. */
const HISTORY = 50;

export interface ListedModel {
  readonly name: string;
  readonly promoted: boolean;
  /** Null where the folder's manifest does not validate; `fault` says why. */
  readonly card: ModelCard | null;
  readonly fault: DuihaoError | null;
}

/** Every folder with a manifest.json, newest training first; broken ones are listed with their fault. */
export async function listModels(models: string): Promise<ListedModel[]> {
  const current = await readCurrent(models);
  const listed: ListedModel[] = [];
  for (const name of await folders(models)) {
    const promoted = current?.current.model === name;
    try {
      listed.push({ name, promoted, card: await readModelCard(join(models, name)), fault: null });
    } catch (error) {
      if (!(error instanceof DuihaoError)) throw error;
      if (promoted || error.code !== 'manifest-missing')
        listed.push({ name, promoted, card: null, fault: error });
    }
  }
  const time = ({ card }: ListedModel) => card?.trainedAt ?? '';
  return listed.sort((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : a.name < b.name ? -1 : 1));
}

async function folders(models: string): Promise<string[]> {
  const entries = await readdir(models, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new DuihaoError('not-found', 'models-folder-missing', `no such models folder: ${models}`, {
      models,
    });
  });
  // Links too: a models folder may collect models that lie elsewhere.
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
}

/**
 * Null where nothing has been promoted yet.
 * @throws DuihaoError `registry-invalid`
 */
export async function readCurrent(models: string): Promise<Current | null> {
  const path = join(models, 'current.json');
  return readJsonFile(
    path,
    (json) => currentSchema.safeParse(json).data,
    () => {
      const words = `${path} is damaged; delete it and promote a model again`;
      return new DuihaoError('corrupt', 'registry-invalid', words, { path });
    },
  );
}

/**
 * The promoted model; where nothing was promoted yet, the only one there is.
 * @throws DuihaoError `no-model-promoted`, `models-folder-missing`, `registry-invalid`, `manifest-…`
 */
export async function promotedModel(models: string): Promise<ModelCard> {
  const current = await readCurrent(models);
  if (current) return readModelCard(join(models, current.current.model));
  const usable = (await listModels(models)).flatMap(({ card }) => (card ? [card] : []));
  if (usable.length === 1) return usable[0]!;
  throw new DuihaoError(
    'not-found',
    'no-model-promoted',
    usable.length === 0
      ? `${models} holds no model; train one with duihao train`
      : `none of the ${usable.length} models in ${models} is promoted; choose with duihao models promote`,
    { models },
  );
}

export interface PromotionTerms {
  /** What the decision to promote rests on; where it no longer holds nothing is promoted. */
  readonly compared?: { readonly version: string; readonly current: Choice | null };
  readonly forcedBecause?: string | undefined;
  readonly by?: string | undefined;
}

/**
 * @param name a folder inside `models`, or a path to one
 * @throws DuihaoError `model-outside`, `manifest-missing`, `manifest-invalid`, `model-already-promoted`,
 *   `registry-changed`, `registry-locked`, `registry-invalid`
 */
export async function promoteModel(
  models: string,
  name: string,
  now = new Date(),
  { compared, forcedBecause, by }: PromotionTerms = {},
): Promise<Current> {
  const folder = folderOf(models, name);
  return locked(models, async () => {
    const { version } = await readModelCard(folder);
    const before = await readCurrent(models);
    if (
      compared &&
      !(compared.version === version && sameChoice(compared.current, before?.current ?? null))
    ) {
      throw new DuihaoError(
        'conflict',
        'registry-changed',
        'another model was promoted, or the candidate trained anew, while they were compared; compare again',
        { models },
      );
    }
    const model = basename(folder);
    if (before?.current.model === model && before.current.version === version) {
      throw new DuihaoError('conflict', 'model-already-promoted', `${model} ${version} is promoted already`, {
        model,
        version,
      });
    }
    return writeCurrent(models, {
      format: 'duihao-current',
      formatVersion: 1,
      current: {
        model,
        version,
        promotedAt: now.toISOString(),
        ...(forcedBecause === undefined ? {} : { forcedBecause }),
        ...(by === undefined ? {} : { by }),
      },
      history: before ? [...before.history, before.current].slice(-HISTORY) : [],
    });
  });
}

/**
 * Back to the model that was promoted before the current one.
 * @throws DuihaoError `rollback-impossible`, `model-changed`, `manifest-…`, `registry-…`
 */
export async function rollbackModel(models: string, now = new Date(), by?: string): Promise<Current> {
  return locked(models, async () => {
    const before = await readCurrent(models);
    const target = before?.history.at(-1);
    if (!before || !target) {
      throw new DuihaoError(
        'conflict',
        'rollback-impossible',
        'no model was promoted before the current one',
        {
          models,
        },
      );
    }
    const { version } = await readModelCard(join(models, target.model));
    if (version !== target.version) {
      throw new DuihaoError(
        'conflict',
        'model-changed',
        `${target.model} was version ${target.version} when it was promoted and is ${version} now; promote it by name if that is meant`,
        { model: target.model, promoted: target.version, found: version },
      );
    }
    const { by: _, ...chosen } = target;
    return writeCurrent(models, {
      ...before,
      current: {
        ...chosen,
        promotedAt: now.toISOString(),
        ...(by === undefined ? {} : { by }),
        rolledBack: true,
      },
      history: before.history.slice(0, -1),
    });
  });
}

const sameChoice = (one: Choice | null, other: Choice | null): boolean =>
  one?.model === other?.model && one?.version === other?.version && one?.promotedAt === other?.promotedAt;

/** @throws DuihaoError `model-outside` */
export function folderOf(models: string, name: string): string {
  const inside = resolve(models, basename(name));
  const given = name === basename(name) ? inside : resolve(name);
  if (given !== inside || dirname(given) !== resolve(models) || basename(given).startsWith('.')) {
    throw new DuihaoError(
      'invalid-input',
      'model-outside',
      `${name} does not lie directly in ${models}; copy or link it there first`,
      { models, name },
    );
  }
  return given;
}

async function writeCurrent(models: string, current: Current): Promise<Current> {
  await writeChoice(join(models, 'current.json'), current);
  return current;
}

/** One promoter at a time. A lock is never broken by guess: the message says whose it is. */
async function locked<T>(models: string, work: () => Promise<T>): Promise<T> {
  const path = join(models, 'current.lock');
  const file = await open(path, 'wx').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      throw new DuihaoError('not-found', 'models-folder-missing', `no such models folder: ${models}`, {
        models,
      });
    }
    if (error.code !== 'EEXIST') throw error;
    const holder = (await readFile(path, 'utf8').catch(() => '')).trim();
    throw new DuihaoError(
      'conflict',
      'registry-locked',
      `another promotion is under way (${holder || 'unknown process'}); if that process no longer runs, delete ${path}`,
      { path },
    );
  });
  try {
    await file.writeFile(`process ${process.pid} on ${hostname()} since ${new Date().toISOString()}\n`);
    return await work();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/**
 * Runs in each thread of the pool: opens the model once, then answers tasks. No top-level await and no static
 * import of the model's code, so that the file loads by `require` and by `import`, from TypeScript and from dist.
 */
import { workerData } from 'node:worker_threads';
import { DuihaoError } from '../errors.js';
import { type LogLevel, setLogLevel } from '../log.js';
import { taxonomyToJson } from '../taxonomy/snapshot.js';
import type { Answerer } from './answerer.js';
import type { CorrectionMemory } from './correction-memory.js';
import { errorMessage, type WorkerAnswer, type WorkerSetup, type WorkerTask } from './pool-messages.js';
import { toMessage } from './suggestion-message.js';

const setup = workerData as WorkerSetup;
setLogLevel(setup.logLevel as LogLevel);

let opening: Promise<Answerer> | undefined;

async function open(): Promise<Answerer> {
  // From sources: tsx hooks the imports of the main thread only.
  if (import.meta.url.endsWith('.ts')) (await import('tsx/esm/api')).register();
  const module = (await import(setup.opener)) as {
    openAnswerer(folder: string, corrections?: CorrectionMemory): Promise<Answerer>;
  };
  const { CorrectionMemory } = await import('./correction-memory.js');
  const corrections = setup.corrections ? new CorrectionMemory(undefined, setup.corrections) : undefined;
  return module.openAnswerer(setup.modelFolder, corrections);
}

/** A failure is not kept: the folder may be whole again when the next task comes. */
function answerer(): Promise<Answerer> {
  opening ??= open().catch((error) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

const isSame = (
  { model, taxonomy }: Answerer,
  { version, digest }: { readonly version: string; readonly digest: string },
): boolean => model.version === version && taxonomy.digest === digest;

async function run(task: WorkerTask): Promise<WorkerAnswer> {
  if (task.kind === 'release' && !opening) return { kind: 'released' };
  let model: Answerer;
  try {
    model = await answerer();
  } catch (error) {
    return { kind: 'not-open', error: errorMessage(error, 'to open', true) };
  }
  if (task.kind === 'suggest' && !isSame(model, task)) {
    // Its folder was trained anew since the pool was opened: other items, other probabilities.
    opening = undefined;
    const changed = new DuihaoError(
      'unavailable',
      'model-replaced',
      `the model in ${setup.modelFolder} is another one than when the server opened it; promote it or start again`,
    );
    return { kind: 'not-open', error: errorMessage(changed, 'to open', true) };
  }
  try {
    switch (task.kind) {
      case 'describe': {
        const { taxonomy } = model;
        return {
          kind: 'described',
          description: {
            model: { ...model.model },
            coverages: [...model.coverages],
            taxonomy: taxonomyToJson(taxonomy),
            digest: taxonomy.digest,
          },
        };
      }
      case 'release':
        model.close?.();
        opening = undefined;
        return { kind: 'released' };
      case 'suggest':
        return { kind: 'suggested', suggestions: model.answer(task.tickets, task.options).map(toMessage) };
    }
  } catch (error) {
    return { kind: 'failed', error: errorMessage(error, 'on a task', false) };
  }
}

/** Piscina waits for the handler: a worker counts as ready when it has tried to open the model. */
export default (async () => {
  await answerer().catch(() => {});
  return run;
})();

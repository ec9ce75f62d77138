/** Opens a model's folder in this thread. */
import { loadModel } from '../model-store/model-folder.js';
import type { Answerer } from './answerer.js';
import type { CorrectionMemory } from './correction-memory.js';
import { ModelAnswerer } from './model-answerer.js';

/**
 * @param corrections what agents chose lately, where answers may be adjusted
 * @throws DuihaoError of `loadModel`
 */
export async function openAnswerer(modelFolder: string, corrections?: CorrectionMemory): Promise<Answerer> {
  return new ModelAnswerer(await loadModel(modelFolder), corrections);
}

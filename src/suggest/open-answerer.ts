/** Opens a model's folder in this thread. */
import { loadModel } from '../model-store/model-folder.js';
import type { Answerer } from './answerer.js';
import { ModelAnswerer } from './model-answerer.js';

/** @throws DuihaoError of `loadModel` */
export async function openAnswerer(modelFolder: string): Promise<Answerer> {
  return new ModelAnswerer(await loadModel(modelFolder));
}

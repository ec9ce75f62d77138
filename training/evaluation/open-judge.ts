/** Opens a model's folder to be judged. */
import { loadModel } from '../../src/model-store/model-folder.js';
import { isWordUnit, normalize } from '../../src/text/normalize.js';
import type { Judge } from './judge.js';

/** @throws DuihaoError of `loadModel` */
export async function openJudge(modelFolder: string): Promise<Judge> {
  const { manifest, taxonomy, policy, conformal, classifier, segmenter } = await loadModel(modelFolder);
  return {
    taxonomy,
    model: { id: manifest.id, version: manifest.version, trainedAt: manifest.trainedAt },
    policy,
    conformal,
    distributions: (tickets) => classifier.classify(tickets).map(({ leaves }) => leaves),
    words: ({ title, text }) =>
      segmenter
        .segment(normalize(`${title ?? ''}\n${text}`))
        .filter((word) => isWordUnit(word.charCodeAt(0))),
  };
}

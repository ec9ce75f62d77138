/** Writes folders that the registry and the toy model take for trained models. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toyTaxonomy } from './toy-answerer.js';

/** @returns the model's folder. */
export function writeToyModel(
  models: string,
  name: string,
  version: string,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const folder = join(models, name);
  mkdirSync(folder, { recursive: true });
  const manifest = {
    format: 'duihao-model',
    formatVersion: 2,
    id: name,
    version,
    trainedAt: '2026-01-01T00:00:00.000Z',
    taxonomyDigest: toyTaxonomy().digest,
    ...more,
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

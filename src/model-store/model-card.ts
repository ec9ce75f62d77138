/** What a model's folder says of itself in manifest.json, as far as the registry needs it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DuihaoError } from '../errors.js';

/** The fields that every version of the format will keep; loading a model reads the rest. */
const manifestSchema = z.looseObject({
  format: z.literal('duihao-model'),
  formatVersion: z.literal(2),
  id: z.string().min(1),
  version: z.string().min(1),
  trainedAt: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  taxonomyDigest: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface ModelCard {
  /** Absolute path. */
  readonly folder: string;
  readonly id: string;
  readonly version: string;
  readonly trainedAt: string;
  readonly taxonomyDigest: string;
}

/** @throws DuihaoError `manifest-missing`, `manifest-invalid` */
export async function readModelCard(folder: string): Promise<ModelCard> {
  const path = join(folder, 'manifest.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new DuihaoError(
        'corrupt',
        'manifest-invalid',
        `${path} is not valid JSON; train or copy the model again`,
        {
          path,
        },
      );
    }
    throw new DuihaoError(
      'not-found',
      'manifest-missing',
      `${folder} holds no model: ${path} cannot be read`,
      {
        path,
        cause: (error as NodeJS.ErrnoException).code,
      },
    );
  }
  const manifest = manifestSchema.safeParse(json);
  if (!manifest.success) {
    const fields = [...new Set(manifest.error.issues.map((issue) => issue.path.join('.') || '(document)'))];
    throw new DuihaoError(
      'corrupt',
      'manifest-invalid',
      `${path} is not a manifest of this version of Duihao; wrong or missing: ${fields.join(', ')}`,
      { path, fields },
    );
  }
  const { id, version, trainedAt, taxonomyDigest } = manifest.data;
  return { folder, id, version, trainedAt, taxonomyDigest };
}

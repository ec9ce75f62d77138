/**
 * A model as a folder: manifest.json, weights.bin, taxonomy.json, maybe facets.json. Written beside and renamed, so
 * that a folder is whole or not there; read with every checksum held against the manifest.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { chooseBackend } from '../classifier/backend.js';
import { validateCalibration } from '../classifier/calibration.js';
import { Classifier, type ClassifierParts } from '../classifier/classifier.js';
import {
  type ItemClassifier,
  isSound,
  type LeafMoves,
  MovedClassifier,
} from '../classifier/moved-classifier.js';
import { type ConformalCalibration, validateConformal } from '../decision/conformal.js';
import { type Policy, validatePolicy } from '../decision/policy.js';
import { DuihaoError } from '../errors.js';
import { type FeatureOptions, validateFeatures } from '../features/feature-options.js';
import { Vectorizer } from '../features/vectorizer.js';
import { Vocabulary } from '../features/vocabulary.js';
import { log } from '../log.js';
import { type FacetTable, readFacetTable } from '../taxonomy/facets.js';
import { taxonomyFromJson, taxonomyToJson } from '../taxonomy/snapshot.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { openSegmenter, type Segmenter, type SegmenterName } from '../text/segment.js';
import { packFew, unpackFew } from './few-values.js';
import { packRows, unpackRows } from './linear-rows.js';
import { type Manifest, manifestSchema } from './manifest.js';
import { ArrayReader, packArrays, type StoredArray } from './weights-file.js';

/** All that a model is. */
export interface ModelContent {
  readonly taxonomy: Taxonomy;
  readonly features: FeatureOptions;
  readonly vocabulary: Vocabulary;
  readonly segmenter: { readonly name: SegmenterName; readonly dictionaryDigest: string };
  readonly parts: ClassifierParts;
  readonly policy: Policy;
  readonly conformal: readonly ConformalCalibration[];
  /** The table the facets of `parts` are of; null where no facet has a head. */
  readonly facetTable: FacetTable | null;
  /** Where the model was moved to `taxonomy` after its training: the list `parts` are of, and the way from it. */
  readonly moved?: { readonly trained: Taxonomy; readonly moves: LeafMoves } | undefined;
}

export interface LoadedModel extends ModelContent {
  readonly manifest: Manifest;
  /** The segmenter in use; another one than the model's own where that could not be loaded. */
  readonly segmenter: Segmenter;
  readonly classifier: ItemClassifier;
}

const MAX_MANIFEST = 16 << 20;

/**
 * @param others further files of the folder by name: report, metrics, card
 * @throws DuihaoError `folder-exists` where `folder` is there and is no model; a model there is replaced
 */
export async function saveModel(
  folder: string,
  content: ModelContent,
  trainedAt: string,
  others: (manifest: Manifest) => Readonly<Record<string, string>>,
): Promise<Manifest> {
  const target = resolve(folder);
  await refuseForeignFolder(target);
  const weights = packArrays(arraysOf(content));
  const taxonomy = `${JSON.stringify(taxonomyToJson(content.taxonomy))}\n`;
  const trained = content.moved ? `${JSON.stringify(taxonomyToJson(content.moved.trained))}\n` : null;
  const facets = content.facetTable ? `${JSON.stringify(content.facetTable, null, 1)}\n` : null;
  const { parts, features, segmenter, policy, conformal } = content;
  const manifest: Manifest = {
    format: 'duihao-model',
    formatVersion: 2,
    id: basename(target),
    version: weights.sha256.slice(0, 12),
    trainedAt,
    taxonomyDigest: content.taxonomy.digest,
    features: { ...features },
    segmenter: { name: segmenter.name, dictionaryDigest: segmenter.dictionaryDigest },
    network: parts.network
      ? {
          dimensions: parts.network.dimensions,
          rows: parts.network.rows,
          headSizes: [...parts.network.headSizes],
        }
      : null,
    combination: { levels: [...parts.combination.levels], network: parts.combination.network },
    calibration: {
      temperatures: [...parts.calibration.temperatures],
      doubt: { ...parts.calibration.doubt, weights: [...parts.calibration.doubt.weights] },
    },
    policy: { targetError: policy.targetError, thresholds: [...policy.thresholds] },
    conformal: conformal.map((one) => ({ ...one })),
    facets: parts.facets.map((one) => ({ ...one })),
    files: {
      weights: { sha256: weights.sha256, bytes: weights.bytes.length, arrays: weights.entries },
      taxonomy: { sha256: sha256(taxonomy) },
      facets: facets === null ? null : { sha256: sha256(facets) },
      ...(trained === null ? {} : { trainedTaxonomy: { sha256: sha256(trained) } }),
    },
  };
  const beside = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(beside, { recursive: true });
    await writeFile(join(beside, 'weights.bin'), weights.bytes);
    await writeFile(join(beside, 'taxonomy.json'), taxonomy);
    if (trained !== null) await writeFile(join(beside, 'trained-taxonomy.json'), trained);
    if (facets !== null) await writeFile(join(beside, 'facets.json'), facets);
    for (const [name, text] of Object.entries(others(manifest))) await writeFile(join(beside, name), text);
    await writeFile(join(beside, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await replaceFolder(beside, target);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
  return manifest;
}

/**
 * @throws DuihaoError `manifest-missing`, `manifest-invalid`, `model-damaged` (a checksum or an array is wrong),
 *   `model-taxonomy-mismatch`
 */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const path = resolve(folder);
  const manifest = await readManifest(path);
  const taxonomyText = await readChecked(path, 'taxonomy.json', manifest.files.taxonomy.sha256);
  const taxonomy = taxonomyFromJson(JSON.parse(taxonomyText.toString('utf8')));
  if (taxonomy.digest !== manifest.taxonomyDigest) {
    throw new DuihaoError(
      'conflict',
      'model-taxonomy-mismatch',
      `${path} was trained on another taxonomy than the one beside it; move it with a correspondence table or train again`,
      { path },
    );
  }
  const trained = manifest.files.trainedTaxonomy
    ? taxonomyFromJson(
        JSON.parse(
          (await readChecked(path, 'trained-taxonomy.json', manifest.files.trainedTaxonomy.sha256)).toString(
            'utf8',
          ),
        ),
      )
    : taxonomy;
  const facetTable = manifest.files.facets
    ? readFacetTable(
        JSON.parse((await readChecked(path, 'facets.json', manifest.files.facets.sha256)).toString('utf8')),
      )
    : null;
  const weights = await readChecked(path, 'weights.bin', manifest.files.weights.sha256);
  const reader = new ArrayReader(weights, manifest.files.weights.arrays, join(path, 'weights.bin'));
  const features = validateFeatures(manifest.features);
  const hashes = reader.read('hashes', 'u32');
  const featureWeights = unpackFew(
    { values: reader.read('feature-weights', 'f32'), places: reader.read('feature-weight-places', 'u8') },
    hashes.length,
  );
  const vocabulary = new Vocabulary(hashes, featureWeights);
  const items = reader.read('items', 'i32');
  const entries = reader.read('weights', 'i8');
  const rows = { lengths: reader.read('row-lengths', 'u16'), steps: reader.read('output-steps', 'u8') };
  const parts: ClassifierParts = {
    linear: {
      items,
      ...unpackRows(rows, hashes.length, items.length, entries.length),
      weights: entries,
      scales: reader.read('scales', 'f32'),
      biases: reader.read('biases', 'f32'),
    },
    network: manifest.network
      ? {
          ...manifest.network,
          embeddings: reader.read('embeddings', 'i8'),
          scales: reader.read('embedding-scales', 'f32'),
          heads: reader.read('heads', 'f32'),
          biases: reader.read('head-biases', 'f32'),
        }
      : null,
    combination: manifest.combination,
    calibration: validateCalibration(manifest.calibration, trained.depth),
    facets: manifest.facets,
  };
  const moved =
    trained === taxonomy ? undefined : { trained, moves: readMoves(reader, path, trained, taxonomy) };
  const [segmenter, backend] = await Promise.all([openSegmenter(manifest.segmenter.name), chooseBackend()]);
  if (segmenter.dictionaryDigest !== manifest.segmenter.dictionaryDigest) {
    log.warn(
      { model: manifest.id, segmenter: segmenter.name },
      'words are cut with another dictionary than in training: a few answers may differ',
    );
  }
  log.debug({ model: manifest.id, backend }, 'model loaded');
  const vectorizer = new Vectorizer(features, vocabulary, segmenter);
  const classifier = new Classifier(trained, vectorizer, parts);
  return {
    manifest,
    taxonomy,
    features,
    vocabulary,
    segmenter,
    parts,
    policy: validatePolicy(manifest.policy),
    conformal: manifest.conformal.map(validateConformal),
    facetTable,
    moved,
    classifier: moved ? new MovedClassifier(taxonomy, classifier, moved.moves) : classifier,
  };
}

function readMoves(reader: ArrayReader, path: string, from: Taxonomy, to: Taxonomy): LeafMoves {
  const moves: LeafMoves = {
    starts: reader.read('move-starts', 'u32'),
    leaves: reader.read('move-leaves', 'u32'),
    shares: reader.read('move-shares', 'f32'),
  };
  if (isSound(moves, from, to)) return moves;
  throw new DuihaoError(
    'conflict',
    'model-taxonomy-mismatch',
    `${path}: the way from the list the model was trained on does not lead to the list beside it; migrate the model again`,
    { path },
  );
}

function arraysOf({ vocabulary, parts, moved }: ModelContent): Record<string, StoredArray> {
  const { linear, network } = parts;
  const featureWeights = packFew(vocabulary.weights);
  const rows = packRows(linear.starts, linear.outputs);
  return {
    hashes: vocabulary.hashes,
    'feature-weights': featureWeights.values,
    'feature-weight-places': featureWeights.places,
    items: linear.items,
    'row-lengths': rows.lengths,
    'output-steps': rows.steps,
    weights: linear.weights,
    scales: linear.scales,
    biases: linear.biases,
    ...(network
      ? {
          embeddings: network.embeddings,
          'embedding-scales': network.scales,
          heads: network.heads,
          'head-biases': network.biases,
        }
      : {}),
    ...(moved
      ? {
          'move-starts': moved.moves.starts,
          'move-leaves': moved.moves.leaves,
          'move-shares': moved.moves.shares,
        }
      : {}),
  };
}

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json');
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) {
    throw new DuihaoError('not-found', 'manifest-missing', `${folder} holds no model (no manifest.json)`, {
      path,
    });
  }
  const text = info.size > MAX_MANIFEST ? '' : await readFile(path, 'utf8');
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Reported below like any other fault of the file.
  }
  const manifest = manifestSchema.safeParse(json);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new DuihaoError(
    'corrupt',
    'manifest-invalid',
    `${path} is damaged or of another version (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); train or copy the model again`,
    { path },
  );
}

async function readChecked(folder: string, name: string, expected: string): Promise<Buffer> {
  const path = join(folder, name);
  const bytes = await readFile(path).catch(() => null);
  if (bytes && sha256(bytes) === expected) return bytes;
  throw new DuihaoError(
    'corrupt',
    'model-damaged',
    bytes
      ? `${path} does not match its checksum; copy the model again`
      : `${path} is missing; copy the model again`,
    { path },
  );
}

/** @throws DuihaoError `folder-exists` */
export async function refuseForeignFolder(folder: string): Promise<void> {
  const info = await stat(folder).catch(() => null);
  if (!info) return;
  const isModel = await stat(join(folder, 'manifest.json')).then(
    () => true,
    () => false,
  );
  if (info.isDirectory() && (isModel || (await isEmpty(folder)))) return;
  throw new DuihaoError(
    'conflict',
    'folder-exists',
    `${folder} is there already and is no model; name another folder with --out`,
    { folder },
  );
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder)).length === 0;
}

/** The old folder goes aside first: a rename onto a folder that is not empty fails. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const aside = join(dirname(to), `.${basename(to)}.old-${randomUUID()}`);
  const moved = await rename(to, aside).then(
    () => true,
    () => false,
  );
  await rename(from, to);
  if (moved) await rm(aside, { recursive: true, force: true });
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A taxonomy as JSON: what the model store keeps beside the weights. Round trips with the same digest. */
import { DuihaoError } from '../errors.js';
import { isCatchAllByForm, placeId } from './draft.js';
import type { Item, ItemRow } from './item.js';
import { buildTaxonomy, type CodeScheme, type Taxonomy, type TaxonomyMeta } from './taxonomy.js';

export const SNAPSHOT_FORMAT = 'duihao-taxonomy';
export const SNAPSHOT_VERSION = 1;

export interface TaxonomyJson extends TaxonomyMeta {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly formatVersion: number;
  readonly scheme: CodeScheme;
  readonly digest: string;
  /** In pre-order. */
  readonly items: readonly ItemJson[];
}

export interface ItemJson {
  readonly code: string;
  readonly name: string;
  /** Position of the parent in `items`; absent at level 1. */
  readonly under?: number;
  readonly words?: readonly string[];
  readonly retired?: true;
  /** Ids. */
  readonly successors?: readonly string[];
  /** Only where it differs from what the code or the name says. */
  readonly catchAll?: boolean;
  readonly owner?: string;
}

export function taxonomyToJson(taxonomy: Taxonomy): TaxonomyJson {
  return {
    format: SNAPSHOT_FORMAT,
    formatVersion: SNAPSHOT_VERSION,
    ...taxonomy.meta,
    scheme: taxonomy.scheme,
    digest: taxonomy.digest,
    items: taxonomy.items.map((item) => ({
      code: item.code,
      name: item.name,
      ...(item.parent >= 0 ? { under: item.parent } : {}),
      ...(item.words.length > 0 ? { words: item.words } : {}),
      ...(item.retired ? { retired: true as const } : {}),
      ...(item.successors.length > 0 ? { successors: item.successors } : {}),
      ...(differsFromForm(taxonomy, item) ? { catchAll: item.isCatchAll } : {}),
      ...(item.owner !== '' ? { owner: item.owner } : {}),
    })),
  };
}

/** The rows that `buildTaxonomy` makes this tree of again. */
export function rowsOfTaxonomy(taxonomy: Taxonomy): ItemRow[] {
  return taxonomy.items.map((item) => ({
    code: item.code,
    name: item.name,
    parentCode: item.parent < 0 ? null : `@${taxonomy.at(item.parent).id}`,
    words: item.words,
    retired: item.retired,
    successors: item.successors.map((id) => `@${id}`),
    ...(differsFromForm(taxonomy, item) ? { catchAll: item.isCatchAll } : {}),
    owner: item.owner,
    row: item.index + 1,
  }));
}

/** Is `isCatchAll` something that has to be written down? */
export function differsFromForm(taxonomy: Taxonomy, item: Item): boolean {
  const parent = taxonomy.parentOf(item);
  const byForm =
    isCatchAllByForm(taxonomy.scheme, item.code, item.name) ||
    (item.isUndivided && (parent?.isCatchAll ?? false));
  return byForm !== item.isCatchAll;
}

/** @throws DuihaoError `taxonomy-format`, `taxonomy-invalid`, `taxonomy-digest` (all kind `corrupt`) */
export function taxonomyFromJson(json: unknown): Taxonomy {
  const { meta, scheme, digest, rows } = snapshotRows(json);
  const { taxonomy, faults } = buildTaxonomy(meta, rows, scheme);
  if (!taxonomy) {
    throw new DuihaoError('corrupt', 'taxonomy-invalid', 'the stored taxonomy is damaged', { faults });
  }
  if (digest !== undefined && taxonomy.digest !== digest) {
    throw new DuihaoError('corrupt', 'taxonomy-digest', 'the stored taxonomy does not match its digest', {
      expected: digest,
      found: taxonomy.digest,
    });
  }
  return taxonomy;
}

export function isSnapshot(json: unknown): json is TaxonomyJson {
  return (
    typeof json === 'object' && json !== null && (json as { format?: unknown }).format === SNAPSHOT_FORMAT
  );
}

function snapshotRows(json: unknown): {
  meta: TaxonomyMeta;
  scheme: CodeScheme | undefined;
  digest: string | undefined;
  rows: ItemRow[];
} {
  if (!isSnapshot(json) || json.formatVersion !== SNAPSHOT_VERSION || !Array.isArray(json.items)) {
    throw new DuihaoError(
      'corrupt',
      'taxonomy-format',
      `not a ${SNAPSHOT_FORMAT} document of version ${SNAPSHOT_VERSION}`,
    );
  }
  const ids: string[] = [];
  const rows = json.items.map((item: ItemJson, index): ItemRow => {
    const parent = item.under === undefined ? undefined : ids[item.under];
    if (item.under !== undefined && parent === undefined) {
      throw new DuihaoError('corrupt', 'taxonomy-format', `item ${index} stands before its parent`);
    }
    ids.push(placeId(parent, item.code, item.owner ?? ''));
    return {
      code: item.code,
      name: item.name,
      parentCode: parent === undefined ? null : `@${parent}`,
      words: item.words ?? [],
      retired: item.retired ?? false,
      successors: (item.successors ?? []).map((id) => `@${id}`),
      ...(item.catchAll === undefined ? {} : { catchAll: item.catchAll }),
      owner: item.owner ?? '',
      row: index + 1,
    };
  });
  const { id, version, title } = json;
  return { meta: { id, version, title }, scheme: json.scheme, digest: json.digest, rows };
}

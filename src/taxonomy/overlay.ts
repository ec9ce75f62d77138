/**
 * A city's own levels on the province's list. An overlay adds items below level 3 and search words anywhere;
 * it may not rename, move or delete an item of the list, nor give a retired code a new meaning. Items behind Z
 * belong to their city, so that two cities' parts never clash; levels 4 and 5 are one space for all.
 */
import { DuihaoError } from '../errors.js';
import type { Item, ItemRow } from './item.js';
import { loadTaxonomy, readList } from './load.js';
import { rowsOfTaxonomy } from './snapshot.js';
import { buildTaxonomy, type Taxonomy, type TaxonomyFault, type TaxonomyMeta } from './taxonomy.js';

/** Levels that only the list itself defines. */
export const PROVINCE_LEVELS = 3;

export interface Overlay {
  readonly meta: TaxonomyMeta;
  readonly rows: readonly ItemRow[];
}

/** A broken rule's name is the fault's: `overlay-renames`, `overlay-moves`, … */
export type OverlayRule =
  | 'overlay-level'
  | 'overlay-renames'
  | 'overlay-moves'
  | 'overlay-deletes'
  | 'overlay-retired-code'
  | 'overlay-clash'
  | 'overlay-shared';

/** @throws DuihaoError `taxonomy-invalid`, `columns-missing`, `file-…` */
export async function loadOverlay(path: string): Promise<Overlay> {
  const { meta, rows, faults } = await readList(path);
  const errors = faults.filter(({ severity, fault }) => severity === 'error' && fault !== 'column-unknown');
  if (errors.length > 0) {
    throw new DuihaoError('invalid-input', 'taxonomy-invalid', `${path}：${errors[0]!.message}`, {
      path,
      faults: errors,
    });
  }
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(meta.id)) {
    throw new DuihaoError(
      'invalid-input',
      'overlay-id',
      `${path}：叠加表的 id（${meta.id}）应为小写字母、数字和连字符；可在 .meta.json 中给出`,
      { path },
    );
  }
  return { meta, rows };
}

/** @throws DuihaoError `overlay-invalid` with `details.faults`, and those of loading */
export async function loadTaxonomyWithOverlays(
  path: string,
  overlayPaths: readonly string[],
): Promise<Taxonomy> {
  const list = await loadTaxonomy(path);
  if (overlayPaths.length === 0) return list;
  const { taxonomy, faults } = mergeOverlays(list, await Promise.all(overlayPaths.map(loadOverlay)));
  if (taxonomy) return taxonomy;
  const errors = faults.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  throw new DuihaoError(
    'invalid-input',
    'overlay-invalid',
    `叠加表有 ${errors.length} 处错误：${first?.source ?? ''} 第 ${first?.row ?? '?'} 行 ${first?.fault ?? ''}：${first?.message ?? ''}`,
    { faults },
  );
}

/** Every broken rule with its overlay and row; `taxonomy` is null when one is an error. */
export function mergeOverlays(
  list: Taxonomy,
  overlays: readonly Overlay[],
): { taxonomy: Taxonomy | null; faults: readonly TaxonomyFault[] } {
  const faults: TaxonomyFault[] = [];
  const words = new Map<number, string[]>();
  const added = new Map<string, ItemRow>();
  const rows: ItemRow[] = [];
  for (const { meta, rows: given } of overlays) {
    for (const one of given) {
      const row: ItemRow = { ...one, owner: meta.id, source: meta.id };
      const report = (fault: OverlayRule, message: string, severity: 'error' | 'warning' = 'error') =>
        faults.push({ fault, severity, row: row.row, code: row.code, message, source: meta.id });
      const namesakes = list.byCode(row.code).filter((item) => item.code === row.code);
      if (namesakes.length > 0) {
        const item = anchorOf(list, namesakes, row);
        if (!checkAnchor(item, row, report)) continue;
        if (row.words?.length) words.set(item.index, [...(words.get(item.index) ?? []), ...row.words]);
        continue;
      }
      const known = overlayKey(row);
      const there = added.get(known);
      if (there && there.source !== meta.id) {
        if (there.name === row.name) {
          const message = `${row.code} ${row.name} 已由 ${there.source} 编制，视为同一事项`;
          report('overlay-shared', message, 'warning');
        } else {
          const message = `${row.code} 已由 ${there.source} 编为“${there.name}”，不能再编为“${row.name}”：1–5 级编码全省唯一`;
          report('overlay-clash', message);
        }
        continue;
      }
      if (isProvinceLevel(list, row)) {
        report('overlay-level', `${row.code} ${row.name} 位于第 1–3 级：叠加表只能在第 3 级之下增加事项`);
        continue;
      }
      added.set(known, row);
      rows.push(row);
    }
  }
  const base = rowsOfTaxonomy(list).map((row, index) => {
    const own = words.get(index);
    return own ? { ...row, words: [...new Set([...(row.words ?? []), ...own])] } : row;
  });
  const built = buildTaxonomy(mergedMeta(list, overlays), [...base, ...rows], list.scheme);
  // The list's own quirks were reported when it was loaded.
  faults.push(...built.faults.filter(({ source }) => source !== undefined));
  const broken = faults.some(({ severity }) => severity === 'error');
  return { taxonomy: broken ? null : built.taxonomy, faults };
}

/** Behind Z each city codes for itself. */
function overlayKey(row: ItemRow): string {
  return row.code.includes('Z') ? `${row.code}~${row.owner}` : row.code;
}

/**
 * Which of the items of that code a row repeats; the misprinted `090499` is told apart by parent or name. A
 * name that fits none is then reported as a renaming of the first.
 */
function anchorOf(list: Taxonomy, namesakes: readonly Item[], row: ItemRow): Item {
  return (
    namesakes.find((item) => row.parentCode && list.parentOf(item)?.code === row.parentCode) ??
    namesakes.find((item) => item.name === row.name) ??
    namesakes[0]!
  );
}

function checkAnchor(
  item: Item,
  row: ItemRow,
  report: (fault: OverlayRule, message: string) => void,
): boolean {
  const sameName = row.name === '' || row.name === item.name || row.name === item.displayName;
  if (item.retired && !row.retired) {
    report('overlay-retired-code', `${row.code}（${item.displayName}）已停用，停用的编码不得再用`);
    return false;
  }
  if (!sameName) {
    report('overlay-renames', `${row.code} 在省标准中为“${item.displayName}”，不能改名为“${row.name}”`);
    return false;
  }
  if (row.parentCode && item.parent >= 0 && !isSameParent(item, row.parentCode)) {
    report('overlay-moves', `${row.code} ${item.displayName} 不能移到 ${row.parentCode} 之下`);
    return false;
  }
  if (row.retired && !item.retired) {
    report('overlay-deletes', `${row.code} ${item.displayName} 是省标准的事项，叠加表不能停用`);
    return false;
  }
  return true;
}

function isSameParent(item: Item, parent: string): boolean {
  const path = item.id.split('.');
  return parent === `@${path.slice(0, -1).join('.')}` || parent.split('@')[0] === path.at(-2);
}

function isProvinceLevel(list: Taxonomy, row: ItemRow): boolean {
  if (list.scheme === 'db44') return /^\d+$/.test(row.code) && row.code.length <= 2 * PROVINCE_LEVELS;
  if (!row.parentCode) return true;
  const parent = row.parentCode.startsWith('@')
    ? list.byId(row.parentCode.slice(1))
    : list.byCode(row.parentCode)[0];
  return parent !== undefined && parent.level < PROVINCE_LEVELS;
}

function mergedMeta(list: Taxonomy, overlays: readonly Overlay[]): TaxonomyMeta {
  const ids = overlays.map(({ meta }) => meta.id).join('+');
  return {
    id: `${list.meta.id}+${ids}`,
    version: [list.meta.version, ...overlays.map(({ meta }) => `${meta.id}-${meta.version}`)].join('+'),
    title: [list.meta.title, ...overlays.map(({ meta }) => meta.title)].join('＋'),
  };
}

/** A tree built from the labels of tickets, so that any hierarchical list can be learnt. */
import { DuihaoError } from '../errors.js';
import type { ItemRow } from './item.js';
import { buildTaxonomy, type Taxonomy, type TaxonomyMeta } from './taxonomy.js';

/**
 * @param labelPaths each from level 1 down, names or codes; a path may end at an upper level. Codes of
 *   DB44/T 2479 give a `db44` tree, anything else a `free` one. Items come in the order of their codes, so
 *   that the tickets' order does not matter.
 * @throws DuihaoError `labels-empty`, `taxonomy-invalid`
 */
export function inferTaxonomy(
  labelPaths: Iterable<readonly string[]>,
  meta: TaxonomyMeta = { id: 'inferred', version: '1', title: '由工单标签推得的分类体系' },
): Taxonomy {
  const rows = new Map<string, ItemRow>();
  for (const labels of labelPaths) {
    for (let depth = 1; depth <= labels.length; depth += 1) {
      const path = labels.slice(0, depth);
      const key = JSON.stringify(path);
      if (!rows.has(key)) rows.set(key, { code: path.at(-1)!, name: path.at(-1)!, path });
    }
  }
  if (rows.size === 0) throw new DuihaoError('invalid-input', 'labels-empty', '没有可用来推断分类体系的标签');
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
  // Labels that only look like codes here and there are names.
  const coded = buildTaxonomy(meta, sorted);
  const { taxonomy, faults } = coded.taxonomy ? coded : buildTaxonomy(meta, sorted, 'free');
  if (!taxonomy) {
    throw new DuihaoError('invalid-input', 'taxonomy-invalid', '由标签推得的分类体系有误', { faults });
  }
  return taxonomy;
}

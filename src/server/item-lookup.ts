/** What people write for an item → the items it may mean. */
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';

/**
 * Items by id, by the code as printed, or by the base code; digits may be padded to any width
 * (`0801`, `08010000`, `0801000000`). Several for an ambiguous code, none for an unknown one.
 */
export function itemsOfCode(taxonomy: Taxonomy, text: string): readonly Item[] {
  const code = text.trim();
  const byId = taxonomy.byId(code);
  const byCode = taxonomy.byCode(code);
  if (byCode.length > 0) return byCode;
  if (byId) return [byId];
  return /^\d{2,9}$/.test(code) && code.length % 2 === 0 ? taxonomy.byCode(code.padEnd(10, '0')) : [];
}

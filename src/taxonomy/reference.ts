/** How a file names an item so that it is found again: its code, `code@parent`, or `@` and its id. */
import type { Item } from './item.js';
import type { Taxonomy } from './taxonomy.js';

/** The shortest of the three that means this item alone. */
export function referenceTo(taxonomy: Taxonomy, item: Item): string {
  if (!item.code.includes('@')) {
    const namesakes = taxonomy.byCode(item.code).filter(({ code }) => code === item.code);
    if (namesakes.length === 1) return item.code;
    const parent = taxonomy.parentOf(item);
    const apart =
      parent &&
      !parent.code.includes('@') &&
      namesakes.filter((one) => taxonomy.parentOf(one)?.code === parent.code).length === 1;
    if (apart) return `${item.code}@${parent.code}`;
  }
  return `@${item.id}`;
}

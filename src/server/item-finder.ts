/** Placeholder until taxonomy/search.ts lands: plain substring search over codes, names and words. */
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';

export interface FoundItem {
  readonly item: Item;
  readonly score: number;
  readonly matched: string;
}

export class ItemSearch {
  constructor(readonly taxonomy: Taxonomy) {}

  search(query: string, limit: number): FoundItem[] {
    const found: FoundItem[] = [];
    for (const item of this.taxonomy.items) {
      const matched = [item.code, item.displayName, ...item.words].find((text) => text.includes(query));
      if (matched !== undefined) found.push({ item, score: query.length / matched.length, matched });
    }
    return found.sort((a, b) => b.score - a.score).slice(0, limit);
  }
}

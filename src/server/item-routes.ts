/** GET /v1/items and /v1/items/{id}: the tree, searched and browsed. */
import { Router } from 'express';
import type { Item } from '../taxonomy/item.js';
import { ItemSearch } from '../taxonomy/search.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { presentItem, presentItemRef, presentTaxonomy } from './presentation.js';
import { Problem } from './problem.js';
import { type ItemResponse, type ItemsResponse, itemsQuerySchema } from './schemas.js';
import type { ServiceSlot } from './service-slot.js';
import { readQuery } from './validation.js';

export function itemRoutes(slot: ServiceSlot): Router {
  const router = Router();
  // An index is built once for each tree, on its first search.
  const searches = new WeakMap<Taxonomy, ItemSearch>();
  const searchOf = (taxonomy: Taxonomy): ItemSearch => {
    const there = searches.get(taxonomy) ?? new ItemSearch(taxonomy);
    searches.set(taxonomy, there);
    return there;
  };

  router.get('/v1/items', (request, response) => {
    const { q, parent, limit } = readQuery(itemsQuerySchema, request);
    const { taxonomy } = slot.take();
    if (q !== undefined && parent !== undefined) {
      throw new Problem(422, 'query-ambiguous', 'give q to search or parent to browse, not both');
    }
    const answer: ItemsResponse = {
      taxonomy: presentTaxonomy(taxonomy),
      items:
        q !== undefined && q.trim() !== ''
          ? searchOf(taxonomy)
              .search(q.trim(), limit)
              .map(({ item, matched }) => ({ ...presentItem(taxonomy, item), matched }))
          : childrenOf(taxonomy, parent).map((item) => presentItem(taxonomy, item)),
    };
    response.json(answer);
  });

  router.get('/v1/items/:id', (request, response) => {
    const { taxonomy } = slot.take();
    const item = itemOf(taxonomy, request.params.id);
    const fallback = taxonomy.catchAllOf(item);
    const answer: ItemResponse = {
      taxonomy: presentTaxonomy(taxonomy),
      item: presentItem(taxonomy, item),
      children: taxonomy.childrenOf(item).map((child) => presentItem(taxonomy, child)),
      fallback: fallback ? presentItemRef(fallback) : null,
    };
    response.json(answer);
  });
  return router;
}

/** The items beneath `parent`; those of level 1 without one. Browsing shows them all, whatever the limit. */
function childrenOf(taxonomy: Taxonomy, parent: string | undefined): Item[] {
  if (!parent) return taxonomy.roots.map((index) => taxonomy.at(index));
  return taxonomy.childrenOf(itemOf(taxonomy, parent));
}

function itemOf(taxonomy: Taxonomy, id: string): Item {
  const item = taxonomy.byId(id);
  if (!item) {
    throw new Problem(404, 'item-unknown', 'no item has this id; look a code up with /v1/codes/{code}');
  }
  return item;
}

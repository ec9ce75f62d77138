/** Item ids as the database has them → what the API says; the tree may have changed since. */
import type { ShownSuggestion, StoredDecision } from '../store/suggestions.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { presentItemRef } from './presentation.js';
import { Problem } from './problem.js';
import type { CandidateBody, DecisionBody, ItemRefBody } from './schemas.js';

/** Of an item that is no longer in the tree only the id is left; its last part is the code. */
export function presentStoredItem(taxonomy: Taxonomy, id: string): ItemRefBody {
  const item = taxonomy.byId(id);
  if (item) return presentItemRef(item);
  const short = id.split('.').at(-1) ?? id;
  return { item: id, code: short, short, name: short };
}

export function presentStoredDecision(taxonomy: Taxonomy, decision: StoredDecision): DecisionBody {
  const { probability } = decision;
  if (decision.kind === 'specific')
    return { kind: 'specific', ...presentStoredItem(taxonomy, decision.item), probability };
  const { item, under, reason } = decision;
  return {
    kind: 'fallback',
    ...(item === null
      ? { item: null, code: null, short: null, name: null }
      : presentStoredItem(taxonomy, item)),
    under: under === null ? null : presentStoredItem(taxonomy, under),
    reason,
    probability,
  };
}

export function presentStoredCandidates(
  taxonomy: Taxonomy,
  candidates: ShownSuggestion['candidates'],
): CandidateBody[] {
  return candidates.map(({ item: id, probability }) => {
    const item = taxonomy.byId(id);
    const ref = presentStoredItem(taxonomy, id);
    return { ...ref, path: item ? taxonomy.pathOf(item).map(presentItemRef) : [ref], probability };
  });
}

/** The id of an item that may be chosen now. @throws Problem `item-unknown` (422) */
export function choosableItem(taxonomy: Taxonomy, id: string): string {
  const item = taxonomy.byId(id);
  if (item && !item.retired) return item.id;
  const detail = item ? 'this item is retired' : 'no item has this id';
  throw new Problem(422, 'item-unknown', detail, {
    errors: [{ pointer: '/item', code: 'item-unknown', detail }],
  });
}

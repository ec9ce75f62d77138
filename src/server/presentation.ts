/** Domain values → what the API says. */

import type { Candidate, Decision } from '../decision/decision.js';
import type { AdjustmentNote, Suggestion } from '../suggest/suggestion.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type {
  AdjustmentBody,
  CandidateBody,
  DecisionBody,
  ItemBody,
  ItemRefBody,
  ResultBody,
  TaxonomyBody,
} from './schemas.js';

export function presentItemRef(item: Item): ItemRefBody {
  return { item: item.id, code: item.fullCode, short: item.code, name: item.displayName };
}

export function presentItem(taxonomy: Taxonomy, item: Item): ItemBody {
  return {
    ...presentItemRef(item),
    level: item.level,
    path: taxonomy.pathOf(item).map(presentItemRef),
    children: item.children.length,
    catchAll: item.isCatchAll,
    retired: item.retired,
    words: [...item.words],
  };
}

export function presentTaxonomy({ meta, digest, depth }: Taxonomy): TaxonomyBody {
  return { id: meta.id, version: meta.version, title: meta.title, digest, depth };
}

export function presentDecision(decision: Decision): DecisionBody {
  switch (decision.kind) {
    case 'specific':
      return { kind: 'specific', ...presentItemRef(decision.item), probability: decision.probability };
    case 'fallback': {
      const { item, under, reason, probability } = decision;
      return {
        kind: 'fallback',
        ...(item ? presentItemRef(item) : { item: null, code: null, short: null, name: null }),
        under: under ? presentItemRef(under) : null,
        reason,
        probability,
      };
    }
  }
}

/** @param suggestionId where it is recorded */
export function presentSuggestion(suggestion: Suggestion, suggestionId?: string): ResultBody {
  const { id, decision, candidates, evidence, facets, combinedCode, set, adjustment } = suggestion;
  return {
    id,
    ...(suggestionId === undefined ? {} : { suggestionId }),
    decision: presentDecision(decision),
    candidates: candidates.map(presentCandidate),
    evidence: evidence.map((one) => ({ ...one })),
    facets: facets.map((one) => ({ ...one })),
    ...(combinedCode === undefined ? {} : { combinedCode }),
    ...(set === undefined ? {} : { set: { coverage: set.coverage, items: set.items.map(presentCandidate) } }),
    ...(adjustment === undefined ? {} : { adjustment: presentAdjustment(adjustment) }),
  };
}

function presentCandidate({ item, path, probability }: Candidate): CandidateBody {
  return { ...presentItemRef(item), path: path.map(presentItemRef), probability };
}

function presentAdjustment({ model, share, choices, corrections, items }: AdjustmentNote): AdjustmentBody {
  return {
    model: model ? presentItemRef(model) : null,
    share,
    choices,
    corrections,
    items: items.map((one) => ({ ...presentItemRef(one.item), share: one.share })),
  };
}

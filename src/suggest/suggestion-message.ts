/**
 * Suggestions as plain data, for crossing from a worker thread to the main one: items become their indexes
 * and are looked up again in the receiver's own tree, which has the same digest.
 */
import type { ConformalSet } from '../decision/conformal.js';
import type { Candidate, Decision, FallbackReason } from '../decision/decision.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { AdjustmentNote, Evidence, FacetSuggestion, Suggestion } from './suggestion.js';

/** −1 where the decision has no item. */
type ItemIndex = number;

/** Paths are not sent: they follow from the item. */
type CandidateMessage = readonly [item: ItemIndex, probability: number];

export type DecisionMessage =
  | { readonly kind: 'specific'; readonly item: ItemIndex; readonly probability: number }
  | {
      readonly kind: 'fallback';
      readonly item: ItemIndex;
      readonly under: ItemIndex;
      readonly reason: FallbackReason;
      readonly probability: number;
    };

export interface AdjustmentMessage extends Omit<AdjustmentNote, 'items' | 'model'> {
  readonly model: ItemIndex;
  readonly items: readonly (readonly [item: ItemIndex, share: number])[];
}

export interface SetMessage extends Omit<ConformalSet, 'items'> {
  readonly items: readonly CandidateMessage[];
}

export interface SuggestionMessage {
  readonly decision: DecisionMessage;
  readonly candidates: readonly CandidateMessage[];
  readonly evidence: readonly Evidence[];
  readonly facets: readonly FacetSuggestion[];
  readonly combinedCode?: string;
  readonly set?: SetMessage;
  readonly adjustment?: AdjustmentMessage;
  readonly fingerprint?: Int8Array;
}

/** The ticket's id stays behind: the receiver has the tickets and their order. */
export function toMessage(suggestion: Suggestion): SuggestionMessage {
  const { decision, candidates, evidence, facets, combinedCode, set, adjustment, fingerprint } = suggestion;
  return {
    decision: decisionMessage(decision),
    candidates: candidates.map(candidateMessage),
    evidence,
    facets,
    ...(combinedCode === undefined ? {} : { combinedCode }),
    ...(set === undefined ? {} : { set: setMessage(set) }),
    ...(adjustment === undefined ? {} : { adjustment: adjustmentMessage(adjustment) }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}

const candidateMessage = ({ item, probability }: Candidate): CandidateMessage => [item.index, probability];

function setMessage({ items, ...numbers }: ConformalSet): SetMessage {
  return { ...numbers, items: items.map(candidateMessage) };
}

function adjustmentMessage({ items, model, ...numbers }: AdjustmentNote): AdjustmentMessage {
  return {
    ...numbers,
    model: model?.index ?? -1,
    items: items.map(({ item, share }) => [item.index, share]),
  };
}

function decisionMessage(decision: Decision): DecisionMessage {
  switch (decision.kind) {
    case 'specific':
      return { kind: 'specific', item: decision.item.index, probability: decision.probability };
    case 'fallback':
      return {
        kind: 'fallback',
        item: decision.item?.index ?? -1,
        under: decision.under?.index ?? -1,
        reason: decision.reason,
        probability: decision.probability,
      };
  }
}

export function fromMessage(message: SuggestionMessage, id: string, taxonomy: Taxonomy): Suggestion {
  const { candidates, evidence, facets, combinedCode, set, adjustment, fingerprint } = message;
  return {
    id,
    decision: decisionOf(message.decision, taxonomy),
    candidates: candidates.map((one) => candidateOf(one, taxonomy)),
    evidence,
    facets,
    ...(combinedCode === undefined ? {} : { combinedCode }),
    ...(set === undefined ? {} : { set: setOf(set, taxonomy) }),
    ...(adjustment === undefined ? {} : { adjustment: adjustmentOf(adjustment, taxonomy) }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}

function candidateOf([index, probability]: CandidateMessage, taxonomy: Taxonomy): Candidate {
  const item = taxonomy.at(index);
  return { item, path: taxonomy.pathOf(item), probability };
}

function setOf({ items, ...numbers }: SetMessage, taxonomy: Taxonomy): ConformalSet {
  return { ...numbers, items: items.map((one) => candidateOf(one, taxonomy)) };
}

function adjustmentOf({ items, model, ...numbers }: AdjustmentMessage, taxonomy: Taxonomy): AdjustmentNote {
  return {
    ...numbers,
    model: model < 0 ? null : taxonomy.at(model),
    items: items.map(([index, share]) => ({ item: taxonomy.at(index), share })),
  };
}

function decisionOf(message: DecisionMessage, taxonomy: Taxonomy): Decision {
  switch (message.kind) {
    case 'specific':
      return { kind: 'specific', item: taxonomy.at(message.item), probability: message.probability };
    case 'fallback':
      return {
        kind: 'fallback',
        item: message.item < 0 ? null : taxonomy.at(message.item),
        under: message.under < 0 ? null : taxonomy.at(message.under),
        reason: message.reason,
        probability: message.probability,
      };
  }
}

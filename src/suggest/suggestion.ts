/** The answer for one ticket, as the server, the relabeller and the CLI pass it on. */
import type { ConformalSet } from '../decision/conformal.js';
import type { Candidate, Decision } from '../decision/decision.js';
import type { Item } from '../taxonomy/item.js';

/** A stretch of the ticket's own text that spoke for the first candidate. */
export interface Evidence {
  readonly field: 'title' | 'text';
  /** UTF-16 offsets into the field as it was given: `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Share of the positive contributions to the first candidate, in (0, 1]. */
  readonly weight: number;
}

/** A facet's value (扩展码) for the ticket: as the intake system gave it, or as the facet's own head predicts. */
export interface FacetSuggestion {
  /** The facet's id, e.g. `demand`. */
  readonly facet: string;
  /** The value's code, e.g. `03`. */
  readonly code: string;
  readonly name: string;
  /** Calibrated; 1 where it was given. */
  readonly probability: number;
  readonly given: boolean;
}

/** How what agents chose lately for similar tickets moved the answer. */
export interface AdjustmentNote {
  /** Of the answer, in (0, 1); the rest is the model's. */
  readonly share: number;
  /** What the model alone had put first; null: nothing. */
  readonly model: Item | null;
  /** Choices that were found, and how many of them were other than what the model alone had put first. */
  readonly choices: number;
  readonly corrections: number;
  /** What was chosen most, with its share of the choices' vote; the largest first, at most three. */
  readonly items: readonly { readonly item: Item; readonly share: number }[];
}

export interface Suggestion {
  readonly id: string;
  readonly decision: Decision;
  /** Best first, at most k. */
  readonly candidates: readonly Candidate[];
  readonly evidence: readonly Evidence[];
  /** Given facets, and those the model has a head for, in the order of the combined code. */
  readonly facets: readonly FacetSuggestion[];
  /** The decided item's code with the facets' extension codes; absent where there is no item or no facet. */
  readonly combinedCode?: string;
  /**
   * Where a coverage was asked for: the shortest list that holds the right item with that probability. Absent
   * where there was nothing to read.
   */
  readonly set?: ConformalSet;
  /** Only where it was asked for and something similar was chosen. */
  readonly adjustment?: AdjustmentNote;
  /** What similar tickets are found by, to be kept with the suggestion; only where adjusting was asked for. */
  readonly fingerprint?: Int8Array;
}

export interface SuggestOptions {
  /** Candidates to return, 1–20. */
  readonly k: number;
  /** Answer at this level (1…depth); default: as deep as the tree goes. */
  readonly level?: number;
  /** Indexes of items; candidates must lie at or beneath one of them. */
  readonly within?: readonly number[];
  /** Indexes of items; candidates must not lie at or beneath any of them. */
  readonly without?: readonly number[];
  /** Give a set that holds the right item with this probability, in (0, 1). Default: none. */
  readonly coverage?: number;
  /** Off saves the time of explaining. */
  readonly evidence: boolean;
  /** Let what agents chose lately move the answer, where the service keeps that. Default: the model alone. */
  readonly adjust?: boolean;
}

/** The answer for one ticket, as the server, the relabeller and the CLI pass it on. */
import type { Candidate, Decision } from '../decision/decision.js';

/** A stretch of the ticket's own text that spoke for the first candidate. */
export interface Evidence {
  readonly field: 'title' | 'text';
  /** UTF-16 offsets into the field as it was given: `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Share of the positive contributions to the first candidate, in (0, 1]. */
  readonly weight: number;
}

export interface Suggestion {
  readonly id: string;
  readonly decision: Decision;
  /** Best first, at most k. */
  readonly candidates: readonly Candidate[];
  readonly evidence: readonly Evidence[];
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
  /** Off saves the time of explaining. */
  readonly evidence: boolean;
}

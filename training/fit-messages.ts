/** What the fitting threads are given and give back. */

import type { NetworkWeights } from '../src/classifier/network.js';
import type { FacetLabels } from './facet-labels.js';
import type { NetworkOptions } from './fit-network.js';
import type { LabelRanges } from './label-ranges.js';
import type { TicketMatrix } from './ticket-matrix.js';
import type { LinearOptions } from './train-one-item.js';

/** An item that gets a linear classifier, with its leaves. */
export interface LinearItem {
  readonly item: number;
  readonly leafStart: number;
  readonly leafEnd: number;
}

export interface LinearJob extends LinearItem {
  readonly cost: number;
}

export interface FitSetup {
  readonly matrix: TicketMatrix;
  readonly ranges: LabelRanges;
  readonly rowWeights: Float32Array;
  readonly linear: readonly LinearJob[];
  readonly linearOptions: LinearOptions;
  /** Rows one item is fitted on at most: all of its own, and others by chance. */
  readonly maxRows: number;
  /** Null: no network is fitted. */
  readonly network: {
    readonly leaves: number;
    readonly options: NetworkOptions;
    readonly facets: readonly FacetLabels[];
  } | null;
  readonly seed: number;
  /** Shared: the next job's number. Job 0 is the network, where there is one. */
  readonly next: Int32Array;
}

export type FitMessage =
  | {
      readonly kind: 'linear';
      /** Index into `FitSetup.linear`. */
      readonly job: number;
      /** Features with a weight that is not 0 as a byte, ascending. */
      readonly features: Uint32Array;
      readonly weights: Int8Array;
      readonly scale: number;
      readonly bias: number;
    }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly epochs: number; readonly loss: number }
  | { readonly kind: 'network'; readonly weights: NetworkWeights }
  | { readonly kind: 'done' };

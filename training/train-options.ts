/** Everything a training may be told, with its defaults; the CLI reads them from here. */
import { availableParallelism } from 'node:os';
import { DuihaoError } from '../src/errors.js';
import { DEFAULT_FEATURES, type FeatureOptions, validateFeatures } from '../src/features/feature-options.js';
import { DEFAULT_NETWORK, type NetworkOptions } from './fit-network.js';
import type { LinearOptions } from './train-one-item.js';

export interface TrainOptions {
  readonly features: FeatureOptions;
  readonly linear: LinearOptions;
  /** Costs of the linear part that are tried on the held-out tickets besides its own, where that takes little time. */
  readonly otherCosts: readonly number[];
  readonly network: NetworkOptions;
  readonly seed: number;
  readonly threads: number;
  /** Share of the tickets kept back to fit combination, calibration and policy; in the end they are fitted on too. */
  readonly heldOut: number;
  /** false: what is kept back is not fitted on in the end: half the time, for a tenth of the tickets. */
  readonly refit: boolean;
  /** Accepted error among answers that are not fallbacks. */
  readonly targetError: number;
  /** What a written example and an item's own words count, a real ticket counting 1; 0 leaves them out. */
  readonly exampleWeight: number;
  readonly itemWeight: number;
  /** Weights of the linear part kept, the largest. */
  readonly maxWeights: number;
}

export const DEFAULT_TRAINING: TrainOptions = {
  features: DEFAULT_FEATURES,
  linear: { cost: 1, maxPasses: 30, tolerance: 0.1 },
  otherCosts: [0.5],
  network: DEFAULT_NETWORK,
  seed: 1,
  threads: Math.min(8, availableParallelism()),
  heldOut: 0.1,
  refit: true,
  targetError: 0.1,
  exampleWeight: 0.5,
  itemWeight: 0.5,
  maxWeights: 1_200_000,
};

/** @throws DuihaoError `training-options-invalid` */
export function validateTraining(options: TrainOptions): TrainOptions {
  validateFeatures(options.features);
  const faults = [
    [options.linear.cost, ...options.otherCosts].every((cost) => cost > 0) ? '' : 'cost must be positive',
    Number.isInteger(options.seed) && options.seed >= 0 ? '' : 'seed must be a whole number of 0 or more',
    Number.isInteger(options.threads) && options.threads >= 1 ? '' : 'threads must be 1 or more',
    options.heldOut > 0 && options.heldOut < 0.5 ? '' : 'the held-out share must lie between 0 and 0.5',
    options.targetError > 0 && options.targetError < 1 ? '' : 'the target error must lie between 0 and 1',
    options.network.dimensions > 0 && options.network.drop >= 0 && options.network.drop < 1
      ? ''
      : 'network options out of range',
  ].filter((fault) => fault !== '');
  if (faults.length === 0) return options;
  throw new DuihaoError('invalid-input', 'training-options-invalid', faults.join('; '), { faults });
}

/**
 * Tickets → calibrated distributions over the leaves, and over each facet's values. Reads as the model does: features,
 * linear part and network, combination, calibration.
 */

import type { SparseVector } from '../features/sparse-vector.js';
import type { FeatureOccurrences, TicketText, Vectorizer } from '../features/vectorizer.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { applyCalibration, type Calibration, type CalibrationPlan, planCalibration } from './calibration.js';
import { type Combination, type CombinationPlan, combine, planCombination } from './combination.js';
import { explain, type Stretch } from './explain.js';
import { type Fingerprint, fingerprintOf } from './fingerprint.js';
import { LinearPart, type LinearWeights } from './linear-part.js';
import { Network, type NetworkWeights } from './network.js';

export interface FacetHead {
  /** The facet's id. */
  readonly facet: string;
  /** Divides the head's logits. Positive. */
  readonly temperature: number;
}

export interface ClassifierParts {
  readonly linear: LinearWeights;
  readonly network: NetworkWeights | null;
  readonly combination: Combination;
  readonly calibration: Calibration;
  /** Heads of the network behind the leaves', in its order. */
  readonly facets: readonly FacetHead[];
}

export interface Classified {
  /** One per leaf, summing to 1; calibrated. */
  readonly leaves: Float64Array;
  /** Features of the ticket that the model knows; 0: it cannot say anything. */
  readonly knownFeatures: number;
  /** Probabilities of each facet head's values. */
  readonly facets: readonly Float64Array[];
  /** What `explain` needs; only where it was asked for. */
  readonly occurrences: FeatureOccurrences | null;
  readonly vector: SparseVector;
  /** What similar tickets are found by; only where it was asked for, the model has a network and knows a feature. */
  readonly fingerprint: Fingerprint | null;
}

export class Classifier {
  readonly taxonomy: Taxonomy;
  readonly parts: ClassifierParts;
  readonly #vectorizer: Vectorizer;
  readonly #linear: LinearPart;
  readonly #network: Network | null;
  readonly #combinationPlan: CombinationPlan;
  readonly #calibrationPlan: CalibrationPlan;
  readonly #scores: Float64Array;

  /** `chooseBackend` must have been awaited. One instance serves one thread. */
  constructor(taxonomy: Taxonomy, vectorizer: Vectorizer, parts: ClassifierParts) {
    this.taxonomy = taxonomy;
    this.parts = parts;
    this.#vectorizer = vectorizer;
    this.#linear = new LinearPart(parts.linear);
    this.#network = parts.network ? new Network(parts.network) : null;
    this.#combinationPlan = planCombination(taxonomy, parts.linear.items);
    this.#calibrationPlan = planCalibration(taxonomy);
    this.#scores = new Float64Array(this.#linear.outputs);
  }

  classify(tickets: readonly TicketText[], withOccurrences = false, withFingerprints = false): Classified[] {
    const vectors: SparseVector[] = [];
    const occurrences: (FeatureOccurrences | null)[] = [];
    for (const ticket of tickets) {
      vectors.push(this.#vectorizer.vectorize(ticket));
      occurrences.push(withOccurrences ? this.#vectorizer.occurrences() : null);
    }
    const dimensions = withFingerprints && this.#network ? this.#network.weights.dimensions : 0;
    const bags = dimensions > 0 ? new Float32Array(vectors.length * dimensions) : null;
    const logits = this.#network?.logits(vectors, bags ?? undefined) ?? null;
    const leaves = this.taxonomy.leaves.length;
    const width = this.#network?.outputs ?? 0;
    return vectors.map((vector, at) => {
      const own = logits?.subarray(at * width, (at + 1) * width) ?? null;
      const out = new Float64Array(leaves);
      this.#linear.score(vector, this.#scores);
      combine(this.#combinationPlan, this.parts.combination, this.#scores, own, out);
      applyCalibration(this.#calibrationPlan, out, this.parts.calibration, out);
      return {
        leaves: out,
        knownFeatures: vector.indices.length,
        facets: own ? this.#facets(own) : [],
        occurrences: occurrences[at]!,
        vector,
        fingerprint: bags && fingerprintOf(bags.subarray(at * dimensions, (at + 1) * dimensions)),
      };
    });
  }

  /** Uncalibrated logits of the leaves and of the facets' heads, for fitting what comes behind. */
  scores(vector: SparseVector): { linear: Float64Array; network: Float32Array | null } {
    const linear = new Float64Array(this.#linear.outputs);
    this.#linear.score(vector, linear);
    return { linear, network: this.#network?.logits([vector]) ?? null };
  }

  /** Stretches of the ticket that spoke for the leaf, strongest first. Only for what was classified with occurrences. */
  explain({ occurrences, vector }: Classified, leaf: number, most = 8): Stretch[] {
    if (!occurrences) return [];
    const { combination } = this.parts;
    const weights = new Float64Array(vector.indices.length);
    const shares = new Float64Array(this.#linear.outputs);
    for (let level = 0; level < this.taxonomy.depth; level += 1) {
      const output = this.#combinationPlan.outputs[level * this.#combinationPlan.leaves + leaf]!;
      if (output >= 0) shares[output]! += combination.levels[level]!;
    }
    this.#linear.weightsOf(vector.indices, shares, weights);
    if (this.#network && combination.network !== 0) {
      const own = this.#network.weightsOf(vector.indices, leaf);
      for (let nth = 0; nth < weights.length; nth += 1) weights[nth]! += combination.network * own[nth]!;
    }
    for (let nth = 0; nth < weights.length; nth += 1) weights[nth]! *= vector.values[nth]!;
    return explain(vector, weights, occurrences, most);
  }

  dispose(): void {
    this.#network?.dispose();
  }

  #facets(logits: Float32Array): Float64Array[] {
    let from = this.taxonomy.leaves.length;
    return this.parts.facets.map(({ temperature }, head) => {
      const size = this.parts.network!.headSizes[head + 1]!;
      const out = softmax(logits.subarray(from, from + size), temperature);
      from += size;
      return out;
    });
  }
}

export function softmax(logits: Float32Array, temperature: number): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  const out = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  let sum = 0;
  for (const value of out) sum += value;
  return out.map((value) => value / sum);
}

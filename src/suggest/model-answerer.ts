/**
 * The whole flow for a batch of tickets in this thread, as design draws it: classifier → what agents chose lately →
 * distribution → decision → candidates, evidence, facets.
 */

import type { Classified } from '../classifier/classifier.js';
import { calibrationFor, conformalSet, promisedCoverages } from '../decision/conformal.js';
import { decide, fallback } from '../decision/decide.js';
import type { Candidate, Decision } from '../decision/decision.js';
import { Distribution } from '../decision/distribution.js';
import type { LoadedModel } from '../model-store/model-folder.js';
import type { ItemCode } from '../taxonomy/code.js';
import { composeCombinedCode, type Extension } from '../taxonomy/combined-code.js';
import { type FacetTable, facetValueOf } from '../taxonomy/facets.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { isWordUnit } from '../text/normalize.js';
import type { Ticket } from '../text/ticket.js';
import { type Adjustment, type AdjustmentRule, adjust, defaultAdjustment, voteOf } from './adjustment.js';
import type { Answerer } from './answerer.js';
import type { CorrectionMemory } from './correction-memory.js';
import type { ModelIdentity } from './suggest-service.js';
import type { AdjustmentNote, Evidence, FacetSuggestion, Suggestion, SuggestOptions } from './suggestion.js';

export class ModelAnswerer implements Answerer {
  readonly taxonomy: Taxonomy;
  readonly model: ModelIdentity;
  readonly coverages: readonly number[];
  readonly #loaded: LoadedModel;
  readonly #corrections: CorrectionMemory | undefined;
  readonly #rule: AdjustmentRule;

  /** @param corrections what agents chose lately for this model's suggestions; for those who ask with `adjust` */
  constructor(loaded: LoadedModel, corrections?: CorrectionMemory, rule: AdjustmentRule = defaultAdjustment) {
    const { id, version, trainedAt } = loaded.manifest;
    this.taxonomy = loaded.taxonomy;
    this.model = { id, version, trainedAt };
    this.coverages = promisedCoverages(loaded.conformal);
    this.#loaded = loaded;
    this.#corrections = corrections;
    this.#rule = rule;
  }

  /** @throws DuihaoError `coverage-unknown` */
  answer(tickets: readonly Ticket[], options: SuggestOptions): Suggestion[] {
    const adjusting = options.adjust === true && this.#corrections !== undefined;
    const classified = this.#loaded.classifier.classify(tickets, options.evidence, adjusting);
    return tickets.map((ticket, at) => this.#suggest(ticket, classified[at]!, options));
  }

  close(): void {
    this.#loaded.classifier.dispose();
    this.#loaded.segmenter.close?.();
  }

  #suggest(ticket: Ticket, classified: Classified, options: SuggestOptions): Suggestion {
    const { taxonomy } = this;
    const level = options.level ?? taxonomy.depth;
    const pick = (indexes?: readonly number[]) => indexes?.map((index) => taxonomy.at(index));
    const unread = this.#unread(ticket, classified);
    const adjustment = unread ? null : this.#adjustment(classified);
    const leaves = adjustment ? adjust(taxonomy, classified.leaves, adjustment) : classified.leaves;
    const restricted = (values: Float64Array) =>
      new Distribution(taxonomy, values).restrict(pick(options.within), pick(options.without));
    const distribution = restricted(leaves);
    const candidates: Candidate[] = unread
      ? []
      : distribution
          .top(options.k, level)
          .map(({ item, probability }) => ({ item, path: taxonomy.pathOf(item), probability }));
    const decision = unread
      ? fallback(distribution, null, unread)
      : decide(distribution, this.#loaded.policy, level);
    const set = unread ? undefined : this.#set(classified, distribution, options);
    const facets = this.#facets(ticket, classified, unread !== null);
    const combinedCode = this.#combinedCode(decision, facets);
    return {
      id: ticket.id,
      decision,
      candidates,
      evidence: options.evidence && candidates[0] ? this.#evidence(classified, candidates[0].item) : [],
      facets,
      ...(combinedCode === undefined ? {} : { combinedCode }),
      ...(set === undefined ? {} : { set }),
      ...(adjustment
        ? { adjustment: this.#noteOf(adjustment, restricted(classified.leaves).top(1, level)[0]?.item) }
        : {}),
      ...(classified.fingerprint ? { fingerprint: classified.fingerprint } : {}),
    };
  }

  /** By the model's own distribution, for which the thresholds were fitted. */
  #set(classified: Classified, answer: Distribution, { coverage, level }: SuggestOptions) {
    if (coverage === undefined) return undefined;
    const own = new Distribution(this.taxonomy, classified.leaves);
    return conformalSet(own, calibrationFor(this.#loaded.conformal, coverage), { level, answer });
  }

  /** null where adjusting was not asked for, or nothing similar was chosen. */
  #adjustment({ fingerprint }: Classified): Adjustment | null {
    if (!fingerprint || !this.#corrections) return null;
    return voteOf(this.#corrections.nearest(fingerprint, this.#rule.least), this.#rule, Date.now());
  }

  #noteOf({ share, choices, corrections, items }: Adjustment, model: Item | null = null): AdjustmentNote {
    const most = items.slice(0, 3).map(({ item, share }) => ({ item: this.taxonomy.at(item), share }));
    return { model, share, choices, corrections, items: most };
  }

  /** Why the model was not asked; null where it could read. */
  #unread({ title, text }: Ticket, { knownFeatures }: Classified): 'empty-text' | 'unintelligible' | null {
    if (!hasWord(title ?? '') && !hasWord(text)) return 'empty-text';
    return knownFeatures === 0 ? 'unintelligible' : null;
  }

  /** Of an item above the leaves, what spoke for its most probable leaf. */
  #evidence(classified: Classified, item: Item): Evidence[] {
    let best = item.leafStart;
    for (let leaf = item.leafStart; leaf < item.leafEnd; leaf += 1) {
      if (classified.leaves[leaf]! > classified.leaves[best]!) best = leaf;
    }
    return this.#loaded.classifier.explain(classified, best);
  }

  /** What the intake system gave is kept; what it did not give is predicted where a head was trained. */
  #facets({ facets: given = {} }: Ticket, classified: Classified, unread: boolean): FacetSuggestion[] {
    const { facetTable, parts } = this.#loaded;
    if (!facetTable) return [];
    const suggestions: FacetSuggestion[] = [];
    for (const facet of facetTable.facets) {
      const typed = given[facet.id];
      const known = typed === undefined ? undefined : facetValueOf(facet, typed);
      if (known) {
        suggestions.push({
          facet: facet.id,
          code: known.code,
          name: known.name,
          probability: 1,
          given: true,
        });
        continue;
      }
      const head = parts.facets.findIndex((one) => one.facet === facet.id);
      const probabilities = classified.facets[head];
      if (!probabilities || unread) continue;
      let best = 0;
      for (let value = 1; value < probabilities.length; value += 1) {
        if (probabilities[value]! > probabilities[best]!) best = value;
      }
      const { code, name } = facet.values[best]!;
      suggestions.push({ facet: facet.id, code, name, probability: probabilities[best]!, given: false });
    }
    return suggestions;
  }

  #combinedCode({ item }: Decision, facets: readonly FacetSuggestion[]): string | undefined {
    const { facetTable } = this.#loaded;
    // Lists of other codes have no combined codes.
    if (!item || !facetTable || facets.length === 0 || this.taxonomy.scheme !== 'db44') return undefined;
    return composeCombinedCode(facetTable, item.fullCode as ItemCode, extensionsOf(facetTable, facets));
  }
}

function extensionsOf(table: FacetTable, facets: readonly FacetSuggestion[]): Extension[] {
  return facets.flatMap((suggestion) => {
    const facet = table.facets.find(({ id }) => id === suggestion.facet);
    const value = facet?.values.find(({ code }) => code === suggestion.code);
    return facet && value ? [{ facet, value }] : [];
  });
}

function hasWord(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (isWordUnit(text.charCodeAt(at))) return true;
  return false;
}

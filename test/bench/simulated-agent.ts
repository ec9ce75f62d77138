/**
 * An agent of the simulated year: reads most suggestions, takes some as they are without reading, and errs now and then
 * in a way an agent would: by taking another of the candidates that are shown.
 */
import type { Suggestion } from '../../src/suggest/suggestion.js';
import type { Item } from '../../src/taxonomy/item.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';

export interface AgentTraits {
  /** Share of the tickets read whose chosen item is wrong, in [0, 1). */
  readonly error: number;
  /** Share of the tickets whose suggestion is taken unread, in [0, 1). */
  readonly haste: number;
}

export interface SimulatedChoice {
  readonly kind: 'accepted' | 'corrected';
  readonly item: Item;
  readonly milliseconds: number;
  readonly read: boolean;
  /** Chose on purpose what is wrong; taking a wrong suggestion unread is haste, not this. */
  readonly erred: boolean;
}

/**
 * @param truth what the archive says; at an upper level any specific item beneath it is as right as its coder knew
 * @param random drawn from three times whatever happens, so that one choice does not shift those after it
 */
export function chooseAsAgent(
  taxonomy: Taxonomy,
  { decision, candidates }: Pick<Suggestion, 'decision' | 'candidates'>,
  truth: Item,
  traits: AgentTraits,
  random: () => number,
): SimulatedChoice {
  const [hasteDraw, errorDraw, pick] = [random(), random(), random()];
  const proposed = decision.item;
  if (hasteDraw < traits.haste && proposed) {
    // Below the five seconds by which training/feedback-labels.ts tells haste.
    return { kind: 'accepted', item: proposed, milliseconds: 2_000, read: false, erred: false };
  }
  const wrong = candidates.filter(({ item }) => !isRight(taxonomy, item, truth));
  const erred = errorDraw < traits.error && wrong.length > 0;
  const item = erred
    ? drawn(wrong, pick)
    : proposed && decision.kind === 'specific' && isRight(taxonomy, proposed, truth)
      ? proposed
      : truth;
  const kind = proposed?.index === item.index ? 'accepted' : 'corrected';
  return { kind, item, milliseconds: 20_000, read: true, erred };
}

export const isRight = (taxonomy: Taxonomy, item: Item, truth: Item): boolean =>
  item.index === truth.index || taxonomy.isWithin(item, truth);

/** By probability: what the model finds likely looks right to a tired agent too. */
function drawn(candidates: Suggestion['candidates'], pick: number): Item {
  let left = pick * candidates.reduce((sum, { probability }) => sum + probability, 0);
  for (const { item, probability } of candidates) {
    left -= probability;
    if (left < 0) return item;
  }
  return candidates.at(-1)!.item;
}

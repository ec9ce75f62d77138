/**
 * Between trainings: what agents chose lately for similar tickets moves the answer (a nearest-neighbour memory beside
 * the model, as Khandelwal et al., ICLR 2020, have it for language models), by a bounded share that is told.
 */
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Neighbour } from './correction-memory.js';

export interface AdjustmentRule {
  /** Cosine below which two tickets have nothing to do with each other. */
  readonly least: number;
  /** A choice counts ((similarity − least) / (1 − least)) to this power: 1 for the same ticket. */
  readonly sharpness: number;
  /** What the model's own answer counts; 1 is one choice about the same ticket. */
  readonly model: number;
  /** What one agent's choices together may count. */
  readonly perAgent: number;
  /** Of the answer, in (0, 1): the model always keeps the rest. */
  readonly mostShare: number;
  /** Days after which a choice counts half. */
  readonly halfLife: number;
}

/** Chosen on one half of a stream and judged on the other: docs/learning.md. */
export const defaultAdjustment: AdjustmentRule = {
  least: 0.8,
  sharpness: 3,
  model: 0.5,
  perAgent: 2,
  mostShare: 0.8,
  halfLife: 30,
};

/** What the memory has to say of one ticket. */
export interface Adjustment {
  /** Of the answer, in (0, 1). */
  readonly share: number;
  /** Similar tickets' choices that were found, and how many of them were other than what the model alone had put first. */
  readonly choices: number;
  readonly corrections: number;
  /** What was chosen, by index, and its share of the vote; the largest first. */
  readonly items: readonly { readonly item: number; readonly share: number }[];
}

const dayMs = 86_400_000;
/** Less moves no digit that is shown. */
const LEAST_SHARE = 0.01;

/**
 * The choices' share of the answer is what corrections count of all that counts: where agents take what the model says,
 * there is nothing to adjust, and where they keep correcting it, the model has lost its say.
 * @param now milliseconds since 1970
 * @returns null where nothing similar enough was corrected
 */
export function voteOf(
  neighbours: readonly Neighbour[],
  rule: AdjustmentRule,
  now: number,
): Adjustment | null {
  if (neighbours.length === 0) return null;
  const counted = neighbours.map((one) => {
    const nearness = (one.similarity - rule.least) / (1 - rule.least);
    const age = Math.max(0, now - one.decidedAt) / dayMs;
    const count = one.weight * Math.max(0, nearness) ** rule.sharpness * 0.5 ** (age / rule.halfLife);
    return { ...one, count };
  });
  const byAgent = new Map<number, number>();
  for (const { agent, count } of counted) byAgent.set(agent, (byAgent.get(agent) ?? 0) + count);
  const byItem = new Map<number, number>();
  let [total, corrected] = [0, 0];
  for (const { agent, item, count, corrected: isCorrection } of counted) {
    const own = byAgent.get(agent)!;
    const allowed = own > rule.perAgent ? (count * rule.perAgent) / own : count;
    byItem.set(item, (byItem.get(item) ?? 0) + allowed);
    total += allowed;
    if (isCorrection) corrected += allowed;
  }
  const share = Math.min(rule.mostShare, corrected / (total + rule.model));
  if (!(share >= LEAST_SHARE)) return null;
  return {
    share,
    choices: counted.length,
    corrections: counted.filter((one) => one.corrected).length,
    items: [...byItem]
      .map(([item, count]) => ({ item, share: count / total }))
      .sort((a, b) => b.share - a.share || a.item - b.item),
  };
}

/**
 * The model's answer and the vote, mixed. A choice of an item above the leaves goes to the leaves beneath as the model
 * divides them.
 * @param leaves one probability per leaf, summing to 1; left as they are
 * @returns the same for the mixture
 */
export function adjust(taxonomy: Taxonomy, leaves: Float64Array, { share, items }: Adjustment): Float64Array {
  const mixed = leaves.map((probability) => probability * (1 - share));
  for (const { item, share: own } of items) {
    const { leafStart, leafEnd } = taxonomy.at(item);
    let sum = 0;
    for (let leaf = leafStart; leaf < leafEnd; leaf += 1) sum += leaves[leaf]!;
    for (let leaf = leafStart; leaf < leafEnd; leaf += 1) {
      const part = sum > 0 ? leaves[leaf]! / sum : 1 / (leafEnd - leafStart);
      mixed[leaf]! += share * own * part;
    }
  }
  return mixed;
}

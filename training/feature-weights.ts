/**
 * What each feature counts: the square root of what a mention of it tells of the item, in nats, that is of the
 * Kullback–Leibler divergence of the items of the tickets that have it from the items of all tickets (the j-measure of
 * Smyth & Goodman, IEEE TKDE 4, 1992, used for supervised term weighting as of Debole & Sebastiani, SAC 2003). A word
 * that every item has counts next to nothing however rare it is, where an inverse document frequency sees the rarity
 * only.
 */
import { MOST_VALUES } from '../src/model-store/few-values.js';
import type { TicketMatrix } from './ticket-matrix.js';

/** Tickets of all items alike that every feature is thought to have had: what three tickets say is not certain yet. */
const PRIOR = 1;
/** The square root of this is the least a feature counts that is not left out. */
const LEAST = 1e-3;

/**
 * @param labels of each row the indexes of its items; rows without any say nothing. Rows with the same labels are of
 *   one kind: a ticket whose label is at an upper level tells that item from the others.
 * @param rowWeights what each row counts
 * @param minTickets what fewer labelled tickets have counts 0: of the features that a held-out ticket shares with too few others,
 *   a ticket to come would find none in the vocabulary, and held-out tickets must not be easier than those
 * @returns one weight per column, `MOST_VALUES` of them different at most
 */
export function featureWeights(
  { starts, features, columns }: Pick<TicketMatrix, 'starts' | 'features' | 'columns'>,
  labels: readonly (readonly number[])[],
  rowWeights: Float32Array,
  minTickets: number,
): Float32Array {
  const tickets = new Uint32Array(columns);
  const kinds = new Map<string, number[]>();
  const having = new Float64Array(columns);
  let total = 0;
  for (const [row, items] of labels.entries()) {
    if (items.length === 0) continue;
    const kind = items.join(' ');
    const rows = kinds.get(kind);
    if (rows) rows.push(row);
    else kinds.set(kind, [row]);
    total += rowWeights[row]!;
    for (let at = starts[row]!; at < starts[row + 1]!; at += 1) {
      having[features[at]!]! += rowWeights[row]!;
      tickets[features[at]!]! += 1;
    }
  }
  const divergence = new Float64Array(columns);
  /** Prior share of the kinds a feature was seen with. */
  const seen = new Float64Array(columns);
  const count = new Float64Array(columns);
  for (const rows of kinds.values()) {
    const found: number[] = [];
    let ofKind = 0;
    for (const row of rows) {
      ofKind += rowWeights[row]!;
      for (let at = starts[row]!; at < starts[row + 1]!; at += 1) {
        const feature = features[at]!;
        if (count[feature] === 0) found.push(feature);
        count[feature]! += rowWeights[row]!;
      }
    }
    const prior = ofKind / total;
    for (const feature of found) {
      const share = (count[feature]! + PRIOR * prior) / (having[feature]! + PRIOR);
      divergence[feature]! += share * Math.log(share / prior);
      seen[feature]! += prior;
      count[feature] = 0;
    }
  }
  const weights = inSteps(
    Float32Array.from(divergence, (sum, feature) => {
      // All kinds it was never seen with keep the prior's share of it.
      const rest = Math.max(0, 1 - seen[feature]!);
      const unseen = PRIOR / (having[feature]! + PRIOR);
      return Math.sqrt(Math.max(LEAST, sum + rest * unseen * Math.log(unseen)));
    }),
  );
  return weights.map((weight, feature) => (tickets[feature]! < minTickets ? 0 : weight));
}

/** Rounded to steps of equal ratio, so that a model's folder holds a byte for each; one byte is left for 0. */
function inSteps(weights: Float32Array): Float32Array {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const weight of weights) {
    if (weight < least) least = weight;
    if (weight > most) most = weight;
  }
  if (!(most > least)) return weights;
  const step = Math.log(most / least) / (MOST_VALUES - 2);
  return weights.map((weight) => least * Math.exp(step * Math.round(Math.log(weight / least) / step)));
}

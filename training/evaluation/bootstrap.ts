/**
 * How far a share may be off by the luck of which tickets were judged: percentile bootstrap over tickets
 * (Efron & Tibshirani, 1993, ch. 13). Seeded: the same rows give the same interval.
 */
import { seededRandom } from '../random.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const RESAMPLES = 1000;

/**
 * 95 % intervals of the shares of rows whose rank is below each cut. Ranks are resampled as counts per band
 * between the cuts: a resample of rows with replacement is one draw of a band per row, and nothing else of
 * a row matters.
 * @param cuts rising, e.g. `[1, 5]` for top-1 and top-5
 */
export function bootstrapTopK(
  ranks: Int32Array,
  cuts: readonly number[],
  seed: number,
  resamples = RESAMPLES,
): Interval[] {
  const rows = ranks.length;
  if (rows === 0) return cuts.map(() => ({ low: Number.NaN, high: Number.NaN }));
  // Cumulative shares: a draw below `bounds[c]` is a row that ranks below cut c.
  const bounds = new Float64Array(cuts.length);
  for (const rank of ranks) for (let c = 0; c < cuts.length; c += 1) if (rank < cuts[c]!) bounds[c]! += 1;
  for (let c = 0; c < cuts.length; c += 1) bounds[c]! /= rows;
  const random = seededRandom(seed);
  const shares = cuts.map(() => new Float64Array(resamples));
  const bands = new Uint32Array(cuts.length + 1);
  for (let resample = 0; resample < resamples; resample += 1) {
    bands.fill(0);
    for (let row = 0; row < rows; row += 1) {
      const draw = random();
      let band = 0;
      while (band < bounds.length && draw >= bounds[band]!) band += 1;
      bands[band]! += 1;
    }
    let hits = 0;
    for (let c = 0; c < cuts.length; c += 1) {
      hits += bands[c]!;
      shares[c]![resample] = hits / rows;
    }
  }
  return shares.map((drawn) => {
    drawn.sort();
    return { low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
  });
}

/** Of sorted values, interpolated between neighbours. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

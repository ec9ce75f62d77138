/** The arithmetic of charts: ticks, lines with gaps, intervals of shares. */

export interface Point {
  readonly x: number;
  /** null: nothing is known here, and the line has a gap. */
  readonly y: number | null;
}

/** Round ticks from 0 to at least `most`: 1, 2 or 5 times a power of ten apart. */
export function niceTicks(most: number, wanted = 4): number[] {
  if (!(most > 0) || !Number.isFinite(most)) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const count = Math.ceil(most / step - 1e-9);
  // From whole numbers: adding steps up would give 0.30000000000000004.
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** At most `wanted` of the indexes 0 … length − 1, evenly apart, the last one always. */
export function spreadIndexes(length: number, wanted: number): number[] {
  if (length <= 0) return [];
  const step = Math.max(1, Math.ceil((length - 1) / Math.max(1, wanted - 1)));
  const indexes: number[] = [];
  for (let at = length - 1; at >= 0; at -= step) indexes.unshift(at);
  return indexes;
}

/** The `d` of a path through the points; a point between two gaps is a dot of no length. */
export function linePath(
  points: readonly Point[],
  scale: (point: { x: number; y: number }) => [number, number],
): string {
  let path = '';
  let open = false;
  for (const { x, y } of points) {
    if (y === null) {
      open = false;
      continue;
    }
    const [left, top] = scale({ x, y }).map((value) => Math.round(value * 10) / 10);
    path += `${open ? 'L' : 'M'}${left} ${top}`;
    if (!open) path += 'h0';
    open = true;
  }
  return path;
}

/** Where a share truly lies with 95 % (Wilson); null where nothing was counted. */
export function shareInterval(
  hits: number,
  all: number,
): { readonly low: number; readonly high: number } | null {
  if (!(all > 0)) return null;
  const z = 1.96;
  const share = hits / all;
  const centre = (share + (z * z) / (2 * all)) / (1 + (z * z) / all);
  const half = (z / (1 + (z * z) / all)) * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

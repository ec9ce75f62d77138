/**
 * Rows of tf-idf → groups that are alike. The row with the most company leads: whoever is near enough joins it,
 * then whoever is near enough to the middle of all who joined; what is taken is gone, and the next leads. Unlike
 * chains of neighbours (DBSCAN) no group can wander from one matter to another; unlike k-means nobody has to say
 * how many there are, and most rows belong to none. The same rows give the same groups.
 */
import type { SparseVector } from '../../features/sparse-vector.js';

export interface ClusterRule {
  /** Cosine at which a row counts as company of another. */
  readonly near: number;
  /** Cosine to the middle of a group at which a row belongs to it. */
  readonly middle: number;
  /** Cosine from which two rows are one voice: the same text sent again, or hardly changed. */
  readonly same: number;
  /** Voices that make a group. */
  readonly least: number;
}

/** Chosen by eye on citizens' messages: see docs/workplace-api.md. */
export const defaultRule: ClusterRule = { near: 0.12, middle: 0.25, same: 0.9, least: 5 };

export interface Cluster {
  /** Rows, nearest to the middle first. */
  readonly members: readonly number[];
  /** Of the members: one row for each voice. */
  readonly voices: readonly number[];
  /** Mean cosine of the members to their middle. */
  readonly density: number;
  /** Feature → how much it weighs in the middle. */
  readonly middle: ReadonlyMap<number, number>;
}

const rounds = 3;

/** @returns the largest first */
export function findClusters(rows: readonly SparseVector[], rule: ClusterRule = defaultRule): Cluster[] {
  const index = new RowIndex(rows);
  const company = rows.map((row, at) => index.near(row, rule.near).filter(({ row: other }) => other !== at));
  const taken = new Uint8Array(rows.length);
  const order = company
    .map((near, at) => ({ at, weight: near.reduce((sum, { cosine }) => sum + cosine, 0) }))
    .sort((a, b) => b.weight - a.weight || a.at - b.at);
  const clusters: Cluster[] = [];
  for (const { at } of order) {
    if (taken[at]) continue;
    const joined = company[at]!.map(({ row }) => row).filter((row) => !taken[row]);
    if (joined.length + 1 < rule.least) continue;
    const cluster = gather(index, [at, ...joined], taken, rule);
    if (!cluster) continue;
    for (const row of cluster.members) taken[row] = 1;
    clusters.push(cluster);
  }
  return clusters.sort((a, b) => b.members.length - a.members.length || b.density - a.density);
}

function gather(
  index: RowIndex,
  first: readonly number[],
  taken: Uint8Array,
  rule: ClusterRule,
): Cluster | undefined {
  let middle = index.middleOf(first);
  let near: readonly Near[] = [];
  for (let round = 0; round < rounds; round += 1) {
    near = index.near(middle, rule.middle).filter(({ row }) => !taken[row]);
    if (near.length < rule.least) return undefined;
    if (round < rounds - 1) middle = index.middleOf(near.map(({ row }) => row));
  }
  const sorted = near.toSorted((a, b) => b.cosine - a.cosine || a.row - b.row);
  const members = sorted.map(({ row }) => row);
  const voices = voicesOf(index, members, rule.same);
  if (voices.length < rule.least) return undefined;
  return {
    members,
    voices,
    density: sorted.reduce((sum, { cosine }) => sum + cosine, 0) / sorted.length,
    middle: new Map([...middle.indices].map((feature, at) => [feature, middle.values[at]!])),
  };
}

/** One of each that say the same almost word by word: one citizen who writes ten times is no new matter. */
function voicesOf(index: RowIndex, members: readonly number[], same: number): number[] {
  const voices: number[] = [];
  const heard = new Set<number>();
  for (const row of members) {
    if (heard.has(row)) continue;
    voices.push(row);
    for (const { row: other } of index.near(index.rows[row]!, same)) heard.add(other);
  }
  return voices;
}

interface Near {
  readonly row: number;
  readonly cosine: number;
}

/** Finds what is near by the features it shares: most rows share none and are never looked at. */
class RowIndex {
  readonly rows: readonly SparseVector[];
  readonly #postings: { readonly rows: Uint32Array; readonly values: Float32Array }[];
  readonly #cosines: Float32Array;

  constructor(rows: readonly SparseVector[]) {
    this.rows = rows;
    this.#cosines = new Float32Array(rows.length);
    const counts: number[] = [];
    for (const { indices } of rows)
      for (const feature of indices) counts[feature] = (counts[feature] ?? 0) + 1;
    this.#postings = Array.from(counts, (count = 0) => ({
      rows: new Uint32Array(count),
      values: new Float32Array(count),
    }));
    const filled = new Uint32Array(counts.length);
    for (const [row, { indices, values }] of rows.entries()) {
      for (let at = 0; at < indices.length; at += 1) {
        const feature = indices[at]!;
        const place = filled[feature]!;
        filled[feature] = place + 1;
        this.#postings[feature]!.rows[place] = row;
        this.#postings[feature]!.values[place] = values[at]!;
      }
    }
  }

  /** Rows whose cosine to a vector is at least so much, in their order. */
  near({ indices, values }: SparseVector, least: number): Near[] {
    const cosines = this.#cosines.fill(0);
    for (let at = 0; at < indices.length; at += 1) {
      const value = values[at]!;
      const posting = this.#postings[indices[at]!]!;
      for (let place = 0; place < posting.rows.length; place += 1)
        cosines[posting.rows[place]!]! += value * posting.values[place]!;
    }
    const found: Near[] = [];
    for (let row = 0; row < cosines.length; row += 1)
      if (cosines[row]! >= least) found.push({ row, cosine: cosines[row]! });
    return found;
  }

  middleOf(members: readonly number[]): SparseVector {
    const sums = new Map<number, number>();
    for (const member of members) {
      const { indices, values } = this.rows[member]!;
      for (let at = 0; at < indices.length; at += 1)
        sums.set(indices[at]!, (sums.get(indices[at]!) ?? 0) + values[at]!);
    }
    let square = 0;
    for (const sum of sums.values()) square += sum * sum;
    const length = Math.sqrt(square) || 1;
    return {
      indices: Uint32Array.from(sums.keys()),
      values: Float32Array.from(sums.values(), (sum) => sum / length),
    };
  }
}

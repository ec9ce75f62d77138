/** A tree of four leaves at two depths, judged tickets for it, and random ones for laws. */
import { buildTaxonomy, type Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { JudgedTicket } from '../../training/evaluation/judged-ticket.js';
import { seededRandom } from '../../training/random.js';

/** Leaves: 0 `010101`, 1 `010102`, 2 `0102` (a leaf of level 2), 3 `020101`. */
export function smallTree(): Taxonomy {
  const { taxonomy } = buildTaxonomy({ id: 'small', version: '1', title: '小' }, [
    { code: '01', name: '甲' },
    { code: '0101', name: '甲一' },
    { code: '010101', name: '甲一一' },
    { code: '010102', name: '甲一二' },
    { code: '0102', name: '甲二' },
    { code: '02', name: '乙' },
    { code: '0201', name: '乙一' },
    { code: '020101', name: '乙一一' },
  ]);
  return taxonomy!;
}

export const indexOf = (taxonomy: Taxonomy, code: string) => taxonomy.byCode(code)[0]!.index;

export function judgedAs(
  taxonomy: Taxonomy,
  leaves: readonly number[],
  labels: readonly string[],
  alternatives: readonly string[] = [],
): JudgedTicket {
  return {
    leaves: Float64Array.from(leaves),
    labels: labels.map((code) => indexOf(taxonomy, code)),
    alternatives: alternatives.map((code) => indexOf(taxonomy, code)),
  };
}

/** `branching[level − 1]` children per item; with 6 × 10 × 10 there are 600 leaves. */
export function evenTree(branching: readonly number[]): Taxonomy {
  const rows: { code: string; name: string; path: string[] }[] = [];
  const grow = (path: readonly string[]) => {
    for (let child = 0; child < (branching[path.length] ?? 0); child += 1) {
      const own = [...path, `${path.at(-1) ?? 'n'}-${child}`];
      rows.push({ code: own.at(-1)!, name: own.at(-1)!, path: own });
      grow(own);
    }
  };
  grow([]);
  return buildTaxonomy({ id: 'even', version: '1', title: '均' }, rows, 'free').taxonomy!;
}

/** Normal deviates by Box and Muller. */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Log-probabilities that are right by construction: the label is drawn from softmax(logits). Multiplying the
 * logits by more than 1 then makes a model that is too sure of itself.
 */
export function drawTickets(
  taxonomy: Taxonomy,
  count: number,
  seed: number,
  spread = 2,
): { readonly logits: Float64Array; readonly leaf: number }[] {
  const normal = seededNormal(seed);
  const random = seededRandom(seed + 1);
  const noiseOf = (items: number) => Float64Array.from({ length: items }, normal);
  return Array.from({ length: count }, () => {
    // Whole branches are likelier than others, as in real tickets.
    const branch = noiseOf(taxonomy.items.length);
    const logits = Float64Array.from(taxonomy.leaves, (index) => {
      const item = taxonomy.at(index);
      return spread * (normal() + branch[taxonomy.ancestorAt(item, 1).index]!);
    });
    const probabilities = softmax(logits);
    let draw = random();
    let leaf = 0;
    while (leaf < probabilities.length - 1 && draw >= probabilities[leaf]!) {
      draw -= probabilities[leaf]!;
      leaf += 1;
    }
    return { logits, leaf };
  });
}

export function softmax(logits: Float64Array): Float64Array {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) max = Math.max(max, logit);
  const powers = logits.map((logit) => Math.exp(logit - max));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

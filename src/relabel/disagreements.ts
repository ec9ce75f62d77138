/**
 * Rows of a finished file whose text firmly contradicts the correspondence table: what the review queue takes.
 * Read from the file itself, so that a run that was broken off and resumed leaves none out.
 */
import { openTable } from '../table/table.js';
import { resolveLabel } from '../taxonomy/resolve-label.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { RelabelResult } from './relabel.js';

export interface Disagreement {
  readonly ticket: string;
  /** Item ids: what the file now has, by the table; null where that was no certain item. */
  readonly admitted: string | null;
  /** What the text alone says, and how firmly; null where its code is several items'. */
  readonly meant: string | null;
  readonly probability: number;
}

export interface Disagreements {
  /** The firmest first. */
  readonly best: readonly Disagreement[];
  readonly found: number;
  /** Without a number in the file nobody could find the ticket again: not among the best. */
  readonly unnumbered: number;
}

/** @param most of the best; memory grows with it and not with the file */
export async function readDisagreements(
  { output, columns, manifest }: Pick<RelabelResult, 'output' | 'columns' | 'manifest'>,
  taxonomy: Taxonomy,
  most: number,
): Promise<Disagreements> {
  const { added, error, format, encoding } = manifest.output;
  const [code, name, kind] = added;
  const noteColumn = added[error - 1]!;
  const table = await openTable(output, { format, ...(format === 'xlsx' ? {} : { encoding }) });
  const textOf = (cells: Readonly<Record<string, unknown>>, column: string | undefined) =>
    column === undefined ? '' : String(cells[column] ?? '').trim();
  let best: Disagreement[] = [];
  let [found, unnumbered] = [0, 0];
  const cut = () => {
    best.sort((a, b) => b.probability - a.probability);
    best = best.slice(0, most);
  };
  for await (const { cells } of table.rows) {
    const note = cells && /^table-disagrees (\S+) ([\d.]+)$/.exec(textOf(cells, noteColumn));
    if (!note) continue;
    found += 1;
    const ticket = textOf(cells, columns.id);
    if (ticket === '') {
      unnumbered += 1;
      continue;
    }
    const specific = textOf(cells, kind) === 'specific';
    best.push({
      ticket,
      admitted: specific ? itemOf(taxonomy, textOf(cells, code), textOf(cells, name)) : null,
      meant: itemOf(taxonomy, note[1]!),
      probability: Number(note[2]),
    });
    // Sorted now and then: a long file must not be kept whole.
    if (best.length >= 2 * most + 1000) cut();
  }
  cut();
  return { best, found, unnumbered };
}

/** A code that is printed twice is told by its name, where that is there. */
function itemOf(taxonomy: Taxonomy, code: string, name?: string): string | null {
  const label = resolveLabel(taxonomy, code);
  if (label.kind === 'item') return label.item.id;
  if (label.reason !== 'label-ambiguous') return null;
  const named = label.items.filter(({ displayName }) => displayName === name);
  return named.length === 1 ? named[0]!.id : null;
}

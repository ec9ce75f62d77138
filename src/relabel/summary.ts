/** What came of a file: counts that can be stored in the journal and go on. */
import type { Decision } from '../decision/decision.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';

export interface RelabelSummary {
  /** Blank lines and headings not counted. `specific` + `fellBack` + `unreadable` = `rows`. */
  rows: number;
  specific: number;
  fellBack: number;
  unreadable: number;
  /** Fallbacks by the level of `under`; `0`: not even level 1 was certain. */
  fellBackUnder: Record<string, number>;
  fellBackBecause: Record<string, number>;
  old: OldCodes;
  /** With a correspondence table: notes by their first word. */
  tableNotes: Record<string, number>;
}

/**
 * The new item of each answered row against its old code, or, with a correspondence table, against the nearest
 * item the old code may stand for. The seven add up to the answered rows.
 */
export interface OldCodes {
  same: number;
  /** By the first level at which old and new part, `1`…: what is different further down is not counted again. */
  changedAtLevel: Record<string, number>;
  /** New lies beneath old: an old code of an upper level was made precise. */
  refined: number;
  /** New lies above old. */
  coarser: number;
  /** Neither the model's tree nor the table knows the old label. */
  unknown: number;
  missing: number;
  /** The tree has no catch-all to fall back to. */
  withoutItem: number;
}

export function emptySummary(): RelabelSummary {
  return {
    rows: 0,
    specific: 0,
    fellBack: 0,
    unreadable: 0,
    fellBackUnder: {},
    fellBackBecause: {},
    old: {
      same: 0,
      changedAtLevel: {},
      refined: 0,
      coarser: 0,
      unknown: 0,
      missing: 0,
      withoutItem: 0,
    },
    tableNotes: {},
  };
}

export function countUnreadable(summary: RelabelSummary): void {
  summary.rows += 1;
  summary.unreadable += 1;
}

/**
 * @param old the old label as written
 * @param meant the items it may stand for
 */
export function countAnswer(
  summary: RelabelSummary,
  taxonomy: Taxonomy,
  decision: Decision,
  old: readonly string[],
  meant: readonly Item[],
  note: string,
): void {
  summary.rows += 1;
  switch (decision.kind) {
    case 'specific':
      summary.specific += 1;
      break;
    case 'fallback':
      summary.fellBack += 1;
      increase(summary.fellBackUnder, String(decision.under?.level ?? 0));
      increase(summary.fellBackBecause, decision.reason);
      break;
  }
  countOld(summary.old, taxonomy, decision.item, old, meant);
  if (note !== '') increase(summary.tableNotes, note.split(' ')[0]!);
}

function countOld(
  counts: OldCodes,
  taxonomy: Taxonomy,
  now: Item | null,
  old: readonly string[],
  meant: readonly Item[],
): void {
  if (old.length === 0) counts.missing += 1;
  else if (!now) counts.withoutItem += 1;
  else if (meant.length === 0) counts.unknown += 1;
  else {
    const after = taxonomy.pathOf(now);
    const nearest = meant
      .map((item) => taxonomy.pathOf(item))
      .reduce((best, path) => (shared(path, after) > shared(best, after) ? path : best));
    countPair(counts, nearest, after);
  }
}

/** How many levels two paths go together. */
function shared(one: readonly Item[], other: readonly Item[]): number {
  let level = 0;
  while (level < one.length && one[level]!.index === other[level]?.index) level += 1;
  return level;
}

function countPair(counts: OldCodes, before: readonly Item[], after: readonly Item[]): void {
  const together = shared(before, after);
  if (together < Math.min(before.length, after.length)) {
    increase(counts.changedAtLevel, String(together + 1));
  } else if (before.length === after.length) counts.same += 1;
  else if (before.length > after.length) counts.coarser += 1;
  // An undivided row is its parent by another code.
  else if (after.length === before.length + 1 && after.at(-1)!.isUndivided) counts.same += 1;
  else counts.refined += 1;
}

function increase(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

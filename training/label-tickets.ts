/**
 * Labels as they are written → items of the tree, or by a correspondence table → the items an old code admits. What
 * names no item is rejected with its reason.
 */
import type { CorrespondenceTable } from '../src/taxonomy/correspondence.js';
import { liveSuccessors } from '../src/taxonomy/diff.js';
import type { Item } from '../src/taxonomy/item.js';
import { resolveLabel } from '../src/taxonomy/resolve-label.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { LabelledTicket } from './labelled-ticket.js';
import type { Rejection, WrittenTicket } from './read-tickets.js';

export interface LabelledTickets {
  readonly tickets: LabelledTicket[];
  /** `label-missing`, `label-empty`, `label-unknown`, `label-ambiguous`, `label-retired`, `label-unmapped`. */
  readonly rejections: Rejection[];
  /** Second labels that name no item; their tickets are kept. */
  readonly unknownAlternatives: number;
}

/** @param table maps old codes; without one the labels are codes of `taxonomy` itself */
export function labelTickets(
  taxonomy: Taxonomy,
  written: readonly WrittenTicket[],
  table: CorrespondenceTable | null = null,
): LabelledTickets {
  const tickets: LabelledTicket[] = [];
  const rejections: Rejection[] = [];
  let unknownAlternatives = 0;
  for (const { ticket, label, alternative, time, source } of written) {
    const resolution = resolve(taxonomy, label, table);
    if (!Array.isArray(resolution)) {
      const reason = resolution as keyof typeof MESSAGES;
      rejections.push({ ...source, reason, message: MESSAGES[reason], record: { ...ticket, ...label } });
      continue;
    }
    const second = alternative === undefined ? undefined : resolveLabel(taxonomy, alternative);
    if (second && second.kind !== 'item') unknownAlternatives += 1;
    tickets.push({
      ticket,
      labels: resolution,
      alternatives: second?.kind === 'item' ? [second.item.index] : [],
      weight: 1,
      ...(time === undefined ? {} : { time }),
      source,
    });
  }
  return { tickets, rejections, unknownAlternatives };
}

/** Indexes of the admissible items, or why there are none. */
function resolve(
  taxonomy: Taxonomy,
  label: WrittenTicket['label'],
  table: CorrespondenceTable | null,
): number[] | keyof typeof MESSAGES {
  const raw = label.path ?? label.code;
  if (raw === undefined) return 'label-missing';
  if (table) return resolveByTable(taxonomy, raw, table);
  const resolution = resolveLabel(taxonomy, raw);
  if (resolution.kind !== 'item') return resolution.reason;
  return inUse(taxonomy, resolution.item) ?? 'label-retired';
}

/** The item, or where it is retired the ones that took its place: as open as a legacy code's. */
function inUse(taxonomy: Taxonomy, item: Item): number[] | null {
  if (!item.retired) return [item.index];
  const successors = liveSuccessors(taxonomy, item);
  return successors.length > 0 ? successors.map(({ index }) => index) : null;
}

/**
 * Files may be mixed, some tickets with codes of the old list and some with codes of the new one already. The table
 * and the old list come first: what neither knows is looked up in the new list.
 */
function resolveByTable(
  taxonomy: Taxonomy,
  raw: string | readonly string[],
  table: CorrespondenceTable,
): number[] | 'label-unmapped' {
  const path = typeof raw === 'string' ? [raw] : raw;
  let admitted = table.admissible(path.join(' > '));
  if (admitted.length === 0 && path.length > 1) admitted = table.admissible(path.at(-1)!);
  if (admitted.length > 0) return admitted.map(({ item }) => item.index);
  if (table.from) {
    const old = resolveLabel(table.from, raw);
    if (old.kind === 'item' || old.reason === 'label-ambiguous') return 'label-unmapped';
  }
  const now = resolveLabel(taxonomy, raw);
  return (now.kind === 'item' ? inUse(taxonomy, now.item) : null) ?? 'label-unmapped';
}

const MESSAGES = {
  'label-unmapped': 'the correspondence table has no row for the code, nor is it one of the new list',
  'label-retired': 'the item is retired and names no successor',
  'label-missing': 'no code',
  'label-empty': 'the code is blank',
  'label-unknown': 'the code names no item of the taxonomy',
  'label-ambiguous': 'the code names several items; write code@parent',
} as const;

/** Labels as they are written → items of the tree. What names no item is rejected with its reason. */
import { resolveLabel } from '../src/taxonomy/resolve-label.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { LabelledTicket } from './labelled-ticket.js';
import type { Rejection, WrittenTicket } from './read-tickets.js';

export interface LabelledTickets {
  readonly tickets: LabelledTicket[];
  /** `label-missing`, `label-empty`, `label-unknown`, `label-ambiguous`. */
  readonly rejections: Rejection[];
  /** Second labels that name no item; their tickets are kept. */
  readonly unknownAlternatives: number;
}

export function labelTickets(taxonomy: Taxonomy, written: readonly WrittenTicket[]): LabelledTickets {
  const tickets: LabelledTicket[] = [];
  const rejections: Rejection[] = [];
  let unknownAlternatives = 0;
  for (const { ticket, label, alternative, time, source } of written) {
    const raw = label.path ?? label.code;
    const resolution = raw === undefined ? undefined : resolveLabel(taxonomy, raw);
    if (resolution?.kind !== 'item') {
      const reason = resolution?.reason ?? 'label-missing';
      rejections.push({ ...source, reason, message: MESSAGES[reason], record: { ...ticket, ...label } });
      continue;
    }
    const second = alternative === undefined ? undefined : resolveLabel(taxonomy, alternative);
    if (second && second.kind !== 'item') unknownAlternatives += 1;
    tickets.push({
      ticket,
      labels: [resolution.item.index],
      alternatives: second?.kind === 'item' ? [second.item.index] : [],
      weight: 1,
      ...(time === undefined ? {} : { time }),
      source,
    });
  }
  return { tickets, rejections, unknownAlternatives };
}

const MESSAGES = {
  'label-missing': 'no code',
  'label-empty': 'the code is blank',
  'label-unknown': 'the code names no item of the taxonomy',
  'label-ambiguous': 'the code names several items; write code@parent',
} as const;

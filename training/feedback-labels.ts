/**
 * What agents chose → labels for training. The latest choice of each agent counts; agents who disagree make a set of
 * admissible items. What a choice weighs depends on how it came about: see `weightOf`.
 */
import { weightOf } from '../src/store/choice-weight.js';
import type { ChosenLabel } from '../src/store/labels.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { LabelledTicket } from './labelled-ticket.js';

export interface FeedbackFacts {
  /** Choices read, and those an agent replaced by a later one about the same ticket. */
  readonly choices: number;
  readonly replaced: number;
  /** Latest choices that say nothing: fallbacks accepted in haste. */
  readonly hasty: number;
  /** Latest choices of items that the list does not have (any more). */
  readonly unknownItems: number;
  /** Tickets that at least one choice labels, and those among them that agents disagree about. */
  readonly tickets: number;
  readonly disagreeing: number;
}

export interface ChosenTicket {
  /** Item indexes, rising. */
  readonly labels: readonly number[];
  readonly weight: number;
  readonly decidedAt: Date;
  /** Masked; null where the store keeps none. */
  readonly text: { readonly title: string | null; readonly text: string } | null;
}

export interface FeedbackLabels {
  readonly byTicket: ReadonlyMap<string, ChosenTicket>;
  /**
   * Tickets whose only choices were fallbacks accepted in haste, with those catch-alls: where the archive has the same
   * code it has it from there, and that is no evidence either.
   */
  readonly hastyByTicket: ReadonlyMap<string, ReadonlySet<number>>;
  readonly facts: FeedbackFacts;
}

/** @param choices in any order */
export async function gatherFeedback(
  taxonomy: Taxonomy,
  choices: AsyncIterable<ChosenLabel> | Iterable<ChosenLabel>,
): Promise<FeedbackLabels> {
  const latest = new Map<string, Map<string, ChosenLabel>>();
  const texts = new Map<string, NonNullable<ChosenTicket['text']>>();
  let [count, replaced] = [0, 0];
  for await (const choice of choices) {
    count += 1;
    if (choice.text !== null) texts.set(choice.ticket, { title: choice.title, text: choice.text });
    let agents = latest.get(choice.ticket);
    if (!agents) {
      agents = new Map();
      latest.set(choice.ticket, agents);
    }
    const there = agents.get(choice.agent);
    if (there) replaced += 1;
    if (!there || isLater(choice, there)) agents.set(choice.agent, choice);
  }
  const byTicket = new Map<string, ChosenTicket>();
  const hastyByTicket = new Map<string, ReadonlySet<number>>();
  let [hasty, unknownItems, disagreeing] = [0, 0, 0];
  for (const [ticket, agents] of latest) {
    const labels = new Set<number>();
    const hastyItems = new Set<number>();
    let [weight, decided] = [0, 0];
    for (const choice of agents.values()) {
      const item = taxonomy.byId(choice.item);
      if (!item || item.leafEnd <= item.leafStart) {
        unknownItems += 1;
        continue;
      }
      const own = weightOf(choice, item.isCatchAll);
      if (own === 0) {
        hasty += 1;
        hastyItems.add(item.index);
        continue;
      }
      labels.add(item.index);
      weight = Math.max(weight, own);
      decided = Math.max(decided, choice.decidedAt.getTime());
    }
    if (labels.size === 0) {
      if (hastyItems.size > 0) hastyByTicket.set(ticket, hastyItems);
      continue;
    }
    if (labels.size > 1) disagreeing += 1;
    byTicket.set(ticket, {
      labels: [...labels].sort((a, b) => a - b),
      weight,
      decidedAt: new Date(decided),
      text: texts.get(ticket) ?? null,
    });
  }
  return {
    byTicket,
    hastyByTicket,
    facts: { choices: count, replaced, hasty, unknownItems, tickets: byTicket.size, disagreeing },
  };
}

/** Of two at the same moment the one with the later item id, so that the order of reading does not matter. */
function isLater(one: ChosenLabel, other: ChosenLabel): boolean {
  const [a, b] = [one.decidedAt.getTime(), other.decidedAt.getTime()];
  return a === b ? one.item > other.item : a > b;
}

export const STORE_FILE = '存储中的坐席选择';

/**
 * Tickets that only the store knows, where it keeps their masked text. The archive's own text is better: nothing in it
 * is masked.
 * @param known ids that the archive or the dev files have
 */
export function ticketsOfStore({ byTicket }: FeedbackLabels, known: ReadonlySet<string>): LabelledTicket[] {
  const tickets: LabelledTicket[] = [];
  let row = 0;
  // By id: the order in which a database answers is no order, and the same data must give the same weights.
  for (const [id, chosen] of [...byTicket].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const { text, labels, weight, decidedAt } = chosen;
    if (!text || known.has(id) || `${text.title ?? ''}${text.text}`.trim() === '') continue;
    row += 1;
    tickets.push({
      ticket: { id, ...(text.title ? { title: text.title } : {}), text: text.text },
      labels,
      alternatives: [],
      weight,
      time: decidedAt.getTime(),
      source: { file: STORE_FILE, row },
    });
  }
  return tickets;
}

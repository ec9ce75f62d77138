/**
 * The latest choices of agents as a gold set for two models that were both trained before they were made: the one set on
 * which a candidate is judged by what is asked today.
 */
import type { ChosenLabel } from '../../src/store/labels.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { gatherFeedback, STORE_FILE } from '../feedback-labels.js';
import type { LabelledTicket } from '../labelled-ticket.js';
import type { TicketPair } from './compare-models.js';

/** Tickets compared at most: two in a hundred are then far beyond chance, and it takes seconds. */
export const MOST_CHOICES = 2_000;

export interface ChoicesUse {
  /** The later of the two trainings. */
  readonly since: Date;
  /** Tickets with a choice since then that both lists know and none before, which a model may have been trained on. */
  readonly tickets: number;
  /**
   * Of them, left out: weak choices (half a label is half because it may only repeat the current model, and a test
   * counts whole ones), and tickets whose text the store does not keep.
   */
  readonly weak: number;
  readonly withoutText: number;
  /** What is left, at most `most`; the latest. */
  readonly compared: number;
  /** Of the oldest choice compared. */
  readonly from: Date | null;
}

export interface ChoicePairs {
  readonly pairs: readonly TicketPair[];
  readonly use: ChoicesUse;
}

/** @param read every choice, in any order; asked twice, so that texts of choices that are not compared are not held */
export async function pairsOfChoices(
  candidate: Taxonomy,
  current: Taxonomy,
  read: () => AsyncIterable<ChosenLabel>,
  { since, most = MOST_CHOICES }: { readonly since: Date; readonly most?: number },
): Promise<ChoicePairs> {
  const earlier = new Set<string>();
  const later: ChosenLabel[] = [];
  for await (const choice of read()) {
    if (choice.decidedAt < since) earlier.add(choice.ticket);
    else later.push({ ...choice, title: null, text: hasWords(choice) ? '' : null });
  }
  const fresh = later.filter(({ ticket }) => !earlier.has(ticket));
  const [forCandidate, forCurrent] = [
    await gatherFeedback(candidate, fresh),
    await gatherFeedback(current, fresh),
  ];
  let [tickets, weak, withoutText] = [0, 0, 0];
  const usable: { id: string; at: Date; labels: readonly number[]; currentLabels: readonly number[] }[] = [];
  for (const [id, { labels, weight, decidedAt, text }] of forCandidate.byTicket) {
    const other = forCurrent.byTicket.get(id);
    if (!other) continue;
    tickets += 1;
    if (weight < 1) weak += 1;
    else if (text === null) withoutText += 1;
    else usable.push({ id, at: decidedAt, labels, currentLabels: other.labels });
  }
  usable.sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? -1 : 1));
  usable.length = Math.min(usable.length, most);
  const texts = await textsOf(read, new Set(usable.map(({ id }) => id)));
  const pairs = usable.map(({ id, labels, currentLabels }, row): TicketPair => {
    const labelled = (own: readonly number[]): LabelledTicket => ({
      ticket: { id, ...texts.get(id)! },
      labels: own,
      alternatives: [],
      weight: 1,
      source: { file: STORE_FILE, row: row + 1 },
    });
    return { candidate: labelled(labels), current: labelled(currentLabels) };
  });
  const use = { since, tickets, weak, withoutText, compared: pairs.length, from: usable.at(-1)?.at ?? null };
  return { pairs, use };
}

const hasWords = ({ title, text }: ChosenLabel) => text !== null && `${title ?? ''}${text}`.trim() !== '';

async function textsOf(
  read: () => AsyncIterable<ChosenLabel>,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, { readonly title?: string; readonly text: string }>> {
  const texts = new Map<string, { title?: string; text: string }>();
  if (wanted.size === 0) return texts;
  for await (const choice of read()) {
    const { ticket, title, text } = choice;
    if (!wanted.has(ticket) || !hasWords(choice)) continue;
    texts.set(ticket, { ...(title ? { title } : {}), text: text! });
  }
  return texts;
}

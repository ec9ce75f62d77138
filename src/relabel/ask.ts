/**
 * Answers for a batch of rows: freely, or within what the correspondence table admits for each old code, with
 * a note where the text and the table do not go together.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDuihaoError } from '../errors.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { Suggestion } from '../suggest/suggestion.js';
import type { CorrespondenceTable } from '../taxonomy/correspondence.js';
import type { Item } from '../taxonomy/item.js';
import { resolveLabel } from '../taxonomy/resolve-label.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Ticket } from '../text/ticket.js';

export interface Question {
  readonly ticket: Ticket;
  /** The old label as written: a code, or a path. */
  readonly old: readonly string[];
}

export interface Answer {
  readonly suggestion: Suggestion;
  /**
   * Empty without a table, and where the two agree. `table-single`: the table leaves one item;
   * `table-none`: it says nothing about the old code; `table-no-code`: the row has none;
   * `table-disagrees CODE P`: the text alone would be CODE with probability P, which the table does not admit.
   */
  readonly note: string;
}

/** A free answer below this is no disagreement, whatever the policy's thresholds. */
const DISAGREEMENT = 0.5;

export async function ask(
  service: SuggestService,
  questions: readonly Question[],
  level: number | undefined,
  table: CorrespondenceTable | null,
): Promise<Answer[]> {
  if (questions.length === 0) return [];
  const options = { k: 1, evidence: false, ...(level === undefined ? {} : { level }) };
  const free = await suggestPatiently(
    service,
    questions.map(({ ticket }) => ticket),
    options,
  );
  const answers: Answer[] = free.map((suggestion) => ({ suggestion, note: '' }));
  if (!table) return answers;
  const groups = new Map<string, { items: readonly Item[]; places: number[] }>();
  for (const [place, { old }] of questions.entries()) {
    const items = admissibleItems(table, old);
    if (items.length === 0) {
      const note = old.length === 0 ? 'table-no-code' : 'table-none';
      answers[place] = { ...answers[place]!, note };
      continue;
    }
    const key = items.map(({ index }) => index).join(' ');
    const group = groups.get(key) ?? { items, places: [] };
    groups.set(key, group);
    group.places.push(place);
  }
  await Promise.all(
    [...groups.values()].map(async ({ items, places }) => {
      const narrowed = await suggestPatiently(
        service,
        places.map((place) => questions[place]!.ticket),
        { ...options, within: items.map(({ index }) => index) },
      );
      for (const [at, place] of places.entries()) {
        const suggestion = narrowed[at]!;
        const note = disagreement(service.taxonomy, answers[place]!.suggestion, items);
        answers[place] = { suggestion, note: note ?? (items.length === 1 ? 'table-single' : '') };
      }
    }),
  );
  return answers;
}

/** In the tree's order, so that the same set is the same group. A path is looked up as such, then by its end. */
export function admissibleItems(table: CorrespondenceTable, old: readonly string[]): Item[] {
  if (old.length === 0) return [];
  let found = table.admissible(old.join(' > '));
  if (found.length === 0 && old.length > 1) found = table.admissible(old.at(-1)!);
  return found.map(({ item }) => item).sort((a, b) => a.index - b.index);
}

/** What an old label may stand for: by the table, or else in the model's own tree. */
export function itemsMeant(
  taxonomy: Taxonomy,
  table: CorrespondenceTable | undefined,
  old: readonly string[],
): readonly Item[] {
  if (old.length === 0) return [];
  if (table) return admissibleItems(table, old);
  const label = resolveLabel(taxonomy, old.length === 1 ? old[0]! : old);
  if (label.kind === 'item') return [label.item];
  return label.reason === 'label-ambiguous' ? label.items : [];
}

/** What the text alone says against the table, if it says it firmly. */
function disagreement(taxonomy: Taxonomy, free: Suggestion, admitted: readonly Item[]): string | null {
  const { decision } = free;
  if (decision.kind !== 'specific' || decision.probability < DISAGREEMENT) return null;
  const { item } = decision;
  // An answer above an admitted item (asked for at an upper level) does not contradict it.
  if (admitted.some((one) => taxonomy.isWithin(item, one) || taxonomy.isWithin(one, item))) return null;
  return `table-disagrees ${item.fullCode} ${decision.probability.toFixed(4)}`;
}

/** Waits while the service has more than it accepts: a file can wait, people at the server cannot. */
export async function suggestPatiently(
  service: SuggestService,
  tickets: readonly Ticket[],
  options: Parameters<SuggestService['suggest']>[1],
): Promise<Suggestion[]> {
  for (let pause = 20; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await service.suggest(tickets, options);
    } catch (error) {
      if (!isDuihaoError(error) || error.code !== 'queue-full') throw error;
      await sleep(pause);
    }
  }
}

/**
 * What a model answers for the items of another list, their names read as if they were tickets: evidence for
 * `taxonomy match` where the old list's own tickets are not at hand.
 */
import { DuihaoError } from '../errors.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Ticket } from '../text/ticket.js';
import type { Answerer } from './answerer.js';

/** Below the tenth candidate shares are too small to move a proposal. */
const CANDIDATES = 10;
const BATCH = 63;

/**
 * A name is short and its parent's often says what it is about, so each item is asked about three times (name; name
 * under its parent; whole path) and the answers are averaged.
 * @param to the list that is matched to; must be the model's own
 * @returns old item's index → new item's index → share, summing to at most 1
 * @throws DuihaoError `model-taxonomy-mismatch`
 */
export function answersForItems(
  answerer: Answerer,
  from: Taxonomy,
  to: Taxonomy,
  items: readonly Item[],
): Map<number, Map<number, number>> {
  if (answerer.taxonomy.digest !== to.digest) {
    throw new DuihaoError(
      'conflict',
      'model-taxonomy-mismatch',
      `model ${answerer.model.id} answers with ${answerer.taxonomy.meta.id} ${answerer.taxonomy.meta.version}, not with ${to.meta.id} ${to.meta.version}; name a model of that list`,
      { model: answerer.taxonomy.digest, list: to.digest },
    );
  }
  const questions = items.flatMap((item) =>
    textsOf(from, item).map((ticket): { item: Item; ticket: Ticket } => ({ item, ticket })),
  );
  const answers = new Map(items.map(({ index }) => [index, new Map<number, number>()]));
  for (let at = 0; at < questions.length; at += BATCH) {
    const batch = questions.slice(at, at + BATCH);
    const suggestions = answerer.answer(
      batch.map(({ ticket }) => ticket),
      { k: CANDIDATES, evidence: false },
    );
    for (const [nth, { candidates }] of suggestions.entries()) {
      const shares = answers.get(batch[nth]!.item.index)!;
      for (const { item, probability } of candidates) {
        shares.set(item.index, (shares.get(item.index) ?? 0) + probability / TEXTS);
      }
    }
  }
  return answers;
}

const TEXTS = 3;

function textsOf(from: Taxonomy, item: Item): Ticket[] {
  const path = from.pathOf(item).map(({ displayName }) => displayName);
  const id = item.id;
  return [
    { id, text: path.at(-1)! },
    { id, text: path.slice(-2).join('，') },
    { id, title: path.at(-1)!, text: path.join('，') },
  ];
}

/** `--store` and `--reviews` of commands that find tickets worth a person's look: they go into the review queue, once. */
import type { Command } from 'commander';
import type { NewReview } from '../store/reviews.js';
import { type StoreOptions, withStore } from './store-option.js';
import { wholeNumber } from './whole-number.js';

export interface ReviewOptions extends StoreOptions {
  readonly reviews: number;
}

/** What two or three agents look through in a day beside their calls. */
const defaultReviews = 200;

/** @param together the options without which it means nothing */
export function withReviewLimit(command: Command, together: string): Command {
  return command.option(
    '--reviews <n>',
    `与 ${together} 同用：至多排进复核队列的件数`,
    wholeNumber(0, 100_000),
    defaultReviews,
  );
}

/** Before minutes of work: a store that a server holds, or that does not open, fails here. */
export async function checkStore(options: StoreOptions): Promise<void> {
  await withStore(options, async () => {});
}

export interface Queued {
  readonly added: number;
  /** In the queue already, or looked at before. */
  readonly known: number;
  /** Passed over: their file gives them no number by which an agent could find them. */
  readonly unnumbered: number;
}

/** @param best first; those beyond `--reviews` are left for another time */
export async function queueOnce(
  options: ReviewOptions,
  reviews: readonly NewReview[],
  unnumbered: number,
): Promise<Queued> {
  const first = reviews.slice(0, options.reviews);
  const added = await withStore(options, (store) => store.reviews.addOnce(first));
  return { added, known: first.length - added, unnumbered };
}

export function queuedWords({ added, known, unnumbered }: Queued): string {
  return [
    `排进复核队列 ${added} 件`,
    ...(known > 0 ? [`此前已排过 ${known} 件`] : []),
    ...(unnumbered > 0 ? [`没有工单编号而未排 ${unnumbered} 件`] : []),
  ].join('，');
}

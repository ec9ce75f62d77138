/**
 * `--suspects FILE` of training and evaluation: what the terminal says of likely mislabelled tickets, and, with
 * `--store`, the first of them in the review queue.
 */
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { percent, whole } from '../../training/report/figures.js';
import type { SuspectReport } from '../../training/suspect-report.js';
import { DuihaoError } from '../errors.js';
import { mislabelledDoubt } from '../store/review-value.js';
import type { NewReview } from '../store/reviews.js';
import {
  checkStore,
  type Queued,
  queuedWords,
  queueOnce,
  type ReviewOptions,
  withReviewLimit,
} from './review-queue.js';

export interface SuspectOptions extends ReviewOptions {
  readonly suspects?: string;
}

/** @param ofWhich tickets, in words */
export function withSuspectOptions(command: Command, ofWhich: string): Command {
  command.option(
    '--suspects <file>',
    `把${ofWhich}编码疑似有误的，按可疑程度写成 CSV（编号、原编码与建议编码、概率，不含内容）；另给 --store 时，最可疑的也排进坐席的复核队列`,
  );
  return withReviewLimit(command, '--suspects、--store');
}

/**
 * Before the work begins: minutes of training must not end at a folder that is not there or a store that a
 * server holds.
 */
export async function checkSuspectOptions(options: SuspectOptions): Promise<void> {
  const { suspects, store } = options;
  if (suspects === undefined) return;
  await access(dirname(resolve(suspects)));
  if (store !== undefined) await checkStore(options);
}

/** Of commands that want the store for nothing else. @throws DuihaoError `option-invalid` */
export function refuseStoreWithoutSuspects({ suspects, store }: SuspectOptions): void {
  if (store === undefined || suspects !== undefined) return;
  throw new DuihaoError('invalid-input', 'option-invalid', '--store 须与 --suspects 同用');
}

/** Undefined where no store was named. */
export async function queueSuspects(
  options: SuspectOptions,
  { ranked }: SuspectReport,
): Promise<Queued | undefined> {
  if (options.suspects === undefined || options.store === undefined) return undefined;
  const reviews = ranked.flatMap(
    ({ ticket, given, suggested, givenProbability, suggestedProbability }): NewReview[] => {
      if (ticket === null) return [];
      const candidates = [
        { item: suggested, probability: suggestedProbability },
        { item: given, probability: givenProbability },
      ].sort((a, b) => b.probability - a.probability);
      const doubt = mislabelledDoubt(givenProbability, suggestedProbability);
      return [{ ticket, cause: 'likely-mislabelled', doubt, label: given, suggestionId: null, candidates }];
    },
  );
  return queueOnce(options, reviews, ranked.length - reviews.length);
}

export function suspectsLine({ judged, count, errorShare }: SuspectReport, queued?: Queued): string {
  const found = `${whole(judged)} 件中编码疑似有误 ${whole(count)} 件（估计错标 ${percent(errorShare)}）`;
  return queued ? `${found}；${queuedWords(queued)}` : found;
}

export function suspectsJson({ judged, count, errorShare }: SuspectReport, queued?: Queued) {
  return { judged, count, errorShare: Math.round(errorShare * 1e6) / 1e6, ...(queued ? { queued } : {}) };
}

/**
 * Which tickets are held out of the first fits, so that what is fitted on them is fitted on tickets as new as any to
 * come: near-duplicates stay together, and where tickets have dates the newest come first, because newer ones are
 * what a deployed model meets.
 */
import type { LabelledTicket } from './labelled-ticket.js';
import { groupNearDuplicates } from './near-duplicates.js';
import { seededRandom } from './random.js';

export interface Split {
  /** Indexes of the tickets that each first fit leaves out; no ticket is in two of them. */
  readonly folds: readonly (readonly number[])[];
  readonly by: 'time' | 'chance';
  /** Tickets that share their group with an earlier one. */
  readonly nearDuplicates: number;
}

/** Share of tickets that must have a date for a split by time. */
const DATED = 0.9;
/** Of a handful nothing can be spared. */
const FEWEST = 20;
/** So many tickets settle calibration and thresholds: the standard error of a share among them is 1.6 points at most. */
const ENOUGH = 1_000;
/** More in one fold would judge a model much worse than the one that is kept. */
const LARGEST_SHARE = 0.2;

/**
 * One fold of `share` where that is enough to judge by; of few tickets more, and up to five folds, so that a young hotline's
 * every ticket judges once (cross-fitting; Stone, JRSS B 1974).
 */
export function planFolds(tickets: number, share: number): { folds: number; share: number } {
  if (share * tickets >= ENOUGH) return { folds: 1, share };
  const wider = Math.max(share, Math.min(LARGEST_SHARE, ENOUGH / tickets));
  return { folds: Math.min(Math.floor(1 / wider), Math.ceil(ENOUGH / (wider * tickets))), share: wider };
}

/** @param share of the tickets in each fold, in (0, 0.5); folds × share must not exceed 1 */
export function splitTickets(
  tickets: readonly LabelledTicket[],
  { folds: wantedFolds, share }: { folds: number; share: number },
  seed: number,
): Split {
  const group = groupNearDuplicates(tickets.map(({ ticket }) => ticket));
  const members = new Map<number, number[]>();
  group.forEach((number, index) => {
    const there = members.get(number);
    if (there) there.push(index);
    else members.set(number, [index]);
  });
  const groups = [...members.values()];
  const dated = tickets.filter(({ time }) => time !== undefined).length;
  const by = dated >= DATED * tickets.length && spread(tickets) ? 'time' : 'chance';
  const wanted = Math.max(1, Math.round(share * tickets.length));
  const folds: number[][] = [];
  let left = by === 'time' ? newestFirst(groups, tickets) : shuffle(groups, seed);
  if (tickets.length < FEWEST) left = [];
  while (folds.length < wantedFolds && left.length > 0) {
    const fold: number[] = [];
    const after: (readonly number[])[] = [];
    for (const one of left) {
      // A group that alone would overfill the fold stays out of it.
      const fits = fold.length < wanted && fold.length + one.length <= Math.max(wanted * 1.5, 1);
      if (fits) fold.push(...one);
      else after.push(one);
    }
    if (fold.length === 0) break;
    folds.push(fold.sort((a, b) => a - b));
    left = after;
  }
  return { folds, by, nearDuplicates: tickets.length - groups.length };
}

function spread(tickets: readonly LabelledTicket[]): boolean {
  const times = new Set<number>();
  for (const { time } of tickets) {
    if (time !== undefined) times.add(time);
    if (times.size > 10) return true;
  }
  return false;
}

/** A group is as old as its oldest ticket, so that no later copy of a training ticket is in dev. */
function newestFirst(
  groups: readonly (readonly number[])[],
  tickets: readonly LabelledTicket[],
): (readonly number[])[] {
  const age = (one: readonly number[]) => Math.min(...one.map((index) => tickets[index]!.time ?? 0));
  return groups
    .map((one) => ({ one, age: age(one) }))
    .sort((a, b) => b.age - a.age)
    .map(({ one }) => one);
}

function shuffle(groups: readonly (readonly number[])[], seed: number): (readonly number[])[] {
  const random = seededRandom(seed);
  const shuffled = [...groups];
  for (let at = shuffled.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
  }
  return shuffled;
}

/**
 * Splits labelled tickets into train and dev without leakage: near-duplicates stay on one side, and where
 * tickets have dates the newest are dev, because that is what a deployed model meets.
 */
import type { LabelledTicket } from './labelled-ticket.js';
import { groupNearDuplicates } from './near-duplicates.js';
import { seededRandom } from './random.js';

export interface Split {
  readonly train: readonly LabelledTicket[];
  readonly dev: readonly LabelledTicket[];
  readonly by: 'time' | 'chance';
  /** Tickets that share their group with an earlier one. */
  readonly nearDuplicates: number;
}

/** Share of tickets that must have a date for a split by time. */
const DATED = 0.9;

/** @param share of the tickets for dev, in (0, 1); at least one ticket stays on each side where there are two groups. */
export function splitTickets(tickets: readonly LabelledTicket[], share: number, seed: number): Split {
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
  const ordered = by === 'time' ? newestFirst(groups, tickets) : shuffle(groups, seed);
  const wanted = Math.max(1, Math.round(share * tickets.length));
  const inDev = new Set<number>();
  for (const one of ordered) {
    if (inDev.size >= wanted) break;
    // A group that alone would overfill dev belongs to train.
    if (inDev.size + one.length > Math.max(wanted * 1.5, 1)) continue;
    for (const index of one) inDev.add(index);
  }
  return {
    train: tickets.filter((_, index) => !inDev.has(index)),
    dev: tickets.filter((_, index) => inDev.has(index)),
    by,
    nearDuplicates: tickets.length - groups.length,
  };
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
function newestFirst(groups: readonly number[][], tickets: readonly LabelledTicket[]): number[][] {
  const age = (one: readonly number[]) => Math.min(...one.map((index) => tickets[index]!.time ?? 0));
  return groups
    .map((one) => ({ one, age: age(one) }))
    .sort((a, b) => b.age - a.age)
    .map(({ one }) => one);
}

function shuffle(groups: readonly number[][], seed: number): number[][] {
  const random = seededRandom(seed);
  const shuffled = [...groups];
  for (let at = shuffled.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
  }
  return shuffled;
}

/** How long a claimed ticket is still this agent's. */
import type { ReviewBody } from '../server/review-schemas.js';
import { clockFace } from './stopwatch.js';

/** With less left it is held for longer, by itself, where the agent is at work. */
export const renewBelowMs = 3 * 60_000;
/** With less left the page says so. */
export const warnBelowMs = 90_000;
/** Whoever did nothing for this long is not at work: the ticket goes back to the queue when its time is over. */
export const awayAfterMs = 2 * 60_000;

export type Lease =
  | { readonly kind: 'held'; readonly left: number }
  | { readonly kind: 'ending'; readonly left: number }
  | { readonly kind: 'ended' };

export function leaseOf(claim: ReviewBody['claim'], now: number): Lease {
  const left = claim?.mine ? Date.parse(claim.until) - now : 0;
  // Written so that a time nobody can read counts as over.
  if (!(left > 0)) return { kind: 'ended' };
  return { kind: left < warnBelowMs ? 'ending' : 'held', left };
}

export function leaseWords(lease: Lease): string {
  switch (lease.kind) {
    case 'held':
      return `为你保留 ${clockFace(lease.left)}`;
    case 'ending':
      return `即将放回队列 ${clockFace(lease.left)}`;
    case 'ended':
      return '已放回队列';
  }
}

/** @param idle milliseconds since the agent last did something */
export function shouldRenew(lease: Lease, idle: number): boolean {
  return lease.kind !== 'ended' && lease.left < renewBelowMs && idle < awayAfterMs;
}

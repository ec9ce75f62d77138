/** Feedback as the rest of Duihao knows it, and as a row. */
import { storable } from './context.js';
import type { FeedbackRow } from './tables.js';

export type FeedbackKind = 'accepted' | 'corrected' | 'skipped' | 'withdrawn';

export interface NewFeedback {
  readonly suggestionId: string;
  readonly agent: string;
  readonly kind: FeedbackKind;
  /** Null: the decided item where it is accepted, none where nothing was chosen. */
  readonly item: string | null;
  readonly ticket: string | null;
  /** Null: now. */
  readonly decidedAt: Date | null;
  readonly milliseconds: number | null;
  /** Masked. */
  readonly note: string | null;
}

export interface Feedback extends NewFeedback {
  readonly decidedAt: Date;
  /** The suggestion is known. */
  readonly matched: boolean;
}

export type FeedbackOutcome = 'stored' | 'repeated' | 'replaced' | 'superseded';

export interface GivenFeedback {
  /** As it now counts. */
  readonly feedback: Feedback;
  readonly outcome: FeedbackOutcome;
}

export const chooses = <T extends { readonly kind: FeedbackKind }>(
  one: T,
): one is T & { readonly kind: 'accepted' | 'corrected' } =>
  one.kind === 'accepted' || one.kind === 'corrected';

/** As it may be stored; a time in the future counts as now. */
export function normalizeFeedback(given: NewFeedback, now: Date): NewFeedback & { readonly decidedAt: Date } {
  return {
    ...given,
    suggestionId: given.suggestionId.toLowerCase(),
    agent: storable(given.agent),
    item: chooses(given) ? given.item : null,
    ticket: given.ticket === null ? null : storable(given.ticket),
    decidedAt: given.decidedAt && given.decidedAt < now ? given.decidedAt : now,
    note: given.note === null ? null : storable(given.note),
  };
}

export function toFeedbackRow(feedback: Feedback, now: Date): FeedbackRow {
  return {
    suggestion_id: feedback.suggestionId,
    agent: feedback.agent,
    kind: feedback.kind,
    item: feedback.item,
    ticket: feedback.ticket,
    decided_at: feedback.decidedAt,
    received_at: now,
    milliseconds: feedback.milliseconds,
    note: feedback.note,
    matched: feedback.matched,
  };
}

export function fromFeedbackRow(row: FeedbackRow): Feedback {
  return {
    suggestionId: row.suggestion_id,
    agent: row.agent,
    kind: row.kind as FeedbackKind,
    item: row.item,
    ticket: row.ticket,
    decidedAt: row.decided_at,
    milliseconds: row.milliseconds,
    note: row.note,
    matched: row.matched,
  };
}

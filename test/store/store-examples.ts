/** A suggestion and a feedback as tests store them, changed as a test needs. */
import type { NewFeedback } from '../../src/store/feedback.js';
import type { ShownSuggestion } from '../../src/store/suggestions.js';
import { timeOrderedId } from '../../src/store/time-ordered-id.js';

let tickets = 0;
export const newTicket = () => `GD-${process.pid}-${++tickets}`;

export function shown(change: Partial<ShownSuggestion> = {}): ShownSuggestion {
  return {
    id: timeOrderedId(),
    ticket: newTicket(),
    model: 'toy',
    modelVersion: '1',
    taxonomyDigest: 'd'.repeat(64),
    decision: { kind: 'specific', item: '08.0801', probability: 0.9 },
    catchAll: false,
    candidates: [
      { item: '08.0801', probability: 0.9 },
      { item: '08.0802', probability: 0.05 },
    ],
    shownAt: new Date(),
    textHash: 'h',
    text: null,
    ...change,
  };
}

export function given(suggestionId: string, change: Partial<NewFeedback> = {}): NewFeedback {
  return {
    suggestionId,
    agent: '小李',
    kind: 'accepted',
    item: null,
    ticket: null,
    decidedAt: null,
    milliseconds: null,
    note: null,
    ...change,
  };
}

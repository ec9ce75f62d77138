/** An answer as the store keeps it: ids instead of items, no text, or the text masked. */
import { createHmac } from 'node:crypto';
import type { NewSuggestion, StoredDecision, StoredText } from '../store/suggestions.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import type { Suggestion } from '../suggest/suggestion.js';
import { maskText, offsetInMasked } from '../text/mask.js';
import type { Ticket } from '../text/ticket.js';

export interface RecordOptions {
  readonly storeText: boolean;
  /** Of the store: keys the texts' hashes. */
  readonly textKey: string;
  /** May it enter the review queue? Default true. */
  readonly review?: boolean;
}

export function toShown(
  id: string,
  ticket: Ticket,
  suggestion: Suggestion,
  { model, taxonomy }: Pick<SuggestService, 'model' | 'taxonomy'>,
  options: RecordOptions,
): NewSuggestion {
  const { decision, candidates } = suggestion;
  const stored: StoredDecision =
    decision.kind === 'specific'
      ? { kind: 'specific', item: decision.item.id, probability: decision.probability }
      : {
          kind: 'fallback',
          item: decision.item?.id ?? null,
          under: decision.under?.id ?? null,
          reason: decision.reason,
          probability: decision.probability,
        };
  return {
    id,
    ticket: ticket.id,
    model: model.id,
    modelVersion: model.version,
    taxonomyDigest: taxonomy.digest,
    decision: stored,
    catchAll: decision.item?.isCatchAll ?? false,
    candidates: candidates.map(({ item, probability }) => ({ item: item.id, probability })),
    shownAt: new Date(),
    textHash: createHmac('sha256', options.textKey)
      .update(`${ticket.title ?? ''}\0${ticket.text}`)
      .digest('base64url'),
    text: options.storeText ? maskedText(ticket, suggestion) : null,
    review: options.review ?? true,
    fingerprint: suggestion.fingerprint ? new Uint8Array(suggestion.fingerprint) : null,
    modelItem: suggestion.adjustment ? (suggestion.adjustment.model?.id ?? '') : null,
  };
}

function maskedText(ticket: Ticket, { evidence }: Suggestion): StoredText {
  const title = maskText(ticket.title ?? '');
  const text = maskText(ticket.text);
  return {
    title: ticket.title === undefined ? null : title.text,
    text: text.text,
    evidence: evidence.map(({ field, start, end, weight }) => {
      const { spans } = field === 'title' ? title : text;
      return {
        field,
        start: offsetInMasked(spans, start, 'start'),
        end: offsetInMasked(spans, end, 'end'),
        weight,
      };
    }),
  };
}

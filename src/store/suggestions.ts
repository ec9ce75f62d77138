/** Suggestions shown: what was answered, by which model, on which tree. */
import { sql } from 'kysely';
import type { FallbackReason } from '../decision/decision.js';
import { type StoreContext, storable } from './context.js';
import { doubtOf, reviewValue, uncertainBelow } from './review-value.js';
import type { SuggestionRow } from './tables.js';
import { timeOrderedId } from './time-ordered-id.js';

/** By item id: a record outlives the tree it was made on. */
export type StoredDecision =
  | { readonly kind: 'specific'; readonly item: string; readonly probability: number }
  | {
      readonly kind: 'fallback';
      readonly item: string | null;
      readonly under: string | null;
      readonly reason: FallbackReason;
      readonly probability: number;
    };

export interface StoredCandidate {
  readonly item: string;
  readonly probability: number;
}

export interface StoredEvidence {
  readonly field: 'title' | 'text';
  readonly start: number;
  readonly end: number;
  readonly weight: number;
}

/** A ticket's text as it may be kept: masked. */
export interface StoredText {
  readonly title: string | null;
  readonly text: string;
  /** Into the masked text. */
  readonly evidence: readonly StoredEvidence[];
}

export interface ShownSuggestion {
  readonly id: string;
  readonly ticket: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly taxonomyDigest: string;
  readonly decision: StoredDecision;
  /** The decided item is a catch-all. */
  readonly catchAll: boolean;
  /** Best first. */
  readonly candidates: readonly StoredCandidate[];
  readonly shownAt: Date;
  /** Keyed hash of title and text: tells equal texts, tells nothing about them. */
  readonly textHash: string;
  readonly text: StoredText | null;
}

export interface NewSuggestion extends ShownSuggestion {
  /** false: it calls for no review, however uncertain. It is not kept. Default true. */
  readonly review?: boolean;
  /** What similar tickets are found by: 128 bytes, see recent-choices.ts. It is not read back here. Default null. */
  readonly fingerprint?: Uint8Array | null;
  /**
   * What the model alone had put first, where recent choices moved the answer; empty: nothing. Not read back here either.
   * Default null: the answer is the model's own.
   */
  readonly modelItem?: string | null;
}

export class Suggestions {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Stores them with the reviews that they call for; feedback that came before them now counts. */
  async add(shown: readonly NewSuggestion[]): Promise<void> {
    if (shown.length === 0) return;
    await this.#context.db.transaction().execute(async (transaction) => {
      // Repeated after a broken connection, the first attempt may have been committed.
      await transaction
        .insertInto('suggestions')
        .values(shown.map(toRow))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      const reviews = shown.filter(callsForReview).map((one) => ({
        id: timeOrderedId(one.shownAt.getTime()),
        cause: 'uncertain',
        value: reviewValue('uncertain', doubtOf(one.candidates)),
        state: 'open',
        ticket: storable(one.ticket),
        suggestion_id: one.id,
        created_at: one.shownAt,
      }));
      if (reviews.length > 0) {
        // A ticket that is asked about again keeps its one review.
        await transaction
          .insertInto('reviews')
          .values(reviews)
          .onConflict((conflict) =>
            conflict.columns(['ticket', 'cause']).where('state', '=', 'open').doNothing(),
          )
          .execute();
      }
      await matchFeedback(shown.map(({ id }) => id)).execute(transaction);
    });
  }

  async find(id: string): Promise<ShownSuggestion | undefined> {
    return (await this.findAll([id])).get(id);
  }

  async findAll(ids: readonly string[]): Promise<ReadonlyMap<string, ShownSuggestion>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#context.db
      .selectFrom('suggestions')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute();
    return new Map(rows.map((row) => [row.id, fromRow(row as SuggestionRow)]));
  }
}

/** Feedback that came before its suggestion: joined, and named by what was really decided. */
export function matchFeedback(ids?: readonly string[]) {
  const some = ids ? sql`and s.id in (${sql.join(ids.map((id) => sql`${id}::uuid`))})` : sql``;
  return sql`update feedback f set
      matched = true,
      ticket = s.ticket,
      item = case when f.kind in ('accepted', 'corrected') then coalesce(f.item, s.item) end,
      kind = case when f.kind not in ('accepted', 'corrected') then f.kind
        when coalesce(f.item, s.item) is not distinct from s.item then 'accepted' else 'corrected' end
    from suggestions s where s.id = f.suggestion_id and not f.matched ${some}`;
}

/** Nothing to read is nothing to review either. */
function callsForReview({ decision, candidates, review = true }: NewSuggestion): boolean {
  if (!review || candidates.length === 0) return false;
  if (decision.kind === 'fallback') return decision.reason === 'low-confidence';
  return candidates[0]!.probability < uncertainBelow;
}

function toRow(shown: NewSuggestion) {
  const { id, decision, candidates, text } = shown;
  return {
    id,
    ticket: storable(shown.ticket),
    model: shown.model,
    model_version: shown.modelVersion,
    taxonomy_digest: shown.taxonomyDigest,
    decision_kind: decision.kind,
    item: decision.item,
    under: decision.kind === 'fallback' ? decision.under : null,
    reason: decision.kind === 'fallback' ? decision.reason : null,
    probability: decision.probability,
    top_item: candidates[0]?.item ?? null,
    top_probability: candidates[0]?.probability ?? null,
    candidates: writeCandidates(candidates),
    catch_all: shown.catchAll,
    shown_at: shown.shownAt,
    text_hash: shown.textHash,
    title: text?.title == null ? null : storable(text.title),
    body: text ? storable(text.text) : null,
    evidence: text ? JSON.stringify(text.evidence) : null,
    // pg makes bytes of a Buffer only.
    fingerprint: shown.fingerprint ? Buffer.from(shown.fingerprint) : null,
    model_item: shown.modelItem ?? null,
  };
}

/** As pairs: hundreds of thousands of rows need no names in each. */
export function writeCandidates(candidates: readonly StoredCandidate[]): string {
  return JSON.stringify(candidates.map(({ item, probability }) => [item, probability]));
}

export function readCandidates(stored: unknown): readonly StoredCandidate[] {
  const pairs = (stored ?? []) as readonly (readonly [string, number])[];
  return pairs.map(([item, probability]) => ({ item, probability }));
}

function fromRow(row: SuggestionRow): ShownSuggestion {
  const decision: StoredDecision =
    row.decision_kind === 'specific'
      ? { kind: 'specific', item: row.item!, probability: row.probability }
      : {
          kind: 'fallback',
          item: row.item,
          under: row.under,
          reason: row.reason as FallbackReason,
          probability: row.probability,
        };
  return {
    id: row.id,
    ticket: row.ticket,
    model: row.model,
    modelVersion: row.model_version,
    taxonomyDigest: row.taxonomy_digest,
    decision,
    catchAll: row.catch_all,
    candidates: readCandidates(row.candidates),
    shownAt: row.shown_at,
    textHash: row.text_hash,
    text:
      row.body === null
        ? null
        : { title: row.title, text: row.body, evidence: (row.evidence ?? []) as unknown as StoredEvidence[] },
  };
}

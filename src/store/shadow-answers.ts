/**
 * What a candidate beside the current model (the shadow) said of the same tickets, and where the two differ. Agents saw
 * the current model's suggestions only, so that what they accepted in haste says nothing here: it is not judged.
 */
import { sql } from 'kysely';
import { HASTE_MS } from './choice-weight.js';
import type { StoreContext } from './context.js';
import { chosen, type Span } from './statistics.js';
import type { StoredDecision } from './suggestions.js';

export interface ShadowAnswer {
  /** Of the suggestion that was shown instead. */
  readonly suggestionId: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly taxonomyDigest: string;
  readonly decision: Pick<StoredDecision, 'kind' | 'item' | 'probability'>;
  readonly top: { readonly item: string; readonly probability: number } | null;
  readonly answeredAt: Date;
}

/** Choices of agents who read, by who was right. */
export interface Judged {
  readonly judged: number;
  readonly onlyCandidate: number;
  readonly onlyCurrent: number;
}

/** Two versions over the tickets that both answered. */
export interface ShadowComparison extends Judged {
  readonly model: string;
  readonly version: string;
  readonly candidate: string;
  readonly candidateVersion: string;
  readonly compared: number;
  /** Decided another item. */
  readonly differ: number;
  readonly bothRight: number;
  readonly currentFallbacks: number;
  readonly candidateFallbacks: number;
  readonly first: Date;
  readonly last: Date;
}

/** Tickets for which the two decided these two items. */
export interface ShadowPair extends Judged {
  readonly version: string;
  readonly candidateVersion: string;
  readonly current: string | null;
  readonly candidate: string | null;
  readonly count: number;
  /** Means of the decisions' probabilities. */
  readonly currentProbability: number;
  readonly candidateProbability: number;
}

const compared = ({ from, to }: Span) => sql`${chosen({ from, to })}, compared as (
    select s.model, s.model_version, a.model as candidate, a.model_version as candidate_version, s.shown_at,
      s.item, a.item as candidate_item, s.decision_kind, a.decision_kind as candidate_kind,
      s.probability, a.probability as candidate_probability,
      case when c.kind = 'corrected' then c.choice
        when c.kind = 'accepted' and c.milliseconds >= ${HASTE_MS} then c.choice
        when c.kind = 'accepted' and c.milliseconds is null and s.decision_kind = 'specific' then c.choice
      end as choice
    from shadow_answers a join suggestions s on s.id = a.suggestion_id
      left join chosen c on c.suggestion_id = s.id
    where s.shown_at >= ${from} and s.shown_at < ${to} and a.model_version <> s.model_version
  )`;

const right = sql`coalesce(item = choice, false)`;
const candidateRight = sql`coalesce(candidate_item = choice, false)`;
const judged = sql`(count(choice))::integer as judged,
  (count(*) filter (where ${candidateRight} and not ${right}))::integer as "onlyCandidate",
  (count(*) filter (where ${right} and not ${candidateRight}))::integer as "onlyCurrent"`;

export class ShadowAnswers {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Repeated after a broken connection, the first answer stays. */
  async add(answers: readonly ShadowAnswer[]): Promise<void> {
    if (answers.length === 0) return;
    await this.#context.db
      .insertInto('shadow_answers')
      .values(
        answers.map(({ suggestionId, model, modelVersion, taxonomyDigest, decision, top, answeredAt }) => ({
          suggestion_id: suggestionId,
          model,
          model_version: modelVersion,
          taxonomy_digest: taxonomyDigest,
          decision_kind: decision.kind,
          item: decision.item,
          probability: decision.probability,
          top_item: top?.item ?? null,
          top_probability: top?.probability ?? null,
          answered_at: answeredAt,
        })),
      )
      .onConflict((conflict) => conflict.column('suggestion_id').doNothing())
      .execute();
  }

  /** Per pair of versions, the latest first. */
  async comparisons(span: Span): Promise<readonly ShadowComparison[]> {
    const { rows } = await sql<ShadowComparison>`with ${compared(span)}
      select model, model_version as version, candidate, candidate_version as "candidateVersion",
        count(*)::integer as compared,
        (count(*) filter (where item is distinct from candidate_item))::integer as differ,
        ${judged}, (count(*) filter (where ${right} and ${candidateRight}))::integer as "bothRight",
        (count(*) filter (where decision_kind = 'fallback'))::integer as "currentFallbacks",
        (count(*) filter (where candidate_kind = 'fallback'))::integer as "candidateFallbacks",
        min(shown_at) as first, max(shown_at) as last
      from compared group by 1, 2, 3, 4 order by last desc, 1, 2, 3, 4`.execute(this.#context.db);
    return rows;
  }

  /** Of the tickets they differ about: pairs of items, most frequent first. */
  async pairs(span: Span, limit: number): Promise<readonly ShadowPair[]> {
    const { rows } = await sql<ShadowPair>`with ${compared(span)}
      select model_version as version, candidate_version as "candidateVersion", item as current,
        candidate_item as candidate, count(*)::integer as count, avg(probability) as "currentProbability",
        avg(candidate_probability) as "candidateProbability", ${judged}
      from compared where item is distinct from candidate_item
      group by 1, 2, 3, 4 order by count desc, 1, 2, 3, 4 limit ${limit}`.execute(this.#context.db);
    return rows;
  }
}

/**
 * The manager's figures, counted by the database. Of several agents' feedback on one suggestion the latest
 * counts; withdrawn feedback does not.
 */
import { type RawBuilder, sql } from 'kysely';
import type { StoreContext } from './context.js';

/** `[from, to)`. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

export interface Choices {
  readonly shown: number;
  readonly accepted: number;
  readonly corrected: number;
  readonly skipped: number;
}

export interface AcceptanceRow extends Choices {
  /** `2026-11-24`, China time. */
  readonly day: string | null;
  readonly item: string | null;
}
export interface CorrectionRow {
  readonly suggested: string | null;
  readonly chosen: string;
  readonly count: number;
}
export interface TimeRow {
  readonly day: string;
  readonly count: number;
  readonly median: number;
  readonly p90: number;
}
export interface ModelRow extends Choices {
  readonly model: string;
  readonly version: string;
  readonly fallbacks: number;
  readonly medianMilliseconds: number | null;
  readonly first: Date;
  readonly last: Date;
}
/** If the first candidate were taken wherever its probability reaches the threshold. */
export interface CoverageRow {
  readonly threshold: number;
  readonly count: number;
  readonly wrong: number;
}
export interface CatchAllRow extends Choices {
  readonly item: string;
  readonly fallbacks: number;
  readonly leaked: number;
  readonly kept: number;
  readonly deserved: readonly { readonly item: string; readonly count: number }[];
}

/** China has one time zone and no summer time. */
const dayOf = (column: RawBuilder<unknown>) =>
  sql`to_char(${column} at time zone 'UTC' + interval '8 hours', 'YYYY-MM-DD')`;

/** Of each suggestion the choice that counts. */
export const chosen = ({ from }: Span) => sql`chosen as (
    select distinct on (suggestion_id) suggestion_id, kind, item as choice, milliseconds
    from feedback
    where matched and kind <> 'withdrawn' and received_at >= ${from}::timestamptz - interval '1 day'
    order by suggestion_id, decided_at desc, agent
  )`;

/** Suggestions of the span, each with the choice that counts. */
const judged = ({ from, to }: Span) => sql`${chosen({ from, to })}, judged as (
    select s.item, s.model, s.model_version, s.decision_kind, s.catch_all, s.top_item, s.top_probability,
      s.shown_at, c.kind, c.choice, c.milliseconds
    from suggestions s left join chosen c on c.suggestion_id = s.id
    where s.shown_at >= ${from} and s.shown_at < ${to}
  )`;

const choices = sql`count(*)::integer as shown,
  (count(*) filter (where kind = 'accepted'))::integer as accepted,
  (count(*) filter (where kind = 'corrected'))::integer as corrected,
  (count(*) filter (where kind = 'skipped'))::integer as skipped`;

export class Statistics {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Per decided item, most shown first; or per day, in order. */
  async acceptance(span: Span, by: 'item' | 'day', limit: number): Promise<readonly AcceptanceRow[]> {
    const day = dayOf(sql`shown_at`);
    return this.#rows(
      by === 'item'
        ? sql<AcceptanceRow>`with ${judged(span)} select null as day, item, ${choices}
            from judged group by item order by shown desc, item limit ${limit}`
        : sql<AcceptanceRow>`with ${judged(span)} select ${day} as day, null as item, ${choices}
            from judged group by 1 order by 1 limit ${limit}`,
    );
  }

  /** Most frequent first. */
  async corrections(span: Span, limit: number): Promise<readonly CorrectionRow[]> {
    return this.#rows(sql<CorrectionRow>`with ${judged(span)}
      select item as suggested, choice as chosen, count(*)::integer as count
      from judged where kind = 'corrected' and choice is not null
      group by item, choice order by count desc, suggested, chosen limit ${limit}`);
  }

  async time(span: Span): Promise<readonly TimeRow[]> {
    return this.#rows(sql<TimeRow>`with ${judged(span)}
      select ${dayOf(sql`shown_at`)} as day, count(*)::integer as count,
        percentile_cont(0.5) within group (order by milliseconds) as median,
        percentile_cont(0.9) within group (order by milliseconds) as p90
      from judged where kind in ('accepted', 'corrected') and milliseconds is not null
      group by 1 order by 1`);
  }

  /** Latest first. */
  async models(span: Span): Promise<readonly ModelRow[]> {
    return this.#rows(sql<ModelRow>`with ${judged(span)}
      select model, model_version as version, ${choices},
        (count(*) filter (where decision_kind = 'fallback'))::integer as fallbacks,
        percentile_cont(0.5) within group (order by milliseconds)
          filter (where kind in ('accepted', 'corrected')) as "medianMilliseconds",
        min(shown_at) as first, max(shown_at) as last
      from judged group by model, model_version order by last desc, model, version`);
  }

  /** For thresholds 1, 0.99 … 0: descending, so that counts grow. */
  async coverage(span: Span): Promise<readonly CoverageRow[]> {
    return this.#rows(sql<CoverageRow>`with ${judged(span)}, binned as (
        select floor(top_probability * 100)::integer as bin, count(*) as count,
          count(*) filter (where top_item <> choice) as wrong
        from judged where kind in ('accepted', 'corrected') and choice is not null and top_item is not null
        group by 1
      )
      select bin / 100.0::double precision as threshold,
        (sum(count) over (order by bin desc))::integer as count,
        (sum(wrong) over (order by bin desc))::integer as wrong
      from binned order by bin desc`);
  }

  /** @param catchAlls ids of the tree's catch-alls: a correction from one to another is no leak. */
  async catchAll(span: Span, catchAlls: readonly string[], limit: number): Promise<readonly CatchAllRow[]> {
    if (catchAlls.length === 0) return [];
    const others = sql`(${sql.join([...catchAlls])})`;
    const rows = await this.#rows(sql<
      Omit<CatchAllRow, 'deserved'> & { readonly deserved: unknown }
    >`with ${judged(span)}, leaks as (
        select item, choice, count(*)::integer as count,
          row_number() over (partition by item order by count(*) desc, choice) as place
        from judged where catch_all and kind = 'corrected' and choice not in ${others}
        group by item, choice
      ), tops as (
        select item, json_agg(json_build_object('item', choice, 'count', count) order by place) as deserved
        from leaks where place <= 5 group by item
      ), kept as (
        select choice as item, count(*)::integer as kept from judged
        where kind in ('accepted', 'corrected') and choice in ${others} group by choice
      ), shown as (
        select item, ${choices},
          (count(*) filter (where decision_kind = 'fallback'))::integer as fallbacks,
          (count(*) filter (where kind = 'corrected' and choice not in ${others}))::integer as leaked
        from judged where catch_all group by item
      )
      select shown.*, coalesce(kept.kept, 0) as kept, tops.deserved
      from shown left join kept using (item) left join tops using (item)
      order by leaked desc, shown desc, item limit ${limit}`);
    return rows.map((row) => ({ ...row, deserved: (row.deserved ?? []) as CatchAllRow['deserved'] }));
  }

  async #rows<T>(query: RawBuilder<T>): Promise<readonly T[]> {
    return (await query.execute(this.#context.db)).rows;
  }
}

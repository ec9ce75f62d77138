/**
 * What agents chose, as training reads it: feedback, and reviews of tickets that no suggestion was shown
 * for. How it came about stays visible: haste and a fallback's catch-all are weaker evidence than a choice.
 */
import { sql } from 'kysely';
import type { StoreContext } from './context.js';

export interface ChosenLabel {
  /** To be joined with the archive. */
  readonly ticket: string;
  readonly item: string;
  readonly agent: string;
  readonly source: 'feedback' | 'review';
  /** Accepted or corrected; of a review `chosen`. */
  readonly kind: 'accepted' | 'corrected' | 'chosen';
  /** What had been decided; null where no suggestion is known. */
  readonly decisionKind: 'specific' | 'fallback' | null;
  readonly milliseconds: number | null;
  readonly decidedAt: Date;
  /** Masked; null where texts are not stored, or not any more. */
  readonly title: string | null;
  readonly text: string | null;
}

const page = 2_000;

type Row = Omit<ChosenLabel, 'kind' | 'source' | 'decisionKind'> & {
  readonly id: string;
  readonly kind: string;
  readonly decision_kind: string | null;
};

/** In no order of time; one per suggestion and agent. Reads in pages: it may run beside a working server. */
export async function* readLabels(
  { db }: StoreContext,
  since: Date = new Date(0),
): AsyncGenerator<ChosenLabel, void, undefined> {
  let [id, agent] = ['00000000-0000-0000-0000-000000000000', ''];
  for (;;) {
    const { rows } = await sql<Row>`
      select f.suggestion_id as id, f.ticket, f.item, f.agent, f.kind, s.decision_kind, f.milliseconds,
        f.decided_at as "decidedAt", s.title, s.body as text
      from feedback f left join suggestions s on s.id = f.suggestion_id
      where (f.suggestion_id, f.agent) > (${id}::uuid, ${agent})
        and f.kind in ('accepted', 'corrected') and f.item is not null and f.ticket is not null
        and f.decided_at >= ${since}
      order by f.suggestion_id, f.agent limit ${page}`.execute(db);
    for (const row of rows) yield toLabel(row, 'feedback');
    const last = rows.at(-1);
    if (!last || rows.length < page) break;
    [id, agent] = [last.id, last.agent];
  }
  id = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await sql<Row>`
      select id, ticket, chosen as item, closed_by as agent, 'chosen' as kind, null as decision_kind,
        milliseconds, closed_at as "decidedAt", null as title, null as text
      from reviews
      where id > ${id}::uuid and state = 'done' and suggestion_id is null and closed_at >= ${since}
      order by id limit ${page}`.execute(db);
    for (const row of rows) yield toLabel(row, 'review');
    const last = rows.at(-1);
    if (!last || rows.length < page) return;
    id = last.id;
  }
}

function toLabel({ id: _id, decision_kind, ...row }: Row, source: ChosenLabel['source']): ChosenLabel {
  return {
    ...row,
    source,
    kind: row.kind as ChosenLabel['kind'],
    decisionKind: decision_kind as ChosenLabel['decisionKind'],
  };
}

/** Tickets that ended in a catch-all and whose masked text is kept: what may show that the tree lacks an item. */
import { sql } from 'kysely';
import type { StoreContext } from './context.js';
import type { Span } from './statistics.js';

export interface CatchAllTicket {
  readonly suggestionId: string;
  readonly ticket: string;
  /** The catch-all, predicted or fallen back to. */
  readonly item: string;
  /** Masked. */
  readonly title: string | null;
  readonly text: string;
  readonly shownAt: Date;
}

/**
 * Of each ticket its latest suggestion counts; those that an agent moved to a named item are left out.
 * @param catchAlls ids of the tree's catch-alls: a correction from one to another leaves it among them
 * @returns newest first
 */
export async function catchAllTickets(
  { db }: StoreContext,
  { from, to }: Span,
  catchAlls: readonly string[],
  limit: number,
): Promise<readonly CatchAllTicket[]> {
  if (catchAlls.length === 0) return [];
  const { rows } = await sql<CatchAllTicket>`
    select s.id as "suggestionId", s.ticket, s.item, s.title, s.body as text, s.shown_at as "shownAt"
    from suggestions s
    where s.catch_all and s.body is not null and s.shown_at >= ${from} and s.shown_at < ${to}
      and not exists (select 1 from suggestions later
        where later.ticket = s.ticket and (later.shown_at, later.id) > (s.shown_at, s.id))
      and not exists (select 1 from feedback f
        where f.suggestion_id = s.id and f.matched and f.kind = 'corrected'
          and f.item not in (${sql.join([...catchAlls])}))
    order by s.shown_at desc, s.id desc limit ${limit}`.execute(db);
  return rows;
}

/** A row of the legacy file → the ticket to ask about, and the old code as it is written. */
import type { TicketColumns } from '../table/ticket-columns.js';
import { type FacetColumn, facetValueOf } from '../taxonomy/facets.js';
import type { Ticket } from '../text/ticket.js';
import type { SourceRow } from './source.js';

/** UTF-16 units, as in training: what a citizen wrote beyond this does not change what it is about. */
const MAX_TEXT = 20_000;
const MAX_TITLE = 500;

export function ticketOfRow(
  row: SourceRow,
  columns: TicketColumns,
  facetColumns: readonly FacetColumn[],
): Ticket {
  const read = (column: string | undefined) => (column === undefined ? '' : textOf(row.value(column)));
  const title = read(columns.title);
  const facets: Record<string, string> = {};
  for (const { column, facet } of facetColumns) {
    const value = facetValueOf(facet, read(column));
    if (value) facets[facet.id] = value.code;
  }
  return {
    // Unique in the file, which the file's own numbers need not be.
    id: String(row.row),
    ...(title === '' ? {} : { title: title.slice(0, MAX_TITLE) }),
    text: read(columns.text).slice(0, MAX_TEXT),
    ...(Object.keys(facets).length > 0 ? { facets } : {}),
  };
}

/** The old label: one cell, or the path of several; empty where there is none. */
export function oldLabelOf(row: SourceRow, columns: TicketColumns): readonly string[] {
  if (columns.label !== undefined) {
    const cell = row.value(columns.label);
    const parts = Array.isArray(cell) ? cell.map(textOf) : [textOf(cell)];
    return parts.filter((part) => part !== '');
  }
  const path = (columns.levels ?? []).map((column) => textOf(row.value(column)));
  const end = path.indexOf('');
  return end < 0 ? path : path.slice(0, end);
}

function textOf(cell: unknown): string {
  if (cell === undefined || cell === null || typeof cell === 'object') return '';
  return String(cell).trim();
}

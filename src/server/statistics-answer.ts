/** What every figure of /v1/statistics has: the days it is asked for, and its rows as JSON or as a spreadsheet opens them. */
import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import type { Span } from '../store/statistics.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { Problem } from './problem.js';
import type { ItemRefBody } from './schemas.js';
import type { ServiceSlot } from './service-slot.js';
import { statisticsQuerySchema } from './statistics-schemas.js';
import { presentStoredItem } from './stored-items.js';
import { readQuery } from './validation.js';
import type { Workplace } from './workplace.js';

const dayMs = 86_400_000;
const chinaMs = 8 * 3_600_000;
const mostDays = 400;

/** @throws Problem `request-invalid`, `span-invalid` (422), `store-opening`, `model-loading` (503) */
export function asked(slot: ServiceSlot, workplace: Workplace, request: Parameters<typeof readQuery>[1]) {
  const query = readQuery(statisticsQuerySchema, request);
  const store = workplace.take();
  const { taxonomy } = slot.take();
  const today = new Date(Date.now() + chinaMs).toISOString().slice(0, 10);
  const to = query.to ?? today;
  const from = query.from ?? dayAfter(to, -29);
  const span: Span = { from: startOf(from), to: startOf(dayAfter(to, 1)) };
  const length = (span.to.getTime() - span.from.getTime()) / dayMs;
  if (!(length >= 1 && length <= mostDays)) {
    const detail = `from must not be after to, and both at most ${mostDays} days apart`;
    throw new Problem(422, 'span-invalid', detail, {
      errors: [{ pointer: '?from', code: 'span-invalid', detail }],
    });
  }
  return { query, store, statistics: store.statistics, taxonomy, span, days: { from, to } };
}

/** Midnight in China. */
const startOf = (day: string): Date => new Date(Date.parse(`${day}T00:00:00Z`) - chinaMs);

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);

export const refOf = (taxonomy: Taxonomy, id: string | null): ItemRefBody | null =>
  id === null ? null : presentStoredItem(taxonomy, id);

export function itemColumns(prefix: string, item: ItemRefBody | null) {
  return { [`${prefix}编码`]: item?.code ?? '', [`${prefix}事项`]: item?.name ?? '' };
}

export function send<Row>(
  response: Response,
  format: 'json' | 'csv',
  name: string,
  answer: { readonly from: string; readonly to: string; readonly rows: readonly Row[] },
  columns: (row: Row) => Readonly<Record<string, unknown>>,
): void {
  response.set('Cache-Control', 'no-store');
  if (format === 'json') {
    response.json(answer);
    return;
  }
  const rows = answer.rows.map(columns);
  // A mark at the start, by which Excel knows UTF-8; and no cell that it would take for a formula.
  const text = stringify(rows, {
    header: true,
    bom: true,
    escape_formulas: true,
    record_delimiter: 'windows',
  });
  response
    .set({
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${name}-${answer.from}-${answer.to}.csv"`,
    })
    .send(text);
}

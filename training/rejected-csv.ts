/** rejected.csv: every row that could not be used, where it stands, why, and its cells, to be mended and brought again. */
import { stringify } from 'csv-stringify/sync';
import type { Rejection } from './read-tickets.js';

/** Empty where there is none. */
export function rejectedCsv(rejections: readonly Rejection[]): string {
  if (rejections.length === 0) return '';
  const columns = new Set<string>();
  for (const { record } of rejections) for (const key in record ?? {}) columns.add(key);
  const heading = ['file', 'row', 'reason', 'message', ...columns];
  const rows = rejections.map(({ file, row, reason, message, record }) => [
    file,
    String(row),
    reason,
    message,
    ...[...columns].map((column) => cell(record?.[column])),
  ]);
  return stringify([heading, ...rows], { bom: true });
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

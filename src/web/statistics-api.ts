/** The page's requests of the manager's figures. */
import { request } from './api.js';

export interface Days {
  /** `2026-11-24`, both included. */
  readonly from: string;
  readonly to: string;
}

export type StatisticsPath = `/v1/statistics/${string}`;

export function statisticsPath(
  name: string,
  { from, to }: Days,
  more: Readonly<Record<string, string>> = {},
): StatisticsPath {
  return `/v1/statistics/${name}?${new URLSearchParams({ from, to, ...more })}`;
}

/** The same figures for a spreadsheet: all rows that the API gives, not only those drawn. */
export function csvPath(path: StatisticsPath): string {
  const [name, query] = path.split('?');
  const asked = new URLSearchParams(query);
  // Set, not added: the API refuses a parameter that is there twice.
  asked.set('format', 'csv');
  asked.set('limit', '2000');
  return `${name}?${asked}`;
}

export function readStatistics<T>(path: StatisticsPath, signal: AbortSignal): Promise<T> {
  return request<T>(path, { signal });
}

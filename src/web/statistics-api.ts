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
export const csvPath = (path: StatisticsPath): string => `${path}&format=csv&limit=2000`;

export function readStatistics<T>(path: StatisticsPath, signal: AbortSignal): Promise<T> {
  return request<T>(path, { signal });
}

/** The days that figures are about: Beijing's, wherever the browser stands. */
import type { Days } from '../statistics-api.js';
import { spreadIndexes } from './scales.js';

const dayMs = 86_400_000;
const beijingMs = 8 * 3_600_000;
/** What the API takes. */
export const mostDays = 400;

export function lastDays(count: number, now: number): Days {
  return { from: dayOf(now - (count - 1) * dayMs), to: dayOf(now) };
}

const dayOf = (time: number): string => new Date(time + beijingMs).toISOString().slice(0, 10);

/** What is wrong with the span, in words; null: nothing. */
export function spanFault({ from, to }: Days): string | null {
  const length = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  if (Number.isNaN(length)) return '请填起止日期';
  if (length < 1) return '开始日期在结束日期之后';
  return length > mostDays ? `最多 ${mostDays} 天` : null;
}

/** Every day of the span, in order: days on which nothing happened are there too. */
export function daysOf(span: Days): string[] {
  if (spanFault(span) !== null) return [];
  const days: string[] = [];
  for (let at = Date.parse(span.from); at <= Date.parse(span.to); at += dayMs)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

/** `11-24`; the year is in the heading. */
export const shortDay = (day: string): string => day.slice(5);

/** At most eight days under a chart's x axis. */
export const dayTicks = (all: readonly string[]) =>
  spreadIndexes(all.length, 8).map((at) => ({ at, label: shortDay(all[at]!) }));

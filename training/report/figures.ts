/** Numbers as people read them; what was not measured is a dash, never NaN. */

export const NONE = '–';

/** `65.2%` */
export function percent(share: number | undefined, digits = 1): string {
  return share === undefined || !Number.isFinite(share) ? NONE : `${(100 * share).toFixed(digits)}%`;
}

/** `0.034` */
export function decimal(value: number | undefined, digits = 3): string {
  return value === undefined || !Number.isFinite(value) ? NONE : value.toFixed(digits);
}

/** `12,345` */
export function whole(count: number | undefined): string {
  return count === undefined || !Number.isFinite(count) ? NONE : Math.round(count).toLocaleString('en-US');
}

const SMALL = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

/** 一级, 二级, … 12级 */
export function levelName(level: number): string {
  return `${SMALL[level] ?? level}级`;
}

/** `3 分 5 秒` */
export function duration(seconds: number): string {
  const total = Math.round(seconds);
  if (total < 60) return `${total} 秒`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes} 分 ${total % 60} 秒`;
  return `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`;
}

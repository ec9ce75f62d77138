/** Each figure as a sentence: what a chart shows at a glance, for who cannot see it and who has no time to. */
import type { ItemRefBody } from '../../server/schemas.js';
import type {
  AcceptanceStatistics,
  CatchAllStatistics,
  CorrectionStatistics,
  CoverageStatistics,
  ModelStatistics,
  TimeStatistics,
} from '../../server/statistics-schemas.js';
import { shareInterval } from './scales.js';

/** A share that was counted: 100 % is 100 %. */
export function share(value: number | null): string {
  if (value === null) return '—';
  const digits = value > 0 && value < 0.1 ? 1 : 0;
  const text = (value * 100).toFixed(digits);
  // What is not all must not be written as all.
  return `${value < 1 && text === '100' ? '>99' : text}%`;
}

export function seconds(milliseconds: number | null): string {
  if (milliseconds === null) return '—';
  if (milliseconds === 0) return '0 秒';
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} 秒`;
  if (milliseconds < 90_000) return `${Math.round(milliseconds / 1000)} 秒`;
  return `${(milliseconds / 60_000).toFixed(1)} 分`;
}

export const itemName = (item: ItemRefBody | null): string =>
  item ? `${item.short} ${item.name}` : '（无）';

const nothing = '这段时间没有数据。';

export function acceptanceSummary({ rows }: AcceptanceStatistics): string {
  const accepted = sum(rows, ({ accepted }) => accepted);
  const corrected = sum(rows, ({ corrected }) => corrected);
  const shown = sum(rows, ({ shown }) => shown);
  if (shown === 0) return nothing;
  if (accepted + corrected === 0) return `给出 ${shown} 条建议，还没有人作过选择。`;
  const interval = shareInterval(accepted, accepted + corrected)!;
  return `给出 ${shown} 条建议，坐席选择了 ${accepted + corrected} 条，采纳 ${share(accepted / (accepted + corrected))}（95% 区间 ${share(interval.low)}–${share(interval.high)}）。`;
}

export type AcceptanceRow = AcceptanceStatistics['rows'][number];

export const acceptanceOrders = [
  { order: 'corrected', label: '改正最多' },
  { order: 'rate', label: '采纳率最低' },
  { order: 'shown', label: '建议最多' },
] as const;
export type AcceptanceOrder = (typeof acceptanceOrders)[number]['order'];

/** Items that were chosen about. By rate the upper end of the interval counts: one wrong of one is no news. */
export function orderAcceptance(rows: readonly AcceptanceRow[], order: AcceptanceOrder): AcceptanceRow[] {
  const judged = rows.filter(({ accepted, corrected }) => accepted + corrected > 0);
  const worth = {
    corrected: ({ corrected }: AcceptanceRow) => -corrected,
    shown: ({ shown }: AcceptanceRow) => -shown,
    rate: ({ accepted, corrected }: AcceptanceRow) => shareInterval(accepted, accepted + corrected)!.high,
  }[order];
  return judged.sort((a, b) => worth(a) - worth(b) || b.shown - a.shown);
}

export function itemsSummary(rows: readonly AcceptanceRow[]): string {
  const [worst] = orderAcceptance(rows, 'corrected');
  if (!worst || worst.corrected === 0) return rows.length === 0 ? nothing : '没有事项被改正过。';
  return `改正最多的是「${itemName(worst.item)}」：选择 ${worst.accepted + worst.corrected} 次，改正 ${worst.corrected} 次。`;
}

export function correctionsSummary({ rows }: CorrectionStatistics): string {
  const [first] = rows;
  if (!first) return nothing;
  return `最常见的改正是从「${itemName(first.suggested)}」改到「${itemName(first.chosen)}」，${first.count} 次；共 ${rows.length} 种、${sum(rows, ({ count }) => count)} 次。`;
}

export function timeSummary({ rows }: TimeStatistics): string {
  const last = rows.at(-1);
  const first = rows[0];
  if (!first || !last) return nothing;
  const now = `${last.day} 中位用时 ${seconds(last.median)}，九成在 ${seconds(last.p90)} 以内`;
  return rows.length === 1 ? `${now}。` : `${now}；${first.day} 为 ${seconds(first.median)}。`;
}

export function modelsSummary({ rows }: ModelStatistics): string {
  const judged = rows.filter(({ rate }) => rate !== null);
  if (judged.length === 0) return rows.length === 0 ? nothing : '还没有人对这些版本的建议作过选择。';
  const best = judged.reduce((a, b) => (b.rate! > a.rate! ? b : a));
  const words = `采纳率最高的是 ${best.model} ${best.version}：${share(best.rate)}（${best.accepted + best.corrected} 次选择）。`;
  const others = judged.filter((one) => one !== best);
  if (others.length === 0) return words;
  const bestLow = shareInterval(best.accepted, best.accepted + best.corrected)!.low;
  const certain = others.every(
    ({ accepted, corrected }) => shareInterval(accepted, accepted + corrected)!.high < bestLow,
  );
  return `${words}${certain ? '与其他版本的差别超出随机波动。' : '与其他版本的差别可能只是随机波动。'}`;
}

export function coverageSummary({ judged, atTarget, targetError }: CoverageStatistics): string {
  if (judged === 0) return nothing;
  if (!atTarget)
    return `按这段时间的 ${judged} 次选择，没有哪个阈值能把错误率降到 ${share(targetError)} 以内。`;
  return `若首个候选把握达到 ${share(atTarget.threshold)} 就自动归类，可覆盖 ${share(atTarget.coverage)} 的工单，错误率 ${share(atTarget.error)}（目标 ${share(targetError)}，按 ${judged} 次选择计）。`;
}

export function catchAllSummary({ rows }: CatchAllStatistics): string {
  if (rows.length === 0) return nothing;
  const leaked = sum(rows, ({ leaked }) => leaked);
  const judged = sum(rows, ({ accepted, corrected }) => accepted + corrected);
  if (judged === 0) return '还没有人对归入其他的建议作过选择。';
  const [first] = [...rows].sort((a, b) => b.leaked - a.leaked);
  const most = first && first.leaked > 0 ? `最多的是「${itemName(first.item)}」，${first.leaked} 张。` : '';
  return `归入其他（99）又有人作过选择的 ${judged} 张里，${leaked} 张（${share(leaked / judged)}）应归入具体事项。${most}`;
}

function sum<T>(rows: readonly T[], of: (row: T) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

/** Clusters of tickets in catch-alls, in a sentence and in words. */
import type { ClusterStatistics } from '../../server/statistics-schemas.js';

export type ClusterRow = ClusterStatistics['rows'][number];

export function clustersSummary({ available, looked, rows }: ClusterStatistics): string {
  if (!available) return '服务器不保存工单内容，无法比较是否相似；管理员设 STORE_TEXT=masked 后可用。';
  const [first] = rows;
  if (!first) return `比较了收容项里的 ${looked} 张工单，没有发现成群的相似工单。`;
  const [most] = first.items;
  return `比较了收容项里的 ${looked} 张工单，发现 ${rows.length} 群相似的；最大的一群 ${first.count} 张${
    most ? `，多在「${most.item.short} ${most.item.name}」` : ''
  }，都提到${first.words
    .slice(0, 3)
    .map((word) => `“${word}”`)
    .join('、')}。`;
}

/** How it went in the time that was looked at; a handful more or less is no trend. */
export function trendWord({ earlier, later }: Pick<ClusterRow, 'earlier' | 'later'>): string {
  const least = Math.max(3, Math.sqrt(earlier + later));
  if (later - earlier >= least) return `在增多（前半段 ${earlier}，后半段 ${later}）`;
  if (earlier - later >= least) return `在减少（前半段 ${earlier}，后半段 ${later}）`;
  return `变化不大（前半段 ${earlier}，后半段 ${later}）`;
}

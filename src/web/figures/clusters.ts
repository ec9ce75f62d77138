/** Clusters of tickets in catch-alls, as the API gives them. */
import type { ItemRefBody } from '../../server/schemas.js';

export interface ClusterStatistics {
  readonly from: string;
  readonly to: string;
  /** false: the server stores no texts, and without them nothing can be alike. */
  readonly available: boolean;
  readonly rows: readonly {
    readonly item: ItemRefBody;
    readonly count: number;
    readonly words: readonly string[];
    readonly tickets: readonly { readonly id: string; readonly title: string | null }[];
  }[];
}

export function clustersSummary({ available, rows }: ClusterStatistics): string {
  if (!available) return '服务器不保存工单内容，无法比较是否相似；管理员设 STORE_TEXT=masked 后可用。';
  const [first] = rows;
  if (!first) return '没有发现成群的相似工单。';
  return `发现 ${rows.length} 群相似工单，最大的一群在「${first.item.short} ${first.item.name}」，${first.count} 张，都提到${first.words
    .slice(0, 3)
    .map((word) => `“${word}”`)
    .join('、')}。`;
}

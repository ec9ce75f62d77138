/** Tickets in catch-alls that are alike: items the tree may lack. */
import { type Days, statisticsPath } from '../statistics-api.js';
import { Bars } from './bars.js';
import { itemCells } from './cells.js';
import { type ClusterStatistics, clustersSummary } from './clusters.js';
import { Figure, useFigures } from './figure.js';
import { itemName } from './summaries.js';

export function Clusters({ days }: { days: Days }) {
  const path = statisticsPath('clusters', days);
  const { figures, retry } = useFigures<ClusterStatistics>(path);
  return (
    <Figure
      title="其他（99）里可能的新事项"
      about="收容项里彼此相似的工单。相似不等于应立新项：请看共同的词与原文，再按编码管理的程序提出。"
      path={path}
      figures={figures}
      retry={retry}
      summary={clustersSummary}
      empty={({ rows }) => rows.length === 0}
      chart={({ rows }) => (
        <Bars
          label="可能的新事项"
          bars={rows.map(({ item, count, words, tickets }) => ({
            key: `${item.item} ${words.join(' ')}`,
            name: words.slice(0, 4).join('、') || '（没有共同的词）',
            more: `在 ${itemName(item)}；例：${tickets.map(({ id, title }) => title ?? id).join('、')}`,
            parts: [{ name: '工单', value: count, pattern: 'full' }],
            number: `${count} 张`,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: ['编码', '事项', '工单数', '共同的词', '工单号'],
        rows: rows.map(({ item, count, words, tickets }) => [
          ...itemCells(item),
          String(count),
          words.join('、'),
          tickets.map(({ id }) => id).join('、'),
        ]),
      })}
    />
  );
}

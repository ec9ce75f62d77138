/** Tickets in catch-alls that are alike: items the tree may lack. */
import type { ClusterStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { Bars } from './bars.js';
import { type ClusterRow, clustersSummary, trendWord } from './clusters.js';
import { Figure, useFigures } from './figure.js';
import { itemName } from './summaries.js';

export function Clusters({ days }: { days: Days }) {
  const path = statisticsPath('clusters', days);
  const { figures, retry } = useFigures<ClusterStatistics>(path);
  return (
    <Figure
      title="其他（99）里可能的新事项"
      about="收容项里彼此相似的工单（每张以最后一次判定为准，坐席已改到具体事项的不算；最近 5000 张）。相似不等于应立新项：请看共同的词与原文，再按编码管理的程序提出。"
      path={path}
      figures={figures}
      retry={retry}
      summary={clustersSummary}
      empty={({ rows }) => rows.length === 0}
      chart={({ rows }) => (
        <Bars
          label="可能的新事项"
          bars={rows.map((row) => ({
            key: keyOf(row),
            name: row.words.slice(0, 4).join('、'),
            more: `在 ${itemsOf(row)}；${trendWord(row)}；例：${row.tickets
              .slice(0, 3)
              .map(({ id, title }) => title ?? id)
              .join('、')}`,
            parts: [{ name: '工单', value: row.count, pattern: 'full' }],
            number: `${row.count} 张`,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: ['共同的词', '工单数', '收容项', '首次', '末次', '前半段', '后半段', '工单号（例）'],
        rows: rows.map((row) => [
          row.words.join('、'),
          String(row.count),
          itemsOf(row),
          dayOf(row.first),
          dayOf(row.last),
          String(row.earlier),
          String(row.later),
          row.tickets.map(({ id }) => id).join('、'),
        ]),
      })}
    />
  );
}

const keyOf = (row: ClusterRow): string => row.tickets[0]?.suggestionId ?? row.words.join(' ');

const itemsOf = ({ items }: ClusterRow): string =>
  [
    ...items.slice(0, 3).map(({ item, count }) => `${itemName(item)} ${count}`),
    ...(items.length > 3 ? [`另 ${items.length - 3} 项`] : []),
  ].join('，');

/** Of Beijing, whatever the browser's clock. */
const dayOf = (time: string): string => new Date(Date.parse(time) + 8 * 3_600_000).toISOString().slice(0, 10);

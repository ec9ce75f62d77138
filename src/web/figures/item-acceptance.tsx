/** Items that the model decided for: how often agents agreed. */

import { useMemo, useState } from 'preact/hooks';
import type { AcceptanceStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { Bars } from './bars.js';
import { choiceCells, itemCells } from './cells.js';
import { Figure, useFigures } from './figure.js';
import {
  type AcceptanceOrder,
  acceptanceOrders,
  itemName,
  itemsSummary,
  orderAcceptance,
  share,
} from './summaries.js';

export function ItemAcceptance({ days }: { days: Days }) {
  const [order, setOrder] = useState<AcceptanceOrder>('corrected');
  const path = statisticsPath('acceptance', days, { by: 'item', limit: '2000' });
  const { figures, retry } = useFigures<AcceptanceStatistics>(path);
  const rows = figures.last?.rows;
  const ordered = useMemo(() => orderAcceptance(rows ?? [], order), [rows, order]);
  return (
    <Figure
      title="各事项的采纳与改正"
      about="按模型判定的事项统计。采纳率最低按 95% 区间的上限排，次数太少的不会排在前面。"
      path={path}
      figures={figures}
      retry={retry}
      tools={
        <select
          aria-label="排序"
          value={order}
          onChange={({ currentTarget }) => setOrder(currentTarget.value as AcceptanceOrder)}
        >
          {acceptanceOrders.map((one) => (
            <option key={one.order} value={one.order}>
              {one.label}
            </option>
          ))}
        </select>
      }
      summary={({ rows }) => itemsSummary(rows)}
      empty={() => ordered.length === 0}
      chart={() => (
        <Bars
          label="各事项的采纳与改正"
          legend={[
            { name: '采纳', pattern: 'full' },
            { name: '改正', pattern: 'hatched' },
          ]}
          bars={ordered.map(({ item, accepted, corrected, rate }) => ({
            key: item?.item ?? '',
            name: itemName(item),
            parts: [
              { name: '采纳', value: accepted, pattern: 'full' },
              { name: '改正', value: corrected, pattern: 'hatched' },
            ],
            number: `采纳 ${accepted}，改正 ${corrected}，${share(rate)}`,
          }))}
        />
      )}
      table={() => ({
        columns: ['编码', '事项', '建议', '采纳', '改正', '跳过', '采纳率'],
        rows: ordered.map(({ item, rate, day: _, ...row }) => [
          ...itemCells(item),
          ...choiceCells(row),
          share(rate),
        ]),
      })}
    />
  );
}

/** What is in catch-alls and belongs elsewhere. */
import type { CatchAllStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { Bars } from './bars.js';
import { choiceCells, itemCells } from './cells.js';
import { Figure, useFigures } from './figure.js';
import { catchAllSummary, itemName } from './summaries.js';

export function CatchAlls({ days }: { days: Days }) {
  const path = statisticsPath('catch-all', days);
  const { figures, retry } = useFigures<CatchAllStatistics>(path);
  return (
    <Figure
      title="其他（99）里应有归属的工单"
      about="模型归入收容项、坐席改到具体事项的，是漏掉的；坐席也选收容项的，确属其他。"
      path={path}
      figures={figures}
      retry={retry}
      summary={catchAllSummary}
      empty={({ rows }) => rows.length === 0}
      chart={({ rows }) => (
        <Bars
          label="各收容项里应有归属的工单"
          legend={[
            { name: '应归入具体事项', pattern: 'hatched' },
            { name: '确属其他', pattern: 'full' },
            { name: '未作选择', pattern: 'faint' },
          ]}
          bars={rows.map(({ item, shown, accepted, corrected, leaked, deserved }) => ({
            key: item?.item ?? '',
            name: itemName(item),
            ...(deserved.length > 0
              ? { more: `去向：${deserved.map((one) => `${itemName(one.item)} ${one.count}`).join('；')}` }
              : {}),
            parts: [
              { name: '应归入具体事项', value: leaked, pattern: 'hatched' },
              { name: '确属其他', value: accepted + corrected - leaked, pattern: 'full' },
              { name: '未作选择', value: shown - accepted - corrected, pattern: 'faint' },
            ],
            number: `${leaked} / ${shown}`,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: [
          '编码',
          '事项',
          '建议',
          '采纳',
          '改正',
          '跳过',
          '退回上级',
          '应归入具体事项',
          '确属其他',
          '去向',
        ],
        rows: rows.map(({ item, fallbacks, leaked, kept, deserved, rate: _, ...row }) => [
          ...itemCells(item),
          ...choiceCells(row),
          String(fallbacks),
          String(leaked),
          String(kept),
          deserved.map((one) => `${itemName(one.item)} ${one.count}`).join('；'),
        ]),
      })}
    />
  );
}

/** From which item to which agents correct. */
import type { CorrectionStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { Bars } from './bars.js';
import { itemCells } from './cells.js';
import { Figure, useFigures } from './figure.js';
import { correctionsSummary, itemName } from './summaries.js';

export function Corrections({ days }: { days: Days }) {
  const path = statisticsPath('corrections', days);
  const { figures, retry } = useFigures<CorrectionStatistics>(path);
  return (
    <Figure
      title="改正对"
      about="模型建议的事项与坐席选定的事项，次数多的在前。"
      path={path}
      figures={figures}
      retry={retry}
      summary={correctionsSummary}
      empty={({ rows }) => rows.length === 0}
      chart={({ rows }) => (
        <Bars
          label="改正对"
          bars={rows.map(({ suggested, chosen, count }) => ({
            key: `${suggested?.item} ${chosen?.item}`,
            name: `${itemName(suggested)} → ${itemName(chosen)}`,
            parts: [{ name: '次数', value: count, pattern: 'hatched' }],
            number: `${count} 次`,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: ['建议编码', '建议事项', '选定编码', '选定事项', '次数'],
        rows: rows.map(({ suggested, chosen, count }) => [
          ...itemCells(suggested),
          ...itemCells(chosen),
          String(count),
        ]),
      })}
    />
  );
}

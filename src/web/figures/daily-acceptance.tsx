/** How many of a day’s suggestions were accepted. */
import type { AcceptanceStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { choiceCells } from './cells.js';
import { Figure, useFigures } from './figure.js';
import { daysOf, dayTicks } from './spans.js';
import { acceptanceSummary, share } from './summaries.js';
import { XyChart } from './xy-chart.js';

export function DailyAcceptance({ days }: { days: Days }) {
  const path = statisticsPath('acceptance', days, { by: 'day' });
  const { figures, retry } = useFigures<AcceptanceStatistics>(path);
  return (
    <Figure
      title="每日采纳率"
      about="采纳 ÷（采纳 + 改正）。同一条建议有几位坐席反馈时，以最后一次为准；按北京时间分日。"
      path={path}
      figures={figures}
      retry={retry}
      summary={acceptanceSummary}
      empty={({ rows }) => rows.length === 0}
      chart={(data) => {
        const all = daysOf(data);
        const rates = new Map(data.rows.map(({ day, rate }) => [day, rate]));
        return (
          <XyChart
            label={`每日采纳率。${acceptanceSummary(data)}`}
            series={[{ name: '采纳率', points: all.map((day, x) => ({ x, y: rates.get(day) ?? null })) }]}
            xTicks={dayTicks(all)}
            xMost={all.length - 1}
            yMost={1}
            yLabel={share}
          />
        );
      }}
      table={({ rows }) => ({
        columns: ['日期', '建议', '采纳', '改正', '跳过', '采纳率'],
        rows: rows.map(({ day, rate, ...row }) => [day ?? '', ...choiceCells(row), share(rate)]),
      })}
    />
  );
}

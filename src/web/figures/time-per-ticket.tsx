/** How long agents take over a ticket, by day. */
import type { TimeStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { Figure, useFigures } from './figure.js';
import { daysOf, dayTicks } from './spans.js';
import { seconds, timeSummary } from './summaries.js';
import { XyChart } from './xy-chart.js';

export function TimePerTicket({ days }: { days: Days }) {
  const path = statisticsPath('time', days);
  const { figures, retry } = useFigures<TimeStatistics>(path);
  return (
    <Figure
      title="每张工单用时"
      about="从显示建议到选定；页面不在前台的时间不计。"
      path={path}
      figures={figures}
      retry={retry}
      summary={timeSummary}
      empty={({ rows }) => rows.length === 0}
      chart={(data) => {
        const all = daysOf(data);
        const byDay = new Map(data.rows.map((row) => [row.day, row]));
        const line = (key: 'median' | 'p90') =>
          all.map((day, x) => ({ x, y: byDay.get(day)?.[key] ?? null }));
        return (
          <XyChart
            label={`每张工单用时。${timeSummary(data)}`}
            series={[
              { name: '中位', points: line('median') },
              { name: '九成内', points: line('p90') },
            ]}
            xTicks={dayTicks(all)}
            xMost={all.length - 1}
            yLabel={seconds}
          />
        );
      }}
      table={({ rows }) => ({
        columns: ['日期', '工单数', '中位用时', '九成以内'],
        rows: rows.map(({ day, count, median, p90 }) => [day, String(count), seconds(median), seconds(p90)]),
      })}
    />
  );
}

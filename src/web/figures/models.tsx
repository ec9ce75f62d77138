/** Versions of models beside each other. */
import type { ModelStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { choiceCells } from './cells.js';
import { Figure, useFigures } from './figure.js';
import { IntervalChart } from './interval-chart.js';
import { modelsSummary, seconds, share } from './summaries.js';

export function Models({ days }: { days: Days }) {
  const path = statisticsPath('models', days);
  const { figures, retry } = useFigures<ModelStatistics>(path);
  return (
    <Figure
      title="模型版本比较"
      about="采纳率与 95% 区间；区间互相重叠时，差别可能只是随机波动。各版本所见工单不同，只作参考。"
      path={path}
      figures={figures}
      retry={retry}
      summary={modelsSummary}
      empty={({ rows }) => rows.length === 0}
      chart={(data) => (
        <IntervalChart
          label={`模型版本比较。${modelsSummary(data)}`}
          rows={data.rows.slice(0, 12).map(({ model, version, accepted, corrected }) => ({
            name: `${model} ${version}`,
            hits: accepted,
            all: accepted + corrected,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: [
          '模型',
          '版本',
          '建议',
          '采纳',
          '改正',
          '跳过',
          '采纳率',
          '退回上级',
          '中位用时',
          '首次',
          '末次',
        ],
        rows: rows.map(({ model, version, rate, fallbacks, medianMilliseconds, first, last, ...row }) => [
          model,
          version,
          ...choiceCells(row),
          share(rate),
          String(fallbacks),
          seconds(medianMilliseconds),
          first.slice(0, 10),
          last.slice(0, 10),
        ]),
      })}
    />
  );
}

/** How many tickets could be coded without a person, at an error that is borne. */
import { useState } from 'preact/hooks';
import type { CoverageStatistics } from '../../server/statistics-schemas.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { Figure, useFigures } from './figure.js';
import { coverageSummary, share } from './summaries.js';
import { XyChart } from './xy-chart.js';

const targets = ['0.02', '0.05', '0.1'] as const;

export function Coverage({ days }: { days: Days }) {
  const [target, setTarget] = useState<string>('0.05');
  const path = statisticsPath('coverage', days, { targetError: target });
  const { figures, retry } = useFigures<CoverageStatistics>(path);
  return (
    <Figure
      title="目标错误率下的覆盖率"
      about="若首个候选的把握达到某个阈值就自动归类：横轴是能覆盖多少工单，纵轴是其中错多少。"
      path={path}
      figures={figures}
      retry={retry}
      tools={
        <select
          aria-label="目标错误率"
          value={target}
          onChange={({ currentTarget }) => setTarget(currentTarget.value)}
        >
          {targets.map((one) => (
            <option key={one} value={one}>
              目标错误率 {share(Number(one))}
            </option>
          ))}
        </select>
      }
      summary={coverageSummary}
      empty={({ rows }) => rows.length === 0}
      chart={(data) => (
        <XyChart
          label={`目标错误率下的覆盖率。${coverageSummary(data)}`}
          series={[
            { name: '错误率', points: data.rows.map(({ coverage, error }) => ({ x: coverage, y: error })) },
          ]}
          xTicks={[0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: share(at) }))}
          xMost={1}
          xTitle="覆盖率"
          yTitle="错误率"
          yLabel={share}
          target={{ y: data.targetError, label: `目标 ${share(data.targetError)}` }}
          {...(data.atTarget
            ? {
                marked: {
                  x: data.atTarget.coverage,
                  y: data.atTarget.error ?? 0,
                  label: `阈值 ${share(data.atTarget.threshold)}，覆盖 ${share(data.atTarget.coverage)}`,
                },
              }
            : {})}
        />
      )}
      table={({ rows }) => ({
        columns: ['阈值', '工单数', '覆盖率', '错误率'],
        rows: rows.map(({ threshold, count, coverage, error }) => [
          share(threshold),
          String(count),
          share(coverage),
          share(error),
        ]),
      })}
    />
  );
}

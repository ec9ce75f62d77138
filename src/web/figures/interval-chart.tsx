/** Shares with their 95 % intervals, one row each, on one scale: whether two differ is seen by overlap. */
import { shareInterval } from './scales.js';
import { share } from './summaries.js';

export interface IntervalRow {
  readonly name: string;
  readonly hits: number;
  readonly all: number;
}

const [width, rowHeight, left, right, top] = [640, 34, 190, 150, 8];

export function IntervalChart({ label, rows }: { label: string; rows: readonly IntervalRow[] }) {
  const height = top + rows.length * rowHeight + 28;
  const atX = (value: number) => left + value * (width - left - right);
  return (
    <svg class="xy" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <g key={tick}>
          <line class="xy-grid" x1={atX(tick)} x2={atX(tick)} y1={top} y2={height - 24} />
          <text class="xy-text" x={atX(tick)} y={height - 8} text-anchor="middle">
            {share(tick)}
          </text>
        </g>
      ))}
      {rows.map(({ name, hits, all }, index) => {
        const y = top + (index + 0.5) * rowHeight;
        const interval = shareInterval(hits, all);
        return (
          <g key={name} class="xy-interval">
            <text class="xy-name" x={left - 10} y={y + 4} text-anchor="end">
              {name.length > 22 ? `${name.slice(0, 21)}…` : name}
            </text>
            {interval ? (
              <>
                <line x1={atX(interval.low)} x2={atX(interval.high)} y1={y} y2={y} />
                <line x1={atX(interval.low)} x2={atX(interval.low)} y1={y - 5} y2={y + 5} />
                <line x1={atX(interval.high)} x2={atX(interval.high)} y1={y - 5} y2={y + 5} />
                <circle cx={atX(hits / all)} cy={y} r={5} />
                <text class="xy-name" x={width - right + 10} y={y + 4}>
                  {share(hits / all)}（{hits}/{all}）
                </text>
              </>
            ) : (
              <text class="xy-text" x={width - right + 10} y={y + 4}>
                还没有选择
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

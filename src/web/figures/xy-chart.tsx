/** Lines over a plane. Lines differ by dash and by the word at their end, not by colour alone. */
import { linePath, niceTicks, type Point } from './scales.js';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Props {
  /** For who cannot see it. */
  readonly label: string;
  readonly series: readonly Series[];
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  readonly xMost: number;
  /** Default: what the points need. */
  readonly yMost?: number;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** A line across, for what is aimed at. */
  readonly target?: { readonly y: number; readonly label: string };
  /** One point to be looked at. */
  readonly marked?: { readonly x: number; readonly y: number; readonly label: string };
  yLabel(value: number): string;
}

const [width, height] = [640, 250];
const [left, right, top, bottom] = [52, 62, 22, 40];

export function XyChart(props: Props) {
  const { label, series, xTicks, xMost, target, marked, yLabel } = props;
  const most = Math.max(target?.y ?? 0, ...series.flatMap(({ points }) => points.map(({ y }) => y ?? 0)));
  const yTicks = niceTicks(props.yMost ?? most);
  const yTop = yTicks.at(-1)!;
  const atX = (x: number) => left + (xMost === 0 ? 0.5 : x / xMost) * (width - left - right);
  const atY = (y: number) => height - bottom - (y / yTop) * (height - top - bottom);
  const ends = spreadEnds(
    series.map(({ points }) => points.findLast(({ y }) => y !== null)).map((end) => (end ? atY(end.y!) : 0)),
  );
  return (
    <svg class="xy" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {yTicks.map((tick) => (
        <g key={tick}>
          <line class="xy-grid" x1={left} x2={width - right} y1={atY(tick)} y2={atY(tick)} />
          <text class="xy-text" x={left - 8} y={atY(tick) + 4} text-anchor="end">
            {yLabel(tick)}
          </text>
        </g>
      ))}
      {xTicks.map(({ at, label: text }) => (
        <text key={at} class="xy-text" x={atX(at)} y={height - bottom + 18} text-anchor="middle">
          {text}
        </text>
      ))}
      {props.xTitle && (
        <text class="xy-text" x={width - right} y={height - 4} text-anchor="end">
          {props.xTitle}
        </text>
      )}
      {props.yTitle && (
        <text class="xy-text" x={4} y={12}>
          {props.yTitle}
        </text>
      )}
      {target && target.y <= yTop && (
        <g>
          <line class="xy-target" x1={left} x2={width - right} y1={atY(target.y)} y2={atY(target.y)} />
          <text class="xy-text" x={width - right} y={atY(target.y) - 5} text-anchor="end">
            {target.label}
          </text>
        </g>
      )}
      {series.map(({ name, points }, index) => (
        <g key={name} class={`xy-series xy-series-${index + 1}`}>
          <path d={linePath(points, ({ x, y }) => [atX(x), atY(y)])} />
          {series.length > 1 && (
            <text x={width - right + 6} y={ends[index]! + 4}>
              {name}
            </text>
          )}
        </g>
      ))}
      {marked && (
        <g class="xy-marked">
          <circle cx={atX(marked.x)} cy={atY(marked.y)} r={5} />
          <text
            x={atX(marked.x) + (marked.x > xMost / 2 ? -10 : 10)}
            y={atY(marked.y) - 10}
            text-anchor={marked.x > xMost / 2 ? 'end' : 'start'}
          >
            {marked.label}
          </text>
        </g>
      )}
    </svg>
  );
}

/** Words at the ends of lines must not lie on each other. */
function spreadEnds(tops: readonly number[]): number[] {
  const order = tops.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at);
  const spread = [...tops];
  let above = Number.NEGATIVE_INFINITY;
  for (const { at, index } of order) {
    spread[index] = Math.max(at, above + 15);
    above = spread[index]!;
  }
  return spread;
}

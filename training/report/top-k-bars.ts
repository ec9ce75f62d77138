/** Bars of top-1, top-3 and top-5 for each level, with the bootstrap interval where there is one. */
import type { LevelFigures } from '../evaluation/evaluate.js';
import { levelName, percent } from './figures.js';
import { type Markup, markup } from './markup.js';
import { plot, plotFrame, round, xAt, yAt } from './plot-frame.js';

export function topKBars(levels: readonly LevelFigures[]): Markup {
  const shown = levels.filter(({ rows }) => rows > 0);
  const frame = plotFrame(Math.max(320, 90 + shown.length * 130), 250);
  const slot = (frame.right - frame.left) / Math.max(1, shown.length);
  const bar = Math.min(34, slot / 4);
  const groups = shown.map((figures, at) => {
    const middle = xAt(frame, 0) + slot * (at + 0.5);
    const bars = [
      { name: '首位', value: figures.top1, interval: figures.top1Interval, kind: 'one' },
      { name: '前三', value: figures.top3, interval: undefined, kind: 'two' },
      { name: '前五', value: figures.top5, interval: figures.top5Interval, kind: 'three' },
    ].map(({ name, value, interval, kind }, place) => {
      const x = round(middle + (place - 1.5) * bar);
      const y = yAt(frame, value);
      const centre = round(x + bar / 2 - 1);
      const whisker = interval
        ? markup`<line class="whisker" x1="${centre}" x2="${centre}" y1="${yAt(frame, interval.low)}" y2="${yAt(frame, interval.high)}"/>`
        : undefined;
      return markup`<rect class="bar ${kind}" x="${x}" y="${y}" width="${round(bar - 2)}" height="${round(frame.bottom - y)}"><title>${levelName(figures.level)}${name}：${percent(value)}</title></rect>${whisker}<text class="tick" x="${centre}" y="${round(yAt(frame, interval?.high ?? value) - 3)}" text-anchor="middle">${(100 * value).toFixed(0)}</text>
`;
    });
    return markup`${bars}<text class="tick" x="${round(middle)}" y="${frame.bottom + 14}" text-anchor="middle">${levelName(figures.level)}（${figures.rows} 件）</text>
`;
  });
  const label = shown
    .map(
      ({ level, top1, top3, top5 }) =>
        `${levelName(level)}首位 ${percent(top1)}，前三 ${percent(top3)}，前五 ${percent(top5)}`,
    )
    .join('；');
  return plot(frame, label, { x: '层级', y: '命中率', xTicks: false }, groups);
}

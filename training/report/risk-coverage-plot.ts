/** The error among the answered against the share that is answered, one curve per level. */
import type { LevelFigures } from '../evaluation/evaluate.js';
import { decimal, levelName } from './figures.js';
import { type Markup, markup } from './markup.js';
import { plot, plotFrame, round, xAt, yAt } from './plot-frame.js';

/** Told apart by dashes as well as by colour. */
const KINDS = ['one', 'two', 'three', 'four', 'five', 'six'];

export function riskCoveragePlot(levels: readonly LevelFigures[]): Markup {
  const shown = levels.filter(({ rows }) => rows > 0);
  const highest = Math.max(0.05, ...shown.flatMap(({ curve }) => curve.map(({ risk }) => risk)));
  const frame = plotFrame(560, 300, Math.min(1, Math.ceil(highest * 20) / 20));
  const curves = shown.map(({ level, curve }, at) => {
    const kind = KINDS[at % KINDS.length]!;
    const points = curve.map(({ coverage, risk }) => `${xAt(frame, coverage)},${yAt(frame, risk)}`).join(' ');
    const y = round(frame.top + 10 + at * 17);
    return markup`<polyline class="line ${kind}" points="${points}"/>
<line class="line ${kind}" x1="${frame.left + 12}" x2="${frame.left + 44}" y1="${y - 4}" y2="${y - 4}"/><text class="tick" x="${frame.left + 50}" y="${y}">${levelName(level)}</text>
`;
  });
  const label = shown.map(({ level, aurc }) => `${levelName(level)}曲线下面积 ${decimal(aurc)}`).join('；');
  return plot(
    frame,
    `风险–覆盖曲线：${label}`,
    { x: '覆盖率（给出具体事项的工单占比）', y: '其中的差错率' },
    curves,
  );
}

/** Confidence against what was right, by bins of equally many answers; the diagonal is honesty. */
import type { ReliabilityBin } from '../evaluation/reliability.js';
import { decimal, percent } from './figures.js';
import { type Markup, markup } from './markup.js';
import { plot, plotFrame, xAt, yAt } from './plot-frame.js';

/**
 * @param name what the answers are of, e.g. `一级`
 * @param before bins of the same answers before calibration, drawn faintly
 */
export function reliabilityDiagram(
  name: string,
  figures: { readonly bins: readonly ReliabilityBin[]; readonly ece: number },
  before?: readonly ReliabilityBin[],
): Markup {
  const frame = plotFrame(290, 280);
  const line = (bins: readonly ReliabilityBin[]) =>
    bins
      .map(({ meanConfidence, accuracy }) => `${xAt(frame, meanConfidence)},${yAt(frame, accuracy)}`)
      .join(' ');
  const content = [
    markup`<line class="honest" x1="${xAt(frame, 0)}" y1="${yAt(frame, 0)}" x2="${xAt(frame, 1)}" y2="${yAt(frame, 1)}"/>
`,
    ...(before && before.length > 0
      ? [
          markup`<polyline class="line before" points="${line(before)}"/>
`,
        ]
      : []),
    markup`<polyline class="line one" points="${line(figures.bins)}"/>
`,
    ...figures.bins.map(
      ({
        meanConfidence,
        accuracy,
        rows,
      }) => markup`<circle class="point one" cx="${xAt(frame, meanConfidence)}" cy="${yAt(frame, accuracy)}" r="3.5"><title>${rows} 件：平均概率 ${percent(meanConfidence)}，实际正确 ${percent(accuracy)}</title></circle>
`,
    ),
  ];
  const label = `${name}可靠性图，预期校准误差 ${decimal(figures.ece)}`;
  return plot(frame, label, { x: '模型给出的概率', y: '实际正确率' }, content);
}

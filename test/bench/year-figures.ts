/** What a simulated year is written down as: rows of weeks as CSV, and a plot for the docs. */
import { stringify } from 'csv-stringify/sync';
import { markup } from '../../training/report/markup.js';
import { plot, plotFrame, round, xAt, yAt } from '../../training/report/plot-frame.js';

export interface Week {
  /** 0: the archive that the hotline begins with; nothing was suggested then. */
  readonly week: number;
  /** Tickets of the week. */
  readonly tickets: number;
  /** Tickets seen at its end, the archive's included: what a model trained then is trained on. */
  readonly seen: number;
  /** Of the week's tickets, answered by the last model trained before it; null in week 0. */
  readonly stream: Stream | null;
  /** Of the model trained at its end, on the dev split, which nothing is fitted on; null where none was trained. */
  readonly dev: { readonly level1: number; readonly level3: number; readonly level3Top5: number } | null;
  readonly trainSeconds: number;
  readonly seconds: number;
}

/** Counts of tickets. */
export interface Stream {
  readonly accepted: number;
  readonly read: number;
  readonly acceptedRead: number;
  /** The agent's wrong choices, those accepted unread included. */
  readonly wrongLabels: number;
  /** The decision named an item instead of climbing. */
  readonly named: number;
  readonly namedRight: number;
  /** The right item is the first, or among the five candidates. */
  readonly firstRight: number;
  readonly amongFive: number;
}

export function weeksCsv(weeks: readonly Week[]): string {
  return stringify(
    weeks.map(({ week, tickets, seen, stream, dev, trainSeconds }) => ({
      week,
      tickets,
      seen,
      ...Object.fromEntries(streamKeys.map((key) => [key, stream?.[key] ?? ''])),
      dev_level3: figure(dev?.level3),
      dev_level3_top5: figure(dev?.level3Top5),
      dev_level1: figure(dev?.level1),
      train_seconds: Math.round(trainSeconds),
    })),
    { header: true },
  );
}

const streamKeys: readonly (keyof Stream)[] = [
  'accepted',
  'read',
  'acceptedRead',
  'wrongLabels',
  'named',
  'namedRight',
  'firstRight',
  'amongFive',
];
const figure = (share: number | undefined) => share?.toFixed(4) ?? '';

/** Share of the tickets read that were accepted. */
export const acceptanceOf = ({ acceptedRead, read }: Stream): number =>
  read === 0 ? 0 : acceptedRead / read;

interface Point {
  /** Tickets seen before. */
  readonly seen: number;
  readonly share: number;
}

/** Weeks of the mean that is drawn as a line: one week's few hundred tickets are uncertain by three points. */
const MEAN = 4;

/** Weekly shares of what came in, and their mean over some weeks; a week of nothing counts as 0. */
export function streamPoints(
  weeks: readonly Week[],
  hits: (stream: Stream) => number,
  all: (stream: Stream, tickets: number) => number,
): { dots: Point[]; line: Point[] } {
  const worked = weeks.flatMap(({ stream, seen, tickets }) =>
    stream ? [{ seen: seen - tickets, hits: hits(stream), all: all(stream, tickets) }] : [],
  );
  const shareOf = (some: typeof worked) => {
    const total = some.reduce((sum, one) => sum + one.all, 0);
    return total === 0 ? 0 : some.reduce((sum, one) => sum + one.hits, 0) / total;
  };
  return {
    dots: worked.map((one) => ({ seen: one.seen, share: shareOf([one]) })),
    line: worked.map(({ seen }, at) => ({
      seen,
      share: shareOf(worked.slice(Math.max(0, at - MEAN + 1), at + 1)),
    })),
  };
}

export const acceptancePoints = (weeks: readonly Week[]) =>
  streamPoints(
    weeks,
    ({ acceptedRead }) => acceptedRead,
    ({ read }) => read,
  );

/** @returns an SVG document */
export function yearPlot(weeks: readonly Week[], title: string): string {
  const frame = plotFrame(720, 400);
  const most = Math.max(1, ...weeks.map(({ seen }) => seen));
  const place = ({ seen, share }: Point) => [xAt(frame, seen / most), yAt(frame, share)] as const;
  const line = (points: readonly Point[], kind: string) =>
    markup`<polyline class="line ${kind}" points="${points.map((one) => place(one).join(',')).join(' ')}"/>
`;
  const dots = (points: readonly Point[], kind: string) =>
    points.map((one) => {
      const [x, y] = place(one);
      return markup`<circle class="${kind}" cx="${x}" cy="${y}" r="2"/>`;
    });
  const dev = (key: 'level1' | 'level3') =>
    weeks.flatMap(({ seen, dev }) => (dev ? [{ seen, share: dev[key] }] : []));
  const { dots: weekly, line: mean } = acceptancePoints(weeks);
  const shown = streamPoints(
    weeks,
    ({ amongFive }) => amongFive,
    (_, tickets) => tickets,
  );
  const legend = [
    ['one', 'level 1, top-1 on dev'],
    ['two', 'level 3, top-1 on dev'],
    ['four', `right item among the five shown (mean of ${MEAN} weeks)`],
    ['three', `accepted, of the tickets read (dots: a week; line: ${MEAN})`],
  ].map(([kind, text], at) => {
    const y = frame.bottom - 63 + at * 17;
    const x = frame.right - 370;
    return markup`<line class="line ${kind}" x1="${x}" x2="${x + 32}" y1="${y - 4}" y2="${y - 4}"/><text class="tick" x="${x + 38}" y="${y}">${text}</text>
`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      markup`<text class="tick" x="${xAt(frame, share)}" y="${round(frame.bottom + 14)}" text-anchor="${share === 1 ? 'end' : 'middle'}">${Math.round(share * most).toLocaleString('en-US')}</text>
`,
  );
  const style = markup`<title>${title}</title><style>
svg{background:#fff;font-family:sans-serif}
.grid{stroke:#ddd}.tick{font-size:12px;fill:#444}.axis{font-size:12px;fill:#222}
.line{fill:none;stroke-width:2}
.one{stroke:#047857;stroke-dasharray:2 3}.two{stroke:#1d4ed8}.three{stroke:#b45309;stroke-dasharray:7 4}.four{stroke:#6b7280;stroke-dasharray:1 5;stroke-linecap:round}
circle.two{fill:#1d4ed8;stroke:none}circle.three{fill:#b45309;stroke:none;opacity:.45}
</style>
`;
  const axes = { x: 'tickets seen', y: 'share of tickets', xTicks: false };
  const { text } = plot(frame, title, axes, [
    style,
    ...ticks,
    line(dev('level1'), 'one'),
    line(shown.line, 'four'),
    line(dev('level3'), 'two'),
    ...dots(dev('level3'), 'two'),
    ...dots(weekly, 'three'),
    line(mean, 'three'),
    ...legend,
  ]);
  return `${text.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`;
}

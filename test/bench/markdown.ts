/** The bench's result as tables for docs/benchmarks.md. */
import type { QualityRow } from './quality.js';
import type { SpeedRow } from './speed.js';

export interface BenchResult {
  readonly at: string;
  readonly quick: boolean;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly gigabytes: number;
    readonly node: string;
    /** Processes that wanted a core in the minute before: above the cores, figures suffer. */
    readonly loadAtStart: number;
  };
  readonly taxonomy?: readonly string[];
  readonly quality?: readonly QualityRow[];
  readonly speed?: readonly SpeedRow[];
  readonly seconds: number;
}

type Cell = number | string | null | undefined;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at < 3 ? '---' : '---:'))), ...rows.map(line), ''];
}

const share = (value: Cell) => (typeof value === 'number' ? value.toFixed(4) : '');
const count = (value: Cell) => (typeof value === 'number' ? Math.round(value).toLocaleString('en-US') : '');
const seconds = (value: Cell) => (typeof value === 'number' ? value.toFixed(1) : '');

export function benchMarkdown(result: BenchResult): string {
  const { machine } = result;
  return [
    `Measured ${result.at} on ${machine.cores} × ${machine.cpu}, ${machine.gigabytes} GB, Node ${machine.node}, load ${machine.loadAtStart} at the start${result.quick ? '; quick run: few rows, figures are not comparable with full ones' : ''}. Took ${result.seconds} s.`,
    '',
    ...(result.quality ? qualityTable(result.quality) : []),
    ...(result.speed ? speedTable(result.speed) : []),
    ...(result.taxonomy ? ['## Large trees', '', '```', ...result.taxonomy, '```', ''] : []),
  ].join('\n');
}

function qualityTable(rows: readonly QualityRow[]): string[] {
  return [
    '## Quality',
    '',
    ...table(
      [
        'set',
        'level',
        'who',
        'rows',
        'top-1',
        'top-3',
        'top-5',
        'ECE',
        'ECE by chance',
        'training s',
        'peak MB',
      ],
      rows.map((row) => [
        row.set,
        String(row.level),
        row.missing ? `${row.who} (${row.missing})` : row.who,
        count(row.rows),
        share(row.top1),
        share(row.top3),
        share(row.top5),
        share(row.ece),
        share(row.eceNoise),
        seconds(row.trainSeconds),
        count(row.peakMegabytes),
      ]),
    ),
  ];
}

/** Ratios are ours to theirs, of the fairest figures: single to single, and our single to the whole file of theirs. */
function speedTable(rows: readonly SpeedRow[]): string[] {
  const ours = rows.find(({ peer }) => peer === 'duihao');
  const ratio = (mine: number | undefined, theirs: number | undefined) =>
    mine && theirs ? `${(mine / theirs).toFixed(1)} ×` : '';
  return [
    '## Speed: raw text to five candidates, tickets per second',
    '',
    ...table(
      [
        'who',
        'tickets',
        'note',
        'single',
        'batch of 64',
        'one call',
        'without loading',
        'duihao single is',
        'duihao 64 is',
      ],
      rows.map((row) => {
        const other = row !== ours;
        return [
          row.peer,
          count(row.tickets),
          row.missing ?? (row.singleWithEvidence ? `with evidence ${count(row.singleWithEvidence)}` : ''),
          count(row.single),
          count(row.batch64),
          count(row.batch),
          count(row.loaded),
          other ? ratio(ours?.single, row.single ?? row.loaded ?? row.batch) : '',
          other ? ratio(ours?.batch64, row.batch64 ?? row.loaded ?? row.batch) : '',
        ];
      }),
    ),
    ...(ours?.microseconds ? stageTable(ours.microseconds) : []),
    ...(ours
      ? [
          `Loading took ${seconds(ours.loadSeconds)} s from sources; ${count(ours.loadedMegabytes)} MB resident once loaded.`,
          '',
        ]
      : []),
  ];
}

function stageTable(stages: Readonly<Record<string, number>>): string[] {
  const names = Object.keys(stages);
  return [
    'Where the time goes, microseconds per ticket:',
    '',
    ...table(names, [names.map((name) => (stages[name] ?? 0).toFixed(1))]),
  ];
}

/** The manager's view: how the suggestions are taken, what they cost, and what the tree lacks. */
import { useMemo, useState } from 'preact/hooks';
import type { ItemRefBody } from '../../server/schemas.js';
import type {
  AcceptanceStatistics,
  CatchAllStatistics,
  CorrectionStatistics,
  CoverageStatistics,
  ModelStatistics,
  TimeStatistics,
} from '../../server/statistics-schemas.js';
import { PageFooter } from '../components/page-footer.js';
import { PageHeader } from '../components/page-header.js';
import { serverNow } from '../server-clock.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { useReady } from '../use-ready.js';
import type { ViewProps } from '../view-props.js';
import { Bars } from './bars.js';
import { type ClusterStatistics, clustersSummary } from './clusters.js';
import { Figure, useFigures } from './figure.js';
import { IntervalChart } from './interval-chart.js';
import { spreadIndexes } from './scales.js';
import { SpanPicker } from './span-picker.js';
import { daysOf, lastDays, shortDay } from './spans.js';
import {
  type AcceptanceOrder,
  acceptanceOrders,
  acceptanceSummary,
  catchAllSummary,
  correctionsSummary,
  coverageSummary,
  itemName,
  itemsSummary,
  modelsSummary,
  orderAcceptance,
  seconds,
  share,
  timeSummary,
} from './summaries.js';
import { XyChart } from './xy-chart.js';
import '../style/figures.css';

export function FiguresView({ nav }: ViewProps) {
  const [days, setDays] = useState<Days>(() => lastDays(30, serverNow()));
  const { ready, waiting } = useReady();
  return (
    <div class="page">
      <PageHeader nav={nav} />
      <main class="figures">
        <SpanPicker days={days} set={setDays} />
        <div class="figures-grid">
          <DailyAcceptance days={days} />
          <TimePerTicket days={days} />
          <ItemAcceptance days={days} />
          <Corrections days={days} />
          <Models days={days} />
          <Coverage days={days} />
          <CatchAlls days={days} />
          <Clusters days={days} />
        </div>
      </main>
      <PageFooter ready={ready} waiting={waiting} />
    </div>
  );
}

const dayTicks = (all: readonly string[]) =>
  spreadIndexes(all.length, 8).map((at) => ({ at, label: shortDay(all[at]!) }));

function DailyAcceptance({ days }: { days: Days }) {
  const path = statisticsPath('acceptance', days, { by: 'day' });
  const { figures, retry } = useFigures<AcceptanceStatistics>(path);
  return (
    <Figure
      title="每日采纳率"
      about="采纳 ÷（采纳 + 改正）。同一条建议有几位坐席反馈时，以最后一次为准；按北京时间分日。"
      path={path}
      figures={figures}
      retry={retry}
      summary={acceptanceSummary}
      empty={({ rows }) => rows.length === 0}
      chart={(data) => {
        const all = daysOf(data);
        const rates = new Map(data.rows.map(({ day, rate }) => [day, rate]));
        return (
          <XyChart
            label={`每日采纳率。${acceptanceSummary(data)}`}
            series={[{ name: '采纳率', points: all.map((day, x) => ({ x, y: rates.get(day) ?? null })) }]}
            xTicks={dayTicks(all)}
            xMost={all.length - 1}
            yMost={1}
            yLabel={share}
          />
        );
      }}
      table={({ rows }) => ({
        columns: ['日期', '建议', '采纳', '改正', '跳过', '采纳率'],
        rows: rows.map(({ day, rate, ...row }) => [day ?? '', ...choiceCells(row), share(rate)]),
      })}
    />
  );
}

function TimePerTicket({ days }: { days: Days }) {
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

function ItemAcceptance({ days }: { days: Days }) {
  const [order, setOrder] = useState<AcceptanceOrder>('corrected');
  const path = statisticsPath('acceptance', days, { by: 'item', limit: '2000' });
  const { figures, retry } = useFigures<AcceptanceStatistics>(path);
  const rows = figures.last?.rows;
  const ordered = useMemo(() => orderAcceptance(rows ?? [], order), [rows, order]);
  return (
    <Figure
      title="各事项的采纳与改正"
      about="按模型判定的事项统计。采纳率最低按 95% 区间的上限排，次数太少的不会排在前面。"
      path={path}
      figures={figures}
      retry={retry}
      tools={
        <select
          aria-label="排序"
          value={order}
          onChange={({ currentTarget }) => setOrder(currentTarget.value as AcceptanceOrder)}
        >
          {acceptanceOrders.map((one) => (
            <option key={one.order} value={one.order}>
              {one.label}
            </option>
          ))}
        </select>
      }
      summary={({ rows }) => itemsSummary(rows)}
      empty={() => ordered.length === 0}
      chart={() => (
        <Bars
          label="各事项的采纳与改正"
          legend={[
            { name: '采纳', pattern: 'full' },
            { name: '改正', pattern: 'hatched' },
          ]}
          bars={ordered.map(({ item, accepted, corrected, rate }) => ({
            key: item?.item ?? '',
            name: itemName(item),
            parts: [
              { name: '采纳', value: accepted, pattern: 'full' },
              { name: '改正', value: corrected, pattern: 'hatched' },
            ],
            number: `采纳 ${accepted}，改正 ${corrected}，${share(rate)}`,
          }))}
        />
      )}
      table={() => ({
        columns: ['编码', '事项', '建议', '采纳', '改正', '跳过', '采纳率'],
        rows: ordered.map(({ item, rate, day: _, ...row }) => [
          ...itemCells(item),
          ...choiceCells(row),
          share(rate),
        ]),
      })}
    />
  );
}

function Corrections({ days }: { days: Days }) {
  const path = statisticsPath('corrections', days);
  const { figures, retry } = useFigures<CorrectionStatistics>(path);
  return (
    <Figure
      title="改正对"
      about="模型建议的事项与坐席选定的事项，次数多的在前。"
      path={path}
      figures={figures}
      retry={retry}
      summary={correctionsSummary}
      empty={({ rows }) => rows.length === 0}
      chart={({ rows }) => (
        <Bars
          label="改正对"
          bars={rows.map(({ suggested, chosen, count }) => ({
            key: `${suggested?.item} ${chosen?.item}`,
            name: `${itemName(suggested)} → ${itemName(chosen)}`,
            parts: [{ name: '次数', value: count, pattern: 'hatched' }],
            number: `${count} 次`,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: ['建议编码', '建议事项', '选定编码', '选定事项', '次数'],
        rows: rows.map(({ suggested, chosen, count }) => [
          ...itemCells(suggested),
          ...itemCells(chosen),
          String(count),
        ]),
      })}
    />
  );
}

function Models({ days }: { days: Days }) {
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

const targets = ['0.02', '0.05', '0.1'] as const;

function Coverage({ days }: { days: Days }) {
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

function CatchAlls({ days }: { days: Days }) {
  const path = statisticsPath('catch-all', days);
  const { figures, retry } = useFigures<CatchAllStatistics>(path);
  return (
    <Figure
      title="其他（99）里应有归属的工单"
      about="模型归入收容项、坐席改到具体事项的，是漏掉的；坐席也选收容项的，确属其他。"
      path={path}
      figures={figures}
      retry={retry}
      summary={catchAllSummary}
      empty={({ rows }) => rows.length === 0}
      chart={({ rows }) => (
        <Bars
          label="各收容项里应有归属的工单"
          legend={[
            { name: '应归入具体事项', pattern: 'hatched' },
            { name: '确属其他', pattern: 'full' },
            { name: '未作选择', pattern: 'faint' },
          ]}
          bars={rows.map(({ item, shown, accepted, corrected, leaked, deserved }) => ({
            key: item?.item ?? '',
            name: itemName(item),
            ...(deserved.length > 0
              ? { more: `去向：${deserved.map((one) => `${itemName(one.item)} ${one.count}`).join('；')}` }
              : {}),
            parts: [
              { name: '应归入具体事项', value: leaked, pattern: 'hatched' },
              { name: '确属其他', value: accepted + corrected - leaked, pattern: 'full' },
              { name: '未作选择', value: shown - accepted - corrected, pattern: 'faint' },
            ],
            number: `${leaked} / ${shown}`,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: [
          '编码',
          '事项',
          '建议',
          '采纳',
          '改正',
          '跳过',
          '退回上级',
          '应归入具体事项',
          '确属其他',
          '去向',
        ],
        rows: rows.map(({ item, fallbacks, leaked, kept, deserved, rate: _, ...row }) => [
          ...itemCells(item),
          ...choiceCells(row),
          String(fallbacks),
          String(leaked),
          String(kept),
          deserved.map((one) => `${itemName(one.item)} ${one.count}`).join('；'),
        ]),
      })}
    />
  );
}

function Clusters({ days }: { days: Days }) {
  const path = statisticsPath('clusters', days);
  const { figures, retry } = useFigures<ClusterStatistics>(path);
  return (
    <Figure
      title="其他（99）里可能的新事项"
      about="收容项里彼此相似的工单。相似不等于应立新项：请看共同的词与原文，再按编码管理的程序提出。"
      path={path}
      figures={figures}
      retry={retry}
      summary={clustersSummary}
      empty={({ rows }) => rows.length === 0}
      chart={({ rows }) => (
        <Bars
          label="可能的新事项"
          bars={rows.map(({ item, count, words, tickets }) => ({
            key: `${item.item} ${words.join(' ')}`,
            name: words.slice(0, 4).join('、') || '（没有共同的词）',
            more: `在 ${itemName(item)}；例：${tickets.map(({ id, title }) => title ?? id).join('、')}`,
            parts: [{ name: '工单', value: count, pattern: 'full' }],
            number: `${count} 张`,
          }))}
        />
      )}
      table={({ rows }) => ({
        columns: ['编码', '事项', '工单数', '共同的词', '工单号'],
        rows: rows.map(({ item, count, words, tickets }) => [
          ...itemCells(item),
          String(count),
          words.join('、'),
          tickets.map(({ id }) => id).join('、'),
        ]),
      })}
    />
  );
}

const itemCells = (item: ItemRefBody | null): [string, string] => [item?.code ?? '', item?.name ?? ''];

const choiceCells = (row: {
  shown: number;
  accepted: number;
  corrected: number;
  skipped: number;
}): string[] => [row.shown, row.accepted, row.corrected, row.skipped].map(String);

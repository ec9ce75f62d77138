/** The manager's figures: days, scales and the sentences that say what a chart shows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clustersSummary, trendWord } from '../../src/web/figures/clusters.js';
import { linePath, niceTicks, shareInterval, spreadIndexes } from '../../src/web/figures/scales.js';
import { daysOf, lastDays, spanFault } from '../../src/web/figures/spans.js';
import {
  acceptanceSummary,
  catchAllSummary,
  correctionsSummary,
  coverageSummary,
  itemsSummary,
  modelsSummary,
  orderAcceptance,
  seconds,
  share,
  timeSummary,
} from '../../src/web/figures/summaries.js';
import { csvPath, statisticsPath } from '../../src/web/statistics-api.js';

const item = (short: string, name: string) => ({ item: short, code: short.padEnd(10, '0'), short, name });
const span = { from: '2026-11-01', to: '2026-11-30' };
const choices = (accepted: number, corrected: number, shown = accepted + corrected, skipped = 0) => ({
  shown,
  accepted,
  corrected,
  skipped,
  rate: accepted + corrected === 0 ? null : accepted / (accepted + corrected),
});

describe('days', () => {
  it('are those of Beijing', () => {
    expect(lastDays(1, Date.parse('2026-11-24T15:59:59Z'))).toEqual({ from: '2026-11-24', to: '2026-11-24' });
    expect(lastDays(7, Date.parse('2026-11-24T16:00:00Z'))).toEqual({ from: '2026-11-19', to: '2026-11-25' });
  });

  it('are all there, over months and leap days', () => {
    expect(daysOf({ from: '2028-02-28', to: '2028-03-01' })).toEqual([
      '2028-02-28',
      '2028-02-29',
      '2028-03-01',
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 4e12 }), (count, now) => {
        const days = lastDays(count, now);
        expect(spanFault(days)).toBeNull();
        expect(daysOf(days)).toHaveLength(count);
        expect(daysOf(days).at(-1)).toBe(days.to);
      }),
    );
  });

  it('are refused where they make no span', () => {
    expect(spanFault({ from: '', to: '2026-11-24' })).toBe('请填起止日期');
    expect(spanFault({ from: '2026-11-25', to: '2026-11-24' })).toBe('开始日期在结束日期之后');
    expect(spanFault({ from: '2025-01-01', to: '2026-11-24' })).toBe('最多 400 天');
    expect(daysOf({ from: '2026-11-25', to: '2026-11-24' })).toEqual([]);
  });
});

describe('scales', () => {
  it('have round ticks that hold everything', () => {
    expect(niceTicks(1)).toEqual([0, 0.5, 1]);
    expect(niceTicks(0.137)).toEqual([0, 0.05, 0.1, 0.15]);
    expect(niceTicks(0)).toEqual([0, 1]);
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (most) => {
        const ticks = niceTicks(most);
        expect(ticks[0]).toBe(0);
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(most * (1 - 1e-6));
        expect(ticks.length).toBeLessThanOrEqual(6);
      }),
    );
  });

  it('name some of many days, the last always', () => {
    expect(spreadIndexes(3, 8)).toEqual([0, 1, 2]);
    expect(spreadIndexes(1, 8)).toEqual([0]);
    expect(spreadIndexes(0, 8)).toEqual([]);
    const many = spreadIndexes(90, 8);
    expect(many.at(-1)).toBe(89);
    expect(many.length).toBeLessThanOrEqual(8);
  });

  it('leave gaps in lines where nothing is known', () => {
    const points = [0, 1, null, 3].map((y, x) => ({ x, y }));
    expect(linePath(points, ({ x, y }) => [x * 10, y * 10])).toBe('M0 0h0L10 10M30 30h0');
    expect(linePath([{ x: 0, y: null }], ({ x, y }) => [x, y])).toBe('');
  });

  it('say how sure a share is', () => {
    const { low, high } = shareInterval(8, 10)!;
    expect(low).toBeCloseTo(0.49, 2);
    expect(high).toBeCloseTo(0.943, 2);
    expect(shareInterval(0, 0)).toBeNull();
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (hits, more) => {
        const all = hits + more;
        const interval = shareInterval(hits, all)!;
        expect(interval.low).toBeLessThanOrEqual(hits / all + 1e-9);
        expect(interval.high).toBeGreaterThanOrEqual(hits / all - 1e-9);
      }),
    );
  });
});

describe('sentences', () => {
  it('write shares and times as people do, and not all for what is not all', () => {
    expect([null, 0, 0.034, 0.5, 0.998, 1].map(share)).toEqual(['—', '0%', '3.4%', '50%', '>99%', '100%']);
    expect([null, 1234, 65_000, 150_000].map(seconds)).toEqual(['—', '1.2 秒', '65 秒', '2.5 分']);
  });

  it('say what each chart shows', () => {
    const day = { day: '2026-11-24', item: null };
    expect(acceptanceSummary({ ...span, rows: [{ ...day, ...choices(80, 20, 120) }] })).toBe(
      '给出 120 条建议，坐席选择了 100 条，采纳 80%（95% 区间 71%–87%）。',
    );
    expect(acceptanceSummary({ ...span, rows: [{ ...day, ...choices(0, 0, 3) }] })).toContain('还没有人');
    const pair = { suggested: item('080101', '占道经营'), chosen: item('080102', '渣土车'), count: 7 };
    expect(correctionsSummary({ ...span, rows: [pair] })).toBe(
      '最常见的改正是从「080101 占道经营」改到「080102 渣土车」，7 次；共 1 种、7 次。',
    );
    expect(
      timeSummary({
        ...span,
        rows: [
          { day: '2026-11-01', count: 3, median: 20_000, p90: 50_000 },
          { day: '2026-11-24', count: 9, median: 9000, p90: 30_000 },
        ],
      }),
    ).toBe('2026-11-24 中位用时 9.0 秒，九成在 30 秒 以内；2026-11-01 为 20 秒。');
    const point = { threshold: 0.72, count: 80, coverage: 0.8, error: 0.04 };
    expect(
      coverageSummary({ ...span, targetError: 0.05, judged: 100, atTarget: point, rows: [point] }),
    ).toContain('把握达到 72% 就自动归类，可覆盖 80% 的工单，错误率 4.0%');
    expect(
      coverageSummary({ ...span, targetError: 0.02, judged: 100, atTarget: null, rows: [point] }),
    ).toContain('没有哪个阈值');
    const other = { item: item('080199', '其他城市管理'), fallbacks: 4, kept: 3, deserved: [] };
    expect(catchAllSummary({ ...span, rows: [{ ...other, ...choices(6, 4, 12), leaked: 3 }] })).toContain(
      '10 张里，3 张（30%）应归入具体事项',
    );
    expect(clustersSummary({ ...span, available: false, looked: 0, rows: [] })).toContain('不保存工单内容');
    expect(clustersSummary({ ...span, available: true, looked: 9, rows: [] })).toContain('没有发现');
    const row = {
      count: 31,
      voices: 30,
      words: ['共享单车', '乱停'],
      items: [{ item: other.item, count: 31 }],
    };
    const when = { first: '2026-11-01T00:00:00Z', last: '2026-11-30T00:00:00Z', tickets: [] };
    const cluster = { ...row, ...when, earlier: 6, later: 25 };
    expect(clustersSummary({ ...span, available: true, looked: 99, rows: [cluster] })).toBe(
      '比较了收容项里的 99 张工单，发现 1 群相似的；最大的一群 31 张，多在「080199 其他城市管理」，都提到“共享单车”、“乱停”。',
    );
    expect(trendWord(cluster)).toContain('在增多');
    expect(trendWord({ earlier: 25, later: 6 })).toContain('在减少');
    expect(trendWord({ earlier: 2, later: 4 })).toContain('变化不大');
  });

  it('call models different only where chance does not explain it', () => {
    const model = (version: string, accepted: number, corrected: number) => ({
      model: 'm',
      version,
      ...choices(accepted, corrected),
      fallbacks: 0,
      medianMilliseconds: null,
      first: '2026-11-01T00:00:00Z',
      last: '2026-11-30T00:00:00Z',
    });
    expect(modelsSummary({ ...span, rows: [model('1', 8, 2), model('2', 9, 1)] })).toContain(
      '可能只是随机波动',
    );
    expect(modelsSummary({ ...span, rows: [model('1', 600, 400), model('2', 900, 100)] })).toBe(
      '采纳率最高的是 m 2：90%（1000 次选择）。与其他版本的差别超出随机波动。',
    );
  });

  it('say that there is nothing where there is nothing', () => {
    const none = { ...span, rows: [] };
    for (const sentence of [
      acceptanceSummary(none),
      itemsSummary([]),
      correctionsSummary(none),
      timeSummary(none),
      modelsSummary(none),
      catchAllSummary(none),
      coverageSummary({ ...none, targetError: 0.05, judged: 0, atTarget: null }),
    ]) {
      expect(sentence).toBe('这段时间没有数据。');
    }
  });
});

describe('items by acceptance', () => {
  const rows = [
    { day: null, item: item('a', '甲'), ...choices(0, 1) },
    { day: null, item: item('b', '乙'), ...choices(40, 60) },
    { day: null, item: item('c', '丙'), ...choices(500, 50) },
    { day: null, item: item('d', '丁'), ...choices(0, 0, 9) },
  ];
  const order = (by: Parameters<typeof orderAcceptance>[1]) =>
    orderAcceptance(rows, by).map((row) => row.item?.short);

  it('are ordered by what is asked for; one wrong of one is no news', () => {
    expect(order('corrected')).toEqual(['b', 'c', 'a']);
    expect(order('shown')).toEqual(['c', 'b', 'a']);
    expect(order('rate')).toEqual(['b', 'a', 'c']);
    expect(itemsSummary(rows)).toContain('b 乙');
  });
});

describe('paths', () => {
  it('of a figure and of its CSV name the same days', () => {
    const path = statisticsPath('coverage', span, { targetError: '0.05' });
    expect(path).toBe('/v1/statistics/coverage?from=2026-11-01&to=2026-11-30&targetError=0.05');
    expect(csvPath(statisticsPath('acceptance', span, { limit: '2000' })).match(/limit/g)).toHaveLength(1);
    const csv = new URL(csvPath(path), 'http://localhost').searchParams;
    expect([...csv.keys()]).toEqual(['from', 'to', 'targetError', 'format', 'limit']);
  });
});

/** The sentence about a candidate beside the current model. */
import { describe, expect, it } from 'vitest';
import type { ShadowStatistics } from '../../src/server/shadow-statistics.js';
import { latestPairs, shadowSummary } from '../../src/web/figures/shadow-summary.js';

const comparison = (change: Partial<ShadowStatistics['comparisons'][number]> = {}) => ({
  ...{ model: 'city', version: '1', candidate: 'next', candidateVersion: '2', compared: 200, differ: 30 },
  ...{ judged: 100, bothRight: 70, onlyCandidate: 12, onlyCurrent: 2, p: 0.013, pWorse: 0.999 },
  ...{ currentFallbacks: 5, candidateFallbacks: 3 },
  ...{ first: '2026-11-01T00:00:00.000Z', last: '2026-11-30T00:00:00.000Z' },
  ...change,
});
const days = { from: '2026-11-01', to: '2026-11-30' };
const summary = (change?: Partial<ShadowStatistics['comparisons'][number]>) =>
  shadowSummary({ ...days, comparisons: [comparison(change)], rows: [] });

describe('a shadow in a sentence', () => {
  it('says who was right where chance does not explain it', () => {
    expect(summary()).toBe(
      '候选 next 2 与现用模型都答了 200 张工单，30 张（15%）判定不同。坐席读过后选定的 100 张里，只有候选对 12 张，只有现用对 2 张：候选更好（p=0.013）。',
    );
    expect(summary({ onlyCandidate: 2, onlyCurrent: 12 })).toContain('现用更好');
    expect(summary({ onlyCurrent: 11, p: 1 })).toContain('可能只是随机波动');
  });

  it('says what is missing', () => {
    expect(summary({ judged: 0 })).toContain('无从判断谁对');
    expect(shadowSummary({ ...days, comparisons: [], rows: [] })).toContain('没有候选模型并行');
  });

  it('shows the pairs of the versions that were compared last', () => {
    const row = {
      ...{ version: '1', candidateVersion: '2', current: null, candidate: null, count: 1 },
      ...{ currentProbability: 0.5, candidateProbability: 0.5, judged: 0, onlyCandidate: 0, onlyCurrent: 0 },
    };
    const rows = [row, { ...row, candidateVersion: '1' }, { ...row, version: '0' }];
    const data = { ...days, comparisons: [comparison(), comparison({ candidateVersion: '1' })], rows };
    expect(latestPairs(data)).toEqual([row]);
    expect(latestPairs({ ...data, comparisons: [] })).toEqual([]);
  });
});

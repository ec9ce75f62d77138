/** What the page says. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/server/schemas.js';
import { defaultFacetsPath, loadFacets } from '../../src/taxonomy/facets.js';
import { ApiError, type FailureKind } from '../../src/web/api.js';
import { codeSteps, recombine, spacedCode } from '../../src/web/code-steps.js';
import { ticketLimits } from '../../src/web/ticket-limits.js';
import {
  adjustmentWords,
  announce,
  confidenceWord,
  facetName,
  failureWords,
  fallbackReason,
  fallbackTarget,
  fallbackTitle,
  percent,
} from '../../src/web/wording.js';

const ref = (item: string, name: string) => {
  const short = item.split('.').at(-1)!;
  return { item, short, code: short.padEnd(10, '0'), name };
};
const management = ref('08.0801', '城市管理');
const other = ref('08.0801.080199', '其他城市管理');

describe('what was chosen lately', () => {
  const items = [{ ...other, share: 0.7 }];
  const adjustment = { model: management, share: 0.42, choices: 3, corrections: 2, items };

  it('is told with how many, how much and what', () => {
    expect(adjustmentWords(adjustment, other.item)).toBe(
      '近期更正影响：3 条相似工单的选择（其中 2 条为更正）占此判定的 42%，多选「其他城市管理」；模型首选「城市管理」',
    );
    const all = { ...adjustment, corrections: 3, items: [{ ...other, share: 1 }] };
    expect(adjustmentWords(all, management.item)).toBe(
      '近期更正影响：3 条相似更正占此判定的 42%，都选「其他城市管理」',
    );
  });
});

describe('probabilities in words', () => {
  it('are never rounded to certainty', () => {
    expect([0, 0.004, 0.01, 0.234, 0.994, 0.9961, 1].map(percent)).toEqual([
      '0%',
      '<1%',
      '1%',
      '23%',
      '99%',
      '>99%',
      '100%',
    ]);
  });

  it('grow with the probability', () => {
    expect([0.95, 0.9, 0.7, 0.4, 0.15, 0.01].map(confidenceWord)).toEqual([
      '很有把握',
      '很有把握',
      '较有把握',
      '有一定把握',
      '可能性较小',
      '可能性很小',
    ]);
  });
});

describe('a fallback in words', () => {
  const certain = {
    kind: 'fallback',
    ...other,
    under: management,
    reason: 'low-confidence',
    probability: 0.82,
  } as const;

  it('says which ancestor was certain, why it stopped there and where it falls', () => {
    expect(fallbackTitle(certain)).toBe('只能确定到上级');
    expect(fallbackReason(certain)).toContain('「城市管理」（82%）');
    expect(fallbackTarget(certain, management)).toBe('暂归入收容项 080199「其他城市管理」。');
  });

  it('says when the certain ancestor has no catch-all of its own', () => {
    const far = { ...certain, ...ref('99.9999.999900', '其他'), under: ref('08', '城乡建设') };
    expect(fallbackTarget(far, ref('99.9999', '其他'))).toBe(
      '「城乡建设」没有自己的收容项，退到最近的收容项 999900「其他」。',
    );
  });

  it('says when there is no catch-all at all', () => {
    const none = { ...certain, item: null, code: null, short: null, name: null };
    expect(fallbackTarget(none, null)).toContain('没有收容项');
  });

  it('has its own words for every reason', () => {
    const reasons = ['low-confidence', 'empty-text', 'unintelligible', 'no-candidates'] as const;
    const said = reasons.map((reason) => fallbackReason({ ...certain, under: null, probability: 1, reason }));
    expect(new Set(said).size).toBe(reasons.length);
    expect(announce({ ...certain, under: null, probability: 1 }, 5)).toMatch(
      /^一级分类也拿不准。.*共 5 个候选。$/,
    );
  });

  it('is announced otherwise than a named item', () => {
    expect(announce({ kind: 'specific', ...other, probability: 0.9 }, 0)).toBe(
      '建议：其他城市管理，代码 0801990000，很有把握，90%。没有候选。',
    );
  });
});

describe('failures in words', () => {
  it('differ by kind and never show the server’s English', () => {
    const kinds: FailureKind[] = ['offline', 'unavailable', 'limited', 'refused', 'broken'];
    const titles = kinds.map((kind) => failureWords(new ApiError(kind, 0, 'x')).title);
    expect(new Set(titles).size).toBe(kinds.length);
    for (const title of titles) expect(title).toMatch(/^[\u4e00-\u9fff]+$/);
    expect(failureWords(new ApiError('unavailable', 503, 'model-loading')).title).toBe('模型正在载入');
    expect(failureWords(new ApiError('refused', 413, 'body-too-large')).title).toBe('内容太长');
    expect(failureWords(new ApiError('refused', 422, 'item-unknown')).title).toBe('限定的事项已不存在');
    expect(failureWords(new ApiError('broken', 500, 'internal')).detail).toContain('internal');
  });
});

describe('codes', () => {
  it('are taken apart along the path', () => {
    const path = [
      ref('04', '甲'),
      ref('04.0402', '乙'),
      ref('x.090499', '印错的'),
      ref('y.0904990101Z01', '市'),
    ];
    expect(codeSteps(path).map(({ part }) => part)).toEqual(['04', '02', '090499', '0101Z01']);
    expect(codeSteps([ref('a', '名'), ref('b.a', '名')]).map(({ part }) => part)).toEqual(['a', 'a']);
  });

  it('are spaced in pairs where they are digits', () => {
    expect(['08', '080102', '0801020102Z01', '体育', '123'].map(spacedCode)).toEqual([
      '08',
      '08 01 02',
      '08 01 02 01 02 Z01',
      '体育',
      '12 3',
    ]);
  });

  it('combined with facets keep the facets when another item is chosen', () => {
    expect(recombine('0801020000-A03', '0801020000', '0801990000')).toBe('0801990000-A03');
    expect(recombine('A03-0801020000', '0801020000', '0801990000')).toBeNull();
    expect(recombine(undefined, '0801020000', '0801990000')).toBeNull();
    expect(recombine('0801020000-A03', null, '0801990000')).toBeNull();
  });
});

describe('what the page repeats of the server', () => {
  it('is the same as there', async () => {
    expect(limits).toMatchObject(ticketLimits);
    for (const { id, name } of (await loadFacets(defaultFacetsPath)).facets) {
      expect([id, facetName(id)]).toEqual([id, name]);
    }
  });
});

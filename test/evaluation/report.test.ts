import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTaxonomy } from '../../src/taxonomy/taxonomy.js';
import { evaluate } from '../../training/evaluation/evaluate.js';
import { duration, levelName, percent, whole } from '../../training/report/figures.js';
import { escapeMarkup, Markup, markup } from '../../training/report/markup.js';
import { renderModelCard } from '../../training/report/model-card.js';
import { renderReport } from '../../training/report/report-html.js';
import type { TrainingReport } from '../../training/report/training-facts.js';
import { sampleReport } from './sample-report.js';
import { smallTree } from './small-tree.js';

const options = { acceptAlternatives: false, seed: 1 };

describe('markup', () => {
  it('escapes whatever is put in', () => {
    expect(
      markup`<b title="${'"><script>'}">${['a&b', markup`<i>${'<'}</i>`]}${undefined}${1}</b>`.text,
    ).toBe('<b title="&quot;&gt;&lt;script&gt;">a&amp;b<i>&lt;</i>1</b>');
    expect(escapeMarkup('a\u0000\u001bb\n')).toBe('a\ufffd\ufffdb\n');
  });

  it('leaves no way to open a tag or leave an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeMarkup(text)).not.toMatch(/[<>"']/);
        expect(new Markup(text).text).toBe(text);
      }),
    );
  });
});

describe('figures', () => {
  it('are written as people read them', () => {
    expect([percent(0.6519), percent(Number.NaN), percent(undefined)]).toEqual(['65.2%', '–', '–']);
    expect([whole(12345), levelName(3), levelName(12)]).toEqual(['12,345', '三级', '12级']);
    expect([duration(59), duration(185), duration(7300)]).toEqual(['59 秒', '3 分 5 秒', '2 小时 1 分']);
  });
});

const withoutCode = (html: string) => html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');

/** Tags are closed in the order they were opened. */
function unclosed(html: string): string[] {
  const open: string[] = [];
  const bare = withoutCode(html).replace('<!doctype html>', '');
  for (const [, slash, name, , selfClosed] of bare.matchAll(
    /<(\/?)([a-z0-9]+)((?:"[^"]*"|[^">])*?)(\/?)>/g,
  )) {
    if (selfClosed || name === 'meta') continue;
    if (!slash) open.push(name!);
    else if (open.pop() !== name) return [...open, `unexpected </${name}>`];
  }
  return open;
}

describe('the report', () => {
  const html = renderReport(sampleReport);

  it('is well-formed, Chinese and needs nothing from outside', () => {
    expect(unclosed(html)).toEqual([]);
    expect(html).toContain('<html lang="zh-CN">');
    expect(html).not.toMatch(/(src|href)=|https?:\/\/|@import|url\(/);
    expect(withoutCode(html)).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('shows every figure and plot that was asked for', () => {
    const { levels, hierarchical } = sampleReport.evaluation!;
    for (const { top1, top5, ece } of levels) {
      for (const shown of [percent(top1), percent(top5), ece.toFixed(3)]) expect(html).toContain(shown);
    }
    expect(html).toContain(percent(hierarchical.f1));
    expect(html.match(/<svg /g)).toHaveLength(2 + levels.length);
    for (const heading of [
      '概率是否可信',
      '只在有把握时作答',
      '少见事项',
      '最易混淆的事项',
      '训练数据',
      '各事项',
      '朴素贝叶斯',
    ]) {
      expect(html).toContain(heading);
    }
    expect(html).toContain('事项代码不在分类体系中（label-unknown）');
    expect(html).toContain('something-new');
    expect(html).toContain('坐席在受理时选定');
  });

  it('keeps every point of a plot inside its frame', () => {
    for (const [, points] of html.matchAll(/points="([^"]+)"/g)) {
      for (const pair of points!.split(' ')) {
        const [x, y] = pair.split(',').map(Number);
        expect(x).toBeGreaterThanOrEqual(46);
        expect(x).toBeLessThanOrEqual(546);
        expect(y).toBeGreaterThanOrEqual(12);
        expect(y).toBeLessThanOrEqual(262);
      }
    }
  });

  it('says so where nothing was evaluated', () => {
    const { uncalibrated, conformal, bayes, ...rest } = sampleReport;
    const bare = renderReport({ ...rest, evaluation: null });
    expect(bare).toContain('尚未评估');
    expect(unclosed(bare)).toEqual([]);
    expect(renderModelCard({ ...rest, evaluation: null })).toContain('It has not been evaluated');
  });

  it('survives an evaluation without any rows', () => {
    const none = renderReport({ ...sampleReport, evaluation: evaluate(sampleReport.taxonomy, [], options) });
    expect(withoutCode(none)).not.toMatch(/NaN|undefined|Infinity/);
    expect(unclosed(none)).toEqual([]);
  });

  it('does not let names of items, files or settings become markup', () => {
    const evil = '<img src=x onerror=alert(1)>"\'&';
    const { taxonomy } = buildTaxonomy(
      { id: evil, version: evil, title: evil },
      [
        { code: 'a', name: evil, path: ['a'] },
        { code: 'b', name: `${evil}2`, path: ['b'] },
      ],
      'free',
    );
    const judged = [
      { leaves: Float64Array.from([0.9, 0.1]), labels: [taxonomy!.leaves[1]!], alternatives: [] },
    ];
    const report: TrainingReport = {
      ...sampleReport,
      taxonomy: taxonomy!,
      model: { id: evil, version: evil, trainedAt: evil },
      labelOrigin: evil,
      evaluatedOn: evil,
      evaluation: evaluate(taxonomy!, judged, { acceptAlternatives: false, seed: 1 }),
      uncalibrated: undefined,
      settings: [[evil, evil]],
      data: {
        ...sampleReport.data,
        files: [{ file: evil, rows: 1, tickets: 1, rejected: 0, encoding: evil }],
        rejections: [{ reason: evil, count: 1 }],
        extras: [{ what: evil, count: 1 }],
      },
    };
    expect(renderReport(report)).not.toContain('<img');
    expect(unclosed(renderReport(report))).toEqual([]);
    expect(renderModelCard(report)).not.toMatch(/(^|[^\\])<img/);
  });

  it('handles a tree whose leaves lie at different depths', () => {
    const small = smallTree();
    const judged = [
      { leaves: Float64Array.from([0.1, 0.1, 0.7, 0.1]), labels: [small.leaves[2]!], alternatives: [] },
    ];
    const evaluation = evaluate(small, judged, { acceptAlternatives: true, seed: 1 });
    const page = renderReport({ ...sampleReport, taxonomy: small, evaluation, uncalibrated: undefined });
    expect(unclosed(page)).toEqual([]);
    expect(page).toContain('没有差错');
  });
});

describe('the model card', () => {
  const card = renderModelCard(sampleReport);

  it('says what it was trained on, how the labels came about, the figures and the limits', () => {
    for (const part of [
      '工单.csv',
      '坐席在受理时选定',
      '## 质量',
      '## 局限',
      '热线必须用自己的工单',
      '## In English',
    ]) {
      expect(card).toContain(part);
    }
    expect(card).toContain(percent(sampleReport.evaluation!.levels[2]!.top1));
    expect(card).not.toMatch(/NaN|undefined|Infinity/);
  });
});

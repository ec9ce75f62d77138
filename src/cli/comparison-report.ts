/** A comparison of two models as lines for people and JSON for scripts. */
import type { ChoicesUse } from '../../training/evaluation/choice-pairs.js';
import type { Comparison, PairedLevel } from '../../training/evaluation/compare-models.js';
import { countReasons } from '../../training/evaluation/evaluate-tickets.js';
import { decimal, levelName, percent, whole } from '../../training/report/figures.js';
import { reasonName } from '../../training/report/training-facts.js';

/** @param tickets what was compared on, for the first line */
export function describeComparison(
  { candidate, current, sameTaxonomy, rows, levels, verdict, rejections }: Comparison,
  tickets: string,
): string[] {
  return [
    `候选 ${candidate.id}（${candidate.version}）与现用 ${current.id}（${current.version}），同一批 ${whole(rows)} 件${tickets}：`,
    ...(sameTaxonomy ? [] : ['两个模型的分类体系不同：只比较编码为两者共有的工单']),
    ...levels.map(levelLine),
    ...countReasons(rejections).map(
      ({ reason, count }) => `  ${whole(count)} 行未比较：${reasonName(reason)}`,
    ),
    { better: '候选更好', even: '候选不逊于现用模型', worse: '候选较差' }[verdict],
  ];
}

function levelLine(one: PairedLevel): string {
  const points = (share: number) => `${share < 0 ? '−' : '+'}${(100 * Math.abs(share)).toFixed(1)}`;
  const { level, rows, interval } = one;
  const fault =
    one.fault === 'significantly-worse' ? '；显著较差' : one.fault === 'loses-too-much' ? '；下降过多' : '';
  return `  ${levelName(level)}（${whole(rows)} 件）首选 候选 ${percent(one.candidateTop1)}，现用 ${percent(one.currentTop1)}，相差 ${points(one.difference)} 个百分点（95% 区间 ${points(interval.low)} 至 ${points(interval.high)}）；只有候选对 ${whole(one.onlyCandidate)} 件，只有现用对 ${whole(one.onlyCurrent)} 件，McNemar 精确检验 p=${decimal(one.p)}${fault}`;
}

export function comparisonJson({ rejections, ...comparison }: Comparison) {
  return { ...comparison, rejected: countReasons(rejections) };
}

/** What of the agents' choices was compared on, or why nothing: then as a warning. */
export function describeChoices({ since, tickets, weak, withoutText, compared, from }: ChoicesUse): string {
  const after = `两个模型都训练完（${since.toISOString()}）之后`;
  if (tickets === 0) return `注意：未与坐席选择比较：${after}还没有坐席对新工单作过选择`;
  const left = [
    weak > 0 ? `${whole(weak)} 件只是随手采纳或采纳了退回上级的建议` : '',
    withoutText > 0 ? `${whole(withoutText)} 件存储中没有内容（服务以 STORE_TEXT=masked 运行才保留）` : '',
  ].filter((text) => text !== '');
  if (compared === 0) {
    return `注意：未与坐席选择比较：${after}有 ${whole(tickets)} 件工单的选择，但${left.join('，')}`;
  }
  const most = compared < tickets - weak - withoutText ? `最近 ${whole(compared)} 件` : '全部可用的';
  return `坐席选择：${after}有 ${whole(tickets)} 件，比较${most}（自 ${from!.toISOString()}）${left.length > 0 ? `；未用：${left.join('，')}` : ''}`;
}

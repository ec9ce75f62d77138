/** What the shadow figure says in a sentence: of the two versions that were compared last. */
import type { ShadowStatistics } from '../../server/shadow-statistics.js';
import { share } from './summaries.js';

/** The pairs of the versions that were compared last. */
export function latestPairs({ comparisons: [latest], rows }: ShadowStatistics): ShadowStatistics['rows'] {
  return rows.filter(
    ({ version, candidateVersion }) =>
      version === latest?.version && candidateVersion === latest.candidateVersion,
  );
}

const certain = 0.05;

export function shadowSummary({ comparisons: [latest] }: ShadowStatistics): string {
  if (!latest) return '这段时间没有候选模型并行。用 duihao models shadow 选定一个。';
  const { candidate, candidateVersion, compared, differ, judged, onlyCandidate, onlyCurrent, p } = latest;
  const words = `候选 ${candidate} ${candidateVersion} 与现用模型都答了 ${compared} 张工单，${differ} 张（${share(differ / compared)}）判定不同。`;
  if (judged === 0) return `${words}还没有坐席读过后选定的，无从判断谁对。`;
  const who = p >= certain ? '差别可能只是随机波动' : onlyCandidate > onlyCurrent ? '候选更好' : '现用更好';
  return `${words}坐席读过后选定的 ${judged} 张里，只有候选对 ${onlyCandidate} 张，只有现用对 ${onlyCurrent} 张：${who}（p=${p.toFixed(3)}）。`;
}

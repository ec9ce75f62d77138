/** A candidate beside the current model: where the two differ, and whom the agents sided with. */
import type { ShadowStatistics } from '../../server/shadow-statistics.js';
import { type Days, statisticsPath } from '../statistics-api.js';
import { Bars } from './bars.js';
import { itemCells } from './cells.js';
import { Figure, useFigures } from './figure.js';
import { latestPairs, shadowSummary } from './shadow-summary.js';
import { itemName, share } from './summaries.js';

export function ShadowPairs({ days }: { days: Days }) {
  const path = statisticsPath('shadow', days);
  const { figures, retry } = useFigures<ShadowStatistics>(path);
  return (
    <Figure
      title="并行的候选模型"
      about="现用模型判定的事项 → 候选模型判定的事项。随手采纳的不算；坐席只看过现用模型的建议，难免偏向它。"
      path={path}
      figures={figures}
      retry={retry}
      summary={shadowSummary}
      empty={(data) => latestPairs(data).length === 0}
      chart={(data) => (
        <Bars
          label="现用与候选判定不同的事项"
          legend={[
            { name: '只有候选对', pattern: 'full' },
            { name: '只有现用对', pattern: 'hatched' },
            { name: '都不对或未判断', pattern: 'faint' },
          ]}
          bars={latestPairs(data).map(
            ({
              current,
              candidate,
              count,
              onlyCandidate,
              onlyCurrent,
              currentProbability,
              candidateProbability,
            }) => ({
              key: `${current?.item} ${candidate?.item}`,
              name: `${itemName(current)} → ${itemName(candidate)}`,
              more: `平均把握：现用 ${share(currentProbability)}，候选 ${share(candidateProbability)}`,
              parts: [
                { name: '只有候选对', value: onlyCandidate, pattern: 'full' },
                { name: '只有现用对', value: onlyCurrent, pattern: 'hatched' },
                { name: '都不对或未判断', value: count - onlyCandidate - onlyCurrent, pattern: 'faint' },
              ],
              number: `${count} 张；候选对 ${onlyCandidate}，现用对 ${onlyCurrent}`,
            }),
          )}
        />
      )}
      table={(data) => ({
        columns: [
          ...['现用编码', '现用事项', '候选编码', '候选事项', '次数'],
          ...['现用把握', '候选把握', '坐席选定', '只有候选对', '只有现用对'],
        ],
        rows: latestPairs(data).map((row) => [
          ...itemCells(row.current),
          ...itemCells(row.candidate),
          String(row.count),
          share(row.currentProbability),
          share(row.candidateProbability),
          String(row.judged),
          String(row.onlyCandidate),
          String(row.onlyCurrent),
        ]),
      })}
    />
  );
}

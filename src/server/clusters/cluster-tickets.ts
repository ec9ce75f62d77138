/** Masked tickets → groups that are alike, each with the words its tickets share. */
import type { Segmenter } from '../../text/segment.js';
import { type Cluster, type ClusterRule, defaultRule, findClusters } from './find-clusters.js';
import { type MaskedTicket, type TicketWords, toRows, wordsOf } from './ticket-words.js';

export interface TicketCluster extends Pick<Cluster, 'members' | 'voices' | 'density'> {
  /** Of the middle, the weightiest first. */
  readonly words: readonly string[];
}

const mostWords = 8;
/** A word of one or two tickets may be somebody's name, however it was masked. */
const leastVoices = 3;
/** How much more often in the group than anywhere: 请问 and 小区 are said of everything. */
const leastLift = 5;
/** Tickets that share one word share a word; those that share two share a matter. */
const leastWords = 2;

/** @returns the largest first */
export function clusterTickets(
  tickets: readonly MaskedTicket[],
  segmenter: Segmenter,
  rule: ClusterRule = defaultRule,
): TicketCluster[] {
  const worded = tickets.map((ticket) => wordsOf(ticket, segmenter));
  const { rows, words: names, counts } = toRows(worded);
  return findClusters(rows, rule).flatMap(({ members, voices, density, middle }) => {
    const words = sharedWords(
      [...middle].sort((a, b) => b[1] - a[1]).map(([feature]) => names[feature]!),
      voices.map((voice) => worded[voice]!),
      (word) => {
        const inside = members.reduce((sum, member) => sum + (worded[member]!.has(word) ? 1 : 0), 0);
        return (counts.get(word)! - inside) / Math.max(1, worded.length - members.length);
      },
    );
    return words.length < leastWords ? [] : [{ members, voices, density, words }];
  });
}

/** Of the middle's words those that a third of the voices use, and three at least. */
function sharedWords(
  words: readonly string[],
  voices: readonly TicketWords[],
  shareElsewhere: (word: string) => number,
): string[] {
  const least = Math.max(leastVoices, voices.length / 3);
  const shared: string[] = [];
  for (const word of words) {
    const count = voices.filter((voice) => voice.has(word)).length;
    if (count >= least && count / voices.length >= leastLift * shareElsewhere(word)) shared.push(word);
    if (shared.length === mostWords) break;
  }
  return shared;
}

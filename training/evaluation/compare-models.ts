/**
 * A candidate against the current model, on the same tickets: whether each is right about each ticket, compared in
 * pairs. Exact McNemar test and a paired percentile bootstrap of the difference (Efron & Tibshirani, 1993, ch. 13).
 */
import { pairedTest } from '../../src/decision/paired-test.js';
import { DuihaoError } from '../../src/errors.js';
import { labelTickets } from '../label-tickets.js';
import type { LabelledTicket } from '../labelled-ticket.js';
import { seededRandom } from '../random.js';
import { type Rejection, readTickets, type WrittenTicket } from '../read-tickets.js';
import { answerTickets } from './answer-tickets.js';
import { type Interval, quantile, RESAMPLES } from './bootstrap.js';
import type { Judge } from './judge.js';
import { judgedOf } from './judged-ticket.js';
import { judgeLevels } from './judgement.js';

/** Below this a candidate that errs more often is called worse: one promotion in twenty of an equal one is refused. */
export const SIGNIFICANT = 0.05;

/**
 * A loss of more than this is refused even where the gold set is too small to prove it: the burden of proof lies with
 * the candidate, and two in a hundred tickets is what agents notice.
 */
export const MOST_LOSS = 0.02;

export interface PairedLevel {
  readonly level: number;
  /** Tickets whose label tells the level in both models' lists. */
  readonly rows: number;
  readonly candidateTop1: number;
  readonly currentTop1: number;
  /** Tickets that only one of the two is right about. */
  readonly onlyCandidate: number;
  readonly onlyCurrent: number;
  /** Candidate − current, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
  /** Exact McNemar, two-sided: how often equals would differ this much. */
  readonly p: number;
  /** One-sided: how often an equal candidate would look this bad. */
  readonly pWorse: number;
  /** Why the candidate is refused at this level; null where it is not. */
  readonly fault: 'significantly-worse' | 'loses-too-much' | null;
}

export interface Comparison {
  readonly candidate: Judge['model'];
  readonly current: Judge['model'];
  readonly sameTaxonomy: boolean;
  readonly rows: number;
  /** Level 1 and the deepest that both lists have. */
  readonly levels: readonly PairedLevel[];
  readonly verdict: 'better' | 'even' | 'worse';
  readonly rejections: readonly Rejection[];
}

export interface CompareOptions {
  readonly acceptAlternatives: boolean;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((share: number) => void) | undefined;
}

/**
 * @param right per ticket that both can be judged on, whether [candidate, current] was right
 * @throws RangeError where there is no ticket
 */
export function comparePairs(
  level: number,
  right: readonly (readonly [candidate: boolean, current: boolean])[],
  seed: number,
): PairedLevel {
  const rows = right.length;
  if (rows === 0) throw new RangeError('no pairs to compare');
  let [both, onlyCandidate, onlyCurrent] = [0, 0, 0];
  for (const [candidate, current] of right) {
    if (candidate && current) both += 1;
    else if (candidate) onlyCandidate += 1;
    else if (current) onlyCurrent += 1;
  }
  const difference = (onlyCandidate - onlyCurrent) / rows;
  const { p, pWorse } = pairedTest(onlyCandidate, onlyCurrent);
  const significant = pWorse < SIGNIFICANT;
  return {
    level,
    rows,
    candidateTop1: (both + onlyCandidate) / rows,
    currentTop1: (both + onlyCurrent) / rows,
    onlyCandidate,
    onlyCurrent,
    difference,
    interval: bootstrapDifference(onlyCandidate, onlyCurrent, rows, seed),
    p,
    pWorse,
    fault: significant ? 'significantly-worse' : difference < -MOST_LOSS ? 'loses-too-much' : null,
  };
}

/** Worse where it is at any level; better where something is proven and nothing is lost. */
export function verdictOf(levels: readonly PairedLevel[]): Comparison['verdict'] {
  if (levels.some(({ fault }) => fault)) return 'worse';
  const gained = levels.some(({ p, difference }) => p < SIGNIFICANT && difference > 0);
  return gained && levels.every(({ difference }) => difference >= 0) ? 'better' : 'even';
}

/** Resampled as a draw of one of three kinds per ticket: nothing else of a pair matters to the difference. */
function bootstrapDifference(
  onlyCandidate: number,
  onlyCurrent: number,
  rows: number,
  seed: number,
): Interval {
  const random = seededRandom(seed);
  const [gain, change] = [onlyCandidate / rows, (onlyCandidate + onlyCurrent) / rows];
  const drawn = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let row = 0; row < rows; row += 1) {
      const draw = random();
      if (draw < gain) sum += 1;
      else if (draw < change) sum -= 1;
    }
    return sum / rows;
  }).sort();
  return { low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
}

/** Reads the gold files. @throws DuihaoError of `readTickets` */
export async function readGold(
  files: readonly string[],
): Promise<{ written: WrittenTicket[]; rejections: Rejection[] }> {
  const written: WrittenTicket[] = [];
  const rejections: Rejection[] = [];
  for (const file of files) {
    const read = await readTickets(file);
    for (const one of read.tickets) written.push(one);
    for (const one of read.rejections) rejections.push(one);
  }
  return { written, rejections };
}

/**
 * Labels are looked up in each model's own list, so that models of two versions can be compared on the codes both know.
 * @throws DuihaoError `gold-empty`, `interrupted`
 */
export async function compareModels(
  candidate: Judge,
  current: Judge,
  gold: { readonly written: readonly WrittenTicket[]; readonly rejections: readonly Rejection[] },
  options: CompareOptions,
): Promise<Comparison> {
  const rejections = [...gold.rejections];
  const pairs: TicketPair[] = [];
  for (const one of gold.written) {
    const [forCandidate, forCurrent] = [candidate, current].map(({ taxonomy }) =>
      labelTickets(taxonomy, [one]),
    ) as [ReturnType<typeof labelTickets>, ReturnType<typeof labelTickets>];
    const [a, b] = [forCandidate.tickets[0], forCurrent.tickets[0]];
    if (a && b) pairs.push({ candidate: a, current: b });
    else rejections.push((forCandidate.rejections[0] ?? forCurrent.rejections[0])!);
  }
  return compareOnTickets(candidate, current, { pairs, rejections }, options);
}

/** One ticket with its label in either model's list. */
export interface TicketPair {
  readonly candidate: LabelledTicket;
  readonly current: LabelledTicket;
}

/** @throws DuihaoError `gold-empty`, `interrupted` */
export async function compareOnTickets(
  candidate: Judge,
  current: Judge,
  { pairs, rejections }: { readonly pairs: readonly TicketPair[]; readonly rejections: readonly Rejection[] },
  options: CompareOptions,
): Promise<Comparison> {
  const depth = Math.min(candidate.taxonomy.depth, current.taxonomy.depth);
  const wanted = depth > 1 ? [1, depth] : [1];
  const ask = (judge: Judge, which: 'candidate' | 'current', from: number) =>
    rightOnes(
      judge,
      pairs.map((pair) => pair[which]),
      wanted,
      options,
      from,
    );
  const [byCandidate, byCurrent] = [await ask(candidate, 'candidate', 0), await ask(current, 'current', 0.5)];
  const levels = wanted.flatMap((level, at) => {
    const right = pairs.flatMap((_, ticket): [boolean, boolean][] => {
      const [a, b] = [byCandidate[at]!.get(ticket), byCurrent[at]!.get(ticket)];
      return a === undefined || b === undefined ? [] : [[a, b]];
    });
    return right.length > 0 ? [comparePairs(level, right, options.seed)] : [];
  });
  if (levels.length === 0) {
    throw new DuihaoError(
      'invalid-input',
      'gold-empty',
      'no ticket of the gold set has a code that both models know; check its code column and the models’ lists',
      { rejected: rejections.length, reasons: [...new Set(rejections.map(({ reason }) => reason))] },
    );
  }
  return {
    candidate: candidate.model,
    current: current.model,
    sameTaxonomy: candidate.taxonomy.digest === current.taxonomy.digest,
    rows: pairs.length,
    levels,
    verdict: verdictOf(levels),
    rejections,
  };
}

/** Per wanted level: ticket → whether the first candidate is right; tickets that do not tell the level are absent. */
async function rightOnes(
  judge: Judge,
  tickets: readonly LabelledTicket[],
  wanted: readonly number[],
  { acceptAlternatives, signal, onProgress }: CompareOptions,
  from: number,
): Promise<Map<number, boolean>[]> {
  const right = wanted.map(() => new Map<number, boolean>());
  let start = 0;
  for await (const stretch of answerTickets(tickets, (asked) => judge.distributions(asked), signal)) {
    const judged = stretch.map(({ labelled, answer }) => judgedOf(labelled, answer));
    const levels = judgeLevels(judge.taxonomy, judged, acceptAlternatives);
    for (const [at, level] of wanted.entries()) {
      const { ticket, rank } = levels[level - 1]!;
      for (const [row, number] of ticket.entries()) right[at]!.set(start + number, rank[row] === 0);
    }
    start += stretch.length;
    onProgress?.(from + (0.5 * start) / tickets.length);
  }
  return right;
}

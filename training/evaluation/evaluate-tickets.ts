/** The flow of `duihao evaluate`: files → labelled tickets → the model's distributions → figures, baseline beside. */
import { DuihaoError } from '../../src/errors.js';
import type { Encoding } from '../../src/table/encoding.js';
import type { TicketColumns } from '../../src/table/ticket-columns.js';
import { countLeaves } from '../count-leaves.js';
import { labelTickets } from '../label-tickets.js';
import type { LabelledTicket } from '../labelled-ticket.js';
import { type Rejection, readTickets } from '../read-tickets.js';
import { reportSuspects, type SuspectReport } from '../suspect-report.js';
import { answerTickets } from './answer-tickets.js';
import { type BayesBaseline, bayesBaseline, type SegmentedTicket } from './bayes-baseline.js';
import { type ConformalOutcome, evaluateConformal, reportedCalibrations } from './conformal-outcome.js';
import { type Evaluation, evaluate } from './evaluate.js';
import type { Judge } from './judge.js';
import { type JudgedTicket, judgedOf } from './judged-ticket.js';

export interface EvaluateTicketsOptions {
  readonly files: readonly string[];
  /** What the model was trained on: for the rows by training count and the Bayes baseline. */
  readonly trainFiles: readonly string[];
  readonly acceptAlternatives: boolean;
  readonly seed: number;
  readonly encoding?: Encoding | undefined;
  readonly columns?: TicketColumns | undefined;
  readonly onProgress?: ((done: { tickets: number; of: number }) => void) | undefined;
  /** Checked between batches. */
  readonly signal?: AbortSignal | undefined;
}

export interface TicketsEvaluation {
  readonly evaluation: Evaluation;
  readonly conformal: readonly ConformalOutcome[];
  /** Where training tickets were given. */
  readonly bayes?: BayesBaseline;
  /** Tickets whose label is likely wrong, as far as the model had not been trained on them. */
  readonly suspects: SuspectReport;
  /** Rows that could not be judged, with file, row and reason. */
  readonly rejections: readonly Rejection[];
  readonly seconds: number;
}

/** @throws DuihaoError `no-tickets`, `interrupted`, and those of `readTickets` */
export async function evaluateTickets(
  judge: Judge,
  options: EvaluateTicketsOptions,
): Promise<TicketsEvaluation> {
  const start = performance.now();
  const { taxonomy, policy } = judge;
  const { acceptAlternatives, seed } = options;
  const test = await readLabelled(judge, options.files, options);
  if (test.tickets.length === 0) {
    throw new DuihaoError(
      'invalid-input',
      'no-tickets',
      '文件中没有一行可以评估：请检查编码列，以及模型所用的分类体系',
      {
        reasons: countReasons(test.rejections),
      },
    );
  }
  const train = await readLabelled(judge, options.trainFiles, options);
  const judged = await judgeTickets(judge, test.tickets, options);
  const known = options.trainFiles.length > 0;
  const trainCounts = known ? countLeaves(taxonomy, train.tickets) : undefined;
  const segment = ({ ticket, labels, alternatives }: LabelledTicket): SegmentedTicket => ({
    words: judge.words(ticket),
    labels,
    alternatives,
  });
  return {
    evaluation: evaluate(taxonomy, judged, { acceptAlternatives, seed, policy, trainCounts }),
    conformal: evaluateConformal(taxonomy, judged, reportedCalibrations(judge.conformal)),
    ...(known
      ? {
          bayes: bayesBaseline(taxonomy, train.tickets.map(segment), test.tickets.map(segment), {
            acceptAlternatives,
            seed,
            model: judged,
          }),
        }
      : {}),
    suspects: reportSuspects(taxonomy, judged, test.tickets),
    rejections: test.rejections,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Reasons and how often, most frequent first. */
export function countReasons(rejections: readonly Rejection[]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { reason } of rejections) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

async function readLabelled(
  { taxonomy }: Judge,
  files: readonly string[],
  { columns, encoding }: EvaluateTicketsOptions,
): Promise<{ tickets: LabelledTicket[]; rejections: Rejection[] }> {
  const tickets: LabelledTicket[] = [];
  const rejections: Rejection[] = [];
  for (const file of files) {
    const read = await readTickets(file, { columns, encoding });
    const labelled = labelTickets(taxonomy, read.tickets);
    for (const one of labelled.tickets) tickets.push(one);
    for (const one of read.rejections) rejections.push(one);
    for (const one of labelled.rejections) rejections.push(one);
  }
  return { tickets, rejections };
}

async function judgeTickets(
  judge: Judge,
  tickets: readonly LabelledTicket[],
  { onProgress, signal }: EvaluateTicketsOptions,
): Promise<JudgedTicket[]> {
  const judged: JudgedTicket[] = [];
  for await (const stretch of answerTickets(tickets, (asked) => judge.distributions(asked), signal)) {
    for (const { labelled, answer } of stretch) judged.push(judgedOf(labelled, answer));
    onProgress?.({ tickets: judged.length, of: tickets.length });
  }
  return judged;
}

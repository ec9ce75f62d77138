/** Labelled tickets and what a model answers them, in stretches. */
import { setImmediate } from 'node:timers/promises';
import { DuihaoError } from '../../src/errors.js';
import type { Ticket } from '../../src/text/ticket.js';
import type { LabelledTicket } from '../labelled-ticket.js';

/** Tickets asked at once: the model is faster on batches, and between them signals get their turn. */
const STRETCH = 64;

export interface AnsweredTicket<Answer> {
  readonly labelled: LabelledTicket;
  readonly answer: Answer;
}

/**
 * @param ask one answer per ticket, in order
 * @param signal checked between stretches
 * @throws DuihaoError `interrupted`
 */
export async function* answerTickets<Answer>(
  tickets: readonly LabelledTicket[],
  ask: (tickets: readonly Ticket[]) => readonly Answer[],
  signal: AbortSignal | undefined,
): AsyncGenerator<AnsweredTicket<Answer>[]> {
  for (let from = 0; from < tickets.length; from += STRETCH) {
    await setImmediate();
    if (signal?.aborted)
      throw new DuihaoError('unavailable', 'interrupted', 'the evaluation was interrupted');
    const stretch = tickets.slice(from, from + STRETCH);
    const answers = ask(stretch.map(({ ticket }) => ticket));
    yield stretch.map((labelled, at) => ({ labelled, answer: answers[at]! }));
  }
}

/**
 * Waiting requests → tasks for workers. A large request is cut into tasks and takes turns with the others, so
 * that a single ticket never waits for a whole batch; small requests that wait anyway and ask for the same
 * are put into one task, because the model is faster on batches.
 */
import type { Ticket } from '../text/ticket.js';
import type { Suggestion, SuggestOptions } from './suggestion.js';

/** One call of `suggest`: filled slice by slice, settled once. */
export interface SuggestRequest {
  readonly tickets: readonly Ticket[];
  readonly options: SuggestOptions;
  readonly results: Suggestion[];
  /** Tickets without a result yet. */
  left: number;
  settled: boolean;
  readonly resolve: (suggestions: Suggestion[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Tickets `start … end − 1` of a request. */
export interface Slice {
  readonly request: SuggestRequest;
  readonly start: number;
  readonly end: number;
  /** It was in a task that failed: tried once more, by itself. */
  readonly alone: boolean;
}

export interface TaskLimits {
  /** Tickets of a task. Below the least, cutting costs more than it gains. */
  readonly least: number;
  readonly most: number;
  /** UTF-16 units of a task: 32 texts of 20,000 would hold a worker for seconds. */
  readonly characters: number;
}

interface Waiting {
  readonly slice: Slice;
  readonly key: string;
}

export class TicketQueue {
  readonly #limits: TaskLimits;
  #waiting: Waiting[] = [];
  #tickets = 0;

  constructor(limits: TaskLimits) {
    this.#limits = limits;
  }

  /** Tickets that wait. */
  get tickets(): number {
    return this.#tickets;
  }

  push(request: SuggestRequest): void {
    this.#add({ request, start: 0, end: request.tickets.length, alone: false });
  }

  /** In front of all others: its caller has waited longest. */
  retry(slice: Slice): void {
    this.#add({ ...slice, alone: true }, true);
  }

  #add(slice: Slice, first = false): void {
    if (slice.end === slice.start) return;
    const waiting = { slice, key: keyOf(slice.request.options) };
    if (first) this.#waiting.unshift(waiting);
    else this.#waiting.push(waiting);
    this.#tickets += slice.end - slice.start;
  }

  /**
   * The next task's slices, all with the same options.
   * @param share how many workers could take what waits now: it is spread over them.
   */
  take(share: number): Slice[] {
    const { least, most, characters } = this.#limits;
    const size = Math.min(most, Math.max(least, Math.ceil(this.#tickets / Math.max(1, share))));
    const taken: Slice[] = [];
    let [tickets, units] = [0, 0];
    const kept: Waiting[] = [];
    const turned: Waiting[] = [];
    let key: string | undefined;
    for (const [index, waiting] of this.#waiting.entries()) {
      const { slice } = waiting;
      const full = tickets >= size || units >= characters;
      if (slice.request.settled) {
        // Failed in another slice: nobody waits for the rest.
        this.#tickets -= slice.end - slice.start;
        continue;
      }
      if (full || (key !== undefined && (key !== waiting.key || slice.alone))) {
        if (full) {
          kept.push(...this.#waiting.slice(index));
          break;
        }
        kept.push(waiting);
        continue;
      }
      key = waiting.key;
      let end = slice.start;
      while (end < slice.end && tickets < size && (end === slice.start || units < characters)) {
        const { title, text } = slice.request.tickets[end]!;
        units += (title?.length ?? 0) + text.length;
        tickets += 1;
        end += 1;
      }
      taken.push({ ...slice, end });
      this.#tickets -= end - slice.start;
      if (end < slice.end) turned.push({ ...waiting, slice: { ...slice, start: end } });
      if (slice.alone) {
        kept.push(...this.#waiting.slice(index + 1));
        break;
      }
    }
    this.#waiting = [...kept, ...turned];
    return taken;
  }

  /** Everything that waits, taken out. */
  clear(): Slice[] {
    const slices = this.#waiting.map(({ slice }) => slice);
    this.#waiting = [];
    this.#tickets = 0;
    return slices;
  }
}

/** Alike for requests that may share a task. */
function keyOf({ k, level, within, without, evidence, adjust, coverage }: SuggestOptions): string {
  return `${k} ${level ?? ''} ${coverage ?? ''} ${evidence ? 1 : 0}${adjust ? 1 : 0} ${within?.join() ?? '-'} ${without?.join() ?? '-'}`;
}

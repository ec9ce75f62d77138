/** Tickets → counted features, with a word on how far it has come now and then. */
import { setImmediate } from 'node:timers/promises';
import { DuihaoError } from '../src/errors.js';
import type { FeatureOptions } from '../src/features/feature-options.js';
import { OccurrenceReader } from '../src/features/occurrences.js';
import type { Segmenter } from '../src/text/segment.js';
import type { Ticket } from '../src/text/ticket.js';
import { TermCounter } from './term-counter.js';
import { TermStore } from './term-store.js';

export async function countTickets(
  tickets: Iterable<Pick<Ticket, 'title' | 'text'>>,
  total: number,
  options: FeatureOptions,
  segmenter: Segmenter,
  signal: AbortSignal | undefined,
  onProgress: (share: number) => void,
): Promise<TermStore> {
  const reader = new OccurrenceReader(options, segmenter);
  const counter = new TermCounter();
  const store = new TermStore();
  for (const ticket of tickets) {
    if (store.tickets % 500 === 0) {
      onProgress(store.tickets / total);
      await setImmediate();
      if (signal?.aborted) {
        store.close();
        throw new DuihaoError('unavailable', 'interrupted', 'training was interrupted; nothing was written');
      }
    }
    reader.read(ticket);
    counter.count(reader);
    store.add(counter.hashes, counter.counts, counter.size);
  }
  onProgress(1);
  return store;
}

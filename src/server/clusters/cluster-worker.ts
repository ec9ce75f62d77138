/**
 * Runs in a thread that lives no longer than the search: the dictionary takes half a second and 50 MB, and a server
 * that answers should spare neither. No static import of code, as in pool-worker.ts: sources need tsx first.
 */
import type { TicketCluster } from './cluster-tickets.js';
import type { MaskedTicket } from './ticket-words.js';

export default async function run(tickets: readonly MaskedTicket[]): Promise<TicketCluster[]> {
  // From sources: tsx hooks the imports of the main thread only.
  if (import.meta.url.endsWith('.ts')) (await import('tsx/esm/api')).register();
  const { openSegmenter } = await import('../../text/segment.js');
  const { clusterTickets } = await import('./cluster-tickets.js');
  const segmenter = await openSegmenter();
  try {
    return clusterTickets(tickets, segmenter);
  } finally {
    segmenter.close?.();
  }
}

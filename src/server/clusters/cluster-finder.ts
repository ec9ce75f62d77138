/** Finds clusters among the store's tickets: one search at a time, in a thread of its own, kept for ten minutes. */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { CatchAllTicket } from '../../store/catch-all-tickets.js';
import type { Span } from '../../store/statistics.js';
import type { Store } from '../../store/store.js';
import type { Taxonomy } from '../../taxonomy/taxonomy.js';
import type { TicketCluster } from './cluster-tickets.js';
import type { MaskedTicket } from './ticket-words.js';

export interface FoundCluster extends Pick<TicketCluster, 'words' | 'density'> {
  readonly count: number;
  /** Tickets that do not just repeat another's text. */
  readonly voices: number;
  /** The catch-alls they lie in, most first. */
  readonly items: readonly { readonly item: string; readonly count: number }[];
  readonly first: Date;
  readonly last: Date;
  /** In the first and in the second half of the time that was looked at. */
  readonly earlier: number;
  readonly later: number;
  /** One of each voice, the most typical first. */
  readonly examples: readonly CatchAllTicket[];
  /** Ids of all of its tickets. */
  readonly tickets: readonly string[];
}

export interface FoundClusters {
  /** Tickets that were compared: the newest, `mostTickets` of them at the most. */
  readonly looked: number;
  readonly clusters: readonly FoundCluster[];
}

export type ClusterTickets = (tickets: readonly MaskedTicket[]) => Promise<readonly TicketCluster[]>;

export const mostTickets = 5_000;
const keptMs = 10 * 60_000;
const keptSearches = 8;

export class ClusterFinder {
  readonly #cluster: ClusterTickets;
  readonly #kept = new Map<string, { readonly until: number; readonly found: Promise<FoundClusters> }>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param cluster another way in tests */
  constructor(cluster: ClusterTickets = clusterInThread) {
    this.#cluster = cluster;
  }

  find(store: Store, taxonomy: Taxonomy, span: Span): Promise<FoundClusters> {
    const key = `${taxonomy.digest} ${span.from.getTime()} ${span.to.getTime()}`;
    const kept = this.#kept.get(key);
    if (kept && kept.until > Date.now()) return kept.found;
    const found = this.#last.then(() => this.#search(store, taxonomy, span));
    this.#last = found.catch(() => {});
    this.#kept.delete(key);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < keptSearches) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, { until: Date.now() + keptMs, found });
    // A failure is not kept.
    found.catch(() => this.#kept.delete(key));
    return found;
  }

  async #search(store: Store, taxonomy: Taxonomy, span: Span): Promise<FoundClusters> {
    const catchAlls = taxonomy.items.filter(({ isCatchAll }) => isCatchAll).map(({ id }) => id);
    const tickets = await store.catchAllTickets(span, catchAlls, mostTickets);
    if (tickets.length === 0) return { looked: 0, clusters: [] };
    const clusters = await this.#cluster(tickets.map(({ title, text }) => ({ title, text })));
    const times = tickets.map(({ shownAt }) => shownAt.getTime());
    const middle = (Math.min(...times) + Math.max(...times)) / 2;
    return { looked: tickets.length, clusters: clusters.map((one) => describe(one, tickets, middle)) };
  }
}

function describe(
  { members, voices, words, density }: TicketCluster,
  tickets: readonly CatchAllTicket[],
  middle: number,
): FoundCluster {
  const all = members.map((member) => tickets[member]!);
  const times = all.map(({ shownAt }) => shownAt.getTime());
  const counts = new Map<string, number>();
  for (const { item } of all) counts.set(item, (counts.get(item) ?? 0) + 1);
  const later = times.filter((time) => time > middle).length;
  return {
    words,
    density,
    count: all.length,
    voices: voices.length,
    items: [...counts]
      .map(([item, count]) => ({ item, count }))
      .sort((a, b) => b.count - a.count || (a.item < b.item ? -1 : 1)),
    first: new Date(Math.min(...times)),
    last: new Date(Math.max(...times)),
    earlier: all.length - later,
    later,
    examples: voices.slice(0, 5).map((voice) => tickets[voice]!),
    tickets: all.map(({ ticket }) => ticket),
  };
}

async function clusterInThread(tickets: readonly MaskedTicket[]): Promise<readonly TicketCluster[]> {
  const name = `./cluster-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;
  const pool = new Piscina({ filename: fileURLToPath(new URL(name, import.meta.url)), maxThreads: 1 });
  // Without a listener a worker's death would end the process; its task says why.
  pool.on('error', () => {});
  try {
    return (await pool.run(tickets)) as TicketCluster[];
  } finally {
    await pool.destroy();
  }
}

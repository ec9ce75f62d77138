/** Looks for new clusters by itself and asks a person about each, once: may the tree lack an item? */
import { log } from '../../log.js';
import { clusterDoubt } from '../../store/review-value.js';
import type { Store } from '../../store/store.js';
import type { Taxonomy } from '../../taxonomy/taxonomy.js';
import { Poll } from '../poll.js';
import type { ClusterFinder } from './cluster-finder.js';

const dayMs = 86_400_000;
/** A matter that is in the queue or was decided is not asked about again while its tickets are in this span. */
const watchedDays = 30;
/** Fewer voices may be one street's trouble of a week; the figure shows them all the same. */
const leastVoices = 8;
/** Looser ones share words and not a matter: by eye on citizens' messages, see docs/workplace-api.md. */
const leastDensity = 0.35;
/** At a time: the largest first, the others when these are decided. */
const mostReviews = 5;

/** @returns how many reviews of cause `new-cluster` entered the queue */
export async function queueNewClusters(
  store: Store,
  taxonomy: Taxonomy,
  finder: ClusterFinder,
  now: Date = new Date(),
): Promise<number> {
  const span = { from: new Date(now.getTime() - watchedDays * dayMs), to: now };
  const { clusters } = await finder.find(store, taxonomy, span);
  let added = 0;
  for (const { voices, density, tickets, examples } of clusters) {
    if (added === mostReviews) break;
    if (voices < leastVoices || density < leastDensity) continue;
    if ((await store.reviews.known('new-cluster', tickets)).size > 0) continue;
    const [typical] = examples;
    added += await store.reviews.addOnce([
      {
        ticket: typical!.ticket,
        cause: 'new-cluster',
        doubt: clusterDoubt(voices),
        label: null,
        suggestionId: typical!.suggestionId,
      },
    ]);
  }
  return added;
}

const everyMs = 6 * 3_600_000;
/** The model is loading, and tickets come first. */
const firstAfterMs = 5 * 60_000;

/**
 * Begins at once; once it is stopped no search runs any more, and the store may close.
 * @param taxonomy undefined while no model is loaded
 */
export function watchClusters(
  store: Store,
  finder: ClusterFinder,
  taxonomy: () => Taxonomy | undefined,
): Poll<void> {
  const poll = new Poll(async () => {
    const tree = taxonomy();
    if (!tree) return;
    try {
      log.info({ added: await queueNewClusters(store, tree, finder) }, 'looked for new clusters');
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      log.warn({ code, name }, 'new clusters not looked for');
    }
  }, everyMs);
  poll.start(firstAfterMs);
  return poll;
}

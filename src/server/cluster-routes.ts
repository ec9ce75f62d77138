/** GET /v1/statistics/clusters: groups of tickets in catch-alls that are alike. */
import { Router } from 'express';
import type { FoundCluster } from './clusters/cluster-finder.js';
import type { ServiceSlot } from './service-slot.js';
import { asked, send } from './statistics-answer.js';
import type { ClusterStatistics } from './statistics-schemas.js';
import { presentStoredItem } from './stored-items.js';
import type { Workplace } from './workplace.js';

export function clusterRoutes(slot: ServiceSlot, workplace: Workplace): Router {
  const router = Router();
  router.get('/v1/statistics/clusters', async (request, response) => {
    const { span, days, query, taxonomy } = asked(slot, workplace, request);
    const { looked, clusters } = await workplace.clusters.find(workplace.take(), taxonomy, span);
    const present = ({ items, words, first, last, examples, ...cluster }: FoundCluster) => ({
      count: cluster.count,
      voices: cluster.voices,
      words: [...words],
      items: items.map(({ item, count }) => ({ item: presentStoredItem(taxonomy, item), count })),
      first: first.toISOString(),
      last: last.toISOString(),
      earlier: cluster.earlier,
      later: cluster.later,
      tickets: examples.map(({ ticket, suggestionId, title }) => ({ id: ticket, suggestionId, title })),
    });
    const answer: ClusterStatistics = {
      ...days,
      available: workplace.storeText || looked > 0,
      looked,
      rows: clusters.slice(0, query.limit).map(present),
    };
    send(response, query.format, 'clusters', answer, (row) => ({
      工单数: row.count,
      不重复的工单数: row.voices,
      共同的词: row.words.join('、'),
      收容项: row.items.map(({ item, count }) => `${item.short} ${item.name} ${count}`).join('；'),
      首次: row.first,
      末次: row.last,
      前半段: row.earlier,
      后半段: row.later,
      例: row.tickets.map(({ id }) => id).join('；'),
    }));
  });
  return router;
}

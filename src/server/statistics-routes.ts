/** /v1/statistics: the manager's figures as JSON, or as CSV that a spreadsheet opens. */
import { Router } from 'express';
import type { Choices } from '../store/statistics.js';
import type { ServiceSlot } from './service-slot.js';
import { presentShadow, shadowColumns } from './shadow-statistics.js';
import { asked, itemColumns, refOf, send } from './statistics-answer.js';
import type {
  AcceptanceStatistics,
  CatchAllStatistics,
  CorrectionStatistics,
  CoverageStatistics,
  ModelStatistics,
  TimeStatistics,
} from './statistics-schemas.js';
import { presentStoredItem } from './stored-items.js';
import type { Workplace } from './workplace.js';

export function statisticsRoutes(slot: ServiceSlot, workplace: Workplace): Router {
  const router = Router();

  router.get('/v1/statistics/acceptance', async (request, response) => {
    const { span, days, query, taxonomy, statistics } = asked(slot, workplace, request);
    const found = await statistics.acceptance(span, query.by, query.limit);
    const rows = found.map(({ day, item, ...choices }) => ({
      day,
      item: refOf(taxonomy, item),
      ...withRate(choices),
    }));
    const answer: AcceptanceStatistics = { ...days, rows };
    send(response, query.format, 'acceptance', answer, (row) => ({
      日期: row.day,
      ...itemColumns('', row.item),
      ...choiceColumns(row),
    }));
  });

  router.get('/v1/statistics/corrections', async (request, response) => {
    const { span, days, query, taxonomy, statistics } = asked(slot, workplace, request);
    const found = await statistics.corrections(span, query.limit);
    const rows = found.map(({ suggested, chosen, count }) => ({
      suggested: refOf(taxonomy, suggested),
      chosen: refOf(taxonomy, chosen),
      count,
    }));
    const answer: CorrectionStatistics = { ...days, rows };
    send(response, query.format, 'corrections', answer, (row) => ({
      ...itemColumns('建议', row.suggested),
      ...itemColumns('选定', row.chosen),
      次数: row.count,
    }));
  });

  router.get('/v1/statistics/time', async (request, response) => {
    const { span, days, query, statistics } = asked(slot, workplace, request);
    const answer: TimeStatistics = { ...days, rows: [...(await statistics.time(span))] };
    send(response, query.format, 'time', answer, (row) => ({
      日期: row.day,
      工单数: row.count,
      中位用时毫秒: row.median,
      九成以内用时毫秒: row.p90,
    }));
  });

  router.get('/v1/statistics/models', async (request, response) => {
    const { span, days, query, statistics } = asked(slot, workplace, request);
    const rows = (await statistics.models(span)).map(
      ({ model, version, fallbacks, medianMilliseconds, first, last, ...choices }) => ({
        model,
        version,
        ...withRate(choices),
        fallbacks,
        medianMilliseconds,
        first: first.toISOString(),
        last: last.toISOString(),
      }),
    );
    const answer: ModelStatistics = { ...days, rows };
    send(response, query.format, 'models', answer, (row) => ({
      模型: row.model,
      版本: row.version,
      ...choiceColumns(row),
      退回上级: row.fallbacks,
      中位用时毫秒: row.medianMilliseconds,
      首次: row.first,
      末次: row.last,
    }));
  });

  router.get('/v1/statistics/shadow', async (request, response) => {
    const { span, days, query, taxonomy, store } = asked(slot, workplace, request);
    const [comparisons, pairs] = await Promise.all([
      store.shadow.comparisons(span),
      store.shadow.pairs(span, query.limit),
    ]);
    const answer = presentShadow(taxonomy, days, comparisons, pairs);
    send(response, query.format, 'shadow', answer, shadowColumns);
  });

  router.get('/v1/statistics/coverage', async (request, response) => {
    const { span, days, query, statistics } = asked(slot, workplace, request);
    const found = await statistics.coverage(span);
    const judged = found.at(-1)?.count ?? 0;
    const rows = found.map(({ threshold, count, wrong }) => ({
      threshold,
      count,
      coverage: count / judged,
      error: wrong / count,
    }));
    const answer: CoverageStatistics = {
      ...days,
      targetError: query.targetError,
      judged,
      // Counts grow along the rows: the last that holds covers most.
      atTarget: rows.findLast(({ error }) => error <= query.targetError) ?? null,
      rows,
    };
    send(response, query.format, 'coverage', answer, (row) => ({
      阈值: row.threshold,
      工单数: row.count,
      覆盖率: row.coverage,
      错误率: row.error,
    }));
  });

  router.get('/v1/statistics/catch-all', async (request, response) => {
    const { span, days, query, taxonomy, statistics } = asked(slot, workplace, request);
    const catchAlls = taxonomy.items.filter(({ isCatchAll }) => isCatchAll).map(({ id }) => id);
    const found = await statistics.catchAll(span, catchAlls, query.limit);
    const rows = found.map(({ item, fallbacks, leaked, kept, deserved, ...choices }) => ({
      item: refOf(taxonomy, item),
      ...withRate(choices),
      fallbacks,
      leaked,
      kept,
      deserved: deserved.map((one) => ({
        item: presentStoredItem(taxonomy, one.item),
        count: one.count,
      })),
    }));
    const answer: CatchAllStatistics = { ...days, rows };
    send(response, query.format, 'catch-all', answer, (row) => ({
      ...itemColumns('', row.item),
      ...choiceColumns(row),
      退回上级: row.fallbacks,
      应归入具体事项: row.leaked,
      确属其他: row.kept,
      去向: row.deserved.map(({ item, count }) => `${item.short} ${item.name} ${count}`).join('；'),
    }));
  });
  return router;
}

function withRate<T extends Choices>(choices: T): T & { readonly rate: number | null } {
  const { accepted, corrected } = choices;
  return { ...choices, rate: accepted + corrected === 0 ? null : accepted / (accepted + corrected) };
}

function choiceColumns({ shown, accepted, corrected, skipped, rate }: Choices & { rate: number | null }) {
  return { 建议数: shown, 采纳: accepted, 改正: corrected, 跳过: skipped, 采纳率: rate };
}

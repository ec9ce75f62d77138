/** POST /v1/suggestions. */
import { Router } from 'express';
import { coverageFor } from '../decision/conformal.js';
import { isDuihaoError } from '../errors.js';
import { timeOrderedId } from '../store/time-ordered-id.js';
import type { SuggestOptions } from '../suggest/suggestion.js';
import { readExtensions } from '../taxonomy/combined-code.js';
import type { FacetTable } from '../taxonomy/facets.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import type { Ticket } from '../text/ticket.js';
import { itemsOfCode } from './item-lookup.js';
import type { ServerMetrics } from './metrics.js';
import { presentSuggestion, presentTaxonomy } from './presentation.js';
import { Problem } from './problem.js';
import { type SuggestionsResponse, suggestionsRequestSchema } from './schemas.js';
import type { ServiceSlot } from './service-slot.js';
import type { Shadow } from './shadow.js';
import { toShown } from './suggestion-record.js';
import { pointerOf, readBody } from './validation.js';
import type { Workplace } from './workplace.js';

/**
 * @param workplace records what is answered, where it is given and open
 * @param shadow is asked the same once the answer was sent
 */
export function suggestionRoutes(
  slot: ServiceSlot,
  facetTable: FacetTable,
  metrics: ServerMetrics,
  workplace?: Workplace,
  shadow?: Shadow,
): Router {
  const router = Router();
  router.post('/v1/suggestions', async (request, response) => {
    const body = readBody(suggestionsRequestSchema, request);
    const service = slot.take();
    const { taxonomy, model } = service;
    refuseDuplicateIds(body.tickets);
    if (body.level !== undefined && body.level > taxonomy.depth) {
      throw invalid('level-out-of-range', '/level', `the tree has ${taxonomy.depth} levels`);
    }
    const options: SuggestOptions = {
      k: body.k,
      evidence: body.evidence,
      adjust: true,
      ...(body.level === undefined ? {} : { level: body.level }),
      ...(body.within ? { within: resolveFilter(taxonomy, body.within, 'within') } : {}),
      ...(body.without ? { without: resolveFilter(taxonomy, body.without, 'without') } : {}),
    };
    const coverage =
      body.coverage === undefined ? {} : { coverage: promised(service.coverages, body.coverage) };
    const tickets = body.tickets.map(({ id, title, text, facets }, index): Ticket => {
      const known = facets && resolveFacets(facetTable, facets, ['tickets', index, 'facets']);
      return { id, text, ...(title === undefined ? {} : { title }), ...(known ? { facets: known } : {}) };
    });
    const answering = service.suggest(tickets, { ...options, ...coverage });
    const suggestions = await (shadow ? shadow.behind(answering) : answering);
    for (const { decision } of suggestions) metrics.decided(decision);
    // A database that is still opening or away is no reason to keep an answer back.
    const store = workplace?.store;
    const ids = store && suggestions.map(() => timeOrderedId());
    const answer: SuggestionsResponse = {
      model: { id: model.id, version: model.version, trainedAt: model.trainedAt },
      taxonomy: presentTaxonomy(taxonomy),
      results: suggestions.map((suggestion, index) => presentSuggestion(suggestion, ids?.[index])),
    };
    response.json(answer);
    if (store && ids) {
      const asked = suggestions.flatMap(({ decision, adjustment }, index) =>
        // Moved by recent choices, an answer is not the model's own, and says nothing of it.
        adjustment
          ? []
          : [{ suggestionId: ids[index]!, ticket: tickets[index]!, item: decision.item?.id ?? null }],
      );
      shadow?.ask(asked, options, service);
      const recorded = { storeText: workplace.storeText, textKey: store.textKey, review: body.review };
      store.recorder.record(
        suggestions.map((suggestion, index) =>
          toShown(ids[index]!, tickets[index]!, suggestion, service, recorded),
        ),
      );
    }
  });
  return router;
}

/** Answers are matched to tickets by id; with two alike, feedback could not name one. */
function refuseDuplicateIds(tickets: readonly { readonly id: string }[]): void {
  const seen = new Set<string>();
  for (const [index, { id }] of tickets.entries()) {
    if (seen.has(id)) {
      throw invalid(
        'ticket-id-duplicate',
        pointerOf(['tickets', index, 'id']),
        'an earlier ticket has this id',
      );
    }
    seen.add(id);
  }
}

/** Ids and codes, whatever the intake system calls the facets and their values. */
function resolveFacets(
  table: FacetTable,
  given: Readonly<Record<string, string>>,
  place: readonly PropertyKey[],
): Readonly<Record<string, string>> {
  const resolved: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    const { extensions, faults } = readExtensions(table, { [name]: text });
    const pointer = pointerOf([...place, name]);
    if (faults[0]?.fault === 'facet-unknown') {
      const known = table.facets.map(({ id }) => id).join(', ');
      throw invalid('facet-unknown', pointer, `no such facet; known: ${known || 'none'}`);
    }
    const [extension] = extensions;
    if (!extension)
      throw invalid('facet-value-unknown', pointer, 'the facet has no value of this code or name');
    if (Object.hasOwn(resolved, extension.facet.id))
      throw invalid('facet-repeated', pointer, 'this facet is given twice');
    resolved[extension.facet.id] = extension.value.code;
  }
  return resolved;
}

/** A code that stands for several items means all of them. */
function resolveFilter(taxonomy: Taxonomy, codes: readonly string[], field: string): number[] {
  return codes.flatMap((code, index) => {
    const items = itemsOfCode(taxonomy, code);
    if (items.length === 0)
      throw invalid('item-unknown', pointerOf([field, index]), 'no item has this code or id');
    return items.map((item) => item.index);
  });
}

/** @returns the coverage that is promised instead of the one asked for */
function promised(coverages: readonly number[], asked: number): number {
  try {
    return coverageFor(coverages, asked);
  } catch (error) {
    throw isDuihaoError(error) ? invalid(error.code, '/coverage', error.message) : error;
  }
}

function invalid(code: string, pointer: string, detail: string): Problem {
  return new Problem(422, code, detail, { errors: [{ pointer, code, detail }] });
}

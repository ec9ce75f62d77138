/** /openapi.json, generated from the schemas that validate. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { relabelJobRoutes } from './openapi-relabel.js';
import { workplaceRoutes } from './openapi-workplace.js';
import {
  codeResponseSchema,
  healthSchema,
  itemResponseSchema,
  itemsQuerySchema,
  itemsResponseSchema,
  problemSchema,
  readySchema,
  suggestionsRequestSchema,
  suggestionsResponseSchema,
} from './schemas.js';

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});
const unavailable = problem('Model loading, queue full or server stopping; see Retry-After');
const limited = problem('Too many requests; see Retry-After');

/** Every route of the API. A route that is not here is not documented: tests compare the two. */
const routes: readonly RouteConfig[] = [
  {
    method: 'post',
    path: '/v1/suggestions',
    operationId: 'suggest',
    summary: 'Suggest items for tickets',
    description:
      'One result per ticket, in the order they were sent. Reads only: the same request may be repeated.',
    request: { body: { required: true, content: json(suggestionsRequestSchema) } },
    responses: {
      200: { description: 'Suggestions', content: json(suggestionsResponseSchema) },
      400: problem('The body is not JSON'),
      413: problem('The body is too large'),
      415: problem('The body is not declared as JSON'),
      422: problem('The body does not fit the schema'),
      429: limited,
      503: unavailable,
    },
  },
  {
    method: 'get',
    path: '/v1/items',
    operationId: 'findItems',
    summary: 'Search the tree, or browse it',
    description:
      '`q`: a code, Chinese, pinyin (initials: `ztc` finds 渣土车) or words citizens use. `parent`: the children of that item. Neither: level 1.',
    request: { query: itemsQuerySchema },
    responses: {
      200: {
        description: 'Items, best first when searched, in the list’s order when browsed',
        content: json(itemsResponseSchema),
      },
      404: problem('No such parent'),
      422: problem('The query does not fit the schema'),
      429: limited,
      503: unavailable,
    },
  },
  {
    method: 'get',
    path: '/v1/items/{id}',
    operationId: 'getItem',
    summary: 'One item with its path and children',
    request: { params: z.object({ id: z.string().meta({ example: '08.0801.080102' }) }) },
    responses: {
      200: { description: 'The item', content: json(itemResponseSchema) },
      404: problem('No item has this id'),
      429: limited,
      503: unavailable,
    },
  },
  {
    method: 'get',
    path: '/v1/codes/{code}',
    operationId: 'getCode',
    summary: 'A code taken apart and explained, and every item it may mean',
    description:
      'A base code (2 to 10 digits, padded or not), a city’s code behind Z, or a combined code with extension codes. Full-width digits, spaces and hyphens are forgiven. A code printed twice (`090499`) answers with both items.',
    request: { params: z.object({ code: z.string().meta({ example: '0801020000' }) }) },
    responses: {
      200: { description: 'At least one item', content: json(codeResponseSchema) },
      404: problem('No item has this code'),
      422: problem('Not a code: `errors` holds every fault with its place'),
      429: limited,
      503: unavailable,
    },
  },
  {
    method: 'get',
    path: '/health/live',
    operationId: 'live',
    summary: 'The process answers',
    responses: { 200: { description: 'Alive', content: json(healthSchema) } },
  },
  {
    method: 'get',
    path: '/health/ready',
    operationId: 'ready',
    summary: 'The model is loaded and the server is not stopping',
    responses: {
      200: { description: 'Ready', content: json(readySchema) },
      503: problem('Loading or stopping'),
    },
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'openapi',
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1', content: json(z.looseObject({ openapi: z.string() })) } },
  },
  {
    method: 'get',
    path: '/metrics',
    operationId: 'metrics',
    summary: 'Counters in the Prometheus text format',
    responses: { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } } },
  },
];

/**
 * @param version of Duihao itself
 * @param workplace whether the server has a store, and the routes that need it
 * @param relabelling whether it takes files to be labelled
 */
export function buildOpenApi(version: string, workplace = false, relabelling = false): object {
  const registry = new OpenAPIRegistry();
  const known = [...routes, ...(workplace ? workplaceRoutes : []), ...(relabelling ? relabelJobRoutes : [])];
  for (const route of known) registry.registerPath(route);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: '对号 Duihao',
      version,
      description:
        'Suggests the item codes of a hotline’s taxonomy (DB44/T 2479) for tickets, with calibrated confidence.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

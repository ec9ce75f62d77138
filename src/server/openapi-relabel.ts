/** What /openapi.json says of /v1/relabel-jobs, which only a server with a folder for them has. */
import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { relabelJobQuerySchema, relabelJobSchema, relabelJobsSchema } from './relabel-routes.js';
import { problemSchema } from './schemas.js';

const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});
const file = z.string().meta({ description: 'The file itself, in its own encoding.' });
const files = { 'text/csv': { schema: file }, 'application/x-ndjson': { schema: file } };
const id = z.object({ id: z.uuid() });
const always: RouteConfig['responses'] = {
  401: problem('Neither an API key nor a session'),
  403: problem('The role may not do this, or a page of another origin sent it'),
  429: problem('Too many requests; see Retry-After'),
};
const unknown = problem('No such job');

export const relabelJobRoutes: readonly RouteConfig[] = [
  {
    method: 'post',
    path: '/v1/relabel-jobs',
    operationId: 'addRelabelJob',
    summary: 'Send a file of legacy tickets to be labelled',
    description:
      'The body is the file. Jobs run one after the other and go on after a restart; a finished one is kept for a day.',
    request: { query: relabelJobQuerySchema, body: { required: true, content: files } },
    responses: {
      ...always,
      202: answer('Taken in; see Location', relabelJobSchema),
      400: problem('The upload was broken off'),
      409: problem('As many jobs as are kept; delete finished ones'),
      413: problem('Larger than this server accepts'),
      415: problem('Neither CSV nor JSON lines, or compressed'),
      422: problem('The query does not fit, or the file is empty'),
      503: problem('The server is stopping'),
    },
  },
  {
    method: 'get',
    path: '/v1/relabel-jobs',
    operationId: 'listRelabelJobs',
    summary: 'Jobs, newest first',
    responses: { ...always, 200: answer('Jobs', relabelJobsSchema) },
  },
  {
    method: 'get',
    path: '/v1/relabel-jobs/{id}',
    operationId: 'getRelabelJob',
    summary: 'How far a job is',
    request: { params: id },
    responses: { ...always, 200: answer('The job', relabelJobSchema), 404: unknown },
  },
  {
    method: 'get',
    path: '/v1/relabel-jobs/{id}/result',
    operationId: 'getRelabelResult',
    summary: 'The finished file',
    request: { params: id },
    responses: {
      ...always,
      200: { description: 'The file', content: files },
      404: unknown,
      409: problem('Not done'),
    },
  },
  {
    method: 'delete',
    path: '/v1/relabel-jobs/{id}',
    operationId: 'deleteRelabelJob',
    summary: 'Stop a job and delete its files',
    request: { params: id },
    responses: { ...always, 204: { description: 'Gone' }, 404: unknown },
  },
];

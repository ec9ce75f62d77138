/** What /openapi.json says of the routes that only a server with a store has. */
import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import {
  addKeySchema,
  addUserSchema,
  changeUserSchema,
  keysResponseSchema,
  linkSchema,
  newKeySchema,
  sessionSchema,
  signInSchema,
  userSchema,
  usersResponseSchema,
} from './account-schemas.js';
import { feedbackRequestSchema, feedbackResponseSchema } from './feedback-schemas.js';
import {
  addReviewsRequestSchema,
  addReviewsResponseSchema,
  claimRequestSchema,
  claimResponseSchema,
  reviewActionSchema,
  reviewSchema,
  reviewsQuerySchema,
  reviewsResponseSchema,
} from './review-schemas.js';
import { problemSchema } from './schemas.js';
import { shadowSchema } from './shadow-statistics.js';
import {
  acceptanceSchema,
  catchAllSchema,
  clustersSchema,
  correctionsSchema,
  coverageSchema,
  modelsSchema,
  statisticsQuerySchema,
  timeSchema,
} from './statistics-schemas.js';

type Responses = RouteConfig['responses'];

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const body = (schema: z.ZodType) => ({ required: true, content: json(schema) });
const answer = (description: string, schema: z.ZodType) => ({ description, content: json(schema) });
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});
const id = z.object({ id: z.string() });

/** What every one of them may answer with. */
const always: Responses = {
  401: problem('Neither an API key nor a session'),
  403: problem('The role may not do this, or a page of another origin sent it'),
  422: problem('Does not fit the schema; see errors'),
  429: problem('Too many requests; see Retry-After'),
  503: problem('The database or the model is not there yet; see Retry-After'),
};
const written: Responses = {
  ...always,
  400: problem('The body is not JSON'),
  413: problem('The body is too large'),
  415: problem('The body is not declared as JSON'),
};

const statistics = (name: string, operationId: string, summary: string, schema: z.ZodType): RouteConfig => ({
  method: 'get',
  path: `/v1/statistics/${name}`,
  operationId,
  summary,
  request: { query: statisticsQuerySchema },
  responses: {
    ...always,
    200: { description: 'Figures', content: { ...json(schema), 'text/csv': { schema: z.string() } } },
  },
});

export const workplaceRoutes: readonly RouteConfig[] = [
  {
    method: 'get',
    path: '/v1/session',
    operationId: 'whoAmI',
    summary: 'Who is signed in',
    responses: { ...always, 200: answer('Signed in', sessionSchema) },
  },
  {
    method: 'post',
    path: '/v1/session',
    operationId: 'signIn',
    summary: 'Sign in with a password, or with a one-time link that sets it',
    request: { body: body(signInSchema) },
    responses: { ...written, 200: answer('Signed in; sets the cookie', sessionSchema) },
  },
  {
    method: 'delete',
    path: '/v1/session',
    operationId: 'signOut',
    summary: 'Sign out',
    responses: { ...always, 204: { description: 'Signed out' } },
  },
  {
    method: 'get',
    path: '/v1/users',
    operationId: 'listUsers',
    summary: 'Users by name',
    responses: { ...always, 200: answer('Users', usersResponseSchema) },
  },
  {
    method: 'post',
    path: '/v1/users',
    operationId: 'addUser',
    summary: 'Add a user; the answer has their one-time link',
    request: { body: body(addUserSchema) },
    responses: { ...written, 201: answer('Added', linkSchema), 409: problem('The name is taken') },
  },
  {
    method: 'patch',
    path: '/v1/users/{id}',
    operationId: 'changeUser',
    summary: 'Change a role, switch off or on',
    request: { params: id, body: body(changeUserSchema) },
    responses: {
      ...written,
      200: answer('Changed', userSchema),
      404: problem('No such user'),
      409: problem('The last admin'),
    },
  },
  {
    method: 'post',
    path: '/v1/users/{id}/link',
    operationId: 'resetUser',
    summary: 'A new one-time link; password and sessions so far are void',
    request: { params: id },
    responses: { ...always, 201: answer('The link', linkSchema), 404: problem('No such user') },
  },
  {
    method: 'get',
    path: '/v1/keys',
    operationId: 'listKeys',
    summary: 'API keys, latest first',
    responses: { ...always, 200: answer('Keys', keysResponseSchema) },
  },
  {
    method: 'post',
    path: '/v1/keys',
    operationId: 'addKey',
    summary: 'Add an API key; the answer is the only place that has it',
    request: { body: body(addKeySchema) },
    responses: { ...written, 201: answer('Added', newKeySchema) },
  },
  {
    method: 'delete',
    path: '/v1/keys/{id}',
    operationId: 'revokeKey',
    summary: 'Revoke an API key',
    request: { params: id },
    responses: { ...always, 204: { description: 'Revoked' }, 404: problem('No such key') },
  },
  {
    method: 'post',
    path: '/v1/feedback',
    operationId: 'giveFeedback',
    summary: 'What an agent made of a suggestion',
    description:
      'One per suggestion and agent; sending it again is safe. An answer means that it is committed.',
    request: { body: body(feedbackRequestSchema) },
    responses: {
      ...written,
      200: answer('Was there, or replaced another, or gave way to a later one', feedbackResponseSchema),
      201: answer('Stored', feedbackResponseSchema),
      202: answer('Stored; counts once its suggestion is known', feedbackResponseSchema),
    },
  },
  {
    method: 'get',
    path: '/v1/reviews',
    operationId: 'listReviews',
    summary: 'The queue, best first; what the caller holds; what the caller closed',
    request: { query: reviewsQuerySchema },
    responses: { ...always, 200: answer('Reviews', reviewsResponseSchema) },
  },
  {
    method: 'post',
    path: '/v1/reviews',
    operationId: 'addReviews',
    summary: 'Add tickets to the queue',
    request: { body: body(addReviewsRequestSchema) },
    responses: { ...written, 201: answer('Added', addReviewsResponseSchema) },
  },
  {
    method: 'post',
    path: '/v1/reviews/claims',
    operationId: 'claimReviews',
    summary: 'Take the best free ones; nobody else gets them for ten minutes',
    request: { body: body(claimRequestSchema) },
    responses: { ...written, 200: answer('Taken', claimResponseSchema) },
  },
  {
    method: 'post',
    path: '/v1/reviews/{id}',
    operationId: 'actOnReview',
    summary: 'Claim, release, choose, skip, undo',
    request: { params: id, body: body(reviewActionSchema) },
    responses: {
      ...written,
      200: answer('As it now is', reviewSchema),
      404: problem('No such review'),
      409: problem('In another agent’s hands, closed, or not to be undone'),
    },
  },
  statistics('acceptance', 'acceptance', 'Accepted and corrected, by item or by day', acceptanceSchema),
  statistics(
    'corrections',
    'corrections',
    'What was suggested and what was chosen instead',
    correctionsSchema,
  ),
  statistics('time', 'timeSpent', 'Time spent per ticket, by day', timeSchema),
  statistics('models', 'models', 'Model versions compared', modelsSchema),
  statistics(
    'shadow',
    'shadow',
    'Where a candidate beside the current model differs, and who was right',
    shadowSchema,
  ),
  statistics('coverage', 'coverage', 'Coverage at every threshold and at the target error', coverageSchema),
  statistics('clusters', 'clusters', 'Tickets in catch-alls that are alike', clustersSchema),
  statistics('catch-all', 'catchAll', 'Tickets in catch-alls that belong to a named item', catchAllSchema),
];

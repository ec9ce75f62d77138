/** /v1/users and /v1/keys: who may use the workplace, and which programs. */
import { Router } from 'express';
import type { Account, SignInLink } from '../store/accounts.js';
import type { ApiKey } from '../store/api-keys.js';
import { isId } from '../store/time-ordered-id.js';
import {
  addKeySchema,
  addUserSchema,
  changeUserSchema,
  type KeyBody,
  type KeysResponse,
  type NewKeyBody,
  type UserBody,
  type UserLinkBody,
  type UsersResponse,
} from './account-schemas.js';
import { callerIn, type Gate } from './gate.js';
import { Problem } from './problem.js';
import { readBody } from './validation.js';
import type { Workplace } from './workplace.js';

export function accountRoutes(workplace: Workplace, gate: Gate): Router {
  const router = Router();

  router.get('/v1/users', async (_request, response) => {
    const answer: UsersResponse = { users: (await workplace.take().accounts.list()).map(presentUser) };
    response.set('Cache-Control', 'no-store').json(answer);
  });

  router.post('/v1/users', async (request, response) => {
    const { name, role } = readBody(addUserSchema, request);
    const link = await workplace.take().accounts.add(name, role, callerIn(response).name);
    response.set('Cache-Control', 'no-store').status(201).json(presentLink(link));
  });

  router.patch('/v1/users/:id', async (request, response) => {
    const id = knownId(request.params.id, 'user');
    const change = readBody(changeUserSchema, request);
    const account = await workplace.take().accounts.change(id, change, callerIn(response).name);
    gate.forget();
    response.json(presentUser(account));
  });

  router.post('/v1/users/:id/link', async (request, response) => {
    const id = knownId(request.params.id, 'user');
    const link = await workplace.take().accounts.reset(id, callerIn(response).name);
    gate.forget();
    response.set('Cache-Control', 'no-store').status(201).json(presentLink(link));
  });

  router.get('/v1/keys', async (_request, response) => {
    const answer: KeysResponse = { keys: (await workplace.take().keys.list()).map(presentKey) };
    response.set('Cache-Control', 'no-store').json(answer);
  });

  router.post('/v1/keys', async (request, response) => {
    const { name, role } = readBody(addKeySchema, request);
    const { key, secret } = await workplace.take().keys.add(name, role, callerIn(response).name);
    const answer: NewKeyBody = { key: presentKey(key), secret };
    response.set('Cache-Control', 'no-store').status(201).json(answer);
  });

  router.delete('/v1/keys/:id', async (request, response) => {
    const id = knownId(request.params.id, 'key');
    await workplace.take().keys.revoke(id, callerIn(response).name);
    gate.forget();
    response.status(204).end();
  });
  return router;
}

function knownId(id: string, kind: 'user' | 'key'): string {
  if (isId(id)) return id;
  throw kind === 'user'
    ? new Problem(404, 'user-unknown', 'there is no such user')
    : new Problem(404, 'key-unknown', 'there is no such key');
}

/** The page's path that a one-time link leads to. Behind `#`, so that no server log has the token. */
export const linkPath = (token: string): string => `/#/welcome/${token}`;

function presentUser({ id, name, role, active, hasPassword, createdAt }: Account): UserBody {
  return { id, name, role, active, hasPassword, createdAt: createdAt.toISOString() };
}

function presentLink({ account, token, expiresAt }: SignInLink): UserLinkBody {
  return { user: presentUser(account), link: linkPath(token), expiresAt: expiresAt.toISOString() };
}

function presentKey({ id, name, role, start, createdAt, createdBy, revokedAt }: ApiKey): KeyBody {
  return {
    id,
    name,
    role,
    start,
    createdAt: createdAt.toISOString(),
    createdBy,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

/** The page's requests of accounts and API keys. */
import type {
  KeysResponse,
  NewKeyBody,
  Role,
  UserBody,
  UserLinkBody,
  UsersResponse,
} from '../server/account-schemas.js';
import { post, request } from './api.js';

export const listUsers = (): Promise<UsersResponse> => request('/v1/users');

export const addUser = (name: string, role: Role): Promise<UserLinkBody> => post('/v1/users', { name, role });

export const changeUser = (id: string, change: { role?: Role; active?: boolean }): Promise<UserBody> =>
  post(`/v1/users/${id}`, change, { method: 'PATCH' });

/** A new one-time link; the password so far is void. */
export const resetUser = (id: string): Promise<UserLinkBody> =>
  request(`/v1/users/${id}/link`, { method: 'POST' });

export const listKeys = (): Promise<KeysResponse> => request('/v1/keys');

export const addKey = (name: string, role: Role): Promise<NewKeyBody> => post('/v1/keys', { name, role });

export const revokeKey = (id: string): Promise<void> => request(`/v1/keys/${id}`, { method: 'DELETE' });

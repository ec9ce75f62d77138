/** Who may do what: accounts, one-time links, API keys, sessions and the secrets that sign. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table accounts (
    id uuid primary key,
    name text not null,
    role text not null check (role in ('intake', 'agent', 'manager', 'admin')),
    password text,
    active boolean not null,
    created_at timestamptz not null
  )`.execute(db);
  await sql`create unique index accounts_name on accounts (lower(name))`.execute(db);
  await sql`create table sign_in_links (
    token_hash text primary key,
    account_id uuid not null references accounts (id) on delete cascade,
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create table api_keys (
    id uuid primary key,
    name text not null,
    role text not null check (role in ('intake', 'agent', 'manager', 'admin')),
    hash text not null unique,
    start text not null,
    created_at timestamptz not null,
    created_by text not null,
    revoked_at timestamptz
  )`.execute(db);
  await sql`create table sessions (
    id uuid primary key,
    account_id uuid not null references accounts (id) on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create index sessions_account on sessions (account_id)`.execute(db);
  await sql`create table secrets (
    id uuid primary key,
    purpose text not null,
    value text not null,
    created_at timestamptz not null
  )`.execute(db);
}

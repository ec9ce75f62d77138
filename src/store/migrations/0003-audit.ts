/** The audit log: a chain of hashes that the database itself refuses to change. */
import { type Kysely, sql } from 'kysely';
import { genesis } from '../audit-chain.js';

export async function up(db: Kysely<unknown>): Promise<void> {
  // `at` is text: the chain is over the exact characters, and a database may round a timestamp.
  await sql`create table audit (
    seq integer primary key,
    at text not null,
    actor text not null,
    action text not null,
    subject text not null,
    details text not null,
    previous text not null,
    hash text not null
  )`.execute(db);
  await sql`create table audit_head (
    one integer primary key check (one = 1),
    seq integer not null,
    hash text not null
  )`.execute(db);
  await sql`insert into audit_head (one, seq, hash) values (1, 0, ${sql.lit(genesis)})`.execute(db);
  await sql`create function refuse_change_of_audit() returns trigger language plpgsql as $$
    begin
      raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
    end
  $$`.execute(db);
  await sql`create trigger audit_append_only before update or delete on audit
    for each row execute function refuse_change_of_audit()`.execute(db);
  await sql`create trigger audit_never_emptied before truncate on audit
    for each statement execute function refuse_change_of_audit()`.execute(db);
}

/** The audit log: who did what to whom; appended in the transaction of what it tells of. */
import { sql } from 'kysely';
import { type ChainedEntry, type ChainFault, canonicalJson, chain, faultOf, genesis } from './audit-chain.js';
import { type Executor, type StoreContext, storable } from './context.js';

export interface AuditNote {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** Ids, names, counts; never a ticket's text. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type AuditVerdict =
  | { readonly kind: 'intact'; readonly entries: number; readonly hash: string }
  | {
      readonly kind: 'broken';
      /** Of the first entry that does not follow; the entries before it are proven. */
      readonly seq: number;
      readonly fault: ChainFault | 'cut-off' | 'witness-differs';
    };

/** What somebody noted of an earlier verdict: the log must still hold that entry. */
export interface AuditWitness {
  readonly seq: number;
  readonly hash: string;
}

/** Appends in order. Call it last in a transaction: from here on other writers of the log wait. */
export async function appendAudit(db: Executor, now: Date, notes: readonly AuditNote[]): Promise<void> {
  if (notes.length === 0) return;
  const head = await db
    .selectFrom('audit_head')
    .select(['seq', 'hash'])
    .where('one', '=', 1)
    .forUpdate()
    .executeTakeFirstOrThrow();
  let { seq, hash } = head;
  const entries = notes.map(({ actor, action, subject, details = {} }): ChainedEntry => {
    seq += 1;
    const entry = chain(hash, {
      seq,
      at: now.toISOString(),
      actor: storable(actor),
      action,
      subject: storable(subject),
      details: storable(canonicalJson(details)),
    });
    hash = entry.hash;
    return entry;
  });
  await db.insertInto('audit').values(entries).execute();
  await db.updateTable('audit_head').set({ seq, hash }).where('one', '=', 1).execute();
}

export class AuditLog {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async append(notes: readonly AuditNote[]): Promise<void> {
    const { db, now } = this.#context;
    await db.transaction().execute((transaction) => appendAudit(transaction, now(), notes));
  }

  /** Latest first. */
  async latest(limit: number): Promise<readonly ChainedEntry[]> {
    return this.#context.db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit).execute();
  }

  /** Reads the whole chain, a thousand entries at a time. */
  async verify(witness?: AuditWitness): Promise<AuditVerdict> {
    // One snapshot: entries appended meanwhile must not look like a fault.
    return this.#context.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction): Promise<AuditVerdict> => {
        await sql`set transaction read only`.execute(transaction);
        let before = { seq: 0, hash: genesis };
        for (;;) {
          const entries = await transaction
            .selectFrom('audit')
            .selectAll()
            .where('seq', '>', before.seq)
            .orderBy('seq')
            .limit(1000)
            .execute();
          if (entries.length === 0) break;
          for (const entry of entries) {
            const fault = faultOf(before, entry);
            if (fault) return { kind: 'broken', seq: before.seq + 1, fault };
            if (witness?.seq === entry.seq && witness.hash !== entry.hash)
              return { kind: 'broken', seq: entry.seq, fault: 'witness-differs' };
            before = { seq: entry.seq, hash: entry.hash };
          }
        }
        const head = await transaction.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirst();
        if (head?.seq !== before.seq || head.hash !== before.hash || (witness?.seq ?? 0) > before.seq)
          return { kind: 'broken', seq: before.seq + 1, fault: 'cut-off' };
        return { kind: 'intact', entries: before.seq, hash: before.hash };
      });
  }
}

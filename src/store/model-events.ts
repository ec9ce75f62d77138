/** Which model answered when: what the comparison of versions rests on. */
import { type AuditNote, appendAudit } from './audit.js';
import { type Executor, type StoreContext, storable } from './context.js';

export interface ModelEvent {
  readonly at: Date;
  readonly event: 'loaded' | 'promoted' | 'rolled-back';
  readonly model: string;
  readonly modelVersion: string;
  readonly taxonomyDigest: string;
  readonly actor: string;
  /** Of a forced promotion. */
  readonly reason: string | null;
}

export class ModelEvents {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async add(event: Omit<ModelEvent, 'at'>): Promise<void> {
    const { db, now } = this.#context;
    await insert(db, now(), event, null);
  }

  /**
   * A promotion or a rollback, once: whoever notices it again, another server or the same one after a restart, changes
   * nothing.
   * @param chosenAt when the registry says that it was chosen
   * @param note goes to the audit log with the event
   * @returns whether it was new
   */
  async addChoice(event: Omit<ModelEvent, 'at'>, chosenAt: Date, note: AuditNote): Promise<boolean> {
    const { db, now } = this.#context;
    return db.transaction().execute(async (transaction) => {
      const isNew = await insert(transaction, now(), event, chosenAt);
      if (isNew) await appendAudit(transaction, now(), [note]);
      return isNew;
    });
  }

  /** Latest first. */
  async latest(limit: number): Promise<readonly ModelEvent[]> {
    const rows = await this.#context.db
      .selectFrom('model_events')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      at: row.at,
      event: row.event as ModelEvent['event'],
      model: row.model,
      modelVersion: row.model_version,
      taxonomyDigest: row.taxonomy_digest,
      actor: row.actor,
      reason: row.reason,
    }));
  }
}

async function insert(
  db: Executor,
  at: Date,
  event: Omit<ModelEvent, 'at'>,
  chosenAt: Date | null,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('model_events')
    .values({
      at,
      event: event.event,
      model: event.model,
      model_version: event.modelVersion,
      taxonomy_digest: event.taxonomyDigest,
      actor: storable(event.actor),
      reason: event.reason === null ? null : storable(event.reason),
      chosen_at: chosenAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['model', 'model_version', 'chosen_at'])
        .where('chosen_at', 'is not', null)
        .doNothing(),
    )
    .executeTakeFirst();
  return Number(numInsertedOrUpdatedRows ?? 0) > 0;
}

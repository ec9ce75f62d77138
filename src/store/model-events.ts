/** Which model answered when: what the comparison of versions rests on. */
import { type StoreContext, storable } from './context.js';

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
    await db
      .insertInto('model_events')
      .values({
        at: now(),
        event: event.event,
        model: event.model,
        model_version: event.modelVersion,
        taxonomy_digest: event.taxonomyDigest,
        actor: storable(event.actor),
        reason: event.reason === null ? null : storable(event.reason),
      })
      .execute();
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

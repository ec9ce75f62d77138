/** The store: everything that is kept, behind one door. Opening it brings the database up to date. */
import { Accounts } from './accounts.js';
import { ApiKeys } from './api-keys.js';
import { AuditLog } from './audit.js';
import { type CatchAllTicket, catchAllTickets } from './catch-all-tickets.js';
import type { StoreContext } from './context.js';
import { type Database, defaultSchema, openDatabase, type StoreLocation } from './database.js';
import { FeedbackBook } from './feedback.js';
import { type ChosenLabel, readLabels } from './labels.js';
import { migrate } from './migrate.js';
import { ModelEvents } from './model-events.js';
import { type RecentChoice, type RecentChoicesQuery, recentChoices } from './recent-choices.js';
import {
  applyRetention,
  defaultRetention,
  matchLateFeedback,
  type RetentionOutcome,
  type RetentionRule,
} from './retention.js';
import { Reviews } from './reviews.js';
import { lastingSecret, Sessions } from './sessions.js';
import { ShadowAnswers } from './shadow-answers.js';
import { type Span, Statistics } from './statistics.js';
import { SuggestionRecorder } from './suggestion-recorder.js';
import { Suggestions } from './suggestions.js';

export interface StoreOptions {
  readonly schema?: string;
  readonly now?: () => Date;
}

export class Store {
  readonly suggestions: Suggestions;
  readonly recorder: SuggestionRecorder;
  readonly feedback: FeedbackBook;
  readonly reviews: Reviews;
  readonly accounts: Accounts;
  readonly keys: ApiKeys;
  readonly sessions: Sessions;
  readonly models: ModelEvents;
  readonly audit: AuditLog;
  readonly statistics: Statistics;
  readonly shadow: ShadowAnswers;
  /** Of this opening: the migrations that ran. */
  readonly migrated: readonly string[];
  /** Keys the hashes of texts. */
  readonly textKey: string;
  readonly #database: Database;
  readonly #context: StoreContext;

  /** Use `openStore`. */
  constructor(database: Database, context: StoreContext, migrated: readonly string[], textKey: string) {
    this.#database = database;
    this.#context = context;
    this.migrated = migrated;
    this.textKey = textKey;
    this.suggestions = new Suggestions(context);
    this.recorder = new SuggestionRecorder(this.suggestions);
    this.feedback = new FeedbackBook(context);
    this.reviews = new Reviews(context);
    this.accounts = new Accounts(context);
    this.keys = new ApiKeys(context);
    this.sessions = new Sessions(context);
    this.models = new ModelEvents(context);
    this.audit = new AuditLog(context);
    this.statistics = new Statistics(context);
    this.shadow = new ShadowAnswers(context);
  }

  /** What agents chose lately for one model's suggestions, for what is adjusted between trainings. */
  recentChoices(query: RecentChoicesQuery): Promise<readonly RecentChoice[]> {
    return recentChoices(this.#context, query);
  }

  /** The newest first, `limit` at the most; see catch-all-tickets.ts. */
  catchAllTickets(
    span: Span,
    catchAlls: readonly string[],
    limit: number,
  ): Promise<readonly CatchAllTicket[]> {
    return catchAllTickets(this.#context, span, catchAlls, limit);
  }

  /** What agents chose, for training. */
  labels(since?: Date): AsyncGenerator<ChosenLabel, void, undefined> {
    return readLabels(this.#context, since);
  }

  /** Once an hour or so: deletes what its time has run out for, and joins what missed each other. */
  async tidy(rule: RetentionRule = defaultRetention): Promise<RetentionOutcome> {
    await matchLateFeedback(this.#context);
    return applyRetention(this.#context, rule);
  }

  /** Writes what is still to be written first. */
  async close(): Promise<void> {
    await this.recorder.close();
    await this.feedback.settled();
    await this.#database.close();
  }
}

/** @throws DuihaoError `store-locked`, `store-unavailable`, `store-damaged`, `migration-failed`, `database-newer` */
export async function openStore(location: StoreLocation, options: StoreOptions = {}): Promise<Store> {
  const database = await openDatabase(location, options.schema ?? defaultSchema);
  try {
    const now = options.now ?? (() => new Date());
    const context: StoreContext = { db: database.db, now };
    const migrated = await migrate(database.db, database.schema);
    const textKey = await lastingSecret(database.db, 'text-hash', now());
    return new Store(database, context, migrated, textKey);
  } catch (error) {
    await database.close().catch(() => {});
    throw error;
  }
}

/** The tables as the database has them. Rows never leave this folder: its files give out records. */
import type { ColumnType, Generated } from 'kysely';

/** Both drivers give objects; what is written is text, because pg makes an SQL array of a JS array. */
type Json = ColumnType<unknown, string, string>;
type JsonOrNull = ColumnType<unknown, string | null, string | null>;

export interface SuggestionRow {
  id: string;
  ticket: string;
  model: string;
  model_version: string;
  taxonomy_digest: string;
  decision_kind: string;
  item: string | null;
  under: string | null;
  reason: string | null;
  probability: number;
  /** Of the first candidate; its probability says how far the model could be trusted. */
  top_item: string | null;
  top_probability: number | null;
  /** [item id, probability] best first. */
  candidates: Json;
  /** The decided item is a catch-all, whichever way the decision came there. */
  catch_all: boolean;
  shown_at: Date;
  text_hash: string;
  title: string | null;
  body: string | null;
  evidence: JsonOrNull;
  /** Bytes; of the network that answered. */
  fingerprint: Uint8Array | null;
  /** What the model alone had put first, where recent choices moved the answer; empty: nothing. */
  model_item: string | null;
}

export interface FeedbackRow {
  suggestion_id: string;
  agent: string;
  kind: string;
  item: string | null;
  ticket: string | null;
  decided_at: Date;
  received_at: Date;
  milliseconds: number | null;
  note: string | null;
  matched: boolean;
}

export interface ReviewRow {
  id: string;
  cause: string;
  value: number;
  state: string;
  ticket: string;
  suggestion_id: string | null;
  label: string | null;
  /** As in suggestions; null where a suggestion has them, or nothing does. */
  candidates: JsonOrNull;
  created_at: Date;
  claimed_by: string | null;
  claimed_until: Date | null;
  closed_at: Date | null;
  closed_by: string | null;
  chosen: string | null;
  note: string | null;
  milliseconds: number | null;
}

export interface ModelEventRow {
  id: Generated<string>;
  at: Date;
  event: string;
  model: string;
  model_version: string;
  taxonomy_digest: string;
  actor: string;
  reason: string | null;
  /** Of a promotion or rollback, as the registry has it. */
  chosen_at: Date | null;
}

export interface ShadowAnswerRow {
  suggestion_id: string;
  model: string;
  model_version: string;
  taxonomy_digest: string;
  decision_kind: string;
  item: string | null;
  probability: number;
  top_item: string | null;
  top_probability: number | null;
  answered_at: Date;
}

export interface AccountRow {
  id: string;
  name: string;
  role: string;
  password: string | null;
  active: boolean;
  created_at: Date;
}

export interface SignInLinkRow {
  token_hash: string;
  account_id: string;
  expires_at: Date;
}

export interface ApiKeyRow {
  id: string;
  name: string;
  role: string;
  hash: string;
  start: string;
  created_at: Date;
  created_by: string;
  revoked_at: Date | null;
}

export interface SessionRow {
  id: string;
  account_id: string;
  created_at: Date;
  expires_at: Date;
}

export interface SecretRow {
  id: string;
  purpose: string;
  value: string;
  created_at: Date;
}

export interface AuditRow {
  seq: number;
  at: string;
  actor: string;
  action: string;
  subject: string;
  details: string;
  previous: string;
  hash: string;
}

export interface AuditHeadRow {
  /** Always 1: the row that writers lock, so that the chain has one end. */
  one: number;
  seq: number;
  hash: string;
}

export interface Tables {
  suggestions: SuggestionRow;
  feedback: FeedbackRow;
  reviews: ReviewRow;
  model_events: ModelEventRow;
  shadow_answers: ShadowAnswerRow;
  accounts: AccountRow;
  sign_in_links: SignInLinkRow;
  api_keys: ApiKeyRow;
  sessions: SessionRow;
  secrets: SecretRow;
  audit: AuditRow;
  audit_head: AuditHeadRow;
}

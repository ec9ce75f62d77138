/** The arithmetic of the audit log: each entry's hash covers the one before it. */
import { createHash } from 'node:crypto';

/** What stands before the first entry. */
export const genesis = '0'.repeat(64);

export interface AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  /** What was done, kebab-case: `user-added`, `feedback-replaced`. */
  readonly action: string;
  /** What it was done to: an id. */
  readonly subject: string;
  /** Canonical JSON. */
  readonly details: string;
}

export interface ChainedEntry extends AuditEntry {
  readonly previous: string;
  readonly hash: string;
}

/** One text for one value: keys sorted, no white space; undefined fields are left out as JSON does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}

export function hashEntry(previous: string, entry: AuditEntry): string {
  const { seq, at, actor, action, subject, details } = entry;
  const body = canonicalJson({ seq, at, actor, action, subject, details });
  return createHash('sha256').update(previous).update(body).digest('hex');
}

export function chain(previous: string, entry: AuditEntry): ChainedEntry {
  return { ...entry, previous, hash: hashEntry(previous, entry) };
}

/** Why an entry does not follow from the one before it; undefined where it does. */
export type ChainFault = 'missing' | 'previous-differs' | 'hash-differs';

export function faultOf(
  before: { readonly seq: number; readonly hash: string },
  entry: ChainedEntry,
): ChainFault | undefined {
  if (entry.seq !== before.seq + 1) return 'missing';
  if (entry.previous !== before.hash) return 'previous-differs';
  return entry.hash === hashEntry(entry.previous, entry) ? undefined : 'hash-differs';
}

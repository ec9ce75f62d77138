/** Promotions and rollbacks in the store: by the command that does them, or by a server that notices them in the registry. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from '../../training/evaluation/compare-models.js';
import { readModelCard } from '../model-store/model-card.js';
import type { Choice, Current } from '../model-store/registry.js';
import type { AuditNote } from '../store/audit.js';
import type { Store } from '../store/store.js';

export interface Compared {
  readonly gold: Comparison | null;
  readonly choices: Comparison | null;
}

/** The command's record: whoever notices the choice in the registry too, its figures stand in the audit log. */
export async function recordPromotion(
  store: Store,
  models: string,
  done: Current,
  before: Choice | null,
  compared: Compared,
): Promise<void> {
  const { event, note } = await described(models, done.current);
  const full: AuditNote = {
    ...note,
    details: {
      ...note.details,
      before: before ? `${before.model}@${before.version}` : null,
      verdict: compared.gold?.verdict ?? null,
      levels: levelsOf(compared.gold),
      choices: compared.choices
        ? { verdict: compared.choices.verdict, levels: levelsOf(compared.choices) }
        : null,
    },
  };
  const isNew = await store.models.addChoice(event, new Date(done.current.promotedAt), full);
  if (!isNew) await store.audit.append([full]);
}

/** A server's record of what the registry says; once, however many servers notice it. */
export async function recordNoticed(store: Store, models: string, { current }: Current): Promise<boolean> {
  const { event, note } = await described(models, current);
  return store.models.addChoice(event, new Date(current.promotedAt), {
    ...note,
    details: { ...note.details, noticedBy: 'server' },
  });
}

async function described(models: string, { model, version, forcedBecause, by, rolledBack }: Choice) {
  const { id, taxonomyDigest } = await readModelCard(join(models, model));
  const event = rolledBack ? ('rolled-back' as const) : ('promoted' as const);
  const [actor, reason] = [by ?? 'registry', forcedBecause ?? null];
  const note: AuditNote = {
    actor,
    action: `model.${event}`,
    subject: `${model}@${version}`,
    details: { reason },
  };
  return { event: { event, model: id, modelVersion: version, taxonomyDigest, actor, reason }, note };
}

const levelsOf = (comparison: Comparison | null) =>
  comparison?.levels.map(({ level, rows, difference, pWorse }) => ({ level, rows, difference, pWorse })) ??
  null;

/** Who is at the terminal, as the store names them. A container's user may have no name. */
export function terminalActor(): string {
  try {
    return `cli/${userInfo().username}`;
  } catch {
    return `cli/${process.getuid?.() ?? 'unknown'}`;
  }
}

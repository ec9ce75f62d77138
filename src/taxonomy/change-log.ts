/**
 * Code management: propose → approve → publish, with who, when and why. The log is a file of JSON lines beside
 * the list (`<list>.changes.jsonl`) that is only ever added to; what stands in it is history, so a line that
 * breaks the rules is refused when read, not passed over.
 *
 * A code is never given a second meaning: an item is retired, not deleted, stays parseable and names its
 * successors; its code cannot be proposed again.
 */
import { DuihaoError } from '../errors.js';
import { liveSuccessors } from './diff.js';
import type { Item, ItemRow } from './item.js';
import { referenceTo } from './reference.js';
import { resolveLabel } from './resolve-label.js';
import { rowsOfTaxonomy } from './snapshot.js';
import { buildTaxonomy, type Taxonomy } from './taxonomy.js';

/** What a proposal asks for. Items are named as `resolveLabel` reads them. */
export type ListChange =
  | {
      readonly op: 'add';
      readonly code: string;
      readonly name: string;
      /** By default what the code says. */
      readonly parent?: string;
      readonly words?: readonly string[];
    }
  /** The same meaning under a better name. */
  | { readonly op: 'rename'; readonly item: string; readonly name: string }
  | { readonly op: 'retire'; readonly item: string; readonly successors: readonly string[] }
  | { readonly op: 'words'; readonly item: string; readonly words: readonly string[] };

interface EventHead {
  /** Of the proposal, e.g. `p3`. */
  readonly id: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly why: string;
}

export type ChangeEvent =
  | (EventHead & { readonly event: 'proposed'; readonly change: ListChange })
  | (EventHead & { readonly event: 'approved' | 'rejected' })
  | (EventHead & { readonly event: 'published'; readonly version: string });

export type ProposalState = 'proposed' | 'approved' | 'rejected' | 'published';

export interface Proposal {
  readonly id: string;
  readonly state: ProposalState;
  readonly change: ListChange;
  /** All of it, oldest first. */
  readonly events: readonly ChangeEvent[];
}

const NEXT: Readonly<Record<ProposalState, readonly ProposalState[]>> = {
  proposed: ['approved', 'rejected'],
  approved: ['published', 'rejected'],
  rejected: [],
  published: [],
};

/** @throws DuihaoError `change-log-malformed`, and those of `addEvent` */
export function readChangeLog(text: string): Proposal[] {
  let proposals: Proposal[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    let event: ChangeEvent;
    try {
      event = checkEvent(JSON.parse(line));
    } catch (error) {
      const message = `变更记录第 ${index + 1} 行无法读取`;
      throw new DuihaoError('corrupt', 'change-log-malformed', message, { row: index + 1 }, { cause: error });
    }
    proposals = addEvent(proposals, event);
  }
  return proposals;
}

export function eventLine(event: ChangeEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/**
 * @throws DuihaoError `proposal-unknown`, `proposal-state` (e.g. published before it was approved),
 *   `proposal-same-person` (whoever proposed may not approve), `proposal-exists`
 */
export function addEvent(proposals: readonly Proposal[], event: ChangeEvent): Proposal[] {
  const there = proposals.find(({ id }) => id === event.id);
  if (event.event === 'proposed') {
    if (there) throw new DuihaoError('conflict', 'proposal-exists', `提案 ${event.id} 已存在`);
    return [...proposals, { id: event.id, state: 'proposed', change: event.change, events: [event] }];
  }
  if (!there) throw new DuihaoError('not-found', 'proposal-unknown', `没有提案 ${event.id}`);
  if (!NEXT[there.state].includes(event.event)) {
    throw new DuihaoError(
      'conflict',
      'proposal-state',
      `提案 ${event.id} 的状态是 ${there.state}，不能变为 ${event.event}`,
    );
  }
  if (event.event === 'approved' && there.events[0]!.by === event.by) {
    throw new DuihaoError('forbidden', 'proposal-same-person', `提案 ${event.id} 须由提案人以外的人批准`);
  }
  const next = { ...there, state: event.event, events: [...there.events, event] };
  return proposals.map((one) => (one.id === event.id ? next : one));
}

export function nextProposalId(proposals: readonly Proposal[]): string {
  return `p${proposals.length + 1}`;
}

/**
 * The list with the changes made, in their order, each checked against the rules.
 * @throws DuihaoError `change-invalid` naming the rule: a code given again, a rename of a retired item, a
 *   successor that is retired, an item retired while others beneath it are in use, …
 */
export function applyChanges(taxonomy: Taxonomy, changes: readonly ListChange[], version: string): Taxonomy {
  let at = taxonomy;
  for (const change of changes) at = applyChange(at, change);
  return rebuild(at, rowsOfTaxonomy(at), version);
}

function applyChange(taxonomy: Taxonomy, change: ListChange): Taxonomy {
  const rows = rowsOfTaxonomy(taxonomy);
  const replace = (item: Item, fields: Partial<ItemRow>) =>
    rebuild(
      taxonomy,
      rows.map((row, index) => (index === item.index ? { ...row, ...fields } : row)),
    );
  switch (change.op) {
    case 'add': {
      const used = taxonomy.byCode(change.code)[0];
      if (used) {
        const state = used.retired ? '已停用，停用的编码不得再用' : '已在使用';
        throw refuse('code-reused', `编码 ${change.code}（${used.displayName}）${state}`);
      }
      const parent = change.parent === undefined ? undefined : find(taxonomy, change.parent);
      const row: ItemRow = {
        code: change.code,
        name: change.name,
        ...(parent ? { parentCode: `@${parent.id}` } : {}),
        words: change.words ?? [],
      };
      return rebuild(taxonomy, [...rows, row]);
    }
    case 'rename': {
      const item = find(taxonomy, change.item);
      if (item.retired) throw refuse('item-retired', `${change.item} 已停用，不能改名`);
      if (change.name.trim() === '') throw refuse('name-missing', '新名称为空');
      return replace(item, { name: change.name.trim() });
    }
    case 'retire': {
      const item = find(taxonomy, change.item);
      if (item.retired) throw refuse('item-retired', `${change.item} 已停用`);
      const live = taxonomy.childrenOf(item).filter((child) => !child.retired);
      if (live.length > 0)
        throw refuse('children-in-use', `${change.item} 之下还有 ${live.length} 个在用事项，请先停用它们`);
      const successors = change.successors.map((text) => find(taxonomy, text));
      const dead = successors.find((one) => one.retired || one.index === item.index);
      if (dead) throw refuse('successor-retired', `接替事项 ${dead.code} 已停用或就是该事项自身`);
      const retired = replace(item, { retired: true, successors: successors.map(({ id }) => `@${id}`) });
      if (liveSuccessors(retired, retired.byId(item.id)!).length < new Set(successors).size)
        throw refuse('successor-retired', '接替事项都须在用');
      return retired;
    }
    case 'words':
      return replace(find(taxonomy, change.item), { words: change.words });
  }
}

function find(taxonomy: Taxonomy, text: string): Item {
  const label = resolveLabel(taxonomy, text);
  if (label.kind === 'item') return label.item;
  throw refuse(
    'item-unknown',
    label.reason === 'label-ambiguous'
      ? `${text} 对应多个事项：${label.items.map((item) => referenceTo(taxonomy, item)).join('、')}`
      : `${text} 不在分类体系中`,
  );
}

function rebuild(taxonomy: Taxonomy, rows: readonly ItemRow[], version?: string): Taxonomy {
  const meta = version === undefined ? taxonomy.meta : { ...taxonomy.meta, version };
  const built = buildTaxonomy(meta, rows, taxonomy.scheme);
  if (built.taxonomy) return built.taxonomy;
  const error = built.faults.find(({ severity }) => severity === 'error')!;
  throw refuse(error.fault, error.message);
}

const refuse = (rule: string, message: string) =>
  new DuihaoError('invalid-input', 'change-invalid', `${rule}：${message}`, { rule });

function checkEvent(json: unknown): ChangeEvent {
  const event = json as Partial<Record<string, unknown>> | null;
  const text = (key: string) => typeof event?.[key] === 'string' && event[key] !== '';
  const known = ['proposed', 'approved', 'rejected', 'published'].includes(String(event?.event));
  const complete =
    event !== null &&
    known &&
    text('id') &&
    text('by') &&
    text('at') &&
    typeof event.why === 'string' &&
    (event.event !== 'proposed' || isChange(event.change)) &&
    (event.event !== 'published' || text('version'));
  if (!complete) throw new Error('not an event of a change log');
  return event as unknown as ChangeEvent;
}

function isChange(json: unknown): json is ListChange {
  const change = json as Partial<Record<string, unknown>> | null;
  const text = (key: string) => typeof change?.[key] === 'string';
  const list = (key: string) =>
    Array.isArray(change?.[key]) && (change[key] as unknown[]).every((one) => typeof one === 'string');
  switch (change?.op) {
    case 'add':
      return text('code') && text('name') && (change.words === undefined || list('words'));
    case 'rename':
      return text('item') && text('name');
    case 'retire':
      return text('item') && list('successors');
    case 'words':
      return text('item') && list('words');
    default:
      return false;
  }
}

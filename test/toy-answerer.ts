/**
 * A small deterministic model: a keyword scorer through the real Distribution and decide(). Opened from a folder
 * like a real one; what a ticket says between ⟦ and ⟧ makes it slow, throw or die.
 */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fingerprint, fingerprintLength, fingerprintOf } from '../src/classifier/fingerprint.js';
import { calibrationFor, conformalSet, promisedCoverages } from '../src/decision/conformal.js';
import { decide, fallback } from '../src/decision/decide.js';
import { Distribution } from '../src/decision/distribution.js';
import { DuihaoError } from '../src/errors.js';
import { adjust, defaultAdjustment, voteOf } from '../src/suggest/adjustment.js';
import type { Answerer } from '../src/suggest/answerer.js';
import type { CorrectionMemory } from '../src/suggest/correction-memory.js';
import type { ModelIdentity } from '../src/suggest/suggest-service.js';
import type { Evidence, Suggestion, SuggestOptions } from '../src/suggest/suggestion.js';
import { buildTaxonomy, type Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { Ticket } from '../src/text/ticket.js';

/** 0.99 could not be fitted, as it were. */
const toyConformal = [
  { coverage: 0.8, threshold: 0.5, penalty: 0, freeRanks: 1 },
  { coverage: 0.95, threshold: 0.87, penalty: 0, freeRanks: 1 },
  { coverage: 0.99, threshold: null, penalty: 0, freeRanks: 1 },
];

const toyModel: ModelIdentity = { id: 'toy', version: '1', trainedAt: '2026-01-01T00:00:00.000Z' };

/** @throws DuihaoError `manifest-missing` where the folder has none. */
export async function openAnswerer(folder: string, corrections?: CorrectionMemory): Promise<Answerer> {
  const manifest = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => null);
  if (manifest === null) {
    throw new DuihaoError('not-found', 'manifest-missing', `${folder} holds no model`, { folder });
  }
  const { id, version, trainedAt, toyDelay, toyFails, toyReleases } = JSON.parse(manifest);
  if (toyFails) throw new DuihaoError('corrupt', 'weights-damaged', `${folder} is damaged`, { folder });
  if (toyDelay !== undefined) await new Promise((resolve) => setTimeout(resolve, toyDelay));
  return {
    ...toyAnswerer(toyTaxonomy(), { id, version, trainedAt }, corrections),
    close: () => {
      if (toyReleases !== undefined) appendFileSync(toyReleases, 'released\n');
    },
  };
}

export function toyTaxonomy(): Taxonomy {
  const { taxonomy } = buildTaxonomy({ id: 'toy', version: '1', title: '示例分类' }, [
    { code: '01', name: '宣传文体' },
    { code: '0106', name: '新闻出版' },
    { code: '010600', name: '' },
    { code: '08', name: '城乡建设' },
    { code: '0801', name: '城市管理' },
    { code: '080101', name: '占道经营', words: ['摆摊', '流动摊贩'] },
    { code: '080102', name: '渣土车', words: ['泥头车', '工地运土'] },
    { code: '080199', name: '其他城市管理' },
    { code: '0802', name: '住房' },
    { code: '080201', name: '物业服务', words: ['物业费', '电梯'] },
    { code: '09', name: '民生' },
    { code: '0904', name: '生活服务' },
    { code: '090401', name: '家政' },
    { code: '090499', name: '其他生活服务' },
    { code: '0905', name: '民族宗教' },
    { code: '090501', name: '宗教场所' },
    { code: '090499', name: '其他民族宗教', parentCode: '0905' },
    { code: '99', name: '其他' },
    { code: '9999', name: '其他' },
    { code: '999900', name: '' },
  ]);
  if (!taxonomy) throw new Error('the toy taxonomy is broken');
  return taxonomy;
}

/** `⟦sleep 20⟧`, `⟦throw⟧`, `⟦exit⟧`, `⟦exit-once FILE⟧`. */
function obey(text: string): void {
  const [, order, argument = ''] = /⟦([a-z-]+) ?([^⟧]*)⟧/.exec(text) ?? [];
  if (order === 'sleep') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(argument));
  if (order === 'throw') throw new RangeError(`what the ticket says: ${text}`);
  if (order === 'exit') process.exit(3);
  if (order === 'exit-once' && !existsSync(argument)) {
    writeFileSync(argument, '');
    process.exit(3);
  }
}

/** Keeps what was given; names and codes as the toy knows them. */
function facetsOf({ facets = {} }: Ticket): Pick<Suggestion, 'facets' | 'combinedCode'> {
  const given = Object.entries(facets).map(([facet, code]) => ({
    facet,
    code,
    name: `${facet} ${code}`,
    probability: 1,
    given: true,
  }));
  return { facets: given, ...(given.length > 0 ? { combinedCode: '0801020000-A03' } : {}) };
}

/** Counts of characters: the same text, the same direction; null of none. */
export function toyFingerprint({ title = '', text }: Pick<Ticket, 'title' | 'text'>): Fingerprint | null {
  const bag = new Float64Array(fingerprintLength);
  for (const character of `${title}${text}`) {
    const hash = Math.imul(character.codePointAt(0)!, 0x9e3779b1) >>> 0;
    bag[hash % fingerprintLength]! += hash & 0x8000 ? 1 : -1;
  }
  return fingerprintOf(bag);
}

export function toyAnswerer(
  taxonomy: Taxonomy = toyTaxonomy(),
  model: ModelIdentity = toyModel,
  corrections?: CorrectionMemory,
): Answerer {
  const policy = { targetError: 0.1, thresholds: [0.5, 0.5, 0.5] };
  const answer = (ticket: Ticket, options: SuggestOptions): Suggestion => {
    obey(ticket.text);
    const scores = new Float64Array(taxonomy.leaves.length).fill(0.01);
    const evidence: Evidence[] = [];
    for (const [leaf, index] of taxonomy.leaves.entries()) {
      const item = taxonomy.at(index);
      for (const word of [item.displayName, ...item.words]) {
        for (const field of ['title', 'text'] as const) {
          const start = ticket[field]?.indexOf(word) ?? -1;
          if (start < 0) continue;
          scores[leaf]! += 0.5;
          evidence.push({ field, start, end: start + word.length, weight: 1 });
        }
      }
    }
    const pick = (indexes?: readonly number[]) => indexes?.map((index) => taxonomy.at(index));
    const own = new Distribution(taxonomy, scores);
    const fingerprint = options.adjust && corrections ? toyFingerprint(ticket) : null;
    const neighbours = fingerprint ? corrections!.nearest(fingerprint, defaultAdjustment.least) : [];
    const vote = voteOf(neighbours, defaultAdjustment, Date.now());
    const restricted = (one: Distribution) => one.restrict(pick(options.within), pick(options.without));
    const whole = restricted(vote ? new Distribution(taxonomy, adjust(taxonomy, own.leaves, vote)) : own);
    const level = options.level ?? taxonomy.depth;
    const empty = `${ticket.title ?? ''}${ticket.text}`.trim() === '';
    const weight = 1 / Math.max(1, evidence.length);
    const { coverage } = options;
    return {
      id: ticket.id,
      decision: empty ? fallback(whole, null, 'empty-text') : decide(whole, policy, level),
      candidates: empty
        ? []
        : whole
            .top(options.k, level)
            .map(({ item, probability }) => ({ item, path: taxonomy.pathOf(item), probability })),
      evidence: options.evidence ? evidence.map((one) => ({ ...one, weight })) : [],
      ...facetsOf(ticket),
      ...(coverage === undefined || empty
        ? {}
        : { set: conformalSet(own, calibrationFor(toyConformal, coverage), { level, answer: whole }) }),
      ...(vote
        ? {
            adjustment: {
              ...vote,
              model: restricted(own).top(1, level)[0]?.item ?? null,
              items: vote.items.map(({ item, share }) => ({ item: taxonomy.at(item), share })),
            },
          }
        : {}),
      ...(fingerprint ? { fingerprint } : {}),
    };
  };
  return {
    taxonomy,
    model,
    coverages: promisedCoverages(toyConformal),
    answer: (tickets, options) => tickets.map((ticket) => answer(ticket, options)),
  };
}

/**
 * Proposes correspondences from an old list to a new one, ranked, for a person to confirm: from names, search
 * words, the names above, and (where given) what a model answered for the old items' tickets or names.
 *
 * Texts are compared by tf-idf weighted characters and character pairs (cosine); an item's own name counts
 * most. Nothing is learnt and nothing is sure: the score only ranks.
 */
import type { Item } from './item.js';
import type { Taxonomy } from './taxonomy.js';

export interface MatchProposal {
  readonly from: Item;
  readonly to: Item;
  /** In [0, 1]. */
  readonly score: number;
  /** From 1 among the proposals of the same old item. */
  readonly rank: number;
  readonly reasons: readonly MatchReason[];
}

export type MatchReason =
  | 'same-name'
  | 'name-within'
  | 'same-word'
  | 'similar-name'
  | 'similar-above'
  | 'model-answers';

export interface MatchOptions {
  /** Proposals for each old item, from 1; default 3. */
  readonly perItem?: number;
  /** Below it nothing is proposed; default 0.15. */
  readonly least?: number;
  /** Old items to match; default the leaves. */
  readonly items?: readonly Item[];
  /** How often a model answered which new item for tickets of this old item: index → share in [0, 1]. */
  readonly answers?: (old: Item) => ReadonlyMap<number, number> | undefined;
}

/** Parts of the score. Chosen by hand on the names of one city's list, not fitted. */
const NAME_SHARE = 0.55;
const TEXT_SHARE = 0.3;
const ABOVE_SHARE = 0.15;
const ANSWER_SHARE = 0.6;
/** A catch-all (其他…) corresponds to a catch-all; a named item rarely does. */
const CATCH_ALL_MISMATCH = 0.35;

type Vector = ReadonlyMap<string, number>;

interface Profile {
  readonly item: Item;
  readonly name: string;
  readonly words: readonly string[];
  readonly nameVector: Vector;
  /** Name, words. */
  readonly textVector: Vector;
  /** Names above. */
  readonly aboveVector: Vector;
}

/** Old items in pre-order, each with its proposals, best first. */
export function matchTaxonomies(from: Taxonomy, to: Taxonomy, options: MatchOptions = {}): MatchProposal[] {
  const { perItem = 3, least = 0.15, answers } = options;
  const weigh = inverseFrequencies([from, to]);
  const targets = to.leaves.map((index) => profileOf(to, to.at(index), weigh));
  const byGram = indexByGram(targets);
  const olds = options.items ?? from.leaves.map((index) => from.at(index));
  return olds.flatMap((old) => {
    const profile = profileOf(from, old, weigh);
    const answered = answers?.(old);
    const near = new Set<Profile>();
    for (const gram of [...profile.textVector.keys(), ...profile.aboveVector.keys()])
      for (const target of byGram.get(gram) ?? []) near.add(target);
    for (const index of answered?.keys() ?? [])
      for (const target of targets) if (to.isWithin(target.item, to.at(index))) near.add(target);
    return (
      [...near]
        .map((target) => compare(to, profile, target, answered))
        // Where a model was asked, names weigh the less.
        .filter(({ score }) => score >= (answered ? (1 - ANSWER_SHARE) * least : least))
        .sort((a, b) => b.score - a.score || a.to.index - b.to.index)
        .slice(0, perItem)
        .map((proposal, at) => ({ ...proposal, rank: at + 1 }))
    );
  });
}

function compare(
  to: Taxonomy,
  old: Profile,
  target: Profile,
  answered: ReadonlyMap<number, number> | undefined,
): Omit<MatchProposal, 'rank'> {
  const reasons: MatchReason[] = [];
  let name = Math.max(
    cosine(old.nameVector, target.nameVector),
    ...target.words.map((word) => (word === old.name ? 0.95 : 0)),
    ...old.words.map((word) => (word === target.name ? 0.95 : 0)),
  );
  if (old.name === target.name) {
    reasons.push('same-name');
    name = 1;
  } else if (name === 0.95) reasons.push('same-word');
  else {
    const within = containment(old.name, target);
    if (within > name) {
      reasons.push('name-within');
      name = within;
    } else if (name > 0.3) reasons.push('similar-name');
  }
  const text = cosine(old.textVector, target.textVector);
  const above = cosine(old.aboveVector, merged(target.aboveVector, target.textVector));
  if (above > 0.3) reasons.push('similar-above');
  let score = NAME_SHARE * name + TEXT_SHARE * text + ABOVE_SHARE * above;
  if (old.item.isCatchAll !== target.item.isCatchAll) score *= CATCH_ALL_MISMATCH;
  if (answered) {
    let share = 0;
    for (const [index, value] of answered) if (to.isWithin(target.item, to.at(index))) share += value;
    score = (1 - ANSWER_SHARE) * score + ANSWER_SHARE * Math.min(1, share);
    if (share > 0.2) reasons.push('model-answers');
  }
  return { from: old.item, to: target.item, score: Math.min(1, score), reasons };
}

/** A name or search word that stands whole inside the other side's name, by the share it covers. */
function containment(name: string, target: Profile): number {
  let best = 0;
  for (const word of [target.name, ...target.words]) {
    const [short, long] = word.length <= name.length ? [word, name] : [name, word];
    if (short.length >= 2 && long.includes(short))
      best = Math.max(best, 0.4 + (0.5 * short.length) / long.length);
  }
  return best;
}

function profileOf(taxonomy: Taxonomy, item: Item, weigh: (gram: string) => number): Profile {
  const name = coreName(item.displayName);
  const words = item.words.map(coreName);
  const above = taxonomy
    .pathOf(item)
    .slice(0, -1)
    .map(({ displayName }) => coreName(displayName));
  return {
    item,
    name,
    words,
    nameVector: vectorOf([name], weigh),
    textVector: vectorOf([name, name, ...words], weigh),
    aboveVector: vectorOf(above, weigh),
  };
}

/** Without what every catch-all and every heading shares. */
function coreName(name: string): string {
  const core = name
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .replace(/^其[他它]/u, '')
    .replace(/(?:类|问题|事项|相关|方面|管理|情况)+$/u, '');
  return core === '' ? name : core;
}

function grams(text: string): string[] {
  const found: string[] = Array.from(text);
  for (let at = 0; at + 1 < text.length; at += 1) found.push(text.slice(at, at + 2));
  return found;
}

function inverseFrequencies(taxonomies: readonly Taxonomy[]): (gram: string) => number {
  const counts = new Map<string, number>();
  let documents = 0;
  for (const { items } of taxonomies) {
    for (const item of items) {
      documents += 1;
      const text = [item.displayName, ...item.words].map(coreName);
      for (const gram of new Set(text.flatMap(grams))) counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
  }
  return (gram) => Math.log((documents + 1) / ((counts.get(gram) ?? 0) + 1)) * (gram.length > 1 ? 1 : 0.5);
}

/** Unit length; empty for an empty text. */
function vectorOf(texts: readonly string[], weigh: (gram: string) => number): Vector {
  const counts = new Map<string, number>();
  for (const text of texts) for (const gram of grams(text)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  let square = 0;
  for (const [gram, count] of counts) {
    const weight = (1 + Math.log(count)) * weigh(gram);
    counts.set(gram, weight);
    square += weight * weight;
  }
  const length = Math.sqrt(square) || 1;
  for (const [gram, weight] of counts) counts.set(gram, weight / length);
  return counts;
}

function merged(a: Vector, b: Vector): Vector {
  const sum = new Map(a);
  for (const [gram, weight] of b) sum.set(gram, (sum.get(gram) ?? 0) + weight);
  return sum;
}

function cosine(a: Vector, b: Vector): number {
  const [short, long] = a.size <= b.size ? [a, b] : [b, a];
  let dot = 0;
  for (const [gram, weight] of short) dot += weight * (long.get(gram) ?? 0);
  return Math.min(1, dot);
}

function indexByGram(profiles: readonly Profile[]): Map<string, Profile[]> {
  const index = new Map<string, Profile[]>();
  for (const profile of profiles) {
    for (const gram of profile.textVector.keys()) {
      if (gram.length < 2) continue;
      const there = index.get(gram);
      if (there) there.push(profile);
      else index.set(gram, [profile]);
    }
  }
  return index;
}

/**
 * Finds items as agents type: a code's beginning, Chinese (names and search words), pinyin initials (`ztc` →
 * 渣土车) and full pinyin (`zhatuche`), with the confusions of southern speakers (zh/z, ng/n, …) and of
 * homophones (扎土车) forgiven.
 */
import { pinyin } from 'pinyin-pro';
import type { Item } from './item.js';
import type { Taxonomy } from './taxonomy.js';

export interface FoundItem {
  readonly item: Item;
  /** In (0, 1]; 1 is an exact code or name. */
  readonly score: number;
  /** The code, name or search word that matched. */
  readonly matched: string;
}

interface Entry {
  readonly item: number;
  /** As written. */
  readonly text: string;
  /** Folded: NFKC, lower case, without spaces and punctuation. */
  readonly plain: string;
  readonly weight: number;
}

interface Sounds {
  readonly full: string;
  readonly loose: string;
  readonly initials: string;
}

const NAME_WEIGHT = 1;
const WORD_WEIGHT = 0.95;
/** Longer queries are cut: nobody types a ticket into a search box. */
const MAX_QUERY = 64;
const MAX_TERMS = 6;

export class ItemSearch {
  readonly taxonomy: Taxonomy;
  readonly #entries: readonly Entry[];
  /** Parallel to entries; made on the first query in Latin letters or without a literal match. */
  #sounds: readonly Sounds[] | undefined;

  constructor(taxonomy: Taxonomy) {
    this.taxonomy = taxonomy;
    const entries: Entry[] = [];
    for (const item of taxonomy.items) {
      const add = (text: string, weight: number) =>
        entries.push({ item: item.index, text, plain: fold(text), weight });
      add(item.displayName, NAME_WEIGHT);
      for (const word of item.words) add(word, WORD_WEIGHT);
    }
    this.#entries = entries;
  }

  /**
   * Best first; terms separated by spaces must all match, upper items' names included (`物业 车位`); where no
   * item does, those that match one.
   * @param limit from 1
   */
  search(query: string, limit = 20): FoundItem[] {
    const terms = query.slice(0, MAX_QUERY).normalize('NFKC').trim().split(/\s+/u).filter(Boolean);
    if (terms.length === 0) return [];
    const matches = terms.slice(0, MAX_TERMS).map((term) => this.#best(term));
    let found = matches.reduce((one, other) => this.#both(one, other));
    if (found.size === 0) found = anyOf(matches);
    const { taxonomy } = this;
    const hits = [...found].map(([index, { score, matched }]) => {
      const item = taxonomy.at(index);
      return { item, score: item.retired ? score / 2 : score, matched };
    });
    hits.sort(
      (a, b) =>
        b.score - a.score ||
        Number(taxonomy.isLeaf(b.item)) - Number(taxonomy.isLeaf(a.item)) ||
        a.item.index - b.item.index,
    );
    return hits.slice(0, limit);
  }

  /** Item index → its best match with one term. */
  #best(term: string): Map<number, Match> {
    const plain = fold(term);
    const found = new Map<number, Match>();
    if (plain === '') return found;
    if (/^\d[\dz]*$/.test(plain)) this.#byCode(plain.toUpperCase(), found);
    this.#byText(plain, found);
    if (/^[a-z']+$/.test(plain)) this.#bySound(plain.replaceAll("'", ''), found);
    else if (found.size === 0 && /\p{Script=Han}/u.test(plain)) {
      this.#byOverlap(plain, found);
      if (plain.length >= 2) this.#byHomophone(plain, found);
    }
    return found;
  }

  /** An item matches both terms itself, or one of them through an item above it. */
  #both(one: Map<number, Match>, other: Map<number, Match>): Map<number, Match> {
    const found = new Map<number, Match>();
    const merge = (below: Map<number, Match>, above: Map<number, Match>) => {
      for (const [index, match] of below) {
        for (const item of this.taxonomy.pathOf(this.taxonomy.at(index))) {
          const there = above.get(item.index);
          if (!there) continue;
          const share = item.index === index ? 0.5 : 0.4;
          put(found, index, match.score * 0.5 + there.score * share, match.matched);
        }
      }
    };
    merge(one, other);
    merge(other, one);
    return found;
  }

  #byCode(code: string, found: Map<number, Match>): void {
    for (const item of this.taxonomy.items) {
      if (item.code === code || item.fullCode === code) put(found, item.index, 1, item.code);
      else if (item.code.startsWith(code))
        put(found, item.index, 0.6 + (0.35 * code.length) / item.code.length, item.code);
    }
  }

  #byText(plain: string, found: Map<number, Match>): void {
    for (const { item, text, plain: candidate, weight } of this.#entries) {
      const at = candidate.indexOf(plain);
      if (at < 0) continue;
      put(found, item, weight * literalScore(plain, candidate, at), text);
    }
  }

  #bySound(letters: string, found: Map<number, Match>): void {
    const loose = loosen(letters);
    for (const [index, sounds] of this.#soundsOfEntries().entries()) {
      const { item, text, weight } = this.#entries[index]!;
      const best = Math.max(
        soundScore(letters, sounds.initials, 0.9),
        letters.length >= 2 ? soundScore(letters, sounds.full, 0.92) : 0,
        letters.length >= 4 ? soundScore(loose, sounds.loose, 0.7) : 0,
      );
      if (best > 0) put(found, item, weight * best, text);
    }
  }

  #byHomophone(plain: string, found: Map<number, Match>): void {
    const loose = soundsOf(plain).loose;
    for (const [index, sounds] of this.#soundsOfEntries().entries()) {
      const { item, text, weight } = this.#entries[index]!;
      // In the middle, syllables of different words would sound like it too.
      if (sounds.loose.startsWith(loose))
        put(found, item, weight * soundScore(loose, sounds.loose, 0.7), text);
    }
  }

  /** Characters in another order or with others between: 车渣土, 医保异地结算. */
  #byOverlap(plain: string, found: Map<number, Match>): void {
    if (plain.length < 2) return;
    const pairs = pairsOf(plain);
    for (const { item, text, plain: candidate, weight } of this.#entries) {
      if (candidate.length < 2) continue;
      let shared = 0;
      for (const pair of pairs) if (candidate.includes(pair)) shared += 1;
      if (shared === 0) continue;
      const score = (2 * shared) / (pairs.length + candidate.length - 1);
      if (score >= 0.25) put(found, item, 0.6 * weight * Math.min(1, score), text);
    }
  }

  #soundsOfEntries(): readonly Sounds[] {
    this.#sounds ??= this.#entries.map(({ plain }) => soundsOf(plain));
    return this.#sounds;
  }
}

interface Match {
  readonly score: number;
  readonly matched: string;
}

function anyOf(matches: readonly Map<number, Match>[]): Map<number, Match> {
  const found = new Map<number, Match>();
  for (const match of matches) {
    for (const [index, { score, matched }] of match) put(found, index, score / matches.length, matched);
  }
  return found;
}

function put(found: Map<number, Match>, index: number, score: number, matched: string): void {
  const there = found.get(index);
  if (!there || score > there.score) found.set(index, { score, matched });
}

/** Exact 1; a beginning counts more than a middle, a large share more than a small one. */
function literalScore(query: string, candidate: string, at: number): number {
  if (query.length === candidate.length) return 1;
  return (at === 0 ? 0.6 : 0.5) + (0.35 * query.length) / candidate.length;
}

function soundScore(query: string, candidate: string, most: number): number {
  if (candidate === query) return most;
  const at = candidate.indexOf(query);
  if (at < 0 || query.length < 2) return 0;
  return most * ((at === 0 ? 0.55 : 0.35) + (0.35 * query.length) / candidate.length);
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}']+/gu, '');
}

function soundsOf(plain: string): Sounds {
  const syllables = pinyin(plain, { toneType: 'none', type: 'array', v: true });
  const full = syllables.join('').toLowerCase();
  return {
    full,
    loose: syllables.map((syllable) => loosen(syllable.toLowerCase())).join(''),
    initials: syllables
      .map((syllable) => syllable[0] ?? '')
      .join('')
      .toLowerCase(),
  };
}

/** Folds what southern speakers and quick typists confuse: zh/z, ch/c, sh/s, ang/an, eng/en, ing/in. */
function loosen(pinyinText: string): string {
  return pinyinText.replace(/([zcs])h/g, '$1').replace(/([aei])ng/g, '$1n');
}

function pairsOf(text: string): string[] {
  const pairs: string[] = [];
  for (let at = 0; at + 1 < text.length; at += 1) pairs.push(text.slice(at, at + 2));
  return pairs;
}

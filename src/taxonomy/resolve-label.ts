/** What people write in a label column → the item it means, or why it means none. */
import { parseCode } from './code.js';
import { escapeIdPart } from './draft.js';
import type { Item } from './item.js';
import type { Taxonomy } from './taxonomy.js';

export type LabelResolution =
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'unresolved'; readonly reason: 'label-empty' | 'label-unknown' }
  | { readonly kind: 'unresolved'; readonly reason: 'label-ambiguous'; readonly items: readonly Item[] };

/**
 * Takes an id, a code of 2–10 digits (full-width digits, spaces and hyphens too) with or without a city's
 * part, `code@parent`, `code~city` for a part behind Z that several cities have, a name, a path of names or codes as a list or joined by `>`, `/` or `-`.
 * A padded code that stands for an item and its undivided row (`0106000000`) means the undivided row.
 */
export function resolveLabel(taxonomy: Taxonomy, raw: string | readonly string[]): LabelResolution {
  if (typeof raw !== 'string') return resolvePath(taxonomy, raw);
  const text = raw.trim();
  if (text === '') return { kind: 'unresolved', reason: 'label-empty' };
  const byId = taxonomy.byId(text.startsWith('@') ? text.slice(1) : text);
  const exact = taxonomy.byCode(text);
  if (byId && exact.length <= 1) return { kind: 'item', item: byId };
  if (exact.length > 0) return settle(taxonomy, exact);
  const at = text.lastIndexOf('@');
  if (at > 0) {
    const parents = lookUp(taxonomy, text.slice(at + 1));
    const found = lookUp(taxonomy, text.slice(0, at)).filter((item) =>
      parents.some((parent) => parent.index === item.parent),
    );
    if (found.length > 0) return settle(taxonomy, found);
  }
  const city = text.lastIndexOf('~');
  if (city > 0) {
    // Two cities may have the same part behind Z.
    const owner = text.slice(city + 1);
    const found = lookUp(taxonomy, text.slice(0, city)).filter((item) => item.owner === owner);
    if (found.length > 0) return settle(taxonomy, found);
  }
  const found = lookUp(taxonomy, text);
  if (found.length > 0) return settle(taxonomy, found);
  for (const separator of [/[>＞→]/u, /[/／\\]/u, /\s*[-—－]+\s*/u]) {
    const parts = text.split(separator).map((part) => part.trim());
    if (parts.length < 2 || parts.includes('')) continue;
    const resolution = resolvePath(taxonomy, parts);
    if (resolution.kind === 'item' || resolution.reason === 'label-ambiguous') return resolution;
  }
  return { kind: 'unresolved', reason: 'label-unknown' };
}

/** Items that the text names by code or, failing that, by name. */
function lookUp(taxonomy: Taxonomy, text: string): readonly Item[] {
  const exact = taxonomy.byCode(text);
  if (exact.length > 0) return exact;
  if (taxonomy.scheme === 'db44') {
    const parsed = parseCode(text);
    if (parsed.ok) {
      const typed = taxonomy.byCode(parsed.typed);
      return typed.length > 0 ? typed : taxonomy.byCode(parsed.code);
    }
  }
  return taxonomy.byName(text);
}

/** Each part names an item beneath the one before; parts in between may be left out. */
function resolvePath(taxonomy: Taxonomy, path: readonly string[]): LabelResolution {
  const parts = path.map((part) => part.trim()).filter((part) => part !== '');
  if (parts.length === 0) return { kind: 'unresolved', reason: 'label-empty' };
  const place = taxonomy.byId(parts.map(escapeIdPart).join('.'));
  if (place) return { kind: 'item', item: place };
  let above: readonly Item[] | null = null;
  for (const part of parts) {
    const found: readonly Item[] = lookUp(taxonomy, part);
    above =
      above === null
        ? found
        : found.filter((item) =>
            above!.some((parent) => item.index !== parent.index && taxonomy.isWithin(item, parent)),
          );
    if (above.length === 0) return { kind: 'unresolved', reason: 'label-unknown' };
  }
  return settle(taxonomy, above ?? []);
}

/**
 * Several items are one when they are a chain of parent and undivided row: a ticket that lands on the one
 * lands on the other.
 */
function settle(taxonomy: Taxonomy, items: readonly Item[]): LabelResolution {
  const deepest = items.at(-1);
  if (!deepest) return { kind: 'unresolved', reason: 'label-unknown' };
  const chain = items.every(
    (item) => item.index === deepest.index || (deepest.isUndivided && taxonomy.isWithin(deepest, item)),
  );
  return chain ? { kind: 'item', item: deepest } : { kind: 'unresolved', reason: 'label-ambiguous', items };
}

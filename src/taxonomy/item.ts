/** An item (诉求事项) of the tree. Its identity is its place; its code is looked up and may be ambiguous. */

declare const itemId: unique symbol;

/**
 * The item's place: the codes on its path joined by `.`, e.g. `09.0904.090499`. Stable across versions as
 * long as the item does not move, unique even where a code is printed twice. `%`, `.`, `/` and white space
 * inside a code (trees whose codes are names) are percent-encoded, so that an id is safe in an URL.
 */
export type ItemId = string & { readonly [itemId]: true };

export interface Item {
  /** Position in `Taxonomy.items`, which is in pre-order: parents before children. */
  readonly index: number;
  readonly id: ItemId;
  /** As the list prints it: `08`, `0801`, `080102`; in a tree inferred from labels, the name. */
  readonly code: string;
  /** The base code (ten digits) where the tree is coded by DB44/T 2479, else the same as `code`. */
  readonly fullCode: string;
  /** As printed. Empty on an undivided row (`010600`): show `displayName`. */
  readonly name: string;
  /** `name`, or the parent's name for an undivided row. Never empty. */
  readonly displayName: string;
  /** Depth from 1. */
  readonly level: number;
  /** Index of the parent, −1 at level 1. */
  readonly parent: number;
  /** Indexes of the children, in the list's order. */
  readonly children: readonly number[];
  /** The leaves beneath (or the item itself) are `taxonomy.leaves[leafStart … leafEnd − 1]`. */
  readonly leafStart: number;
  readonly leafEnd: number;
  /** What citizens and agents call it; written for Duihao, not taken from the standard. */
  readonly words: readonly string[];
  /** 收容项: coded 99 at its own level, or the undivided row of such an item (`999900`). */
  readonly isCatchAll: boolean;
  /** A row ending `00` below level 1: the parent is not subdivided and tickets land here. */
  readonly isUndivided: boolean;
  /** A retired code stays parseable and is never given again. */
  readonly retired: boolean;
  /** Ids of the items that took over from a retired one. */
  readonly successors: readonly ItemId[];
  /** Id of the city overlay that brought the item; empty for the list itself. */
  readonly owner: string;
}

/**
 * What a reader hands over for each row. `parentCode` places a code that is printed twice; where the parent's
 * own code is ambiguous it is written `code@parent` or `@` followed by the parent's id.
 */
export interface ItemRow {
  readonly code: string;
  readonly name: string;
  /** The parent's code; by default derived from the code. `null` at level 1. */
  readonly parentCode?: string | null;
  /** Codes from level 1 to the item itself: used instead of parentCode where codes are names. */
  readonly path?: readonly string[];
  readonly words?: readonly string[];
  readonly retired?: boolean;
  /** Codes, `code@parent` or `@id`. */
  readonly successors?: readonly string[];
  readonly owner?: string;
  /** Overrides what the code says; for lists that are not coded with 99. */
  readonly catchAll?: boolean;
  /** Where the row stands in its file, for messages. From 1. */
  readonly row?: number;
  /** Which file, where there are several: the overlay's id. */
  readonly source?: string;
}

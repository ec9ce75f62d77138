/** Paths of items, gathered from answers and asked for once where no answer held them. */
import { useEffect, useState } from 'preact/hooks';
import type { CandidateBody, ItemRefBody } from '../server/schemas.js';
import { readItem } from './api.js';

/** For one tree: with another digest, ids may mean other items. */
let digest = '';
const paths = new Map<string, readonly ItemRefBody[]>();

export function learnPaths(taxonomyDigest: string, candidates: readonly CandidateBody[]): void {
  if (taxonomyDigest !== digest) paths.clear();
  digest = taxonomyDigest;
  for (const { path } of candidates) {
    for (const [index, { item }] of path.entries()) paths.set(item, path.slice(0, index + 1));
  }
}

/** From level 1 to the item itself; null while it is not known. */
export function useItemPath(item: string | null): readonly ItemRefBody[] | null {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (item === null || paths.has(item)) return;
    let wanted = true;
    readItem(item).then(
      (answer) => {
        if (answer.taxonomy.digest !== digest) return;
        paths.set(item, answer.item.path);
        if (wanted) redraw((count) => count + 1);
      },
      // The code and the name are shown without the path then.
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [item]);
  return item === null ? null : (paths.get(item) ?? null);
}

/** The inside of one line of the tree or of the search results. */
import type { ItemBody } from '../../server/schemas.js';
import { spacedCode } from '../code-steps.js';

export function ItemRow({ item, note }: { item: ItemBody; note?: string | undefined }) {
  return (
    <>
      <span class="item-code">{spacedCode(item.short)}</span>
      <span class="item-name">
        {item.name}
        {item.catchAll && <span class="tag">收容</span>}
        {item.retired && <span class="tag">停用</span>}
      </span>
      {note && <span class="item-note">{note}</span>}
    </>
  );
}

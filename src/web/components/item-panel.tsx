/** The items beside the ticket; narrow screens show them over the page, when asked to. */
import { Icon } from './icons.js';
import { type FinderProps, ItemFinder } from './item-finder.js';

interface Props extends FinderProps {
  readonly open: boolean;
}

export function ItemPanel({ open, ...finder }: Props) {
  return (
    <aside id="items" class={open ? 'pane items items-open' : 'pane items'} aria-label="事项">
      <header class="pane-head items-head">
        <h2 class="pane-title">事项</h2>
        <button
          type="button"
          class="button button-icon items-close"
          onClick={finder.close}
          aria-label="关闭事项"
        >
          <Icon name="close" />
        </button>
      </header>
      <ItemFinder {...finder} />
    </aside>
  );
}

/** Left of the ticket: the queue, or the items while one is looked for. */
import { Icon } from '../components/icons.js';
import { type FinderProps, ItemFinder } from '../components/item-finder.js';
import type { BenchState } from '../work-bench.js';
import type { ReviewCause } from '../workplace-api.js';
import { QueueList } from './queue-list.js';

interface Props {
  /** Narrow screens show it over the page, when asked to. */
  readonly open: boolean;
  readonly tab: 'queue' | 'items';
  readonly state: BenchState | null;
  readonly finder: FinderProps;
  setTab(tab: 'queue' | 'items'): void;
  openReview(id: string): void;
  undo(id: string): void;
  filter(cause: ReviewCause | undefined): void;
  close(): void;
}

const tabs = [
  { tab: 'queue', label: '队列', keys: null },
  { tab: 'items', label: '事项', keys: '/' },
] as const;

export function LeftPane({ open, tab, state, finder, setTab, openReview, undo, filter, close }: Props) {
  return (
    <aside
      id="items"
      class={open ? 'pane items work-left items-open' : 'pane items work-left'}
      aria-label="队列与事项"
    >
      <header class="pane-head items-head">
        <div class="tabs" role="tablist" aria-label="左栏">
          {tabs.map((one) => (
            <button
              key={one.tab}
              id={`tab-${one.tab}`}
              type="button"
              role="tab"
              aria-selected={one.tab === tab}
              aria-controls={`panel-${one.tab}`}
              onClick={() => setTab(one.tab)}
            >
              {one.label}
              {one.keys && <kbd>{one.keys}</kbd>}
            </button>
          ))}
        </div>
        <button type="button" class="button button-icon items-close" onClick={close} aria-label="关闭左栏">
          <Icon name="close" />
        </button>
      </header>
      <div
        id="panel-queue"
        class="tab-panel"
        role="tabpanel"
        aria-labelledby="tab-queue"
        hidden={tab !== 'queue'}
      >
        {state && <QueueList state={state} open={openReview} undo={undo} filter={filter} />}
      </div>
      <div
        id="panel-items"
        class="tab-panel"
        role="tabpanel"
        aria-labelledby="tab-items"
        hidden={tab !== 'items'}
      >
        <ItemFinder {...finder} />
      </div>
    </aside>
  );
}

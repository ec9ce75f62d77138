/** The items: search, tree and the details of one. */
import type { RefObject } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ItemBody, ItemsResponse } from '../../server/schemas.js';
import { searchItems } from '../api.js';
import { Asker, type AskState } from '../asker.js';
import { Icon } from './icons.js';
import { ItemDetails } from './item-details.js';
import { ItemSearch } from './item-search.js';
import { ItemTree } from './item-tree.js';

interface Props {
  readonly digest: string;
  /** Narrow screens show it over the page, when asked to. */
  readonly open: boolean;
  readonly query: string;
  readonly within: readonly string[];
  readonly input: RefObject<HTMLInputElement | null>;
  setQuery(query: string): void;
  choose(item: ItemBody): void;
  copy(code: string): void;
  filter(item: ItemBody): void;
  close(): void;
}

export function ItemPanel(props: Props) {
  const { digest, open, query, within, choose, copy, filter } = props;
  const [state, setState] = useState<AskState<string, ItemsResponse>>({ kind: 'idle' });
  const [current, setCurrent] = useState<ItemBody | null>(null);
  const asker = useMemo(
    () => new Asker<string, ItemsResponse>({ ask: searchItems, changed: setState, pauseMs: 150 }),
    [],
  );
  useEffect(() => () => asker.stop(), [asker]);
  useEffect(() => asker.change(query.trim() === '' ? null : query.trim()), [asker, query]);
  useEffect(() => setCurrent(null), [digest]);

  const chooseHere = (item: ItemBody) => {
    setCurrent(item);
    choose(item);
  };
  return (
    <aside id="items" class={open ? 'pane items items-open' : 'pane items'} aria-label="事项">
      <header class="pane-head items-head">
        <h2 class="pane-title">事项</h2>
        <button
          type="button"
          class="button button-icon items-close"
          onClick={props.close}
          aria-label="关闭事项"
        >
          <Icon name="close" />
        </button>
      </header>
      <ItemSearch
        query={query}
        state={state}
        current={current?.item ?? null}
        input={props.input}
        change={props.setQuery}
        show={setCurrent}
        choose={(item) => {
          chooseHere(item);
          // Out of the field, so that the next keys are the page's again.
          props.close();
        }}
        retry={() => asker.askNow()}
      />
      {/* Kept while searching, so that what was opened stays open. */}
      <div class="tree-scroll" hidden={query.trim() !== ''}>
        <ItemTree
          digest={digest}
          current={current?.item ?? null}
          show={setCurrent}
          choose={chooseHere}
          filter={filter}
        />
      </div>
      {current && (
        <ItemDetails
          item={current}
          filtered={within.includes(current.item)}
          choose={chooseHere}
          copy={copy}
          filter={filter}
        />
      )}
    </aside>
  );
}

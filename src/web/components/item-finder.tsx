/** Search, tree and the details of one item: what every view finds items by. */
import type { RefObject } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ItemBody, ItemsResponse } from '../../server/schemas.js';
import { searchItems } from '../api.js';
import { Asker, type AskState } from '../asker.js';
import { ItemDetails } from './item-details.js';
import { ItemSearch } from './item-search.js';
import { ItemTree } from './item-tree.js';

export interface FinderProps {
  readonly digest: string;
  readonly query: string;
  readonly within: readonly string[];
  readonly input: RefObject<HTMLInputElement | null>;
  setQuery(query: string): void;
  choose(item: ItemBody): void;
  copy(code: string): void;
  /** Absent where answers cannot be limited to a branch. */
  filter?: ((item: ItemBody) => void) | undefined;
  close(): void;
}

export function ItemFinder(props: FinderProps) {
  const { digest, query, within, choose, copy, filter } = props;
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
    <>
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
    </>
  );
}

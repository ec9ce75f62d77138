/** Search in the tree: a combobox whose list stands below it, chosen from with arrows and Enter. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ItemBody, ItemsResponse } from '../../server/schemas.js';
import type { AskState } from '../asker.js';
import { ticketLimits } from '../ticket-limits.js';
import { failureWords } from '../wording.js';
import { Icon } from './icons.js';
import { ItemRow } from './item-row.js';

interface Props {
  readonly query: string;
  readonly state: AskState<string, ItemsResponse>;
  readonly current: string | null;
  readonly input: RefObject<HTMLInputElement | null>;
  change(query: string): void;
  show(item: ItemBody): void;
  choose(item: ItemBody): void;
  retry(): void;
}

type Found = ItemsResponse['items'][number];

export function ItemSearch({ query, state, current, input, change, show, choose, retry }: Props) {
  const items = state.kind === 'idle' ? [] : (state.last?.answer.items ?? []);
  const [active, setActive] = useState(0);
  // A new list starts at its top.
  useEffect(() => setActive(0), [items]);
  const searching = query.trim() !== '';
  const fresh = state.kind === 'answered';

  const goTo = (index: number) => {
    const item = items[index];
    if (!item) return;
    setActive(index);
    show(item);
    document.getElementById(`found-${index}`)?.scrollIntoView({ block: 'nearest' });
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const item = items[active];
    if (event.key === 'ArrowDown') goTo(Math.min(active + 1, items.length - 1));
    else if (event.key === 'ArrowUp') goTo(Math.max(active - 1, 0));
    // An older list may still stand there: it is not what was asked for.
    else if (event.key === 'Enter' && !event.ctrlKey && fresh && item) choose(item);
    else return;
    event.preventDefault();
  };

  return (
    <div class="search">
      <div class="search-box">
        <Icon name="search" />
        <input
          ref={input}
          id="item-search"
          type="text"
          role="combobox"
          aria-label="查找事项"
          aria-expanded={searching}
          aria-controls="found-items"
          aria-autocomplete="list"
          aria-activedescendant={searching && items[active] ? `found-${active}` : undefined}
          placeholder="查找：渣土车、ztc、0801"
          maxLength={ticketLimits.queryLength}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={press}
        />
        {searching ? (
          <button type="button" class="button button-icon" onClick={() => change('')} aria-label="清除查找">
            <Icon name="close" />
          </button>
        ) : (
          <kbd>/</kbd>
        )}
      </div>
      {searching && (
        <>
          <p class="search-state" role="status">
            {state.kind === 'failed'
              ? failureWords(state.error).title
              : fresh
                ? items.length === 0
                  ? '没有找到。试试更短的词、拼音首字母或代码。'
                  : `${items.length} 项`
                : '查找中…'}
            {state.kind === 'failed' && (
              <button type="button" class="link" onClick={retry}>
                重试
              </button>
            )}
          </p>
          <div id="found-items" class="found" role="listbox" aria-label="查到的事项">
            {items.map((item, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox holds the focus and its keys
              <div
                key={item.item}
                id={`found-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                class={`item-line found-line${index === active ? ' item-active' : ''}${item.item === current ? ' item-current' : ''}`}
                onClick={() => {
                  setActive(index);
                  choose(item);
                }}
              >
                <ItemRow item={item} />
                <span class="found-path">{pathOf(item)}</span>
              </div>
            ))}
          </div>
        </>
      )}
    </div>
  );
}

/** The path above it and, where the name does not show why it was found, what was. */
function pathOf(item: Found): string {
  const above = item.path
    .slice(0, -1)
    .map(({ name }) => name)
    .join(' › ');
  const { matched } = item;
  const plain = matched === undefined || item.name.includes(matched) || item.code.startsWith(matched);
  return plain ? above : `${above}${above ? ' · ' : ''}俗称“${matched}”`;
}

/** One item in full: code, path, other words for it, and where its doubtful tickets go. */
import { useEffect, useState } from 'preact/hooks';
import type { ItemBody, ItemResponse } from '../../server/schemas.js';
import { readItem } from '../api.js';
import { CodeLadder } from './code-ladder.js';
import { Icon } from './icons.js';

interface Props {
  readonly item: ItemBody;
  readonly filtered: boolean;
  choose(item: ItemBody): void;
  copy(code: string): void;
  filter?: ((item: ItemBody) => void) | undefined;
}

export function ItemDetails({ item, filtered, choose, copy, filter }: Props) {
  const [more, setMore] = useState<ItemResponse | null>(null);
  useEffect(() => {
    setMore(null);
    let wanted = true;
    // A pause, because arrows run over many lines.
    const timer = setTimeout(() => {
      readItem(item.item).then(
        (answer) => wanted && setMore(answer),
        // What the list already told is shown; the rest is an extra.
        () => {},
      );
    }, 150);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [item.item]);

  return (
    <section class="details" aria-label="事项详情">
      <CodeLadder path={item.path} certain={Number.POSITIVE_INFINITY} />
      {item.words.length > 0 && <p class="details-words">俗称：{item.words.join('、')}</p>}
      {item.children > 0 && more?.fallback && (
        <p class="muted">
          下级拿不准时归入 <span class="code">{more.fallback.short}</span> {more.fallback.name}
        </p>
      )}
      <div class="details-actions">
        <button type="button" class="button button-small" onClick={() => choose(item)}>
          <Icon name="check" />
          选定
        </button>
        <button
          type="button"
          class="button button-small"
          onClick={() => copy(item.code)}
          aria-label={`复制代码 ${item.code}`}
        >
          <Icon name="copy" />
          <span class="code">{item.code}</span>
        </button>
        {filter && (
          <button
            type="button"
            class="button button-small"
            aria-pressed={filtered}
            onClick={() => filter(item)}
          >
            <Icon name="filter" />
            {filtered ? '取消限定' : '限定在此'}
          </button>
        )}
      </div>
    </section>
  );
}

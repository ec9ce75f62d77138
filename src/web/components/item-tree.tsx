/** The tree, a level at a time: children are asked for when their parent is opened. */
import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { ItemBody } from '../../server/schemas.js';
import { listChildren } from '../api.js';
import { Icon } from './icons.js';
import { ItemRow } from './item-row.js';

interface Props {
  /** Changes when the server's tree does; what was read before is dropped. */
  readonly digest: string;
  /** Item id of the line that is shown in the details. */
  readonly current: string | null;
  /** A line was gone to. */
  show(item: ItemBody): void;
  choose(item: ItemBody): void;
  filter?: ((item: ItemBody) => void) | undefined;
}

type Children = readonly ItemBody[] | 'loading' | 'failed';

interface TreeState {
  readonly digest: string;
  readonly open: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, Children>;
}

type TreeEvent =
  | { readonly kind: 'reset'; readonly digest: string }
  | { readonly kind: 'children'; readonly parent: string; readonly children: Children }
  | { readonly kind: 'open' | 'close'; readonly item: string };

const empty: TreeState = { digest: '', open: new Set(), children: new Map() };

function reduce(state: TreeState, event: TreeEvent): TreeState {
  switch (event.kind) {
    case 'reset':
      return { ...empty, digest: event.digest };
    case 'children':
      return { ...state, children: new Map(state.children).set(event.parent, event.children) };
    case 'open':
      return { ...state, open: new Set(state.open).add(event.item) };
    case 'close': {
      const open = new Set(state.open);
      open.delete(event.item);
      return { ...state, open };
    }
  }
}

/** The lines that show, top to bottom. */
function visibleItems(state: TreeState, parent = ''): ItemBody[] {
  const children = state.children.get(parent);
  if (!Array.isArray(children)) return [];
  return children.flatMap((item: ItemBody) =>
    state.open.has(item.item) ? [item, ...visibleItems(state, item.item)] : [item],
  );
}

export function ItemTree({ digest, current, show, choose, filter }: Props) {
  const [state, dispatch] = useReducer(reduce, empty);
  const tree = useRef<HTMLDivElement>(null);
  const wanted = useRef(digest);
  wanted.current = digest;

  const read = (parent: string) => {
    const asked = digest;
    dispatch({ kind: 'children', parent, children: 'loading' });
    const arrived = (children: Children) => {
      if (wanted.current === asked) dispatch({ kind: 'children', parent, children });
    };
    listChildren(parent).then(
      ({ items }) => arrived(items),
      () => arrived('failed'),
    );
  };
  useEffect(() => {
    dispatch({ kind: 'reset', digest });
    // '' is the time before the server is ready.
    if (digest !== '') read('');
  }, [digest]);

  const lines = visibleItems(state);
  const focusable = lines.some(({ item }) => item === current) ? current : (lines[0]?.item ?? null);

  const open = (item: ItemBody) => {
    if (item.children === 0) return;
    const there = state.children.get(item.item);
    if (there === undefined || there === 'failed') read(item.item);
    dispatch({ kind: 'open', item: item.item });
  };
  const goTo = (item: ItemBody | undefined) => {
    if (!item) return;
    show(item);
    for (const line of tree.current?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? []) {
      if (line.dataset.item === item.item) line.focus();
    }
  };
  const activate = (item: ItemBody) => {
    goTo(item);
    if (item.children === 0) choose(item);
    else if (state.open.has(item.item)) dispatch({ kind: 'close', item: item.item });
    else open(item);
  };

  const press = (event: KeyboardEvent, item: ItemBody) => {
    const at = lines.findIndex((line) => line.item === item.item);
    const isOpen = state.open.has(item.item);
    const handled = {
      ArrowDown: () => goTo(lines[at + 1]),
      ArrowUp: () => goTo(lines[at - 1]),
      Home: () => goTo(lines[0]),
      End: () => goTo(lines.at(-1)),
      ArrowRight: () => (isOpen ? goTo(lines[at + 1]) : open(item)),
      ArrowLeft: () =>
        isOpen
          ? dispatch({ kind: 'close', item: item.item })
          : goTo(lines.find((line) => line.item === item.path.at(-2)?.item)),
      Enter: () => activate(item),
      ' ': () => activate(item),
      f: filter && (() => filter(item)),
    }[event.key];
    if (!handled || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    handled();
  };

  const renderLevel = (parent: string, level: number) => {
    const children = state.children.get(parent);
    if (children === 'loading' || children === undefined) return <div class="tree-state">载入中…</div>;
    if (children === 'failed') {
      return (
        <div class="tree-state">
          没有取到。
          <button type="button" class="link" onClick={() => read(parent)}>
            重试
          </button>
        </div>
      );
    }
    return (children as readonly ItemBody[]).map((item, index) => {
      const isOpen = state.open.has(item.item);
      return (
        <div key={item.item} role="none">
          <div
            role="treeitem"
            class={`item-line${item.item === current ? ' item-current' : ''}`}
            data-item={item.item}
            data-level={Math.min(level, 6)}
            tabIndex={item.item === focusable ? 0 : -1}
            aria-level={level}
            aria-setsize={children.length}
            aria-posinset={index + 1}
            aria-selected={item.item === current}
            aria-expanded={item.children > 0 ? isOpen : undefined}
            onClick={() => activate(item)}
            onKeyDown={(event) => press(event, item)}
          >
            <span class={`item-twist${isOpen ? ' item-open' : ''}`}>
              {item.children > 0 && <Icon name="chevron" />}
            </span>
            <ItemRow item={item} note={item.children > 0 ? String(item.children) : undefined} />
          </div>
          {isOpen && (
            // biome-ignore lint/a11y/useSemanticElements: a group of tree items has no element of its own
            <div class="tree-level" role="group">
              {renderLevel(item.item, level + 1)}
            </div>
          )}
        </div>
      );
    });
  };

  return (
    <div ref={tree} class="tree" role="tree" aria-label="事项树">
      {renderLevel('', 1)}
    </div>
  );
}

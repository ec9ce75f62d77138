/** The name of the product, the way to the other views and the page's own controls. */
import type { ComponentChildren } from 'preact';
import { Icon } from './icons.js';

interface Props {
  /** Where there is nothing else than this page: what it is for. */
  readonly nav: ComponentChildren;
  readonly openItems?: () => void;
  readonly openHelp?: () => void;
  /** Of this view, before the help. */
  readonly children?: ComponentChildren;
}

export function PageHeader({ nav, openItems, openHelp, children }: Props) {
  return (
    <header class="page-header">
      <h1 class="brand">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
          <rect width="32" height="32" rx="7" />
          <path d="M7.5 16.5 13.5 22.5 25 9.5" />
        </svg>
        对号
      </h1>
      {nav ?? <p class="brand-line">给 12345 工单找到诉求事项的代码</p>}
      <span class="page-tools">
        {children}
        {openItems && (
          <button type="button" class="button button-small items-opener" onClick={openItems}>
            <Icon name="tree" />
            事项 <kbd>/</kbd>
          </button>
        )}
        {openHelp && (
          <button type="button" class="button button-small" onClick={openHelp}>
            快捷键 <kbd>?</kbd>
          </button>
        )}
      </span>
    </header>
  );
}

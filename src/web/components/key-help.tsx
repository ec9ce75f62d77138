/** The keys, in a dialog. */
import { useEffect, useRef } from 'preact/hooks';
import { type KeyHelpRow, keyHelp } from '../keys.js';
import { Icon } from './icons.js';

interface Props {
  readonly open: boolean;
  /** Those of the plain page by default. */
  readonly rows?: readonly KeyHelpRow[];
  close(): void;
}

export function KeyHelp({ open, rows = keyHelp, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  /** The event of our own closing comes later, maybe after the help was opened again: it is not the browser's. */
  const closing = useRef(false);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open && dialog.current?.open) {
      closing.current = true;
      dialog.current.close();
    }
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class="key-help"
      aria-labelledby="key-help-title"
      onCancel={(event) => {
        // Only the state closes the dialog, so that the two never differ.
        event.preventDefault();
        close();
      }}
      onClose={() => {
        if (!closing.current) close();
        closing.current = false;
      }}
    >
      <header class="key-help-head">
        <h2 id="key-help-title">快捷键</h2>
        <button type="button" class="button button-icon" onClick={close} aria-label="关闭">
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {rows.map(([keys, meaning]) => (
          <div key={meaning} class="key-row">
            <dt>{keys.map((key) => (key === '–' ? key : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        光标在输入框里时，除 Esc 与 Ctrl+Enter 外按键照常输入。
        <a href="manual.html" target="_blank" rel="noopener">
          操作手册
        </a>
      </p>
    </dialog>
  );
}

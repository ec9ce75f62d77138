/** What the server tells once: a link or a key, to copy now. */
import { useState } from 'preact/hooks';
import { copyText } from '../clipboard.js';
import { Icon } from '../components/icons.js';

interface Props {
  readonly title: string;
  readonly text: string;
  readonly about: string;
  close(): void;
}

export function Secret({ title, text, about, close }: Props) {
  const [copied, setCopied] = useState<boolean | null>(null);
  return (
    <section class="secret" aria-label={title}>
      <h2>{title}</h2>
      <p class="secret-text code">{text}</p>
      <p>{about}</p>
      <p class="notice-actions">
        <button
          type="button"
          class="button button-primary"
          onClick={async () => setCopied(await copyText(text))}
        >
          <Icon name="copy" />
          复制
        </button>
        <button type="button" class="button" onClick={close}>
          已交付，关闭
        </button>
        <span role="status">{copied === null ? '' : copied ? '已复制' : '浏览器不让复制，请选中后复制'}</span>
      </p>
    </section>
  );
}

/** What stands where an answer would: a state, what it means and what to do. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../api.js';
import { failureWords } from '../wording.js';
import { Icon } from './icons.js';

export function Notice({
  title,
  tone,
  children,
}: {
  title: string;
  /** `wait` passes by itself, `warning` wants somebody to act. */
  tone: 'quiet' | 'wait' | 'warning';
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice notice-${tone}`} role={tone === 'quiet' ? undefined : 'alert'}>
      <p class="notice-title">
        {tone !== 'quiet' && <Icon name="warning" />}
        {title}
      </p>
      {children}
    </div>
  );
}

interface FailureProps {
  readonly error: ApiError;
  readonly retryIn: number | null;
  retry(): void;
}

export function FailureNotice({ error, retryIn, retry }: FailureProps) {
  const { title, detail } = failureWords(error);
  return (
    <Notice title={title} tone={retryIn === null || error.kind === 'offline' ? 'warning' : 'wait'}>
      <p>{detail}</p>
      <p class="notice-actions">
        <button type="button" class="button" onClick={retry}>
          立即重试
        </button>
        {retryIn !== null && <Countdown key={error} seconds={retryIn} />}
      </p>
    </Notice>
  );
}

/** Not announced each second: it is outside the alert's text for screen readers. */
function Countdown({ seconds }: { seconds: number }) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="muted" aria-hidden="true">
      {left > 0 ? `${left} 秒后自动重试` : '正在重试…'}
    </span>
  );
}

/** The days that all figures are about. */
import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../server-clock.js';
import type { Days } from '../statistics-api.js';
import { lastDays, spanFault } from './spans.js';

const presets = [7, 30, 90, 365] as const;

export function SpanPicker({ days, set }: { days: Days; set(days: Days): void }) {
  const [draft, setDraft] = useState(days);
  useEffect(() => setDraft(days), [days]);
  const fault = spanFault(draft);
  const change = (next: Days) => {
    setDraft(next);
    // Half a date is no date: what was shown stays.
    if (spanFault(next) === null) set(next);
  };
  return (
    <div class="span-picker">
      <h2 class="visually-hidden">统计的日期</h2>
      {presets.map((count) => {
        const preset = lastDays(count, serverNow());
        return (
          <button
            key={count}
            type="button"
            class="button button-small"
            aria-pressed={preset.from === days.from && preset.to === days.to}
            onClick={() => set(preset)}
          >
            近 {count} 天
          </button>
        );
      })}
      <label>
        从
        <input
          type="date"
          value={draft.from}
          max={draft.to}
          aria-invalid={fault !== null}
          onInput={(event) => change({ ...draft, from: event.currentTarget.value })}
        />
      </label>
      <label>
        到
        <input
          type="date"
          value={draft.to}
          aria-invalid={fault !== null}
          onInput={(event) => change({ ...draft, to: event.currentTarget.value })}
        />
      </label>
      <span role="alert" class="span-fault">
        {fault ?? ''}
      </span>
    </div>
  );
}

/**
 * A text field that grows with its text and shows marks in it. The marks are drawn by a mirror of the text
 * that lies beneath the transparent field in the same grid cell: the mirror gives the height, so the field
 * never scrolls by itself and the two cannot come apart.
 */
import type { RefObject } from 'preact';
import { type Span, splitMarks } from '../highlight.js';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly spans: readonly Span[];
  readonly placeholder: string;
  readonly singleLine?: boolean;
  readonly describedBy?: string;
  readonly invalid?: boolean;
  readonly field?: RefObject<HTMLTextAreaElement | null>;
  change(value: string, composing: boolean): void;
  /** Enter in a field of a single line. */
  enter?(): void;
}

export function MarkedField(props: Props) {
  const { id, label, value, spans, placeholder, singleLine = false, change } = props;
  const take = (target: HTMLTextAreaElement, composing: boolean) => {
    // A title pasted with line ends becomes one line.
    change(singleLine && !composing ? target.value.replace(/[\r\n]+/g, ' ') : target.value, composing);
  };
  return (
    <div class={singleLine ? 'field field-single' : 'field field-multi'}>
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class="field-scroll">
        <div class="field-stack">
          <div class="field-mirror" aria-hidden="true">
            {splitMarks(value, spans).map(({ text, strength }, index) =>
              strength === 0 ? (
                text
              ) : (
                <mark key={index} class={`mark mark-${strength}`}>
                  {text}
                </mark>
              ),
            )}
            {/* A last line end takes no room without something after it. */}
            {'\u200b'}
          </div>
          <textarea
            id={id}
            ref={props.field ?? null}
            class="field-input"
            rows={1}
            value={value}
            placeholder={placeholder}
            spellcheck={false}
            autocomplete="off"
            aria-describedby={props.describedBy}
            aria-invalid={props.invalid ? true : undefined}
            onInput={(event) => take(event.currentTarget, (event as InputEvent).isComposing)}
            onCompositionEnd={(event) => take(event.currentTarget, false)}
            onKeyDown={(event) => {
              if (!singleLine || event.key !== 'Enter' || event.isComposing || event.ctrlKey) return;
              event.preventDefault();
              props.enter?.();
            }}
          />
        </div>
      </div>
    </div>
  );
}

/** The ticket: title, text with its evidence, and what the answer is limited to. */
import type { RefObject } from 'preact';
import type { EvidenceBody, ItemRefBody } from '../../server/schemas.js';
import { type Example, examples } from '../examples.js';
import { evidenceWords } from '../highlight.js';
import { ticketLimits } from '../ticket-limits.js';
import { percent } from '../wording.js';
import { Icon } from './icons.js';
import { MarkedField } from './marked-field.js';

export interface Draft {
  readonly title: string;
  readonly text: string;
}

interface Props {
  readonly draft: Draft;
  /** Of the draft as it stands; empty where the answer is to an older one. */
  readonly evidence: readonly EvidenceBody[];
  readonly within: readonly ItemRefBody[];
  readonly text: RefObject<HTMLTextAreaElement | null>;
  change(draft: Draft, composing: boolean): void;
  clear(): void;
  tryExample(example: Example): void;
  release(item: string): void;
}

export function TicketPane({ draft, evidence, within, text, change, clear, tryExample, release }: Props) {
  const titleSpans = evidence.filter(({ field }) => field === 'title');
  const textSpans = evidence.filter(({ field }) => field === 'text');
  const words = evidenceWords([
    { text: draft.title, spans: titleSpans },
    { text: draft.text, spans: textSpans },
  ]).slice(0, 8);
  const isEmpty = draft.title === '' && draft.text === '';
  return (
    <section class="pane ticket" aria-labelledby="ticket-title">
      <header class="pane-head">
        <h2 id="ticket-title" class="pane-title">
          工单
        </h2>
        <span class="pane-tools">
          {!isEmpty && (
            <button type="button" class="button button-small" onClick={clear}>
              清空 <kbd>N</kbd>
            </button>
          )}
        </span>
      </header>
      {within.length > 0 && (
        <p class="filters">
          <Icon name="filter" />
          <span>只在这里面找：</span>
          {within.map(({ item, short, name }) => (
            <button
              key={item}
              type="button"
              class="chip"
              onClick={() => release(item)}
              aria-label={`取消限定 ${name}`}
            >
              <span class="code">{short}</span> {name}
              <Icon name="close" />
            </button>
          ))}
        </p>
      )}
      <MarkedField
        id="ticket-title-field"
        label="标题（可不填）"
        placeholder="一句话标题"
        singleLine
        value={draft.title}
        spans={titleSpans}
        describedBy="title-length"
        invalid={draft.title.length > ticketLimits.titleLength}
        change={(title, composing) => change({ ...draft, title }, composing)}
        enter={() => text.current?.focus()}
      />
      <Length id="title-length" what="标题" length={draft.title.length} limit={ticketLimits.titleLength} />
      <MarkedField
        id="ticket-text-field"
        label="正文"
        placeholder="在这里粘贴或输入工单内容，停下来就会给出建议"
        value={draft.text}
        spans={textSpans}
        field={text}
        describedBy="text-length"
        invalid={draft.text.length > ticketLimits.textLength}
        change={(value, composing) => change({ ...draft, text: value }, composing)}
      />
      <Length id="text-length" what="正文" length={draft.text.length} limit={ticketLimits.textLength} />
      {isEmpty && (
        <div class="examples">
          <p class="muted">先看看效果：</p>
          {examples.map((example) => (
            <button
              key={example.label}
              type="button"
              class="button example"
              onClick={() => tryExample(example)}
            >
              {example.label}
            </button>
          ))}
        </div>
      )}
      {words.length > 0 && (
        <section class="evidence" aria-label="判定依据">
          <h3>依据</h3>
          <ul title="占首个候选依据的比重">
            {words.map(({ word, weight }) => (
              <li key={word}>
                {word} <span class="muted">{percent(Math.min(1, weight))}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p class="privacy muted">内容只发往本服务器判定，页面不保存；关闭即清除。</p>
    </section>
  );
}

/** Silent until the limit is near: a number that is never needed is noise. */
function Length({ id, what, length, limit }: { id: string; what: string; length: number; limit: number }) {
  const over = length > limit;
  return (
    <p id={id} class={over ? 'length length-over' : 'length'} role={over ? 'alert' : undefined}>
      {over
        ? `${what}太长：最多 ${limit} 字，多了 ${length - limit} 字，删减后才能判定。`
        : length > limit * 0.9
          ? `还可输入 ${limit - length} 字`
          : ''}
    </p>
  );
}

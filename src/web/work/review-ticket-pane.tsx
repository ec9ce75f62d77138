/** The ticket in hand: why it is here, what it says with the evidence marked, how long it is ours, a note. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ReviewBody } from '../../server/review-schemas.js';
import { FailureNotice, Notice } from '../components/notice.js';
import { evidenceWords, type Span, splitMarks } from '../highlight.js';
import { leaseOf, leaseWords } from '../lease.js';
import { serverNow } from '../server-clock.js';
import { clockFace, type Stopwatch } from '../stopwatch.js';
import { percent } from '../wording.js';
import type { BenchState } from '../work-bench.js';
import { causeNames, causeWhy } from '../workplace-wording.js';

const noteLimit = 500;

interface Props {
  readonly state: BenchState | null;
  readonly stopwatch: { readonly current: Stopwatch };
  readonly note: string;
  readonly noteField: RefObject<HTMLTextAreaElement | null>;
  setNote(note: string): void;
  /** Takes the next ticket. */
  resume(): void;
  renew(): void;
}

export function ReviewTicketPane({ state, stopwatch, note, noteField, setNote, resume, renew }: Props) {
  const review = state?.current ?? null;
  return (
    <section class="pane ticket work-ticket" aria-labelledby="ticket-title" aria-busy={state?.busy ?? true}>
      <header class="pane-head">
        <h2 id="ticket-title" class="pane-title">
          工单 {review && <span class="code">{review.ticket.id}</span>}
        </h2>
        {review && <Clocks key={review.id} review={review} stopwatch={stopwatch} renew={renew} />}
      </header>
      {state && review === null && <NothingInHand state={state} resume={resume} />}
      {review && (
        <>
          <Content review={review} />
          <div class="note">
            <label class="field-label" for="note-field">
              备注（可不填，随选择一起记录） <kbd>N</kbd>
            </label>
            <textarea
              id="note-field"
              ref={noteField}
              rows={2}
              maxLength={noteLimit}
              value={note}
              onInput={(event) => setNote(event.currentTarget.value)}
            />
            {note.length > noteLimit * 0.9 && (
              <span class="length">还可输入 {noteLimit - note.length} 字</span>
            )}
          </div>
        </>
      )}
    </section>
  );
}

function Content({ review }: { review: ReviewBody }) {
  const { ticket, evidence, label } = review;
  const titleSpans = evidence.filter(({ field }) => field === 'title');
  const textSpans = evidence.filter(({ field }) => field === 'text');
  const words = evidenceWords([
    { text: ticket.title ?? '', spans: titleSpans },
    { text: ticket.text ?? '', spans: textSpans },
  ]).slice(0, 8);
  return (
    // Long tickets scroll by keyboard too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
    <section class="read" tabIndex={0} aria-label="工单内容" key={review.id}>
      <p class="why">
        <span class="why-cause">{causeNames[review.cause]}</span>
        {causeWhy(review)}
      </p>
      {label && (
        <p class="why-label">
          现有归类 <span class="code">{label.short}</span> {label.name}
        </p>
      )}
      {ticket.text === null ? (
        <Notice title="服务器没有保存这张工单的内容" tone="quiet">
          <p>
            请按工单号 <span class="code">{ticket.id}</span> 在业务系统里查看原文，再在右边选定事项。
          </p>
          <p class="muted">管理员设 STORE_TEXT=masked 后，新工单会存下脱敏的内容。</p>
        </Notice>
      ) : (
        <>
          {ticket.title && (
            <h3 class="read-title">
              <Marked text={ticket.title} spans={titleSpans} />
            </h3>
          )}
          <p class="read-text">
            <Marked text={ticket.text} spans={textSpans} />
          </p>
        </>
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
    </section>
  );
}

function Marked({ text, spans }: { text: string; spans: readonly Span[] }) {
  return (
    <>
      {splitMarks(text, spans).map(({ text: part, strength }, index) =>
        strength === 0 ? (
          part
        ) : (
          <mark key={index} class={`mark mark-${strength}`}>
            {part}
          </mark>
        ),
      )}
    </>
  );
}

function NothingInHand({ state, resume }: { state: BenchState; resume(): void }) {
  const { phase, count, error, busy } = state;
  if (error) return <FailureNotice error={error} retryIn={null} retry={resume} />;
  if (busy || phase === 'starting') {
    return (
      <div class="skeleton" aria-hidden="true">
        <div class="skeleton-line" />
        <div class="skeleton-card" />
      </div>
    );
  }
  const next = (
    <p class="notice-actions">
      <button type="button" class="button button-primary" onClick={resume}>
        领取下一张 <kbd>Enter</kbd>
      </button>
    </p>
  );
  if (phase === 'paused') {
    return (
      <Notice title="已暂停" tone="quiet">
        <p>手上的工单已放回队列，其他坐席可以处理。</p>
        {next}
      </Notice>
    );
  }
  return (
    <Notice
      title={count.count > 0 ? `有 ${count.count}${count.more ? '+' : ''} 张待办` : '都做完了'}
      tone="quiet"
    >
      <p>{count.count > 0 ? '来了新的待办。' : '有新的待办时这里会提示，不用刷新。'}</p>
      {count.count > 0 && next}
    </Notice>
  );
}

interface ClocksProps {
  readonly review: ReviewBody;
  readonly stopwatch: { readonly current: Stopwatch };
  renew(): void;
}

/** The only part that changes every second. */
function Clocks({ review, stopwatch, renew }: ClocksProps) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const lease = leaseOf(review.claim, serverNow());
  return (
    <span class="clocks">
      <span title="这张工单已用的时间，页面不在前台时不计">
        用时 {clockFace(stopwatch.current.milliseconds)}
      </span>
      <span class={`lease lease-${lease.kind}`}>
        {lease.kind !== 'held' && <span aria-hidden="true">⚠ </span>}
        {leaseWords(lease)}
      </span>
      {lease.kind !== 'held' && (
        <button type="button" class="button button-small" onClick={renew}>
          {lease.kind === 'ending' ? '继续保留' : '重新领取'}
        </button>
      )}
    </span>
  );
}

/** The queue: what is in hand, what waits, what was done. */
import type { ReviewBody } from '../../server/review-schemas.js';
import { Icon } from '../components/icons.js';
import type { BenchState } from '../work-bench.js';
import type { ReviewCause } from '../workplace-api.js';
import { causeNames, leaning } from '../workplace-wording.js';

interface Props {
  readonly state: BenchState;
  open(id: string): void;
  undo(id: string): void;
  filter(cause: ReviewCause | undefined): void;
}

export function QueueList({ state, open, undo, filter }: Props) {
  const { current, held, waiting, count, done, cause, busy } = state;
  return (
    <div class="queue">
      <p class="queue-head">
        <span role="status">
          待办 <strong>{count.more ? `${count.count}+` : count.count}</strong> 张
        </span>
        <select
          aria-label="只看哪一类"
          value={cause ?? ''}
          onChange={({ currentTarget }) =>
            filter(currentTarget.value === '' ? undefined : (currentTarget.value as ReviewCause))
          }
        >
          <option value="">全部原因</option>
          {Object.entries(causeNames).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </p>
      <div class="queue-scroll">
        {(current !== null || held.length > 0) && (
          <>
            <h3 class="queue-part">手上</h3>
            <ul>
              {current && <Line review={current} current />}
              {held.map((review) => (
                <Line key={review.id} review={review} disabled={busy} press={() => open(review.id)} />
              ))}
            </ul>
          </>
        )}
        <h3 class="queue-part">待领取</h3>
        {waiting.length === 0 ? (
          <p class="queue-none muted">没有了</p>
        ) : (
          <ul>
            {waiting.map((review) => (
              <Line key={review.id} review={review} disabled={busy} press={() => open(review.id)} />
            ))}
          </ul>
        )}
        {done.length > 0 && (
          <>
            <h3 class="queue-part">我刚做完的</h3>
            <ul>
              {done.map((review) => (
                <li key={review.id} class="queue-done">
                  <span class="queue-ticket">{nameOf(review)}</span>
                  <span class="queue-lean">
                    {review.chosen ? (
                      <>
                        <Icon name="check" /> {review.chosen.name}
                      </>
                    ) : (
                      '已跳过'
                    )}
                  </span>
                  <button
                    type="button"
                    class="link"
                    disabled={busy}
                    onClick={() => undo(review.id)}
                    aria-label={`撤销工单 ${review.ticket.id}`}
                  >
                    撤销
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

interface LineProps {
  readonly review: ReviewBody;
  readonly current?: boolean;
  readonly disabled?: boolean;
  press?(): void;
}

function Line({ review, current = false, disabled = false, press }: LineProps) {
  return (
    <li>
      <button
        type="button"
        class={current ? 'queue-line queue-current' : 'queue-line'}
        aria-current={current ? 'true' : undefined}
        disabled={disabled}
        onClick={press}
      >
        <span class="queue-ticket">{nameOf(review)}</span>
        <span class="queue-lean">
          {review.decision?.kind === 'fallback' && <Icon name="fall" />}
          {leaning(review)}
        </span>
        <span class="queue-cause">{causeNames[review.cause]}</span>
      </button>
    </li>
  );
}

function nameOf({ ticket }: ReviewBody): string {
  if (ticket.title) return ticket.title;
  return ticket.text ? ticket.text.slice(0, 40) : ticket.id;
}

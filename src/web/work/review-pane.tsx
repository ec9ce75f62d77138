/** What the model makes of the ticket in hand, and what happened to the one before. */
import type { RefObject } from 'preact';
import type { CandidateBody, ItemRefBody } from '../../server/schemas.js';
import { CandidateList } from '../components/candidate-list.js';
import { DecisionCard } from '../components/decision-card.js';
import { Icon } from '../components/icons.js';
import { Notice } from '../components/notice.js';
import { failureWords } from '../wording.js';
import type { BenchState } from '../work-bench.js';
import { outcomeWords } from '../workplace-wording.js';

interface Props {
  readonly state: BenchState | null;
  readonly decided: ItemRefBody | undefined;
  readonly candidates: readonly CandidateBody[];
  readonly active: number;
  readonly list: RefObject<HTMLDivElement | null>;
  /** What the clipboard said last. */
  readonly copied: string;
  accept(): void;
  choose(index: number): void;
  copy(code: string): void;
  skip(): void;
  undo(): void;
}

export function ReviewPane(props: Props) {
  const { state, candidates, copied } = props;
  const review = state?.current ?? null;
  const { busy = false, error = null, outcome = null, done = [] } = state ?? {};
  return (
    <section class="pane result" aria-labelledby="result-title" aria-busy={busy}>
      <header class="pane-head">
        <h2 id="result-title" class="pane-title">
          判定
        </h2>
        <span class="busy">{busy ? '请稍候…' : copied}</span>
      </header>
      <div class="result-body">
        {review && error && (
          <Notice title={failureWords(error).title} tone="warning">
            <p>刚才的操作没有记录，请再按一次。{failureWords(error).detail}</p>
          </Notice>
        )}
        {review && (
          <>
            {review.decision ? (
              <DecisionCard
                key={review.id}
                decision={review.decision}
                chosen={null}
                accept={props.accept}
                copy={props.copy}
              />
            ) : (
              candidates.length === 0 && (
                <Notice title="这张工单没有模型建议" tone="quiet">
                  <p>
                    按 <kbd>/</kbd> 查找事项，或按 <kbd>T</kbd> 走事项树。
                  </p>
                </Notice>
              )
            )}
            {candidates.length > 0 && (
              <>
                <h3 class="visually-hidden">候选</h3>
                <CandidateList
                  candidates={candidates}
                  active={props.active}
                  chosen={review.label?.item ?? null}
                  list={props.list}
                  choose={props.choose}
                />
              </>
            )}
          </>
        )}
      </div>
      <div class={outcome?.kind === 'chosen' ? 'tray tray-chosen' : 'tray'}>
        {outcome?.kind === 'chosen' && <Icon name="check" />}
        {(outcome?.kind === 'taken' || outcome?.kind === 'closed') && <Icon name="warning" />}
        <span class="tray-text">
          {outcome ? (
            outcomeWords(outcome)
          ) : (
            <span class="muted key-hint">
              按 <kbd>1</kbd> – <kbd>9</kbd> 选定并到下一张，<kbd>/</kbd> 另找事项
            </span>
          )}
        </span>
        <button
          type="button"
          class="button button-small"
          onClick={props.undo}
          disabled={busy || done.length === 0}
        >
          撤销 <kbd>U</kbd>
        </button>
        <button
          type="button"
          class="button button-small"
          onClick={props.skip}
          disabled={busy || review === null}
        >
          跳过 <kbd>S</kbd>
        </button>
      </div>
    </section>
  );
}

/** What the server answered, or why it has not yet. */
import type { RefObject } from 'preact';
import type { Answer, Question } from '../api.js';
import type { AskState } from '../asker.js';
import { recombine } from '../code-steps.js';
import { adjustmentWords } from '../wording.js';
import { CandidateList } from './candidate-list.js';
import { type Choice, ChoiceTray, type Recorded } from './choice-tray.js';
import { DecisionCard } from './decision-card.js';
import { FacetList } from './facet-list.js';
import { FailureNotice, Notice } from './notice.js';

interface Props {
  readonly state: AskState<Question, Answer>;
  readonly tooLong: boolean;
  readonly active: number;
  readonly choice: Choice | null;
  readonly recorded: Recorded;
  readonly list: RefObject<HTMLDivElement | null>;
  /** undefined where the tree has no level beneath the province's. */
  readonly levels: { readonly level: number | undefined; set(level: number | undefined): void } | undefined;
  accept(): void;
  choose(index: number): void;
  copy(code: string): void;
  undo(): void;
  retry(): void;
}

/** The province fixes three levels; cities go deeper. */
export const provinceLevel = 3;

export function ResultPane(props: Props) {
  const { state, tooLong, choice, levels } = props;
  const last = state.kind === 'idle' || tooLong ? null : state.last;
  const busy = state.kind === 'asking';
  const stale = last !== null && state.kind !== 'answered';
  const result = last?.answer.result;
  const chosen = choice?.item.item ?? null;
  return (
    <section class="pane result" aria-labelledby="result-title" aria-busy={busy}>
      <header class="pane-head">
        <h2 id="result-title" class="pane-title">
          判定
        </h2>
        <span class={busy && !tooLong ? 'busy busy-on' : 'busy'}>{busy && !tooLong ? '判定中…' : ''}</span>
        {levels && (
          <fieldset class="levels">
            <legend class="visually-hidden">判定到哪一级</legend>
            {[
              { level: provinceLevel, label: '省标三级' },
              { level: undefined, label: '全深度' },
            ].map(({ level, label }) => (
              <label key={label}>
                <input
                  type="radio"
                  name="level"
                  checked={levels.level === level}
                  onChange={() => levels.set(level)}
                />
                <span>{label}</span>
              </label>
            ))}
          </fieldset>
        )}
      </header>
      <div class="result-body">
        {tooLong && (
          <Notice title="内容太长" tone="quiet">
            <p>删减到限制以内后会自动判定。</p>
          </Notice>
        )}
        {!tooLong && state.kind === 'idle' && (
          <Notice title="还没有工单" tone="quiet">
            <p>粘贴或输入工单后，这里先给出判定，再列出最多 9 个候选和各自的把握。</p>
            <p>拿不准时不会硬猜：退回最近的收容项（99），并说明哪一级是确定的。</p>
            <p class="key-hint">
              光标不在输入框里时，<kbd>Ctrl</kbd> <kbd>V</kbd> 直接贴成新工单，接着按数字键选定并复制代码。
            </p>
          </Notice>
        )}
        {!tooLong && state.kind === 'failed' && (
          <FailureNotice error={state.error} retryIn={state.retryIn} retry={props.retry} />
        )}
        {busy && !last && !tooLong && <Skeleton />}
        {result && (
          <div class={stale ? 'answer answer-stale' : 'answer'} inert={stale}>
            <DecisionCard
              decision={result.decision}
              chosen={chosen}
              accept={props.accept}
              copy={props.copy}
            />
            {result.adjustment && (
              <p class="adjustment">{adjustmentWords(result.adjustment, result.decision.item)}</p>
            )}
            <FacetList
              facets={result.facets}
              combinedCode={recombine(
                result.combinedCode,
                result.decision.code,
                choice?.item.code ?? result.decision.code ?? '',
              )}
              copy={props.copy}
            />
            {result.candidates.length > 0 && (
              <>
                <h3 class="visually-hidden">候选</h3>
                <CandidateList
                  candidates={result.candidates}
                  active={props.active}
                  chosen={chosen}
                  list={props.list}
                  choose={props.choose}
                />
              </>
            )}
          </div>
        )}
      </div>
      <ChoiceTray
        choice={choice}
        recorded={props.recorded}
        canChoose={result !== undefined && !stale}
        copy={props.copy}
        undo={props.undo}
      />
    </section>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      <div class="skeleton-card" />
      <div class="skeleton-line" />
      <div class="skeleton-line" />
      <div class="skeleton-line" />
    </div>
  );
}

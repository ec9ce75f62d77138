/** The decision, first thing to be seen: a specific item, or a fallback shown as what it is. */
import type { DecisionBody, ItemRefBody } from '../../server/schemas.js';
import { useItemPath } from '../item-paths.js';
import { confidenceWord, fallbackReason, fallbackTarget, fallbackTitle, percent } from '../wording.js';
import { CodeLadder } from './code-ladder.js';
import { Icon } from './icons.js';

interface Props {
  readonly decision: DecisionBody;
  readonly chosen: string | null;
  accept(): void;
  copy(code: string): void;
}

export function DecisionCard({ decision, chosen, accept, copy }: Props) {
  const path = useItemPath(decision.item);
  const { code, item } = decision;
  return (
    <section
      class={`decision decision-${decision.kind}${isUnsure(decision) ? ' decision-unsure' : ''}`}
      aria-labelledby="decision-title"
    >
      {decision.kind === 'specific' ? (
        <Specific decision={decision} path={path} />
      ) : (
        <FallbackBody decision={decision} path={path} />
      )}
      {item !== null && code !== null && (
        <div class="decision-actions">
          <button
            type="button"
            // A fallback taken in haste teaches nothing: its button does not invite.
            class={decision.kind === 'specific' ? 'button button-primary' : 'button button-doubt'}
            onClick={accept}
            disabled={chosen === item}
          >
            <Icon name="check" />
            {chosen === item ? '已选定' : decision.kind === 'specific' ? '采纳' : '按此归入'}
            <kbd>Enter</kbd>
          </button>
          <button
            type="button"
            class="button code-button"
            onClick={() => copy(code)}
            aria-label={`复制代码 ${code}`}
          >
            <Icon name="copy" />
            <span class="code">{code}</span>
            <kbd>C</kbd>
          </button>
        </div>
      )}
    </section>
  );
}

type Path = readonly ItemRefBody[] | null;

/** More likely wrong than right: it shows by its frame and in words, not by colour alone. */
const isUnsure = ({ kind, probability }: DecisionBody): boolean => kind === 'specific' && probability < 0.5;

function Specific({ decision, path }: { decision: Extract<DecisionBody, { kind: 'specific' }>; path: Path }) {
  return (
    <>
      <header class="decision-head">
        <span class="decision-kind">
          <Icon name={isUnsure(decision) ? 'warning' : 'check'} />
          {isUnsure(decision) ? '把握不足，请核对' : '建议事项'}
        </span>
        <span class="decision-sure">
          {confidenceWord(decision.probability)}
          <strong>{percent(decision.probability)}</strong>
        </span>
      </header>
      <h2 id="decision-title" class="decision-name">
        {decision.name}
      </h2>
      <CodeLadder path={path ?? [decision]} certain={Number.POSITIVE_INFINITY} />
    </>
  );
}

function FallbackBody({
  decision,
  path,
}: {
  decision: Extract<DecisionBody, { kind: 'fallback' }>;
  path: Path;
}) {
  const certainPath = useItemPath(decision.under?.item ?? null);
  const direct =
    path !== null && certainPath !== null && path[certainPath.length - 1]?.item === decision.under?.item;
  const parent = path?.at(-2) ?? null;
  return (
    <>
      <header class="decision-head">
        <span class="decision-kind">
          <Icon name="fall" />
          退回收容项
        </span>
        {decision.under && (
          <span class="decision-sure">
            上级{confidenceWord(decision.probability)}
            <strong>{percent(decision.probability)}</strong>
          </span>
        )}
      </header>
      <h2 id="decision-title" class="decision-name">
        {fallbackTitle(decision)}
        {decision.under && <span class="decision-under">{decision.under.name}</span>}
      </h2>
      <p class="decision-why">
        {fallbackReason(decision)}
        {fallbackTarget(decision, parent)}
      </p>
      <div class="ladder-pair">
        {certainPath && !direct && (
          <>
            <CodeLadder path={certainPath} certain={certainPath.length} />
            <span class="ladder-fall">
              <Icon name="fall" />
              退到
            </span>
          </>
        )}
        {path && <CodeLadder path={path} certain={direct ? (certainPath?.length ?? 0) : 0} />}
      </div>
    </>
  );
}

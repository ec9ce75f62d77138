/** The candidates, best first, each with its digit key, path and calibrated probability. */
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import type { CandidateBody } from '../../server/schemas.js';
import { spacedCode } from '../code-steps.js';
import { percent } from '../wording.js';
import { Icon } from './icons.js';
import { ProbabilityBar } from './probability-bar.js';

interface Props {
  readonly candidates: readonly CandidateBody[];
  /** Index of the one the arrows stand on; -1: none yet. */
  readonly active: number;
  /** Item id of the chosen one. */
  readonly chosen: string | null;
  readonly list: RefObject<HTMLDivElement | null>;
  choose(index: number): void;
}

const optionId = (index: number) => `candidate-${index + 1}`;

export function CandidateList({ candidates, active, chosen, list, choose }: Props) {
  useEffect(() => {
    if (active >= 0) document.getElementById(optionId(active))?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div
      ref={list}
      class="candidates"
      role="listbox"
      aria-label="候选事项"
      tabIndex={0}
      aria-activedescendant={active >= 0 ? optionId(active) : undefined}
    >
      {candidates.map((candidate, index) => {
        const { item, name, short, path, probability } = candidate;
        const isChosen = item === chosen;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: digits, arrows and Enter choose, from anywhere
          <div
            key={item}
            id={optionId(index)}
            role="option"
            tabIndex={-1}
            aria-selected={isChosen}
            aria-label={`${index + 1}，${name}，代码 ${short}，${percent(probability)}，${path
              .slice(0, -1)
              .map((step) => step.name)
              .join('、')}`}
            class={`candidate${index === active ? ' candidate-active' : ''}${isChosen ? ' candidate-chosen' : ''}`}
            onClick={() => choose(index)}
          >
            <kbd class="candidate-key">{isChosen ? <Icon name="check" /> : index + 1}</kbd>
            <span class="candidate-name">{name}</span>
            <span class="candidate-code">{spacedCode(short)}</span>
            <span class="candidate-path">
              {path
                .slice(0, -1)
                .map((step) => step.name)
                .join(' › ')}
            </span>
            <ProbabilityBar probability={probability} />
          </div>
        );
      })}
    </div>
  );
}

/** A calibrated probability as a bar with its number. */
import { percent } from '../wording.js';

export function ProbabilityBar({ probability }: { probability: number }) {
  return (
    <span class="probability">
      <span class="probability-track" aria-hidden="true">
        <span class="probability-fill" style={{ width: `${Math.max(1.5, probability * 100)}%` }} />
      </span>
      <span class="probability-number">{percent(probability)}</span>
    </span>
  );
}

/** The code and the path as one figure: every pair of digits stands over the name it adds. */
import type { ItemRefBody } from '../../server/schemas.js';
import { codeSteps } from '../code-steps.js';

interface Props {
  readonly path: readonly ItemRefBody[];
  /** How many steps, from the first, are certain; the others are drawn as doubtful. */
  readonly certain: number;
}

export function CodeLadder({ path, certain }: Props) {
  return (
    <ol class="ladder" aria-label="代码与路径">
      {codeSteps(path).map(({ item, part, name }, index) => (
        <li key={item} class={index < certain ? 'step' : 'step step-doubtful'}>
          <span class="step-part">{part}</span>
          <span class="step-name">{name}</span>
          {index >= certain && <span class="visually-hidden">（未确定，收容项）</span>}
        </li>
      ))}
    </ol>
  );
}

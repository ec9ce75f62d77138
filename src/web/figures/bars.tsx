/** Rows of bars with their numbers as text beside them: a list that reads without the bars too. */
import { useState } from 'preact/hooks';

export interface BarPart {
  readonly name: string;
  readonly value: number;
  /** Patterns, from full to hatched: told apart without colour. */
  readonly pattern: 'full' | 'hatched' | 'faint';
}

export interface Bar {
  readonly key: string;
  readonly name: string;
  /** Under the name. */
  readonly more?: string;
  readonly parts: readonly BarPart[];
  /** At the end. */
  readonly number: string;
}

interface Props {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** What the patterns stand for, where there are several. */
  readonly legend?: readonly Pick<BarPart, 'name' | 'pattern'>[];
}

const shownFirst = 10;

export function Bars({ label, bars, legend }: Props) {
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0)));
  const shown = all ? bars : bars.slice(0, shownFirst);
  return (
    <>
      {legend && (
        <p class="bars-legend" aria-hidden="true">
          {legend.map(({ name, pattern }) => (
            <span key={name}>
              <span class={`bar-swatch bar-${pattern}`} />
              {name}
            </span>
          ))}
        </p>
      )}
      <ul class="bars" aria-label={label}>
        {shown.map(({ key, name, more, parts, number }) => (
          <li key={key} class="bar">
            <span class="bar-name">{name}</span>
            <span class="bar-track" aria-hidden="true">
              {parts.map((part) => (
                <span
                  key={part.name}
                  class={`bar-part bar-${part.pattern}`}
                  style={{ width: `${(part.value / most) * 100}%` }}
                />
              ))}
            </span>
            <span class="bar-number">{number}</span>
            {more && <span class="bar-more">{more}</span>}
          </li>
        ))}
      </ul>
      {bars.length > shownFirst && (
        <button type="button" class="link" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? '只看前 10 项' : `再看其余 ${bars.length - shownFirst} 项`}
        </button>
      )}
    </>
  );
}

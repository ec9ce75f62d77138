/** Facets (扩展码) that came with the answer, and the combined code. */
import type { FacetBody } from '../../server/schemas.js';
import { facetName, percent } from '../wording.js';
import { Icon } from './icons.js';

interface Props {
  readonly facets: readonly FacetBody[];
  readonly combinedCode: string | null;
  copy(code: string): void;
}

export function FacetList({ facets, combinedCode, copy }: Props) {
  if (facets.length === 0 && combinedCode === null) return null;
  return (
    <section class="facets" aria-label="扩展码">
      <dl class="facet-list">
        {facets.map(({ facet, code, name, probability, given }) => (
          <div key={facet} class="facet">
            <dt>{facetName(facet)}</dt>
            <dd>
              {name} <span class="code">{code}</span>
              <span class="muted">{given ? '已给定' : percent(probability)}</span>
            </dd>
          </div>
        ))}
      </dl>
      {combinedCode !== null && (
        <button
          type="button"
          class="button button-small"
          onClick={() => copy(combinedCode)}
          aria-label={`复制组合码 ${combinedCode}`}
        >
          <Icon name="copy" />
          组合码 <span class="code">{combinedCode}</span>
        </button>
      )}
    </section>
  );
}

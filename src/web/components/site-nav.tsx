/** The views this person may open, and who they are. */
import type { SessionBody } from '../../server/account-schemas.js';
import { hashOf, type ViewName, viewsFor } from '../routes.js';
import { roleNames } from '../workplace-wording.js';

interface Props {
  readonly session: SessionBody;
  readonly view: ViewName;
  leave(): void;
}

export function SiteNav({ session, view, leave }: Props) {
  return (
    <div class="site">
      <nav class="site-nav" aria-label="页面">
        {viewsFor(session.role).map((one) => (
          <a key={one.view} href={hashOf(one.view)} aria-current={one.view === view ? 'page' : undefined}>
            {one.label}
          </a>
        ))}
      </nav>
      {session.auth && (
        <span class="site-person">
          <span>
            {session.name}
            <span class="muted"> {roleNames[session.role]}</span>
          </span>
          <button type="button" class="button button-small" onClick={leave}>
            退出
          </button>
        </span>
      )}
    </div>
  );
}

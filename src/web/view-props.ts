/** What the shell gives every view. */
import type { ComponentChildren } from 'preact';
import type { SessionBody } from '../server/account-schemas.js';

export interface ViewProps {
  readonly session: SessionBody;
  readonly nav: ComponentChildren;
}

import type { ViewProps } from '../shell.js';
export function AccountsView(_: ViewProps) {
  return <div />;
}

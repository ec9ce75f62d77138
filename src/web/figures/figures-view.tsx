import type { ViewProps } from '../shell.js';
export function FiguresView(_: ViewProps) {
  return <div />;
}

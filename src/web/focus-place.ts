/** Where in the page the focus is, by what is focused. */
import type { FocusPlace } from './keys.js';

export function placeOf(target: EventTarget | null): FocusPlace {
  if (!(target instanceof Element)) return 'page';
  if (target.matches('textarea, input[type=text], input[type=password], input[type=date], select'))
    return 'field';
  if (target.closest('[role=tree]')) return 'tree';
  return target.closest('button, a, input, summary') ? 'control' : 'page';
}

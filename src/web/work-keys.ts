/** Which key means what in the workplace. One hand on the digits, and nothing that a text field loses. */
import { type FocusPlace, type KeyHelpRow, type KeyPress, matchKey, type SharedCommand } from './keys.js';

export type WorkCommand =
  | SharedCommand
  | { readonly kind: 'keep-label' | 'skip' | 'undo' | 'note' | 'pause' | 'tree' };

export interface WorkKeyPress extends KeyPress {
  readonly shiftKey: boolean;
  /** Held down. */
  readonly repeat: boolean;
}

const own: Readonly<Record<string, WorkCommand>> = {
  '0': { kind: 'keep-label' },
  s: { kind: 'skip' },
  u: { kind: 'undo' },
  n: { kind: 'note' },
  p: { kind: 'pause' },
  t: { kind: 'tree' },
};

export function workCommandOf(press: WorkKeyPress, place: FocusPlace): WorkCommand | null {
  return takesBack(press, place)
    ? { kind: 'undo' }
    : // A key that is held down must not run through the queue.
      matchKey(press, place, own, press.repeat);
}

/** In a field Ctrl+Z takes back what was typed there; with Shift it is the browser's redo. */
function takesBack(
  { key, ctrlKey, metaKey, altKey, shiftKey, isComposing, repeat }: WorkKeyPress,
  place: FocusPlace,
): boolean {
  const plain = !altKey && !shiftKey && !isComposing && !repeat;
  return (ctrlKey || metaKey) && plain && /^z$/i.test(key) && place !== 'field';
}

export const workKeyHelp: readonly KeyHelpRow[] = [
  [['1', '–', '9'], '选定第几个候选，并到下一张'],
  [['Enter'], '采纳判定；移动过候选时选定当前候选'],
  [['0'], '维持现有归类（有的话）'],
  [['↑', '↓'], '在候选之间移动'],
  [['/'], '查找事项（中文、拼音首字母、代码、俗称）'],
  [['T'], '到事项树：方向键移动，Enter 选定末级；也可从查找框按 Tab 进入'],
  [['U'], '撤销上一张（也可按 Ctrl + Z）'],
  [['S'], '跳过这一张'],
  [['N'], '写备注；Esc 离开'],
  [['P'], '暂停：手上的工单放回队列'],
  [['C'], '复制代码'],
  [['Esc'], '离开输入框；回到队列'],
  [['?'], '显示这张表'],
];

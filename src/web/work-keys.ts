/** Which key means what in the workplace. One hand on the digits, and nothing that a text field loses. */
import type { FocusPlace, KeyHelpRow, KeyPress } from './keys.js';

export type WorkCommand =
  | { readonly kind: 'choose'; readonly index: number }
  | { readonly kind: 'move'; readonly by: 1 | -1 }
  | {
      readonly kind:
        | 'accept'
        | 'keep-label'
        | 'skip'
        | 'undo'
        | 'note'
        | 'pause'
        | 'search'
        | 'tree'
        | 'copy'
        | 'help'
        | 'results'
        | 'escape';
    };

export interface WorkKeyPress extends KeyPress {
  readonly shiftKey: boolean;
  /** Held down. */
  readonly repeat: boolean;
}

export function workCommandOf(press: WorkKeyPress, place: FocusPlace): WorkCommand | null {
  const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing, repeat } = press;
  if (isComposing || altKey) return null;
  if (ctrlKey || metaKey) {
    if (key === 'Enter' && place === 'field') return { kind: 'results' };
    // In a field it takes back what was typed there; with Shift the browser's redo.
    return /^z$/i.test(key) && !shiftKey && !repeat && place !== 'field' ? { kind: 'undo' } : null;
  }
  if (key === 'Escape') return { kind: 'escape' };
  if (place === 'field') return null;
  if (key === 'ArrowDown' || key === 'ArrowUp')
    return place === 'tree' ? null : { kind: 'move', by: key === 'ArrowDown' ? 1 : -1 };
  // A key that is held down must not run through the queue.
  if (repeat) return null;
  if (/^[1-9]$/.test(key)) return { kind: 'choose', index: Number(key) - 1 };
  switch (key.toLowerCase()) {
    case '0':
      return { kind: 'keep-label' };
    case 's':
      return { kind: 'skip' };
    case 'u':
      return { kind: 'undo' };
    case 'n':
      return { kind: 'note' };
    case 'p':
      return { kind: 'pause' };
    case 't':
      return { kind: 'tree' };
    case 'c':
      return { kind: 'copy' };
    case '/':
    case '、':
      return { kind: 'search' };
    case '?':
    case '？':
      return { kind: 'help' };
  }
  return key === 'Enter' && place === 'page' ? { kind: 'accept' } : null;
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

/** Which key means what. A pure table, so that the help page, the page and the tests agree. */

/** What the agents' page and the workplace mean alike. */
export type SharedCommand =
  | { readonly kind: 'choose'; readonly index: number }
  | { readonly kind: 'move'; readonly by: 1 | -1 }
  | { readonly kind: 'accept' | 'copy' | 'search' | 'help' | 'escape' | 'results' };

export type Command = SharedCommand | { readonly kind: 'edit' | 'clear' };

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** An input method is at work: its Enter, Esc and digits are not ours. */
  readonly isComposing: boolean;
}

/** Where the focus is: keys of a text field type, keys of the tree and of a button do what they do there. */
export type FocusPlace = 'field' | 'tree' | 'control' | 'page';

export function commandOf(press: KeyPress, place: FocusPlace): Command | null {
  return matchKey<Command>(press, place, { e: { kind: 'edit' }, n: { kind: 'clear' } }, false);
}

/**
 * @param own what further keys mean, by lower-case letter or digit
 * @param held true: the key is held down and must not run through what it does; arrows may
 */
export function matchKey<Own>(
  { key, ctrlKey, metaKey, altKey, isComposing }: KeyPress,
  place: FocusPlace,
  own: Readonly<Record<string, Own>>,
  held: boolean,
): SharedCommand | Own | null {
  if (isComposing || altKey) return null;
  if (ctrlKey || metaKey) return key === 'Enter' && place === 'field' ? { kind: 'results' } : null;
  if (key === 'Escape') return { kind: 'escape' };
  if (place === 'field') return null;
  if (key === 'ArrowDown' || key === 'ArrowUp')
    return place === 'tree' ? null : { kind: 'move', by: key === 'ArrowDown' ? 1 : -1 };
  if (held) return null;
  if (/^[1-9]$/.test(key)) return { kind: 'choose', index: Number(key) - 1 };
  switch (key) {
    case '/':
    case '、':
      return { kind: 'search' };
    case '?':
    case '？':
      return { kind: 'help' };
    case 'c':
    case 'C':
      return { kind: 'copy' };
    case 'Enter':
      return place === 'page' ? { kind: 'accept' } : null;
  }
  return own[key.toLowerCase()] ?? null;
}

export type KeyHelpRow = readonly [keys: readonly string[], meaning: string];

export const keyHelp: readonly KeyHelpRow[] = [
  [['1', '–', '9'], '选定第几个候选，并复制代码'],
  [['↑', '↓'], '在候选之间移动'],
  [['Enter'], '选定当前候选；还没有移动时采纳判定'],
  [['C'], '复制代码'],
  [['/'], '查找事项（中文、拼音首字母、代码、俗称）'],
  [['E'], '回到工单正文'],
  [['Ctrl', 'V'], '光标不在输入框里时：贴成新工单，接着可按数字'],
  [['N'], '清空，换下一张工单'],
  [['Esc'], '离开输入框；撤销选定；关闭'],
  [['Ctrl', 'Enter'], '输入时：立即判定并转到结果'],
  [['←', '→'], '事项树：收起、展开；F 限定在此分支'],
  [['?'], '显示这张表'],
];

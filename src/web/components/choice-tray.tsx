/** What has been chosen for this ticket; always in the same place, so that choosing moves nothing. */
import type { ItemRefBody } from '../../server/schemas.js';
import { Icon } from './icons.js';

export interface Choice {
  readonly item: ItemRefBody;
  /** null while the clipboard has not answered. */
  readonly copied: boolean | null;
}

/** How far the choice has come to the server; null where the server keeps none. */
export type Recorded = 'sent' | 'waiting' | 'refused' | null;

const recordedWords: Readonly<Record<NonNullable<Recorded>, string>> = {
  sent: '已记录',
  waiting: '尚未记录，稍后自动再发',
  refused: '服务器没有接受这次记录',
};

interface Props {
  readonly choice: Choice | null;
  readonly canChoose: boolean;
  readonly recorded: Recorded;
  copy(code: string): void;
  undo(): void;
}

export function ChoiceTray({ choice, canChoose, recorded, copy, undo }: Props) {
  return (
    <div class={choice ? 'tray tray-chosen' : 'tray'}>
      {choice ? (
        <>
          <Icon name="check" />
          <span class="tray-text" role="status">
            已选定 <strong>{choice.item.name}</strong> <span class="code">{choice.item.code}</span>
            <span class="tray-copied">
              {choice.copied === false ? '（浏览器不让复制，请手动抄录）' : choice.copied ? '已复制' : ''}
            </span>
            {recorded && <span class="tray-copied">{recordedWords[recorded]}</span>}
          </span>
          <button type="button" class="button button-small" onClick={() => copy(choice.item.code)}>
            再复制
          </button>
          <button type="button" class="button button-small" onClick={undo}>
            撤销 <kbd>Esc</kbd>
          </button>
        </>
      ) : (
        <span class="tray-text muted">
          {canChoose ? (
            <>
              尚未选定
              <span class="key-hint">
                ：按 <kbd>1</kbd> – <kbd>9</kbd> 选候选，<kbd>Enter</kbd> 采纳判定，<kbd>/</kbd> 另找事项
              </span>
            </>
          ) : (
            '尚未选定'
          )}
        </span>
      )}
    </div>
  );
}

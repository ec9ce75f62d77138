/** Cells that several figures' tables have. */
import type { ItemRefBody } from '../../server/schemas.js';

export const itemCells = (item: ItemRefBody | null): [string, string] => [item?.code ?? '', item?.name ?? ''];

export const choiceCells = (row: {
  shown: number;
  accepted: number;
  corrected: number;
  skipped: number;
}): string[] => [row.shown, row.accepted, row.corrected, row.skipped].map(String);

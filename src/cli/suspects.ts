/** `--suspects FILE` of training and evaluation: what the terminal says of likely mislabelled tickets. */
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { percent, whole } from '../../training/report/figures.js';

interface Found {
  readonly judged: number;
  readonly count: number;
  readonly errorShare: number;
}

/** Before the work begins: minutes of training must not end at a folder that is not there. */
export async function checkFolderOf(file: string | undefined): Promise<void> {
  if (file !== undefined) await access(dirname(resolve(file)));
}

export function suspectsLine({ judged, count, errorShare }: Found): string {
  return `${whole(judged)} 件中编码疑似有误 ${whole(count)} 件（估计错标 ${percent(errorShare)}）`;
}

export function suspectsJson({ judged, count, errorShare }: Found) {
  return { judged, count, errorShare: Math.round(errorShare * 1e6) / 1e6 };
}

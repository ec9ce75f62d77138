/** How far the training has come, what is left, on one line of stderr; a line a stage where that is no terminal. */
import type { WriteStream } from 'node:tty';

const NAMES: Readonly<Record<string, string>> = {
  read: '读取工单',
  features: '分词与特征',
  'first-fit': '拟合（留出一部分）',
  calibration: '校准',
  'final-fit': '拟合（全部工单）',
  judge: '评估',
};

export class TrainingProgress {
  readonly #stream: NodeJS.WriteStream | WriteStream;
  #stage = '';
  #started = 0;
  #shown = 0;
  #open = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** @param share of the stage that is done, in [0, 1] */
  show(stage: string, share: number): void {
    const now = performance.now();
    const isNew = stage !== this.#stage;
    if (isNew) {
      this.#stage = stage;
      this.#started = now;
    }
    // Twice a second is enough for people; without a terminal, every ten seconds.
    if (!isNew && share < 1 && now - this.#shown < (this.#stream.isTTY ? 500 : 10_000)) return;
    this.#shown = now;
    const spent = (now - this.#started) / 1000;
    // A stage's first report comes some way into it: what it took until then is not known.
    const left = !isNew && share > 0.02 && share < 1 ? `，约剩 ${time((spent / share) * (1 - share))}` : '';
    const line = `${NAMES[stage] ?? stage} ${Math.floor(100 * share)}%${left}`;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[K${line}`);
      this.#open = true;
    } else if (isNew || share < 1) this.#stream.write(`${line}\n`);
  }

  clear(): void {
    if (this.#open) this.#stream.write('\r\u001b[K');
    this.#open = false;
  }
}

function time(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} 秒` : `${Math.ceil(seconds / 60)} 分钟`;
}

/** Starts the command line as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout holds `text`; rejects when the process ends first. */
  said(text: string): Promise<string>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Leaves stdin open behind the input. */
  readonly waits?: boolean;
  /** Relative to the package; default the command line over the toy model. */
  readonly script?: string;
}

export function start(args: readonly string[], options: StartOptions = {}): Started {
  const script = join(packageRoot, options.script ?? 'test/cli/toy-duihao.ts');
  const loader = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', loader, script, ...args], {
    cwd: options.cwd ?? packageRoot,
    // Only what the test sets: the developer's own PORT or DUIHAO_MODEL would change the outcome.
    env: { PATH: process.env.PATH, ...options.env },
  });
  let [out, err] = ['', ''];
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.write(options.input ?? '');
  if (!options.waits) child.stdin.end();
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!out.includes(text)) return;
          listeners.delete(look);
          resolve(out);
        };
        listeners.add(look);
        look();
        ended.then(() => reject(new Error(`it ended without saying ${text}: ${out}${err}`)));
      }),
  };
}

export const duihao = (args: readonly string[], options?: StartOptions): Promise<Ended> =>
  start(args, options).ended;

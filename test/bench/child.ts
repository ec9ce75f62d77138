/** Runs a command to its end: what it printed, how long it took, and the most memory it held. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface Finished {
  readonly stdout: string;
  readonly seconds: number;
  /** Highest resident memory as the kernel counts it; null where there is no /proc. */
  readonly peakMegabytes: number | null;
}

/** Its stderr is passed on, so that a long run can be watched. */
export async function runChild(command: string, args: readonly string[]): Promise<Finished> {
  const start = performance.now();
  const child = spawn(command, args, { cwd: packageRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    stdout += text;
  });
  let peak: number | null = null;
  const watch = setInterval(() => {
    peak = peakOf(child.pid) ?? peak;
  }, 200);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0) throw new Error(`${command} ${args.slice(0, 4).join(' ')} … ended with ${code}`);
  } finally {
    clearInterval(watch);
  }
  return { stdout, seconds: (performance.now() - start) / 1000, peakMegabytes: peak };
}

function peakOf(pid: number | undefined): number | null {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? Math.round(Number(match[1]) / 1024) : null;
  } catch {
    return null;
  }
}

const sources = ['--import', 'tsx'];

/** A TypeScript file of ours, from the sources. */
export function runScript(path: string, args: readonly string[]): Promise<Finished> {
  return runChild(process.execPath, [...sources, path, ...args]);
}

/** The compiled program, as users run it; `buildDuihao` first. */
export function runDuihao(args: readonly string[]): Promise<Finished> {
  return runChild(process.execPath, [join('dist', 'src', 'cli', 'main.js'), ...args]);
}

export async function buildDuihao(): Promise<void> {
  await runChild(process.execPath, [join('.config', 'build.mjs')]);
}

/** Debian's Python, which has Debian's packages. */
export function runPeers(args: readonly string[]): Promise<Finished> {
  return runChild('/usr/bin/python3', [join('test', 'bench', 'peers.py'), ...args]);
}

export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

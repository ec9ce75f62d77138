/** `--taxonomy` and `--overlay`, the same for every command that reads the tree. */
import type { Command } from 'commander';
import { defaultTaxonomyPath } from '../taxonomy/load.js';
import { loadTaxonomyWithOverlays } from '../taxonomy/overlay.js';
import type { Taxonomy, TaxonomyFault } from '../taxonomy/taxonomy.js';

export interface TaxonomyOptions {
  readonly taxonomy: string;
  readonly overlay: readonly string[];
}

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[]) => [...before, value];

export function withTaxonomyOptions(command: Command): Command {
  return command
    .option('--taxonomy <file>', '分类体系（CSV、XLSX、JSON），默认 DB44/T 2479—2024', defaultTaxonomyPath)
    .option('--overlay <file>', '地市叠加表，可重复给出', collect, []);
}

export function readTaxonomy(options: TaxonomyOptions): Promise<Taxonomy> {
  return loadTaxonomyWithOverlays(options.taxonomy, options.overlay);
}

/** One line a fault: where, which rule, what. */
export function faultLine({ severity, source, row, fault, message }: TaxonomyFault): string {
  const where = `${source === undefined ? '' : `${source} `}${row === undefined ? '' : `第 ${row} 行 `}`;
  return `${severity === 'error' ? '错误' : '警告'} ${where}${fault}：${message}`;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLines(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

/** The colours of the page hold WCAG AA, light and dark: 4.5:1 for text, 3:1 for borders of controls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const css = readFileSync(join(packageRoot, 'src/web/style/tokens.css'), 'utf8');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

function colours(part: string): ReadonlyMap<string, string> {
  return new Map(
    [...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]),
  );
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright! + 0.05) / (dim! + 0.05);
}

/** Text on every ground it stands on in the style sheets. */
const texts: Readonly<Record<string, readonly string[]>> = {
  ink: ['paper', 'surface', 'sunken', 'sure-soft', 'doubt-soft', 'alarm-soft', 'mark-1', 'mark-2', 'mark-3'],
  'ink-2': ['paper', 'surface', 'sunken', 'sure-soft', 'doubt-soft', 'alarm-soft'],
  'ink-3': ['paper', 'surface', 'sunken', 'sure-soft', 'doubt-soft'],
  sure: ['surface', 'sunken', 'sure-soft'],
  'on-sure': ['sure'],
  doubt: ['surface', 'sunken', 'sure-soft', 'doubt-soft'],
  alarm: ['surface', 'alarm-soft'],
};
const lines: Readonly<Record<string, readonly string[]>> = {
  'line-strong': ['surface'],
  'mark-line': ['surface'],
  focus: ['paper', 'surface', 'sunken', 'sure-soft', 'doubt-soft'],
  sure: ['surface', 'sunken'],
};

describe.each([
  ['light', colours(light)],
  ['dark', colours(dark)],
])('the %s colours', (_name, colour) => {
  const failing = (pairs: typeof texts, least: number) =>
    Object.entries(pairs).flatMap(([front, grounds]) =>
      grounds
        .map((ground) => ({
          pair: `${front} on ${ground}`,
          ratio: contrast(colour.get(front)!, colour.get(ground)!),
        }))
        .filter(({ ratio }) => !(ratio >= least)),
    );

  it('are readable', () => {
    expect(colour.size).toBeGreaterThan(15);
    expect(failing(texts, 4.5)).toEqual([]);
  });

  it('show where a control begins and where the focus is', () => {
    expect(failing(lines, 3)).toEqual([]);
  });
});

/** docs/api.md keeps up with the problems that the server knows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

it('docs/api.md explains every code that the server answers with', () => {
  const page = readFileSync(join(packageRoot, 'docs/api.md'), 'utf8');
  const folder = join(packageRoot, 'src/server');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const codes = sources.flatMap((name) => {
    const source = readFileSync(join(folder, name), 'utf8');
    const thrown = source.matchAll(
      /(?:new Problem\(\s*\d{3},|\binvalid\(|\[\d{3},|^\s+\d{3},)\s*'([a-z]+(?:-[a-z]+)*)'/gm,
    );
    return [...thrown].map(([, code]) => code!);
  });
  expect(codes).toContain('model-loading');
  expect(codes).toContain('body-too-large');
  expect(codes).toContain('ticket-id-duplicate');
  expect([...new Set(codes)].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

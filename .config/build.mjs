/**
 * Compiles src/ and training/ to dist/ and bundles the agents' page to dist/web.
 * With --if-possible (run by `npm ci`) a production install without the dev tools keeps the dist/ it
 * was shipped with instead of failing.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');

if (!existsSync(tsc) || !existsSync(vite)) {
  const optional = process.argv.includes('--if-possible');
  process.stderr.write(
    'duihao: build skipped, the development dependencies are not installed (npm ci without --omit=dev installs them).\n',
  );
  process.exit(optional ? 0 : 1);
}

function run(...arguments_) {
  const { status } = spawnSync(process.execPath, arguments_, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
run(tsc, '-p', 'tsconfig.build.json');
if (existsSync(join(root, 'src', 'web', 'vite.config.ts'))) {
  run(vite, 'build', '--config', join('src', 'web', 'vite.config.ts'), '--logLevel', 'warn');
}
chmodSync(join(root, 'dist', 'src', 'cli', 'main.js'), 0o755);

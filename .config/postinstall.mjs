/**
 * Builds nodejieba's native part after `npm ci`, and never fails the install.
 *
 * nodejieba's own install script shells out to `npx`, which is refused where npm has `yes=false`, and
 * downloads first, which hangs behind a firewall that drops packets. So `allowScripts` in package.json
 * denies it and this script runs node-gyp directly. Where there is no compiler, @node-rs/jieba (a
 * prebuilt binary from the registry) segments instead and the product works the same.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const nodejieba = join(root, 'node_modules', 'nodejieba');
const binary = join(nodejieba, 'build', 'Release', 'nodejieba.node');

function say(message) {
  process.stderr.write(`duihao: ${message}\n`);
}

/** node-gyp as npm ships it: named by npm during scripts, else beside the npm that belongs to this node. */
function findNodeGyp() {
  const named = process.env.npm_config_node_gyp;
  if (named && existsSync(named)) return named;
  const npmCli = process.env.npm_execpath;
  if (npmCli) {
    const beside = resolve(dirname(npmCli), '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
    if (existsSync(beside)) return beside;
  }
  return undefined;
}

function build() {
  if (!existsSync(join(nodejieba, 'binding.gyp'))) return 'nodejieba is not installed';
  if (existsSync(binary)) return undefined;
  if (process.env.DUIHAO_SKIP_NATIVE === '1') return 'DUIHAO_SKIP_NATIVE=1';
  const nodeGyp = findNodeGyp();
  if (!nodeGyp) return 'node-gyp was not found';
  const arguments_ = [nodeGyp, 'rebuild', '--release'];
  // Headers beside this very node make the build work without the network.
  const prefix = resolve(dirname(process.execPath), '..');
  if (existsSync(join(prefix, 'include', 'node', 'node.h'))) arguments_.push(`--nodedir=${prefix}`);
  const run = spawnSync(process.execPath, arguments_, {
    cwd: nodejieba,
    encoding: 'utf8',
    timeout: 180_000,
    env: { ...process.env, npm_config_nodedir: undefined },
  });
  if (run.status === 0 && existsSync(binary)) return undefined;
  const lines = `${run.stderr ?? ''}${run.error?.message ?? ''}`.trim().split('\n');
  return lines.find((line) => /ERR! stack|not found|error:/i.test(line)) ?? lines.at(-1) ?? 'unknown';
}

try {
  const reason = build();
  if (reason) say(`nodejieba was not built (${reason}); @node-rs/jieba will segment instead.`);
} catch (error) {
  say(`nodejieba was not built (${error}); @node-rs/jieba will segment instead.`);
}

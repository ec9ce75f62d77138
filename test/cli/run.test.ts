/** The command line’s own manners: usage, failures, exit codes, pipes that close. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentVariables, parseEnvironment } from '../../src/cli/environment.js';
import { explainFailure, failureText } from '../../src/cli/failure.js';
import { DuihaoError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import { writeToyModel } from '../toy-model.js';
import { duihao, start } from './start.js';

let models: string;
beforeAll(() => {
  models = mkdtempSync(join(tmpdir(), 'duihao-cli-'));
  writeToyModel(models, 'a', '1');
});
afterAll(() => rmSync(models, { recursive: true }));

describe('duihao', () => {
  it('shows its help in Chinese and its version', async () => {
    const help = await duihao(['--help']);
    expect(help.code).toBe(0);
    expect(help.out).toContain('用法：');
    expect(help.out).toContain('退出码');
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
    expect(await duihao(['--version'])).toEqual({ code: 0, out: `duihao ${version}\n`, err: '' });
    const group = await duihao(['models']);
    expect([group.code, group.err]).toEqual([2, expect.stringContaining('promote')]);
  });

  it('says in one line what is wrong with the usage, and exits 2', async () => {
    const cases: [string[], string][] = [
      [['sugest'], 'duihao：没有命令 sugest；是否想用 suggest；用 --help 查看用法（usage）\n'],
      [['serve', '--prot', '1'], 'duihao：没有选项 --prot；是否想用 --port；用 --help 查看用法（usage）\n'],
      [
        ['serve', '--port', '70000'],
        'duihao：--port <n> 的取值不对：应为 0–65535 的整数；用 --help 查看用法（usage）\n',
      ],
      [['models', 'promote'], 'duihao：缺少参数 model；用 --help 查看用法（usage）\n'],
    ];
    for (const [args, err] of cases) expect(await duihao(args)).toEqual({ code: 2, out: '', err });
  });

  it('reports failures as JSON where JSON was asked for', async () => {
    const { code, out, err } = await duihao(['models', 'promote', 'b', '--models', models, '--json']);
    expect([code, out]).toEqual([2, '']);
    expect(JSON.parse(err).error).toMatchObject({ code: 'manifest-missing', kind: 'not-found' });
    expect(JSON.parse(err).error.message).toContain('没有找到模型');
  });

  it('ends quietly when nobody reads on', async () => {
    const rows = Array.from({ length: 3000 }, (_, at) => JSON.stringify({ id: `${at}`, text: '渣土车' }));
    const started = start(['suggest', '--models', models, '--json'], { input: rows.join('\n') });
    started.child.stdout?.once('data', () => started.child.stdout?.destroy());
    const { code, err } = await started.ended;
    expect([code, err]).toEqual([0, '']);
  });
});

describe('failures', () => {
  it('have an exit code by kind', () => {
    const codes = (
      [
        'invalid-input',
        'not-found',
        'conflict',
        'forbidden',
        'too-large',
        'unavailable',
        'corrupt',
        'internal',
      ] as const
    ).map((kind) => explainFailure(new DuihaoError(kind, 'x', 'y')).exitCode);
    expect(codes).toEqual([2, 2, 1, 1, 2, 1, 1, 70]);
  });

  it('of the file system name the path; of our own bugs the place, and never the message', () => {
    const missing = explainFailure(
      Object.assign(new Error('ENOENT: x'), { code: 'ENOENT', path: '/no/file' }),
    );
    expect(missing).toMatchObject({ exitCode: 2, message: '没有这个文件或目录：/no/file' });
    const bug = explainFailure(new TypeError('张三的电话'));
    expect(bug.exitCode).toBe(70);
    expect(failureText(bug, false)).not.toContain('张三');
    expect(failureText(bug, true)).not.toContain('张三');
    expect(bug.frames.length).toBeGreaterThan(0);
    expect(explainFailure('张三').message).not.toContain('张三');
  });

  it('are one line, whatever commander says', () => {
    for (const code of ['commander.unknownOption', 'commander.somethingNew']) {
      const text = failureText(explainFailure(new CommanderError(1, code, "error: 'x' went wrong")), false);
      expect(text.trimEnd()).not.toContain('\n');
      expect(text).toContain('--help');
    }
  });
});

describe('the environment', () => {
  it('is read by one schema; empty is unset, and what is not ours is left alone', () => {
    expect(parseEnvironment({ PORT: '8080', HOST: '', LOG_LEVEL: 'warn', HOME: '/root' })).toEqual({
      PORT: 8080,
      LOG_LEVEL: 'warn',
    });
  });

  it('is refused naming every variable that is wrong, never its value', () => {
    let error: unknown;
    try {
      parseEnvironment({ PORT: 'secret', WORKERS: '0', LOG_LEVEL: 'loud', RATE_LIMIT: '-1', HOST: 'x' });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'environment-invalid',
      details: { variables: ['PORT', 'WORKERS', 'RATE_LIMIT', 'LOG_LEVEL'] },
    });
    expect((error as Error).message).not.toMatch(/secret|loud|-1/);
  });

  it('is documented: .env.example names every variable, and no other', () => {
    const text = readFileSync(join(packageRoot, '.env.example'), 'utf8');
    const named = [...text.matchAll(/^#?\s?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual([...environmentVariables].sort());
  });

  it('may lie in .env of the working folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'duihao-env-'));
    writeFileSync(join(folder, '.env'), `DUIHAO_MODELS=${models}\n`);
    const { out } = await duihao(['models', 'list', '--json'], { cwd: folder });
    expect(JSON.parse(out).listed).toMatchObject([{ name: 'a', promoted: false }]);
    writeFileSync(join(folder, '.env'), 'PORT=abc\n');
    const bad = await duihao(['serve'], { cwd: folder });
    expect(bad).toMatchObject({ code: 2, out: '' });
    expect(bad.err).toBe('duihao：环境变量有误：PORT 应为 0–65535 的整数（environment-invalid）\n');
    rmSync(folder, { recursive: true });
  });
});

/** Runs the command line: the one place that catches, prints failures and exits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot } from '../package-root.js';
import { explainFailure, failureText } from './failure.js';

export const version: string = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
).version;

const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Global Options:': '公共选项：',
  'Commands:': '命令：',
};

function createProgram(): Command {
  const program = new Command('duihao')
    .description('对号：让诉求对号入座，把 12345 工单对到诉求事项编码')
    .version(`duihao ${version}`, '-V, --version', '显示版本')
    .helpOption('-h, --help', '显示帮助')
    .helpCommand('help [command]', '显示某个命令的帮助')
    .configureHelp({
      styleTitle: (title) => titles[title] ?? title,
      optionDescription: (option) =>
        option.defaultValue === undefined || String(option.defaultValue) === ''
          ? option.description
          : `${option.description}（默认：${option.defaultValueDescription ?? option.defaultValue}）`,
    })
    // Failures are printed once, below, in our words.
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  program.addHelpText(
    'after',
    '\n退出码：0 成功；1 失败；2 输入或用法有误；70 内部错误；130 被中断。\n加 --json 时结果与错误均为 JSON。',
  );
  return program;
}

/** @param register adds the commands; they inherit the program's settings. */
export async function run(argv: readonly string[], register: (program: Command) => void): Promise<void> {
  // `duihao … | head`: nobody reads on, and that is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }
  // What no caller caught: printed like any failure, because Node's own words would quote the message.
  const end = (error: unknown): never => {
    const failure = explainFailure(error);
    process.stderr.write(failureText(failure, argv.includes('--json')));
    // Threads or connections that a failed command left open must not keep the process alive.
    process.exit(failure.exitCode);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  const program = createProgram();
  try {
    register(program);
    if (argv.length <= 2) program.help();
    await program.parseAsync(argv);
  } catch (error) {
    // Help and version asked for come as an error with code 0.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    // A group without its subcommand has printed its help.
    if (error instanceof CommanderError && error.code === 'commander.help') process.exit(2);
    end(error);
  }
}

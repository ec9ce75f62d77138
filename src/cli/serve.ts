/** `duihao serve`: its options; the server's code is loaded when it is started. */
import { type Command, InvalidArgumentError } from 'commander';
import type { LogLevel } from '../log.js';
import { openPoolService } from '../suggest/pool-service.js';
import { withModelOptions } from './model-option.js';
import type { OpenService, ServeOptions } from './serving.js';
import { withStoreOption } from './store-option.js';
import { wholeNumber } from './whole-number.js';

const levels: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];

export function register(program: Command, openService: OpenService = openPoolService): void {
  const command = withModelOptions(
    program
      .command('serve')
      .description(
        '启动服务：接口在 /v1，网页在 /，接口文档在 /docs（选项也可用环境变量给出，见 .env.example）',
      ),
  );
  withStoreOption(command)
    .option('--auth <on|off>', '有存储时是否要求登录或密钥（默认：on）', (text) => {
      if (text === 'on' || text === 'off') return text;
      throw new InvalidArgumentError('应为 on 或 off');
    })
    .option(
      '--shadow <model>',
      '在旁并行的候选模型：同样作答，只供比较，不给人看；须有存储（默认按 duihao models shadow 的选定）',
    )
    .option('--port <n>', '端口，0 为任意空闲端口（默认：3000）', wholeNumber(0, 65_535))
    .option('--host <address>', '监听地址；供其他机器访问时用 0.0.0.0（默认：127.0.0.1）')
    .option('--workers <n>', '工作线程数，每个线程各占一份模型内存（默认：1）', wholeNumber(1, 64))
    .option('--jobs <folder>', '历史文件在线重新编码的存放目录；须有存储，给出才有 /v1/relabel-jobs')
    .option('--facets <file>', '扩展码表（JSON）')
    .option('--log-level <level>', `日志级别：${levels.join('、')}（默认：info）`, (text) => {
      if ((levels as readonly string[]).includes(text)) return text;
      throw new InvalidArgumentError(`应为 ${levels.join('、')} 之一`);
    })
    .action(async (options: ServeOptions) => (await import('./serving.js')).serve(options, openService));
}

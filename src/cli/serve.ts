/** `duihao serve`: listens at once, answers when the model is loaded, stops without dropping a request. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type LogLevel, log, setLogLevel } from '../log.js';
import { packageRoot } from '../package-root.js';
import { createApp } from '../server/app.js';
import { listen, type RunningServer } from '../server/listen.js';
import { ModelExchange } from '../server/model-exchange.js';
import { ServiceSlot } from '../server/service-slot.js';
import { openPoolService } from '../suggest/pool-service.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import { defaultFacetsPath, loadFacets } from '../taxonomy/facets.js';
import { readEnvironment } from './environment.js';
import { onInterrupt } from './interrupt.js';
import { type ModelOptions, modelsFolder, namedModel, withModelOptions } from './model-option.js';
import { version } from './run.js';
import { printLines } from './taxonomy-options.js';
import { wholeNumber } from './whole-number.js';

/** Opens the model that answers; another one in tests. */
export type OpenService = (
  modelFolder: string,
  options: { readonly workers: number; readonly maxQueue?: number },
) => Promise<SuggestService>;

interface Options extends ModelOptions {
  readonly port?: number;
  readonly host?: string;
  readonly workers?: number;
  readonly facets?: string;
  readonly logLevel?: LogLevel;
}

const levels: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];

export function register(program: Command, openService: OpenService = openPoolService): void {
  withModelOptions(
    program
      .command('serve')
      .description(
        '启动服务：接口在 /v1，网页在 /，接口文档在 /docs（选项也可用环境变量给出，见 .env.example）',
      ),
  )
    .option('--port <n>', '端口，0 为任意空闲端口（默认：3000）', wholeNumber(0, 65_535))
    .option('--host <address>', '监听地址；供其他机器访问时用 0.0.0.0（默认：127.0.0.1）')
    .option('--workers <n>', '工作线程数，每个线程各占一份模型内存（默认：1）', wholeNumber(1, 64))
    .option('--facets <file>', '扩展码表（JSON）')
    .option('--log-level <level>', `日志级别：${levels.join('、')}（默认：info）`, (text) => {
      if ((levels as readonly string[]).includes(text)) return text;
      throw new InvalidArgumentError(`应为 ${levels.join('、')} 之一`);
    })
    .action((options: Options) => serve(options, openService));
}

async function serve(options: Options, openService: OpenService): Promise<void> {
  const environment = readEnvironment();
  setLogLevel(options.logLevel ?? environment.LOG_LEVEL ?? 'info');
  const facets = await loadFacets(options.facets ?? environment.DUIHAO_FACETS ?? defaultFacetsPath);
  const slot = new ServiceSlot();
  const page = join(packageRoot, 'dist', 'web');
  const app = createApp({
    slot,
    facets,
    version,
    ...(existsSync(join(page, 'index.html')) ? { webFolder: page } : {}),
    rateLimit: environment.RATE_LIMIT ?? 0,
    trustProxy: environment.TRUST_PROXY ?? 0,
    processMetrics: true,
  });
  const interrupt = onInterrupt();
  const server = await listen(app, {
    port: options.port ?? environment.PORT ?? 3000,
    host: options.host ?? environment.HOST ?? '127.0.0.1',
  });
  printLines([`对号 ${version} 正在监听 ${server.url} ，模型加载中……`]);

  const open = (folder: string) =>
    openService(folder, {
      workers: options.workers ?? environment.WORKERS ?? 1,
      ...(environment.QUEUE_LIMIT === undefined ? {} : { maxQueue: environment.QUEUE_LIMIT }),
    });
  const named = namedModel(options, environment);
  const exchange = named
    ? undefined
    : new ModelExchange({ models: modelsFolder(options, environment), slot, open });
  const stopped = new Promise<void>((resolve) => {
    if (interrupt.signal.aborted) resolve();
    else interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const loading = named ? open(named).then((service) => void slot.fill(service)) : exchange!.start();
  const loaded = loading.then(() => announce(server, slot));
  // A model that does not open ends the server: an orchestrator sees it at once, not by a probe's timeout.
  await Promise.race([loaded, stopped]);
  await stopped;

  log.info({ signal: interrupt.signal.reason }, 'stopping');
  slot.stop();
  const cut = await server.close((environment.STOP_GRACE ?? 25) * 1000, (environment.STOP_DELAY ?? 1) * 1000);
  if (cut > 0) log.warn({ cut }, 'requests were cut');
  await exchange?.stop();
  await loaded.catch(() => {});
  await slot.empty()?.close();
  interrupt.release();
  printLines(['对号已停止。']);
}

const started = performance.now();

function announce(server: RunningServer, slot: ServiceSlot): void {
  const { model, taxonomy } = slot.take();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  printLines([
    `对号已就绪：${server.url}  模型 ${model.id}（版本 ${model.version}），${taxonomy.meta.title}，用时 ${seconds} 秒；按 Ctrl-C 停止`,
  ]);
}

/** A server's life: it listens at once, answers when the model is loaded, and stops without dropping a request. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DuihaoError } from '../errors.js';
import { type LogLevel, log, setLogLevel } from '../log.js';
import { readModelCard } from '../model-store/model-card.js';
import { packageRoot } from '../package-root.js';
import type { RelabelJobs } from '../relabel/relabel-jobs.js';
import { createApp } from '../server/app.js';
import { listen, type RunningServer } from '../server/listen.js';
import { ModelExchange } from '../server/model-exchange.js';
import { ServiceSlot } from '../server/service-slot.js';
import { Workplace } from '../server/workplace.js';
import { defaultRetention } from '../store/retention.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import { defaultFacetsPath, type FacetTable, loadFacets } from '../taxonomy/facets.js';
import { type Environment, readEnvironment } from './environment.js';
import { onInterrupt } from './interrupt.js';
import { type ModelOptions, modelsFolder, namedModel, refuseOtherTaxonomy } from './model-option.js';
import { version } from './run.js';
import { refuseLonelyShadow, Shadowing } from './shadowing.js';
import { type StoreOptions, storeLocation } from './store-option.js';
import { printLines } from './taxonomy-options.js';
import { openWorkplace } from './workplace.js';

/** Opens the model that answers; another one in tests. */
export type OpenService = (
  modelFolder: string,
  options: { readonly workers: number; readonly maxQueue?: number; readonly adjust: boolean },
) => Promise<SuggestService>;

export interface ServeOptions extends ModelOptions, StoreOptions {
  readonly auth?: 'on' | 'off';
  readonly port?: number;
  readonly host?: string;
  readonly workers?: number;
  readonly shadow?: string;
  readonly facets?: string;
  readonly jobs?: string;
  readonly logLevel?: LogLevel;
}

export async function serve(options: ServeOptions, openService: OpenService): Promise<void> {
  const environment = readEnvironment();
  setLogLevel(options.logLevel ?? environment.LOG_LEVEL ?? 'info');
  const facets = await loadFacets(options.facets ?? environment.DUIHAO_FACETS ?? defaultFacetsPath);
  const slot = new ServiceSlot();
  const page = join(packageRoot, 'dist', 'web');
  const location = storeLocation(options, environment);
  const workplace =
    location &&
    new Workplace({
      auth: (options.auth ?? environment.AUTH ?? 'on') === 'on',
      storeText: environment.STORE_TEXT === 'masked',
    });
  const shadowing = workplace && new Shadowing(options, environment, workplace, openService);
  await refuseLonelyShadow(options, environment, location !== undefined);
  const relabelJobs = await openJobs(options, environment, { slot, facets, stored: location !== undefined });
  const app = createApp({
    slot,
    facets,
    version,
    ...(existsSync(join(page, 'index.html')) ? { webFolder: page } : {}),
    rateLimit: environment.RATE_LIMIT ?? 0,
    trustProxy: environment.TRUST_PROXY ?? 0,
    processMetrics: true,
    ...(relabelJobs ? { relabelJobs } : {}),
    ...(workplace && shadowing ? { workplace, shadow: shadowing.shadow } : {}),
  });
  const interrupt = onInterrupt();
  const server = await listen(app, {
    port: options.port ?? environment.PORT ?? 3000,
    host: options.host ?? environment.HOST ?? '127.0.0.1',
  });
  printLines([`对号 ${version} 正在监听 ${server.url} ，模型加载中……`]);

  const stored =
    location && workplace
      ? openWorkplace(workplace, slot, {
          location,
          retention: {
            days: environment.RETENTION_DAYS ?? defaultRetention.days,
            textDays: environment.TEXT_RETENTION_DAYS ?? defaultRetention.textDays,
          },
          url: server.url,
        })
      : undefined;

  const open = async (folder: string) => {
    // A model promoted later is held to the same list.
    await refuseOtherTaxonomy(options, await readModelCard(folder));
    return openService(folder, {
      workers: options.workers ?? environment.WORKERS ?? 1,
      adjust: location !== undefined && (environment.ONLINE_ADJUSTMENT ?? 'on') === 'on',
      ...(environment.QUEUE_LIMIT === undefined ? {} : { maxQueue: environment.QUEUE_LIMIT }),
    });
  };
  const models = modelsFolder(options, environment);
  const named = namedModel(options, environment);
  const exchange = named
    ? undefined
    : new ModelExchange({ models, slot, open, onChoice: (current) => stored?.chose(models, current) });
  const stopped = new Promise<void>((resolve) => {
    if (interrupt.signal.aborted) resolve();
    else interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const loading = named
    ? readModelCard(named).then(async ({ folder }) => void slot.fill(await open(folder)))
    : exchange!.start();
  const loaded = loading.then(() => {
    announce(server, slot);
    shadowing?.start();
  });
  // A model that does not open ends the server: an orchestrator sees it at once, not by a probe's timeout.
  // So does a store that does not: a server that forgets what it is told would look like one that works.
  await Promise.race([Promise.all([loaded, stored?.opened]), stopped]);
  await stopped;

  log.info({ signal: interrupt.signal.reason }, 'stopping');
  slot.stop();
  // It stops between two batches, while requests are still answered; the next start goes on.
  const jobsClosed = relabelJobs?.close();
  const cut = await server.close((environment.STOP_GRACE ?? 25) * 1000, (environment.STOP_DELAY ?? 1) * 1000);
  if (cut > 0) log.warn({ cut }, 'requests were cut');
  await jobsClosed;
  await exchange?.stop();
  await loaded.catch(() => {});
  await shadowing?.close();
  await slot.empty()?.close();
  await stored?.close();
  interrupt.release();
  printLines(['对号已停止。']);
}

/** Undefined where no folder is named. @throws DuihaoError `option-invalid`, `jobs-folder-locked` */
async function openJobs(
  options: ServeOptions,
  environment: Environment,
  { slot, facets, stored }: { slot: ServiceSlot; facets: FacetTable; stored: boolean },
): Promise<RelabelJobs | undefined> {
  const folder = options.jobs ?? environment.DUIHAO_JOBS_DIR;
  if (folder === undefined) return undefined;
  if (!stored) {
    // Whole archives, with what citizens wrote: not for a server that asks nobody who they are.
    throw new DuihaoError(
      'invalid-input',
      'option-invalid',
      '--jobs（DUIHAO_JOBS_DIR）须有存储：只有班长以上才能送来文件',
    );
  }
  const { RelabelJobs } = await import('../relabel/relabel-jobs.js');
  return RelabelJobs.open({ folder: resolve(folder), service: () => slot.take(), facets });
}

const started = performance.now();

function announce(server: RunningServer, slot: ServiceSlot): void {
  const { model, taxonomy } = slot.take();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  printLines([
    `对号已就绪：${server.url}  模型 ${model.id}（版本 ${model.version}），${taxonomy.meta.title}，用时 ${seconds} 秒；按 Ctrl-C 停止`,
  ]);
}

/** The workplace's part of a server's life: the store opens behind the listening server, is tidied, and closes. */
import { log } from '../log.js';
import type { Current } from '../model-store/registry.js';
import { linkPath } from '../server/account-routes.js';
import { watchClusters } from '../server/clusters/cluster-watch.js';
import { CorrectionFeed } from '../server/correction-feed.js';
import type { ServiceSlot } from '../server/service-slot.js';
import type { Workplace } from '../server/workplace.js';
import type { StoreLocation } from '../store/database.js';
import type { RetentionRule } from '../store/retention.js';
import type { Store } from '../store/store.js';
import { recordNoticed } from './model-record.js';
import { printLines } from './taxonomy-options.js';

const tidyEveryMs = 3_600_000;

export interface OpeningOptions {
  readonly location: StoreLocation;
  readonly retention: RetentionRule;
  /** Of the server, for the first admin's link. */
  readonly url: string;
}

export interface OpenedWorkplace {
  /** Rejects where the store does not open. */
  readonly opened: Promise<void>;
  /** Records what the registry says, once it is open. */
  chose(models: string, current: Current): void;
  /** Writes what is left and closes the store; after the last request. */
  close(): Promise<void>;
}

export function openWorkplace(
  workplace: Workplace,
  slot: ServiceSlot,
  { location, retention, url }: OpeningOptions,
): OpenedWorkplace {
  let timer: NodeJS.Timeout | undefined;
  let feed: CorrectionFeed | undefined;
  let watch: ReturnType<typeof watchClusters> | undefined;
  let tidying: Promise<void> = Promise.resolve();
  let recording: Promise<void> = Promise.resolve();
  const tidy = (store: Store) => {
    tidying = store.tidy(retention).then(
      (outcome) => log.info(outcome, 'store tidied'),
      (error) => log.warn({ code: error?.code, name: error?.name }, 'store not tidied'),
    );
  };
  const opened = (async () => {
    const { openStore } = await import('../store/store.js');
    const store = await openStore(location);
    workplace.fill(store);
    for (const name of store.migrated) log.info({ migration: name }, 'migrated');
    if (workplace.auth) {
      const link = await store.accounts.firstAdminLink();
      if (link) {
        printLines([
          `还没有管理员：请在 24 小时内打开 ${url}${linkPath(link.token)} 设置管理员 ${link.account.name} 的密码（链接只能用一次，重新启动会换一个）`,
        ]);
      }
    }
    feed = new CorrectionFeed(store);
    slot.whenFilled((service) => {
      feed?.follow(service);
      const { model, taxonomy } = service;
      const event = {
        event: 'loaded' as const,
        model: model.id,
        modelVersion: model.version,
        taxonomyDigest: taxonomy.digest,
        actor: 'server',
        reason: null,
      };
      store.models.add(event).catch((error) => log.warn({ name: error?.name }, 'model event not stored'));
    });
    printLines([
      `存储已打开（${location.kind === 'postgres' ? 'PostgreSQL' : location.kind === 'folder' ? location.folder : '内存'}）`,
    ]);
    if (workplace.storeText) {
      const taxonomy = () => (slot.state === 'ready' ? slot.take().taxonomy : undefined);
      watch = watchClusters(store, workplace.clusters, taxonomy);
    }
    timer = setInterval(() => tidy(store), tidyEveryMs);
    timer.unref();
    tidy(store);
  })();
  // Whoever stops before it is open must not meet it as an unhandled failure.
  opened.catch(() => {});
  return {
    opened,
    chose(models, current) {
      recording = recording
        .then(() => opened)
        .then(async () => {
          const { store } = workplace;
          if (store && (await recordNoticed(store, models, current)))
            log.info(
              { model: current.current.model, version: current.current.version },
              'promotion recorded',
            );
        })
        .catch((error) => log.warn({ code: error?.code, name: error?.name }, 'promotion not recorded'));
    },
    async close() {
      await opened.catch(() => {});
      clearInterval(timer);
      await watch?.stop();
      await feed?.stop();
      await tidying;
      await recording;
      await workplace.empty()?.close();
    },
  };
}

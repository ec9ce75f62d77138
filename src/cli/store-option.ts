/** `--store`, the same for every command that works on the store. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DuihaoError } from '../errors.js';
import { readLocation, type StoreLocation } from '../store/database.js';
import type { Store } from '../store/store.js';
import { type Environment, readEnvironment } from './environment.js';

export interface StoreOptions {
  readonly store?: string;
}

export function withStoreOption(command: Command): Command {
  return command.option(
    '--store <where>',
    '存储：数据目录，或 postgres://…（也可用环境变量 DATABASE_URL、DUIHAO_DATA_DIR 给出）',
  );
}

/** Undefined where none is named: a server then keeps nothing. */
export function storeLocation(options: StoreOptions, environment: Environment): StoreLocation | undefined {
  const named = options.store ?? environment.DATABASE_URL ?? environment.DUIHAO_DATA_DIR;
  if (named === undefined) return undefined;
  const location = readLocation(named);
  return location.kind === 'folder' ? { kind: 'folder', folder: resolve(location.folder) } : location;
}

/** Opens the store for one command. @throws DuihaoError `store-unnamed`, and what `openStore` throws */
export async function withStore<T>(options: StoreOptions, work: (store: Store) => Promise<T>): Promise<T> {
  const location = storeLocation(options, readEnvironment());
  if (!location) {
    throw new DuihaoError(
      'invalid-input',
      'store-unnamed',
      'name the store: --store, DATABASE_URL or DUIHAO_DATA_DIR',
    );
  }
  const { openStore } = await import('../store/store.js');
  const store = await openStore(location);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

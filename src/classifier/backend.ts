/** Which TF.js backend computes: tfjs-node where it can be loaded, else WebAssembly, else plain JavaScript. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
// Gradients are registered by this import (tfjs-core alone has none in Node).
import '@tensorflow/tfjs-layers';
import { log } from '../log.js';

export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

let chosen: Promise<BackendName> | undefined;

/** Chooses once per thread; every later call gets the same answer. */
export function chooseBackend(): Promise<BackendName> {
  chosen ??= choose();
  return chosen;
}

async function choose(): Promise<BackendName> {
  try {
    // Its install downloads libtensorflow; where that was not possible the import throws one of several errors.
    await import('@tensorflow/tfjs-node' as string);
    await tf.ready();
    if (tf.getBackend() === 'tensorflow') return 'tensorflow';
  } catch {
    log.info({ backend: 'wasm' }, 'tfjs-node could not be loaded: TF.js computes with WebAssembly');
  }
  try {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const require = createRequire(import.meta.url);
    const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
    setWasmPaths(folder + sep);
    if (await tf.setBackend('wasm')) return 'wasm';
  } catch (error) {
    log.warn({ reason: String(error) }, 'WebAssembly could not be started: TF.js computes in JavaScript');
  }
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return 'cpu';
}

export { tf };

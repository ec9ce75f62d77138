/**
 * Assembles src/classifier/sparse-kernel.wat and writes the bytes to sparse-kernel-binary.ts: nothing is assembled
 * where Duihao runs or is installed. Run it after a change of the .wat; a test holds the two together.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openWabt from 'wabt';

const folder = new URL('../src/classifier/', import.meta.url);

/** @returns the module's bytes in base64 */
export async function assembleKernel() {
  const wabt = await openWabt();
  const module = wabt.parseWat(
    'sparse-kernel.wat',
    readFileSync(new URL('sparse-kernel.wat', folder), 'utf8'),
  );
  try {
    return Buffer.from(module.toBinary({}).buffer).toString('base64');
  } finally {
    module.destroy();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = (await assembleKernel()).match(/.{1,96}/g).map((line) => `  '${line}',`);
  writeFileSync(
    new URL('sparse-kernel-binary.ts', folder),
    `/** Written by .config/build-kernel.mjs from sparse-kernel.wat: the WebAssembly module in base64. */\nexport const SPARSE_KERNEL: string = [\n${lines.join('\n')}\n].join('');\n`,
  );
}

/** Where the package lies, whether it runs from sources (src/) or from the build (dist/src/). */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'package.json'))) {
    const up = dirname(at);
    if (up === at) throw new Error('package.json was not found above the program');
    at = up;
  }
  return at;
}

/** Absolute path of the folder with package.json, data/ and models/. */
export const packageRoot: string = findPackageRoot();

/** Builds the page to dist/web: few files, hashed names, nothing inline (the CSP), compressed beforehand. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { manualPage } from './manual-page.js';

const here = dirname(fileURLToPath(import.meta.url));

/** Writes `.br` and `.gz` beside every text file; the server picks by Accept-Encoding. */
function compressed(): Plugin {
  let output = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved({ root, build }) {
      output = resolve(root, build.outDir);
    },
    closeBundle() {
      for (const entry of readdirSync(output, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const content = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(
          `${path}.br`,
          brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        );
      }
    },
  };
}

/** The agents' manual, beside the page. */
function manual(): Plugin {
  return {
    name: 'manual',
    apply: 'build',
    generateBundle() {
      const markdown = readFileSync(resolve(here, '../../docs/agents.zh-CN.md'), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'manual.html', source: manualPage(markdown) });
    },
  };
}

export default defineConfig({
  root: here,
  plugins: [preact({ devToolsEnabled: false, reactAliasesEnabled: false }), manual(), compressed()],
  build: {
    outDir: resolve(here, '../../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // The CSP allows no inline scripts, and pictures are better cached as files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npx vite --config src/web/vite.config.ts` while `duihao serve` runs on port 3000.
  server: { proxy: { '/v1': 'http://127.0.0.1:3000', '/health': 'http://127.0.0.1:3000' } },
});

/** A real browser over the built page, for the tests of the page. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { packageRoot } from '../../src/package-root.js';

export const executablePath = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);
if (!executablePath) {
  console.warn(
    '\n*** SKIPPED: the page was not tested, no chromium on this machine (apt-get install chromium) ***\n',
  );
}

export const screenshots = join(packageRoot, 'dist/screenshots');

/** Builds the page to a folder of its own. @returns the folder, for the caller to remove */
export function buildPage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'duihao-web-'));
  mkdirSync(screenshots, { recursive: true });
  const built = spawnSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', '--config', 'src/web/vite.config.ts', '--outDir', folder],
    { cwd: packageRoot, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' } },
  );
  if (built.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`the page does not build: ${built.stderr}`);
  }
  return folder;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** @param faults collects errors of the page's own, violations of the CSP included */
export async function openPage(
  browser: Browser,
  url: string,
  faults: string[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // A refused request is told to the console by the browser; the page's own faults are not of that kind.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      faults.push(message.text());
  });
  await page.goto(url);
  return page;
}

export const shoot = (page: Page, name: string) =>
  page.screenshot({ path: join(screenshots, `${name}.png`) });

// Expressions for the browser are texts: the tests have no DOM.
export const overflows = (page: Page) =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');

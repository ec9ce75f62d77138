/**
 * The agents' workplace in a real browser, over the real store and API and the toy model: from the first
 * start's link to two agents at one queue. Screenshots go to dist/screenshots, to be looked at.
 */
import { rmSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linkPath } from '../../src/server/account-routes.js';
import { Workplace } from '../../src/server/workplace.js';
import type { Role } from '../../src/store/accounts.js';
import { openStore, type Store } from '../../src/store/store.js';
import { type ServedApp, serveApp } from '../server/serve-app.js';
import { buildPage, executablePath, launchBrowser, openPage, overflows, shoot } from './browser.js';

let webFolder: string;
let browser: Browser;
let store: Store;
let app: ServedApp;
let url: string;
let faults: string[] = [];
/** The store's clock is ahead by this. */
let ahead = 0;
const password = '相当长的一个口令，够用';

async function serve(auth: boolean): Promise<void> {
  const workplace = new Workplace({ auth, storeText: true }, store);
  app = await serveApp({ webFolder, workplace });
  url = app.server.url;
}

/** An account whose password is set. */
async function person(name: string, role: Role): Promise<void> {
  const { token } = await store.accounts.add(name, role, 'test');
  await store.accounts.redeem(token, password);
}

/** Signed in, at a view. */
async function enter(
  name: string,
  role: Role,
  hash: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  await person(name, role);
  const page = await openPage(browser, `${url}/${hash}`, faults, options);
  await page.getByLabel('用户名').fill(name);
  await page.getByLabel('密码').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: '页面' }).waitFor();
  return page;
}

/** Tickets that the model is unsure about: they enter the queue by themselves. */
async function ask(...tickets: readonly { id: string; title?: string; text: string }[]): Promise<void> {
  const { key, secret } = await store.keys.add(`intake-${tickets[0]!.id}`, 'intake', 'test');
  const answer = await app.ask('/v1/suggestions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
    body: JSON.stringify({ tickets, k: 9 }),
  });
  expect(answer.status).toBe(200);
  expect(key.role).toBe('intake');
  for (const { suggestionId } of answer.body.results) await store.recorder.recorded(suggestionId);
}

const both = { id: 'GD-1', title: '路口乱', text: '路口有占道经营，还有渣土车乱停，电话 13800000000。' };
const vague = { id: 'GD-2', text: '说好会处理，到现在也没有人联系我，请尽快给个说法。' };
const three = { id: 'GD-3', title: '小区事情', text: '占道经营、渣土车、物业服务都要管一管。' };
const current = (page: Page) => page.locator('#ticket-title .code');
const tray = (page: Page) => page.locator('.tray');
const queue = (page: Page) => page.locator('#panel-queue');
/** Longer than the pause after a ticket is shown, in which keys do nothing. */
const settle = (page: Page) => page.waitForTimeout(350);

describe.skipIf(!executablePath)('the workplace', () => {
  beforeAll(async () => {
    webFolder = buildPage();
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    ahead = 0;
    store = await openStore({ kind: 'memory' }, { now: () => new Date(Date.now() + ahead) });
    await serve(true);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await app.server.close(1000);
    await store.close();
    expect(faults).toEqual([]);
    faults = [];
  });
  afterAll(async () => {
    await browser?.close();
    if (webFolder) rmSync(webFolder, { recursive: true, force: true });
  });

  it('lets the admin in by the first start’s link, once, and not without', async () => {
    const link = await store.accounts.firstAdminLink();
    const page = await openPage(browser, url, faults);
    await page.getByRole('heading', { name: '登录' }).waitFor();
    await shoot(page, 'work-sign-in');
    await page.getByLabel('用户名').fill('admin');
    await page.getByLabel('密码').fill('admin');
    await page.keyboard.press('Enter');
    await page.getByText('用户名或密码不对').waitFor();

    await page.goto(url + linkPath(link!.token));
    await page.getByRole('heading', { name: '设置密码' }).waitFor();
    await page.getByLabel('新密码').fill('短');
    await page.getByLabel('再输入一次').fill('短');
    await page.keyboard.press('Enter');
    await page.getByText('密码至少 10 个字符').waitFor();
    await page.getByLabel('新密码').fill(password);
    await page.getByLabel('再输入一次').fill(`${password}。`);
    await page.keyboard.press('Enter');
    await page.getByText('两次输入的密码不一样').waitFor();
    await page.getByLabel('再输入一次').fill(password);
    await shoot(page, 'work-welcome');
    await page.keyboard.press('Enter');
    await page.getByText('admin 管理员').waitFor();
    // The token is out of the address, and the link is void.
    expect(page.url()).toBe(`${url}/#/work`);
    await page.getByText('都做完了').waitFor();
    const other = await openPage(browser, url + linkPath(link!.token), faults);
    await other.getByLabel('新密码').fill('另外一个相当长的口令');
    await other.getByLabel('再输入一次').fill('另外一个相当长的口令');
    await other.keyboard.press('Enter');
    await other.getByText('链接已用过或已过期').waitFor();

    await page.getByRole('button', { name: '退出' }).click();
    await page.getByRole('heading', { name: '登录' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: '登录' }).waitFor();
  });

  it('accepts by key and goes on to the next ticket', async () => {
    await ask(both, vague, three);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    const first = await current(page).innerText();
    await shoot(page, 'work');
    await settle(page);
    await page.keyboard.press('1');
    await expect.poll(() => current(page).innerText()).not.toBe(first);
    await tray(page).getByText(`工单 ${first} 已归入`).waitFor();
    const [closed] = await store.reviews.closedBy('小王', 5);
    expect(closed).toMatchObject({ ticket: first, state: 'done' });
    expect(closed!.milliseconds).toBeGreaterThan(300);
    expect(closed!.milliseconds).toBeLessThan(60_000);
  });
});

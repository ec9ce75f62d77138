/**
 * The agents' workplace in a real browser, over the real store and API and the toy model: from the first
 * start's link to two agents at one queue. Screenshots go to dist/screenshots, to be looked at.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linkPath } from '../../src/server/account-routes.js';
import { Workplace } from '../../src/server/workplace.js';
import type { Role } from '../../src/store/accounts.js';
import type { NewFeedback } from '../../src/store/feedback.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { ShownSuggestion } from '../../src/store/suggestions.js';
import { type ServedApp, serveApp } from '../server/serve-app.js';
import { given, shown } from '../store/contract.js';
import {
  buildPage,
  executablePath,
  launchBrowser,
  openPage,
  overflows,
  screenshots,
  shoot,
} from './browser.js';

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
/** The machine may be busy. */
const patient = { timeout: 8000 };
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

  it('accepts by key, measures the time, and goes on', async () => {
    await ask(both, vague, three);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    const first = await current(page).innerText();
    // In the pause after a ticket is shown a key is still meant for the one before.
    await settle(page);
    await page.keyboard.press('1');
    await expect.poll(() => current(page).innerText(), patient).not.toBe(first);
    await tray(page).getByText(`工单 ${first} 已归入`).waitFor();
    const [closed] = await store.reviews.closedBy('小王', 5);
    expect(closed).toMatchObject({ ticket: first, state: 'done' });
    expect(closed!.milliseconds).toBeGreaterThan(300);
    expect(closed!.milliseconds).toBeLessThan(60_000);
    const [feedback] = await store.feedback.of(closed!.suggestionId!);
    expect(feedback).toMatchObject({
      agent: '小王',
      item: closed!.chosen,
      milliseconds: closed!.milliseconds,
    });

    // A key that is pressed at once is not for the ticket that has just appeared.
    const second = await current(page).innerText();
    await page.keyboard.press('1');
    await page.keyboard.press('1');
    await settle(page);
    await page.keyboard.press('s');
    await tray(page).getByText('已跳过').waitFor();
    await expect.poll(() => current(page).innerText(), patient).not.toBe(second);
    await settle(page);
    // The arrows choose too, with a note.
    await page.keyboard.press('n');
    await page.keyboard.type('打了电话 13800000000');
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('都做完了').waitFor();
    const [last] = await store.reviews.closedBy('小王', 1);
    expect(last!.note).toMatch(/^打了电话 \D+$/);
    await page.getByText('我刚做完的').waitFor();
    await shoot(page, 'work-empty');
  });

  it('shows the ticket masked with its evidence, and how sure the model is, in words', async () => {
    await ask(both);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    const read = page.locator('.read');
    expect(await read.innerText()).not.toContain('13800000000');
    expect(await read.locator('mark').allInnerTexts()).toEqual(['占道经营', '渣土车']);
    expect(await read.innerText()).toContain('模型只能确定到「城市管理」');
    const said = await page.locator('.decision').innerText();
    expect(said).toContain('退回收容项');
    expect(await page.locator('.clocks').innerText()).toMatch(/用时 0:0\d\s*为你保留 (10:00|9:5\d)/);
    await page.getByRole('status').getByText('工单 GD-1，拿不准').waitFor({ state: 'attached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: '快捷键' }).waitFor();
    await shoot(page, 'work-keys');
  });

  it('corrects by search, by pinyin and down the tree', async () => {
    await ask(vague, both, three);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('dxc');
    await page.getByText('没有找到').waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('wyfw');
    const found = page.getByRole('listbox', { name: '查到的事项' }).getByRole('option');
    await found.first().waitFor();
    await settle(page);
    await shoot(page, 'work-search');
    await page.keyboard.press('Enter');
    await tray(page).getByText('080201「物业服务」').waitFor();
    // The queue is back, and digits are the page's again.
    expect(await page.getByRole('tab', { name: '队列' }).getAttribute('aria-selected')).toBe('true');
    const second = await current(page).innerText();
    await settle(page);
    await page.keyboard.press('1');
    await expect.poll(() => current(page).innerText(), patient).not.toBe(second);

    // By Tab from the search to the tree, and with the arrows down it.
    await settle(page);
    await page.keyboard.press('/');
    await page.getByRole('treeitem').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('role')).toBe('treeitem');
    await page.keyboard.press('End');
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await expect.poll(() => page.locator(':focus').getAttribute('role'), patient).toBe('treeitem');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: '新闻出版' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.locator('[data-item="01.0106.010600"]').waitFor();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator(':focus').getAttribute('data-item')).toBe('01.0106.010600');
    await page.keyboard.press('Enter');
    await page.getByText('都做完了').waitFor();
    const chosen = (await store.reviews.closedBy('小王', 5)).map((review) => review.chosen);
    expect(chosen).toHaveLength(3);
    expect(chosen[0]).toBe('01.0106.010600');
    expect(chosen[2]).toBe('08.0802.080201');
  });

  it('takes back by U and by Ctrl+Z, and the feedback with it', async () => {
    await ask(vague, both, three);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    const order: string[] = [];
    for (let count = 0; count < 2; count++) {
      const ticket = await current(page).innerText();
      order.push(ticket);
      await settle(page);
      await page.keyboard.press('1');
      await tray(page).getByText(`工单 ${ticket} 已归入`).waitFor();
    }
    await page.keyboard.press('u');
    await expect.poll(() => current(page).innerText(), patient).toBe(order[1]);
    await tray(page).getByText(`已撤销，工单 ${order[1]} 回到手上`).waitFor();
    await page.keyboard.press('Control+Z');
    await expect.poll(() => current(page).innerText(), patient).toBe(order[0]);
    await shoot(page, 'work-undone');
    expect(await store.reviews.closedBy('小王', 5)).toEqual([]);
    const held = await store.reviews.claimedBy('小王', 5);
    expect(held).toHaveLength(3);
    for (const { suggestionId, ticket } of held) {
      const [feedback] = await store.feedback.of(suggestionId!);
      expect(feedback?.kind).toBe(order.includes(ticket) ? 'withdrawn' : undefined);
    }
    await page.keyboard.press('u');
    await tray(page).getByText('没有可以撤销的').waitFor();

    // What is in hand goes back when the page closes.
    await page.goto('about:blank');
    await expect.poll(() => store.reviews.claimedBy('小王', 5), patient).toEqual([]);
  });

  it('never gives two agents one ticket, whatever they press at once', async () => {
    const tickets = Array.from({ length: 12 }, (_, index) => ({ ...vague, id: `GD-${index + 10}` }));
    await ask(...tickets);
    const pages = await Promise.all([enter('小王', 'agent', '#/work'), enter('小李', 'agent', '#/work')]);
    const seen: string[] = [];
    for (let round = 0; round < 6; round++) {
      const now = await Promise.all(
        pages.map(async (page) => {
          await page.locator('.decision').waitFor();
          return current(page).innerText();
        }),
      );
      expect(new Set(now).size).toBe(2);
      seen.push(...now);
      await settle(pages[0]!);
      await Promise.all(pages.map((page) => page.keyboard.press(round % 2 === 0 ? '1' : 's')));
      await Promise.all(
        pages.map((page, index) =>
          tray(page)
            .getByText(new RegExp(`工单 ${now[index]} 已`))
            .waitFor(),
        ),
      );
    }
    expect(new Set(seen).size).toBe(12);
    await Promise.all(pages.map((page) => page.getByText('都做完了').waitFor()));
    const [mine, others] = [
      await store.reviews.closedBy('小王', 20),
      await store.reviews.closedBy('小李', 20),
    ];
    expect([mine.length, others.length]).toEqual([6, 6]);
    expect(new Set([...mine, ...others].map(({ ticket }) => ticket)).size).toBe(12);
  });

  it('opens a chosen one of the queue, and tells of one that another has', async () => {
    await ask(vague, both, three);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    const wanted = queue(page).getByRole('button', { name: /路口乱/ });
    const first = await current(page).innerText();
    const id = first === 'GD-1' ? 'GD-3' : 'GD-1';
    await (id === 'GD-1' ? wanted : queue(page).getByRole('button', { name: /小区事情/ })).click();
    await expect.poll(() => current(page).innerText(), patient).toBe(id);
    await expect
      .poll(async () => (await store.reviews.claimedBy('小王', 5)).map(({ ticket }) => ticket), patient)
      .toEqual([id]);
    // The list as it was before the other agent came: a refresh in between would take the button away.
    await page.route(
      (url) => url.pathname === '/v1/reviews',
      () => new Promise(() => undefined),
    );
    const [free] = await store.reviews.waiting(1);
    await store.reviews.claimOne(free!.id, '小李');
    await queue(page)
      .getByRole('button', { name: free!.ticket === 'GD-2' ? /说好会处理/ : /小区事情|路口乱/ })
      .click();
    await tray(page).getByText('已到其他坐席手上').waitFor();
    expect(await current(page).innerText()).toBe(id);
  });

  it('shows how long a ticket is held, holds it longer, and loses it in the open', async () => {
    await ask(vague);
    // Claimed a while ago, by the store's clock.
    ahead = -9 * 60_000;
    const page = await enter('小王', 'agent', '#/work');
    await page.getByText(/即将放回队列 0:\d\d|即将放回队列 1:0\d/).waitFor();
    await shoot(page, 'work-lease');
    ahead = 0;
    await page.getByRole('button', { name: '继续保留' }).click();
    await page.getByText(/为你保留 (10:00|9:5\d)/).waitFor();

    // Its time runs out, and another agent takes it.
    ahead = 11 * 60_000;
    await store.reviews.claim('小李', 1);
    await settle(page);
    await page.keyboard.press('1');
    await tray(page).getByText('工单 GD-2 已到其他坐席手上，你的操作没有记录').waitFor();
    await page.getByText('都做完了').waitFor();
    expect(await store.reviews.closedBy('小王', 5)).toEqual([]);
  });

  it('keeps the archive’s label by 0', async () => {
    const label = '08.0801.080101';
    await store.reviews.add([
      { ticket: 'GD-7', cause: 'likely-mislabelled', doubt: 0.9, label, suggestionId: null },
    ]);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.why-label').waitFor();
    expect(await page.locator('.read').innerText()).toContain('服务器没有保存这张工单的内容');
    await shoot(page, 'work-label');
    await settle(page);
    await page.keyboard.press('0');
    await page.getByText('都做完了').waitFor();
    expect((await store.reviews.closedBy('小王', 1))[0]?.chosen).toBe(label);
  });

  it('rests when told to, and finds new tickets by itself', async () => {
    await ask(vague);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    await page.keyboard.press('p');
    await page.getByText('已暂停').waitFor();
    expect(await store.reviews.countWaiting(5)).toBe(1);
    await page.keyboard.press('Enter');
    await page.locator('.decision').waitFor();
    await settle(page);
    await page.keyboard.press('1');
    await page.getByText('都做完了').waitFor();
    await ask(both);
    await page.getByText('来了新的待办').waitFor({ timeout: 20_000 });
    await page.keyboard.press('Enter');
    await expect.poll(() => current(page).innerText(), patient).toBe('GD-1');
  });

  it('keeps the ticket and the note while the server or the session is away', async () => {
    await ask(vague, both);
    const page = await enter('小王', 'agent', '#/work');
    await page.locator('.decision').waitFor();
    const ticket = await current(page).innerText();
    await page.keyboard.press('n');
    await page.keyboard.type('稍后再打');
    await page.keyboard.press('Control+Enter');
    await page.context().setOffline(true);
    await settle(page);
    await page.keyboard.press('1');
    await page.getByText('连不上服务器').waitFor();
    await page.getByText('刚才的操作没有记录').waitFor();
    await page.context().setOffline(false);

    await page.context().clearCookies();
    await page.keyboard.press('1');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('登录已失效').waitFor();
    await shoot(page, 'work-session-lost');
    await page.keyboard.press('Escape');
    await dialog.getByLabel('密码').fill(password);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await current(page).innerText()).toBe(ticket);
    await page.keyboard.press('1');
    await tray(page).getByText(`工单 ${ticket} 已归入`).waitFor();
    expect((await store.reviews.closedBy('小王', 1))[0]).toMatchObject({ ticket, note: '稍后再打' });
  });

  it('records what is chosen on the plain page, and takes it back; without sign-in where auth is off', async () => {
    await app.server.close(1000);
    await serve(false);
    const page = await openPage(browser, url, faults);
    await page.getByRole('link', { name: '待办复核' }).waitFor();
    expect(await page.getByRole('button', { name: '退出' }).count()).toBe(0);
    await page.getByLabel('正文', { exact: true }).fill('夜里渣土车太吵');
    await page.getByRole('heading', { name: '渣土车' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await tray(page).getByText('已记录').waitFor();
    await shoot(page, 'plain-recorded');
    const counts = async () => (await store.statistics.acceptance(wholeDay(), 'item', 5))[0];
    await expect.poll(counts, patient).toMatchObject({ item: '08.0801.080102', accepted: 1, corrected: 0 });
    await page.keyboard.press('3');
    await expect.poll(counts, patient).toMatchObject({ accepted: 0, corrected: 1 });
    await page.keyboard.press('Escape');
    await expect.poll(counts, patient).toMatchObject({ accepted: 0, corrected: 0 });
  });

  it('shows a role what is its own, and lets the admin give out accounts and keys', async () => {
    const admin = await enter('主任', 'admin', '#/accounts');
    await admin.getByLabel('用户名').fill('小王');
    await admin.getByRole('button', { name: '新建账号' }).click();
    const secret = admin.getByRole('region', { name: '小王 的一次性登录链接' });
    const link = await secret.locator('.secret-text').innerText();
    expect(link.startsWith(`${url}/#/welcome/`)).toBe(true);
    await admin.getByLabel('用于哪个系统').fill('受理一号');
    await shoot(admin, 'accounts');
    await admin.getByRole('button', { name: '新建密钥' }).click();
    await admin.getByRole('region', { name: '受理一号 的接口密钥' }).waitFor();
    await admin.getByRole('button', { name: '吊销' }).waitFor();
    await admin.getByLabel('用户名').fill('小王');
    await admin.getByRole('button', { name: '新建账号' }).click();
    await admin.getByText('这个用户名已有人用').waitFor();
    await admin.getByLabel('主任 的角色').selectOption('agent');
    await admin.getByText('这是最后一个管理员').waitFor();
    expect(await admin.getByLabel('主任 的角色').inputValue()).toBe('admin');

    const agent = await openPage(browser, link, faults);
    await agent.getByLabel('新密码').fill(password);
    await agent.getByLabel('再输入一次').fill(password);
    await agent.keyboard.press('Enter');
    await agent.getByText('小王 坐席').waitFor();
    expect(await agent.getByRole('navigation', { name: '页面' }).getByRole('link').allInnerTexts()).toEqual([
      '单张判定',
      '待办复核',
    ]);
    await agent.goto(`${url}/#/figures`);
    await agent.getByLabel('正文', { exact: true }).waitFor();
    expect(await agent.getByText('每日采纳率').count()).toBe(0);
  });

  it('draws the manager’s figures, each with its sentence, its rows and its CSV', async () => {
    await seedMonth();
    const page = await enter('班长', 'manager', '#/figures');
    const figure = (name: string) => page.getByRole('region', { name, exact: true });
    await figure('每日采纳率').getByRole('img').waitFor();
    await figure('目标错误率下的覆盖率').getByRole('img').waitFor();
    await figure('改正对').getByRole('listitem').first().waitFor();
    await shootWhole(page, 'figures');
    expect(await figure('每日采纳率').getByRole('img').getAttribute('aria-label')).toMatch(
      /给出 240 条建议，坐席选择了 \d+ 条，采纳 \d+%/,
    );
    expect(await figure('模型版本比较').innerText()).toMatch(/采纳率最高的是 toy 2/);
    expect(await figure('改正对').innerText()).toContain('080101 占道经营 → 080102 渣土车');
    const leak = figure('其他（99）里应有归属的工单');
    expect(await leak.innerText()).toMatch(/去向：080102 渣土车 \d+/);
    expect(await figure('每张工单用时').innerText()).toMatch(/中位用时 \d/);

    const coverage = figure('目标错误率下的覆盖率');
    const before = await coverage.locator('.figure-summary').innerText();
    await coverage.getByRole('combobox').selectOption('0.02');
    await expect.poll(() => coverage.locator('.figure-summary').innerText(), patient).not.toBe(before);
    const items = figure('各事项的采纳与改正');
    await items.getByText('以表格查看').click();
    expect(await items.getByRole('row').count()).toBeGreaterThan(2);

    for (const [name, head] of [
      ['每日采纳率', '日期,编码'],
      ['改正对', '建议编码,建议事项'],
      ['每张工单用时', '日期,工单数'],
      ['模型版本比较', '模型,版本'],
      ['目标错误率下的覆盖率', '阈值,工单数'],
      ['其他（99）里应有归属的工单', '编码,事项'],
      ['各事项的采纳与改正', '日期,编码'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        figure(name)
          .getByRole('link', { name: `下载 CSV：${name}` })
          .click(),
      ]);
      const text = readFileSync((await download.path())!, 'utf8');
      expect(text.slice(1), name).toMatch(new RegExp(`^${head}`));
      expect(text.split('\r\n').length, name).toBeGreaterThan(2);
      expect(download.suggestedFilename()).toMatch(/^[a-z-]+-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
    }

    // Days before there was anything.
    await page.getByLabel('从', { exact: true }).fill('2020-01-01');
    await page.getByText('最多 400 天').waitFor();
    await page.getByLabel('到', { exact: true }).fill('2020-01-31');
    await expect.poll(() => page.getByText('这段时间没有数据。').count(), patient).toBeGreaterThanOrEqual(6);
    await page.getByRole('button', { name: '近 7 天' }).click();
    await figure('每日采纳率').getByRole('img').waitFor();
  });

  it('draws clusters in the catch-alls where the server gives them', async () => {
    const page = await enter('班长', 'manager', '#/work');
    const item = { item: '08.0801.080199', code: '0801990000', short: '080199', name: '其他城市管理' };
    const tickets = [
      { id: 'GD-91', suggestionId: 'a', title: '共享单车挡路' },
      { id: 'GD-92', suggestionId: 'b', title: null },
    ];
    await page.route('**/v1/statistics/clusters?*', (route) =>
      route.fulfill({
        json: {
          from: '2026-11-01',
          to: '2026-11-30',
          available: true,
          looked: 200,
          rows: [
            {
              count: 31,
              voices: 30,
              words: ['共享单车', '乱停', '盲道'],
              items: [{ item, count: 31 }],
              first: '2026-11-02T00:00:00Z',
              last: '2026-11-29T00:00:00Z',
              earlier: 6,
              later: 25,
              tickets,
            },
          ],
        },
      }),
    );
    await page.getByRole('link', { name: '统计' }).click();
    const clusters = page.getByRole('region', { name: '其他（99）里可能的新事项' });
    await clusters.getByText('发现 1 群相似的').waitFor();
    expect(await clusters.getByRole('listitem').innerText()).toContain('共享单车、乱停、盲道');
  });

  it('is small at first view', async () => {
    await ask(vague);
    await person('小王', 'agent');
    const page = await openPage(browser, `${url}/#/work`, faults);
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      sizes.push(request.sizes().then((size) => size.responseBodySize + size.responseHeadersSize));
    });
    await page.reload();
    await page.getByLabel('用户名').fill('小王');
    await page.getByLabel('密码').fill(password);
    await page.keyboard.press('Enter');
    await page.locator('.decision').waitFor();
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThan(60_000);
  });

  const sizes: [name: string, options: BrowserContextOptions][] = [
    ['light', { viewport: { width: 1366, height: 768 }, colorScheme: 'light' }],
    ['dark', { viewport: { width: 1366, height: 768 }, colorScheme: 'dark' }],
    ['zoom-150', { viewport: { width: 911, height: 512 }, deviceScaleFactor: 1.5 }],
    ['narrow', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
  ];
  it.each(sizes)('fits: %s', async (name, options) => {
    await seedMonth();
    await ask(both, vague, { ...three, text: `${three.text.repeat(40)}` });
    const page = await enter('班长', 'manager', '#/work', options);
    await page.locator('.decision').waitFor();
    await page.waitForTimeout(400);
    await shoot(page, `work-${name}`);
    expect(await overflows(page)).toBe(false);
    const box = await tray(page).boundingBox();
    expect(box!.y + box!.height).toBeLessThanOrEqual(options.viewport!.height);
    await page.keyboard.press('1');
    await tray(page).getByText('已归入').waitFor();
    await page.getByRole('link', { name: '统计' }).click();
    await page.getByRole('region', { name: '改正对' }).getByRole('listitem').first().waitFor();
    await page.waitForTimeout(400);
    await shootWhole(page, `figures-${name}`);
    expect(await overflows(page)).toBe(false);
  });
});

function wholeDay() {
  return { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000) };
}

const shootWhole = (page: Page, name: string) =>
  page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });

/** Thirty days of eight suggestions, two models of which the second is better, and agents who get quicker. */
async function seedMonth(): Promise<void> {
  const [stalls, trucks, other, house] = [
    '08.0801.080101',
    '08.0801.080102',
    '08.0801.080199',
    '08.0802.080201',
  ] as const;
  const day = 86_400_000;
  const all: ShownSuggestion[] = [];
  const feedback: NewFeedback[] = [];
  for (let back = 29; back >= 0; back--) {
    for (let number = 0; number < 8; number++) {
      const item = [stalls, trucks, other, house][number % 4]!;
      const later = back < 15;
      const probability = 0.3 + ((number * 37 + back * 11) % 70) / 100;
      const shownAt = new Date(Date.now() - back * day - number * 60_000);
      const one = shown({
        modelVersion: later ? '2' : '1',
        decision:
          item === other
            ? { kind: 'fallback', item, under: '08.0801', reason: 'low-confidence', probability: 0.8 }
            : { kind: 'specific', item, probability },
        catchAll: item === other,
        candidates: [
          { item: item === other ? trucks : item, probability },
          { item: stalls, probability: (1 - probability) / 2 },
        ],
        shownAt,
      });
      all.push(one);
      // The surer the model, the rarer it is wrong.
      const wrong = probability < (later ? 0.42 : 0.6) && number !== 3;
      const chosen = wrong ? (item === trucks ? stalls : trucks) : item;
      if ((number + back) % 9 === 0) continue;
      feedback.push(
        given(one.id, {
          kind: chosen === item ? 'accepted' : 'corrected',
          item: chosen,
          decidedAt: new Date(shownAt.getTime() + 20_000),
          milliseconds: 6000 + back * 700 + number * 900,
        }),
      );
    }
  }
  await store.suggestions.add(all);
  await Promise.all(feedback.map((one) => store.feedback.give(one)));
}

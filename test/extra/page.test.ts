/**
 * The page in a real browser, over the toy service: from the first view to a copied code, by keyboard, and
 * in every state it can be in. Screenshots go to dist/screenshots, to be looked at.
 */
import { rmSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppOptions } from '../../src/server/app.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import { buildTaxonomy } from '../../src/taxonomy/taxonomy.js';
import { type ServedApp, serveApp } from '../server/serve-app.js';
import { toyService } from '../server/toy-service.js';
import { buildPage, executablePath, launchBrowser, openPage, overflows, shoot } from './browser.js';

let webFolder: string;
let browser: Browser;
let served: ServedApp[] = [];
/** Errors of the page's own, violations of the CSP included. */
let faults: string[] = [];

async function serve(options: Partial<AppOptions> = {}): Promise<ServedApp> {
  const app = await serveApp({ webFolder, ...options });
  served.push(app);
  return app;
}

const open = (app: ServedApp, options: BrowserContextOptions = {}): Promise<Page> =>
  openPage(browser, app.server.url, faults, options);

const text = (page: Page) => page.getByLabel('正文', { exact: true });
const decision = (page: Page) => page.locator('.decision');
const tray = (page: Page) => page.locator('.tray');
const clipboard = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()');
const fillClipboard = (page: Page, content: string) =>
  page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(content)})`);
const focused = (page: Page) => page.locator(':focus');

describe.skipIf(!executablePath)('the page', () => {
  beforeAll(async () => {
    webFolder = buildPage();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await Promise.all(served.map((app) => app.server.close(1000)));
    served = [];
    expect(faults).toEqual([]);
    faults = [];
  });
  afterAll(async () => {
    await browser?.close();
    if (webFolder) rmSync(webFolder, { recursive: true, force: true });
  });

  it('is small, asks nobody else and keeps nothing', async () => {
    const app = await serve();
    const context = await browser.newContext();
    const page = await context.newPage();
    const sizes: Promise<number>[] = [];
    const hosts = new Set<string>();
    page.on('requestfinished', (request) => {
      hosts.add(new URL(request.url()).origin);
      sizes.push(request.sizes().then((size) => size.responseBodySize + size.responseHeadersSize));
    });
    await page.goto(app.server.url);
    await page.getByRole('treeitem').first().waitFor();
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThan(40_000);
    expect([...hosts]).toEqual([app.server.url]);

    await text(page).fill('渣土车，联系电话 13800000000');
    await decision(page).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.keyboard.press('1');
    const kept = await page.evaluate(`indexedDB.databases().then((databases) => ({
      local: localStorage.length,
      session: sessionStorage.length,
      cookies: document.cookie,
      address: location.search + location.hash,
      databases: databases.length,
    }))`);
    expect(kept).toEqual({ local: 0, session: 0, cookies: '', address: '', databases: 0 });
    await page.reload();
    expect(await text(page).inputValue()).toBe('');
  });

  it('answers a pasted ticket and accepts by keyboard', async () => {
    const page = await open(await serve());
    await fillClipboard(page, '𠮷祥路上夜里有渣土车，吵得睡不着');
    await page.keyboard.press('e');
    await page.keyboard.press('Control+V');
    await decision(page).waitFor();
    expect(await page.getByRole('heading', { name: '渣土车' }).isVisible()).toBe(true);
    expect(await decision(page).innerText()).toContain('建议事项');
    expect(await page.locator('.decision .step-part').allInnerTexts()).toEqual(['08', '01', '02']);
    expect(await page.locator('.field-mirror mark').allInnerTexts()).toEqual(['渣土车']);
    expect(await page.getByRole('option').count()).toBe(9);
    await shoot(page, 'specific');

    // In the field digits type; Esc leaves it.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await tray(page).getByText('已复制').waitFor();
    expect(await clipboard(page)).toBe('0801020000');
    await page.keyboard.press('Escape');
    expect(await tray(page).innerText()).toContain('尚未选定');

    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const second = page.getByRole('option').nth(1);
    expect(await second.getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('3');
    expect(await page.getByRole('option').nth(2).getAttribute('aria-selected')).toBe('true');
    expect(await second.getAttribute('aria-selected')).toBe('false');
    await shoot(page, 'chosen');

    // Another ticket, another choice.
    await page.keyboard.press('n');
    expect(await focused(page).getAttribute('id')).toBe('ticket-text-field');
    expect(await tray(page).innerText()).toContain('尚未选定');
    expect(await page.getByText('还没有工单').isVisible()).toBe(true);
  });

  it('takes what is pasted outside the fields for a new ticket, chosen from at once', async () => {
    const page = await open(await serve());
    await text(page).fill('占道经营');
    await page.getByRole('heading', { name: '占道经营' }).waitFor();
    await page.keyboard.press('Escape');
    await fillClipboard(page, '夜里\r\n渣土车');
    await page.keyboard.press('Control+V');
    await page.getByRole('heading', { name: '渣土车' }).waitFor();
    expect(await text(page).inputValue()).toBe('夜里\n渣土车');
    await page.keyboard.press('1');
    await expect.poll(() => clipboard(page)).toBe('0801020000');
  });

  it('keeps the marks under their words while a long text scrolls', async () => {
    const page = await open(await serve());
    await text(page).fill(`${'夜里很吵，\n'.repeat(60)}路上有渣土车。`);
    const mark = page.locator('.field-mirror mark');
    await mark.waitFor();
    const heights = await page.locator('.field-multi').evaluate((field) => {
      const [mirror, input] = [field.querySelector('.field-mirror')!, field.querySelector('textarea')!];
      const scroll = field.querySelector('.field-scroll')!;
      scroll.scrollTop = scroll.scrollHeight;
      return {
        mirror: mirror.scrollHeight,
        input: input.scrollHeight,
        scrolled: scroll.scrollTop,
        ownScroll: input.scrollTop,
        apart: mirror.getBoundingClientRect().top - input.getBoundingClientRect().top,
      };
    });
    expect(heights).toMatchObject({ input: heights.mirror, ownScroll: 0, apart: 0 });
    expect(heights.scrolled).toBeGreaterThan(500);
    expect(await mark.isVisible()).toBe(true);
    await shoot(page, 'long');
  });

  it('finds items by pinyin, by word and down the tree', async () => {
    const page = await open(await serve());
    await page.getByRole('treeitem').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('ztc');
    const found = page.getByRole('listbox', { name: '查到的事项' }).getByRole('option');
    await found.first().waitFor();
    expect(await found.first().innerText()).toContain('渣土车');
    await page.keyboard.press('Enter');
    await tray(page).getByText('已选定').waitFor();
    expect(await tray(page).innerText()).toContain('0801020000');
    // The keys are the page's again: the next Esc takes the choice back.
    expect(await focused(page).count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(await tray(page).innerText()).toContain('尚未选定');
    expect(await page.getByLabel('事项详情').innerText()).toContain('俗称：泥头车、工地运土');

    await page.keyboard.press('/');
    await page.keyboard.type('摆摊');
    await page.getByText('俗称“摆摊”').waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('不存在的词');
    await page.getByText('没有找到').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('treeitem', { name: '城乡建设' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: '城市管理' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const stalls = page.getByRole('treeitem', { name: '占道经营' });
    await stalls.waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await focused(page).innerText()).toContain('占道经营');
    await page.keyboard.press('Enter');
    expect(await tray(page).innerText()).toContain('占道经营');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await stalls.count()).toBe(0);
    await page.getByText('下级拿不准时归入 080199 其他城市管理').waitFor();
    await shoot(page, 'tree');
  });

  it('shows a fallback as what it is', async () => {
    const page = await open(await serve());
    await text(page).fill('路口有占道经营，还有渣土车乱停');
    await decision(page).waitFor();
    const said = await decision(page).innerText();
    expect(said).toContain('退回收容项');
    expect(said).toContain('能确定属于「城市管理」');
    expect(said).toContain('暂归入收容项 080199「其他城市管理」');
    await page.locator('.step-doubtful').waitFor();
    expect(await page.locator('.decision .step').count()).toBe(3);
    expect(await page.locator('.step-doubtful .step-part').allInnerTexts()).toEqual(['99']);
    await shoot(page, 'fallback');

    await text(page).fill('说好会处理，到现在也没有人联系我');
    await page.getByRole('heading', { name: '一级分类也拿不准' }).waitFor();
    expect(await decision(page).innerText()).toContain('999900');
    await text(page).fill('占道经营，物业服务也差');
    await expect
      .poll(() => decision(page).innerText())
      .toContain('「城乡建设」没有自己的收容项，退到最近的收容项 999900「其他」。');
    await shoot(page, 'fallback-far');
  });

  it('limits the answer to branches', async () => {
    const page = await open(await serve());
    await text(page).fill('渣土车');
    await page.getByRole('heading', { name: '渣土车' }).waitFor();
    await page.getByRole('treeitem', { name: '民生' }).focus();
    await page.keyboard.press('f');
    await page.getByText('只在这里面找').waitFor();
    await expect
      .poll(async () => (await page.getByRole('option').first().innerText()).includes('民生'))
      .toBe(true);
    for (const option of await page.getByRole('option').all())
      expect(await option.innerText()).toContain('民生');
    await page.getByRole('button', { name: '取消限定 民生' }).click();
    await page.getByRole('heading', { name: '渣土车' }).waitFor();
  });

  it('offers levels beneath the province’s, and facets with the combined code, where they exist', async () => {
    const page = await open(await serve({ slot: new ServiceSlot(cityService()) }));
    await text(page).fill('跨省备案怎么办');
    await page.getByRole('heading', { name: '跨省异地就医' }).waitFor();
    expect(await page.locator('.decision .step-part').allInnerTexts()).toEqual([
      '08',
      '01',
      '02',
      '01',
      '02',
    ]);
    expect(await page.getByLabel('扩展码').innerText()).toMatch(/诉求类别\s+咨询 01\s*91%/);
    await page.getByRole('button', { name: '复制组合码 0801020102-A01' }).click();
    await expect.poll(() => clipboard(page)).toBe('0801020102-A01');
    await shoot(page, 'city');
    await page.getByRole('radio', { name: '省标三级' }).check();
    await page.getByRole('heading', { name: '医疗保险' }).waitFor();
    expect(await page.locator('.decision .step').count()).toBe(3);
  });

  it('waits for a server that is starting and answers by itself when it is ready', async () => {
    const slot = new ServiceSlot();
    const page = await open(await serve({ slot }));
    await page.locator('.page-footer').getByText('模型正在载入').waitFor();
    await text(page).fill('渣土车');
    await page.locator('.notice').getByText('模型正在载入').waitFor();
    await shoot(page, 'starting');
    slot.fill(toyService());
    await page.getByRole('heading', { name: '渣土车' }).waitFor({ timeout: 10_000 });
    await page.locator('.page-footer').getByText('示例分类').waitFor();
    expect(await page.locator('.page-footer').innerText()).toMatch(/toy\s*1.*训练于 2026-01-01/s);
    await page.getByRole('treeitem').first().waitFor();
  });

  it('says when it is offline and goes on when it is back', async () => {
    const page = await open(await serve());
    await page.getByRole('treeitem').first().waitFor();
    await page.context().setOffline(true);
    await text(page).fill('渣土车');
    await page.getByText('连不上服务器').waitFor();
    expect(await text(page).inputValue()).toBe('渣土车');
    await page.context().setOffline(false);
    await page.getByRole('heading', { name: '渣土车' }).waitFor();
  });

  it('says when it asks too often and when the text is too long', async () => {
    const page = await open(await serve({ rateLimit: 3 }));
    await text(page).fill('渣土车');
    await decision(page).waitFor();
    await text(page).fill('渣土车夜里');
    await page.getByText('请求太频繁').waitFor();
    expect(await page.getByText(/\d+ 秒后自动重试/).isVisible()).toBe(true);
    await text(page).fill('长'.repeat(20_003));
    await page.getByText('最多 20000 字，多了 3 字').waitFor();
    expect(await text(page).getAttribute('aria-invalid')).toBe('true');
  });

  it('does not ask while an input method composes', async () => {
    const app = await serve();
    const page = await open(app);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/suggestions')) asked.push(request.postDataJSON().tickets[0].text);
    });
    await text(page).focus();
    const keyboard = await page.context().newCDPSession(page);
    await keyboard.send('Input.imeSetComposition', { text: 'zha tu', selectionStart: 6, selectionEnd: 6 });
    await page.waitForTimeout(700);
    expect(asked).toEqual([]);
    await keyboard.send('Input.insertText', { text: '渣土车' });
    await decision(page).waitFor();
    expect(asked).toEqual(['渣土车']);
  });

  it('shows its keys and leaves them', async () => {
    const page = await open(await serve());
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: '快捷键' });
    await help.waitFor();
    await page.keyboard.press('1');
    await shoot(page, 'keys');
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await help.waitFor();
  });

  it('announces the answer to screen readers', async () => {
    const page = await open(await serve());
    await text(page).fill('渣土车');
    await page.getByRole('status').getByText('建议：渣土车，代码 0801020000').waitFor({ state: 'attached' });
  });

  const sizes: [name: string, options: BrowserContextOptions][] = [
    ['light', { viewport: { width: 1366, height: 768 }, colorScheme: 'light' }],
    ['dark', { viewport: { width: 1366, height: 768 }, colorScheme: 'dark' }],
    ['zoom-150', { viewport: { width: 911, height: 512 }, deviceScaleFactor: 1.5 }],
    ['narrow', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
  ];
  it.each(sizes)('fits: %s', async (name, options) => {
    const page = await open(await serve(), options);
    await page.locator('.page-footer').getByText('示例分类').waitFor();
    await shoot(page, `${name}-empty`);
    await page.getByRole('button', { name: '说不清的诉求' }).click();
    await page.getByRole('heading', { name: '一级分类也拿不准' }).waitFor();
    await shoot(page, `${name}-fallback`);
    await page.getByLabel('标题（可不填）').fill('泥头车扰民');
    await text(page).fill('家门口的路上每天夜里都有泥头车经过，尘土很大。\n\n希望管一管渣土车。');
    await page.getByRole('heading', { name: '渣土车' }).waitFor();
    // Chosen by click, as there is no key on a telephone.
    await page.getByRole('option').first().click();
    await tray(page).getByText('已选定').waitFor();
    await page.waitForTimeout(300);
    await shoot(page, name);
    expect(await overflows(page)).toBe(false);
    const box = await tray(page).boundingBox();
    expect(box!.y + box!.height).toBeLessThanOrEqual(options.viewport!.height);
  });
});

/** A city's levels 4 and 5 beneath a provincial item, and a facet. */
function cityService(): SuggestService {
  const { taxonomy } = buildTaxonomy({ id: 'city', version: '2', title: '示例市分类' }, [
    { code: '08', name: '人力资源社会保障' },
    { code: '0801', name: '社会保障' },
    { code: '080102', name: '医疗保险' },
    { code: '08010201', name: '异地就医' },
    { code: '0801020101', name: '省内异地就医' },
    { code: '0801020102', name: '跨省异地就医', words: ['跨省备案', '跨省直接结算'] },
    { code: '08010299', name: '其他医疗保险' },
    { code: '080199', name: '其他社会保障' },
  ]);
  const toy = toyService(taxonomy!);
  return {
    ...toy,
    suggest: async (tickets, options) =>
      (await toy.suggest(tickets, options)).map((suggestion) => ({
        ...suggestion,
        facets: [{ facet: 'demand', code: '01', name: '咨询', probability: 0.91, given: false }],
        combinedCode: `${suggestion.decision.item?.fullCode}-A01`,
      })),
  };
}

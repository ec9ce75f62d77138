/** From an agent's correction to the next answer, through the API and the store, without a training in between. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CorrectionFeed } from '../../src/server/correction-feed.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { Workplace } from '../../src/server/workplace.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { InlineService } from '../../src/suggest/inline-service.js';
import { serveApp } from './serve-app.js';
import { adjustingService } from './toy-service.js';

// biome-ignore lint/suspicious/noExplicitAny: a JSON document
type Json = any;

const lift = '08.0802.080201';
const stalls = '08.0801.080101';

/** A server process: an app over a service of its own, and what keeps its memory. */
interface Process {
  readonly service: InlineService;
  readonly feed: CorrectionFeed;
  suggest(text: string, id?: string): Promise<Json>;
  feedback(suggestionId: string, change: Json): Promise<Json>;
  /** Answers, corrects, and waits until it was stored. */
  correct(text: string, item: string, agent: string): Promise<string>;
  exchange(service: InlineService): Promise<void>;
  stop(): Promise<void>;
}

let store: Store;
const running: Process[] = [];
beforeAll(async () => {
  store = await openStore({ kind: 'memory' });
});
afterAll(() => store.close());
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

let tickets = 0;
async function start(service = adjustingService(), kept: Store | null = store): Promise<Process> {
  const slot = new ServiceSlot(service);
  const workplace = kept && new Workplace({ auth: false, storeText: false }, kept);
  const app = await serveApp({ slot, ...(workplace ? { workplace } : {}) });
  const feed = new CorrectionFeed(store, { everyMs: 3_600_000 });
  slot.whenFilled((filled) => feed.follow(filled));
  await feed.check();
  const one: Process = {
    service,
    feed,
    async suggest(text, id = `T-${++tickets}`) {
      const { status, body } = await app.post('/v1/suggestions', { tickets: [{ id, text }] });
      expect(status).toBe(200);
      return body.results[0];
    },
    async feedback(suggestionId, change) {
      const { status, body } = await app.post('/v1/feedback', { suggestionId, ...change });
      expect([200, 201]).toContain(status);
      return body;
    },
    async correct(text, item, agent) {
      const { suggestionId } = await one.suggest(text);
      await one.feedback(suggestionId, { kind: 'corrected', item, agent });
      return suggestionId;
    },
    async exchange(next) {
      slot.fill(next);
      await feed.check();
    },
    async stop() {
      await feed.stop();
      await app.server.close();
    },
  };
  running.push(one);
  return one;
}

/** A text of its own for each test: what other tests chose must not be near. */
let text: string;
const strange = [
  '甲乙丙丁戊己庚辛',
  '赤橙黄绿青蓝紫黑',
  '东南西北上下左右',
  '梅兰竹菊松柏桃李',
  '金木水火土风雷电',
  '笔墨纸砚琴棋书画',
  '春夏秋冬雨雪霜露',
  '虎兔龙蛇马羊猴鸡',
  '江河湖海山川岭谷',
  '锅碗瓢盆刀叉勺筷',
  '衣裤鞋帽袜巾带扣',
];
beforeEach(() => {
  text = `电梯${strange.pop()}`;
});

describe('a correction', () => {
  it('moves the answer for the same text, and the answer says so', async () => {
    const { suggest, correct, feed } = await start();
    const before = await suggest(text);
    expect(before).toMatchObject({ decision: { item: lift } });
    expect(before).not.toHaveProperty('adjustment');
    await correct(text, stalls, '小李');
    await correct(text, stalls, '小王');
    await feed.check();
    const after = await suggest(text);
    expect(after.candidates[0].item).toBe(stalls);
    expect(after.candidates[0].path).toHaveLength(3);
    expect(after.adjustment).toMatchObject({
      model: { item: lift, name: '物业服务' },
      choices: 2,
      corrections: 2,
      items: [{ item: stalls, code: '0801010000', short: '080101', name: '占道经营', share: 1 }],
    });
    expect(after.adjustment.share).toBeGreaterThan(0.5);
    expect(after.adjustment.share).toBeLessThan(1);
    expect(await suggest('流动摊贩宗教场所')).not.toHaveProperty('adjustment');
  });

  it('outlives a restart, and counts at another server', async () => {
    const first = await start();
    await first.correct(text, stalls, '小李');
    await first.correct(text, stalls, '小王');
    const second = await start();
    const moved = await second.suggest(text);
    expect(moved.candidates[0].item).toBe(stalls);
    await second.correct(text, lift, '小张');
    await first.feed.check();
    expect((await first.suggest(text)).adjustment).toMatchObject({ choices: 3 });
    await second.feed.check();
    expect((await second.suggest(text)).adjustment).toMatchObject({ choices: 3 });
  });

  it('is forgotten when it is taken back, and replaced by the agent’s next one', async () => {
    const { suggest, correct, feedback, feed } = await start();
    const suggestionId = await correct(text, stalls, '小李');
    await feed.check();
    expect((await suggest(text)).adjustment.items[0].item).toBe(stalls);
    await feedback(suggestionId, { kind: 'corrected', item: '08.0801.080102', agent: '小李' });
    await feed.check();
    expect((await suggest(text)).adjustment).toMatchObject({
      choices: 1,
      items: [{ item: '08.0801.080102', share: 1 }],
    });
    await feedback(suggestionId, { kind: 'withdrawn', agent: '小李' });
    await feed.check();
    expect(await suggest(text)).not.toHaveProperty('adjustment');
  });

  it('of an upper-level item leaves its parts as the model divides them', async () => {
    const { suggest, correct, feed } = await start();
    await correct(text, '08.0801', '小李');
    await correct(text, '08.0801', '小王');
    await feed.check();
    const { candidates, adjustment } = await suggest(text);
    const beneath = candidates.filter(({ item }: Json) => item.startsWith('08.0801.'));
    expect(beneath).toHaveLength(3);
    expect(beneath[0].probability).toBeCloseTo(beneath[1].probability, 9);
    expect(adjustment.items).toMatchObject([{ item: '08.0801', share: 1 }]);
  });

  it('is for the model it was made at', async () => {
    const first = await start();
    await first.correct(text, stalls, '小李');
    await first.feed.check();
    const next = adjustingService('2');
    await first.exchange(next);
    expect(next.corrections!.size).toBe(0);
    expect(await first.suggest(text)).not.toHaveProperty('adjustment');
    const again = adjustingService('1');
    await first.exchange(again);
    expect(await first.suggest(text)).toHaveProperty('adjustment');
  });

  it('accepted counts as its circumstances do: a fallback taken in haste not at all', async () => {
    const { suggest, feedback, feed, service } = await start();
    const before = service.corrections!.size;
    const unknown = strange.pop()!;
    const { suggestionId, decision } = await suggest(unknown);
    expect(decision.kind).toBe('fallback');
    await feedback(suggestionId, { kind: 'accepted', milliseconds: 900, agent: '小李' });
    await feed.check();
    expect(service.corrections!.size).toBe(before);
    await feedback(suggestionId, { kind: 'accepted', milliseconds: 9000, agent: '小王' });
    await feed.check();
    expect(service.corrections!.size).toBe(before + 1);
    // What was accepted is not what the model had put first: a choice like any other, and half of one.
    const { adjustment } = await suggest(unknown);
    expect(adjustment).toMatchObject({ choices: 1, corrections: 1 });
    expect(adjustment.share).toBeCloseTo(0.5, 3);
  });
});

describe('an answer that choices moved', () => {
  it('stays moved when agents accept it: they do not say that the model is right', async () => {
    const { suggest, correct, feedback, feed } = await start();
    await correct(text, stalls, '小李');
    await feed.check();
    const once = await suggest(text);
    for (const agent of ['小王', '小张', '小赵']) {
      const { suggestionId, candidates } = await suggest(text);
      expect(candidates[0].item).toBe(stalls);
      await feedback(suggestionId, { kind: 'accepted', item: stalls, agent });
    }
    await feed.check();
    const { adjustment, candidates } = await suggest(text);
    expect(candidates[0].item).toBe(stalls);
    expect(adjustment).toMatchObject({ choices: 4, corrections: 4, model: { item: lift } });
    expect(adjustment.share).toBeGreaterThan(once.adjustment.share);
  });
});

describe('one agent', () => {
  it('moves no more with many corrections than with a few', async () => {
    const { suggest, correct, feed } = await start();
    const share = async () => (await suggest(text)).adjustment.share;
    for (let at = 0; at < 3; at += 1) await correct(text, stalls, '小李');
    await feed.check();
    const few = await share();
    for (let at = 0; at < 12; at += 1) await correct(text, stalls, '小李');
    await feed.check();
    expect(await share()).toBeCloseTo(few, 3);
  });
});

describe('a store that does not answer', () => {
  it('leaves the memory as it is, and is read again when it does', async () => {
    const service = adjustingService();
    const rows = vi.fn<Store['recentChoices']>().mockRejectedValueOnce(new Error('away'));
    const feed = new CorrectionFeed({ recentChoices: rows }, { everyMs: 3_600_000 });
    const { fingerprint } = (
      await service.suggest([{ id: 'A', text }], { k: 1, evidence: false, adjust: true })
    )[0]!;
    const at = new Date();
    rows.mockResolvedValue([
      {
        suggestionId: 'S',
        agent: '小李',
        item: stalls,
        modelItem: lift,
        weight: 1,
        decidedAt: at,
        receivedAt: at,
        fingerprint: new Uint8Array(fingerprint!),
      },
    ]);
    feed.follow(service);
    await feed.check();
    expect(service.corrections!.size).toBe(0);
    await feed.check();
    expect(service.corrections!.size).toBe(1);
    await feed.stop();
  });
});

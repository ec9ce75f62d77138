/** Clusters in catch-alls: found, named by words that many share, and brought before a person once. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterFinder } from '../../src/server/clusters/cluster-finder.js';
import { clusterTickets } from '../../src/server/clusters/cluster-tickets.js';
import { queueNewClusters } from '../../src/server/clusters/cluster-watch.js';
import { findClusters } from '../../src/server/clusters/find-clusters.js';
import { toRows } from '../../src/server/clusters/ticket-words.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { Workplace } from '../../src/server/workplace.js';
import { openStore, type Store } from '../../src/store/store.js';
import type { Segmenter } from '../../src/text/segment.js';
import { given, shown } from '../store/contract.js';
import { type ServedApp, serveApp } from './serve-app.js';
import { toyService, toyTaxonomy } from './toy-service.js';

/** Words are what stands between blanks. */
const segmenter: Segmenter = {
  name: 'node-rs-jieba',
  dictionaryDigest: '',
  segment: (text) => text.split(/(?<= )|(?= )/),
};
const ticket = (text: string, title: string | null = null) => ({ title, text });
/** Each with words of its own: what nobody shares. */
const noise = Array.from({ length: 40 }, (_, n) => {
  const own = String.fromCharCode(0x4e00 + n * 7);
  return ticket(`${own}甲 ${own}乙 ${own}丙 咨询 问题`);
});
const bikes = ['东路', '西路', '南路', '北路', '中路', '外路'].map((road) =>
  ticket(`${road}口 共享单车 乱停 盲道 咨询 问题`),
);

describe('clusters of tickets', () => {
  it('are those that share a matter, named by the words that tell it apart', () => {
    const clusters = clusterTickets([...noise, ...bikes], segmenter);
    expect(clusters).toHaveLength(1);
    const [found] = clusters;
    expect(found!.members.toSorted((a, b) => a - b)).toEqual([40, 41, 42, 43, 44, 45]);
    // Everybody says 咨询 and 问题; only one says 东路口.
    expect(found!.words.toSorted()).toEqual(['乱停', '共享单车', '盲道'].toSorted());
  });

  it('are not made of one citizen who writes again and again, nor of four', () => {
    const same = Array.from({ length: 9 }, () => ticket('东路口 共享单车 乱停 盲道'));
    expect(clusterTickets([...noise, ...same], segmenter)).toEqual([]);
    expect(clusterTickets([...noise, ...bikes.slice(0, 4)], segmenter)).toEqual([]);
    const [found] = clusterTickets([...noise, ...same, ...bikes], segmenter);
    expect([found!.members.length, found!.voices.length]).toEqual([15, 6]);
  });

  it('hold no word of one or two tickets, no number and nothing of a mask', () => {
    const named = bikes.map(({ text }, n) =>
      ticket(`〔姓名〕 〔电话〕 ${n < 2 ? '赵小六' : ''} 13800138000 abc ${text}`),
    );
    const [found] = clusterTickets([...noise, ...named], segmenter);
    expect(found!.words.toSorted()).toEqual(['乱停', '共享单车', '盲道'].toSorted());
  });

  it('are none among none, and the same for the same', () => {
    expect(clusterTickets([], segmenter)).toEqual([]);
    expect(clusterTickets([ticket('')], segmenter)).toEqual([]);
    const word = fc.constantFrom(
      '噪音',
      '施工',
      '夜间',
      '停车',
      '收费',
      '物业',
      '电梯',
      '漏水',
      '路灯',
      '井盖',
    );
    const words = fc.uniqueArray(word, { maxLength: 5 }).map((some) => ticket(some.join(' ')));
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (tickets) => {
        const clusters = clusterTickets(tickets, segmenter);
        expect(clusterTickets(tickets, segmenter)).toEqual(clusters);
        const members = clusters.flatMap((cluster) => cluster.members);
        expect(new Set(members).size).toBe(members.length);
        for (const { members, voices, density, words } of clusters) {
          expect(voices.length).toBeGreaterThanOrEqual(5);
          expect(members).toEqual(expect.arrayContaining([...voices]));
          expect(density).toBeGreaterThan(0.24);
          expect(density).toBeLessThan(1.0001);
          expect(words.length).toBeGreaterThanOrEqual(2);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('compare rows that are the shorter, the more their tickets say what nobody else does', () => {
    const words = (...some: string[]) => new Map(some.map((word) => [word, 1]));
    const { rows } = toRows([
      words('甲乙'),
      words('甲乙', '丙丁'),
      words('甲乙', '丙丁', '戊己'),
      words('庚辛'),
    ]);
    const lengths = rows.map(({ values }) => Math.hypot(...values));
    for (const [at, length] of [1, 1, undefined, 0].entries())
      if (length !== undefined) expect(lengths[at]).toBeCloseTo(length, 5);
    expect(lengths[2]).toBeLessThan(0.8);
    expect(findClusters(rows)).toEqual([]);
  });
});

describe('clusters in the store', () => {
  const taxonomy = toyTaxonomy();
  const other = '99.9999.999900';
  let store: Store;
  let app: ServedApp;
  const roads = ['学校', '医院', '超市', '银行', '地铁', '公园', '菜场', '图书馆', '体育馆', '火车站'];
  const bike = (road: string, ticketId: string) =>
    shown({
      ticket: ticketId,
      decision: { kind: 'fallback', item: other, under: null, reason: 'low-confidence', probability: 1 },
      catchAll: true,
      text: { title: null, text: `${road}门口的共享单车到处乱停，堵住盲道，咨询怎么处理`, evidence: [] },
    });
  const lone = [
    '咨询怎么处理邻居家的狗叫',
    '水费单据对不上，咨询怎么处理',
    '公交车站牌看不清，咨询怎么处理',
    '图书馆周一不开门，咨询怎么处理',
  ];
  const span = () => ({ from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 60_000) });
  beforeAll(async () => {
    store = await openStore({ kind: 'memory' });
    const workplace = new Workplace({ auth: false, storeText: true }, store);
    app = await serveApp({ slot: new ServiceSlot(toyService()), workplace });
    const moved = bike('商场', '已改');
    const settled = { ...bike('酒店', '又问'), shownAt: new Date(Date.now() - 1000) };
    await store.suggestions.add([
      ...roads.map((road, n) => bike(road, `车-${n}`)),
      ...lone.map((text) => ({ ...bike('', text), text: { title: null, text, evidence: [] } })),
      moved,
      settled,
      // Asked again, and then it had a named item.
      shown({ ticket: '又问', text: { title: null, text: '共享单车乱停', evidence: [] } }),
    ]);
    await store.feedback.give(given(moved.id, { kind: 'corrected', item: '08.0801.080101' }));
  });
  afterAll(async () => {
    await app.server.close();
    await store.close();
  });

  it('are found in a thread of its own, without what agents moved or what was asked anew', async () => {
    const { looked, clusters } = await new ClusterFinder().find(store, taxonomy, span());
    expect(looked).toBe(14);
    expect(clusters).toHaveLength(1);
    expect(clusters[0]).toMatchObject({ count: 10, voices: 10, items: [{ item: other, count: 10 }] });
    expect(clusters[0]!.earlier + clusters[0]!.later).toBe(10);
    expect(clusters[0]!.tickets.toSorted()).toEqual(roads.map((_, n) => `车-${n}`).toSorted());
    expect(clusters[0]!.words).toEqual(expect.arrayContaining(['盲道']));
  });

  it('are searched for once while what was found is fresh, and again after a failure', async () => {
    let searches = 0;
    const finder = new ClusterFinder(async () => {
      searches += 1;
      if (searches === 1) throw new Error('no thread');
      return [];
    });
    const asked = span();
    await expect(finder.find(store, taxonomy, asked)).rejects.toThrow('no thread');
    await Promise.all([finder.find(store, taxonomy, asked), finder.find(store, taxonomy, asked)]);
    await finder.find(store, taxonomy, asked);
    expect(searches).toBe(2);
  });

  it('bring one typical ticket into the queue, and never again', async () => {
    const finder = new ClusterFinder();
    expect(await queueNewClusters(store, taxonomy, finder)).toBe(1);
    const [review] = await store.reviews.waiting(10, 'new-cluster');
    expect(review!.ticket).toMatch(/^车-/);
    expect(review!.suggestionId).not.toBeNull();
    await store.reviews.close(review!.id, '小李', { item: null, note: null, milliseconds: null });
    // One more joins: it is the same matter.
    await store.suggestions.add([bike('邮局', '车-10')]);
    expect(await queueNewClusters(store, taxonomy, finder)).toBe(0);
    expect(await store.reviews.waiting(10, 'new-cluster')).toEqual([]);
  });

  it('are a figure, as JSON and as CSV', async () => {
    const { status, body } = await app.ask('/v1/statistics/clusters');
    expect([status, body.available, body.rows.length]).toEqual([200, true, 1]);
    expect(body.rows[0]).toMatchObject({ items: [{ item: { item: other, name: '其他' } }] });
    expect(body.rows[0].tickets).toHaveLength(5);
    const csv = await (await fetch(`${app.server.url}/v1/statistics/clusters?format=csv`)).text();
    expect(csv.split('\r\n')[1]).toMatch(/盲道/);
    const before = await app.ask('/v1/statistics/clusters?from=2020-01-01&to=2020-01-31');
    expect(before.body).toMatchObject({ available: true, looked: 0, rows: [] });
  });
});

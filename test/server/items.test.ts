/** The tree over HTTP: search, browse, look up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedApp, serveApp } from './serve-app.js';

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp();
});
afterAll(() => app.server.close());

const names = (items: { name: string }[]) => items.map((one) => one.name);
const places = (items: { item: string }[]) => items.map((one) => one.item);

describe('the tree', () => {
  it('is searched by name, by code and by what citizens say', async () => {
    for (const q of ['渣土车', '080102', '泥头车']) {
      const { body } = await app.ask(`/v1/items?q=${encodeURIComponent(q)}`);
      expect(places(body.items)[0]).toBe('08.0801.080102');
      expect(body.items[0].matched).toEqual(expect.any(String));
    }
    expect((await app.ask('/v1/items?q=zzzzzz')).body.items).toEqual([]);
    expect((await app.ask('/v1/items?q=0801&limit=2')).body.items).toHaveLength(2);
  });

  it('is browsed from the first level down', async () => {
    const roots = await app.ask('/v1/items');
    expect(names(roots.body.items)).toEqual(['宣传文体', '城乡建设', '民生', '其他']);
    const children = await app.ask('/v1/items?parent=08.0801');
    expect(names(children.body.items)).toEqual(['占道经营', '渣土车', '其他城市管理']);
    expect(children.body.items[2]).toMatchObject({ catchAll: true, children: 0, level: 3 });
    expect((await app.ask('/v1/items?parent=08.0877')).body.code).toBe('item-unknown');
  });

  it('shows one item with its path, its children and where its doubtful tickets go', async () => {
    const { status, body } = await app.ask('/v1/items/08.0801');
    expect(status).toBe(200);
    expect(body.item).toMatchObject({ code: '0801000000', short: '0801', level: 2, children: 3 });
    expect(names(body.item.path)).toEqual(['城乡建设', '城市管理']);
    expect(names(body.children)).toHaveLength(3);
    expect(body.fallback.item).toBe('08.0801.080199');
    expect((await app.ask('/v1/items/08')).body.fallback.item).toBe('99.9999.999900');
    const missing = await app.ask('/v1/items/0801020000');
    expect([missing.status, missing.body.code]).toEqual([404, 'item-unknown']);
  });

  it('looks a code up at every width and names every item it may mean', async () => {
    const expected: [string, string[]][] = [
      ['08', ['08']],
      ['0801', ['08.0801']],
      ['080102', ['08.0801.080102']],
      ['08010200', ['08.0801.080102']],
      ['0801020000', ['08.0801.080102']],
      ['080000', ['08']],
      ['090499', ['09.0904.090499', '09.0905.090499']],
      ['0904990000', ['09.0904.090499', '09.0905.090499']],
      ['0106000000', ['01.0106', '01.0106.010600']],
    ];
    for (const [code, items] of expected) {
      expect([code, places((await app.ask(`/v1/codes/${code}`)).body.items)]).toEqual([code, items]);
    }
    const unknown = await app.ask('/v1/codes/0877');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'code-unknown']);
    for (const code of ['080', 'abc', '080102000000', '0801 02']) {
      const malformed = await app.ask(`/v1/codes/${encodeURIComponent(code)}`);
      expect([code, malformed.status, malformed.body.code]).toEqual([code, 422, 'code-malformed']);
    }
  });

  it('refuses queries it does not know', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'query=1', 'q=a&q=b', `q=${'x'.repeat(101)}`]) {
      const answer = await app.ask(`/v1/items?${query}`);
      expect([query, answer.status, answer.body.code]).toEqual([query, 422, 'request-invalid']);
    }
    expect((await app.ask('/v1/items?q=a&parent=08')).body.code).toBe('query-ambiguous');
  });
});

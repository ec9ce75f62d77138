/** The tree over HTTP: search, browse, look up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { buildTaxonomy, type Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { type ServedApp, serveApp } from './serve-app.js';
import { toyService } from './toy-service.js';

let app: ServedApp;
beforeAll(async () => {
  app = await serveApp();
});
afterAll(() => app.server.close());

const names = (items: { name: string }[]) => items.map((one) => one.name);
const places = (items: { item: string }[]) => items.map((one) => one.item);

function cityTaxonomy(): Taxonomy {
  const { taxonomy, faults } = buildTaxonomy({ id: 'city', version: '1', title: '示例市' }, [
    { code: '08', name: '城乡建设' },
    { code: '0801', name: '城市管理' },
    { code: '080102', name: '渣土车' },
    { code: '08010201', name: '渣土车扰民' },
    { code: '0801020101', name: '渣土车噪声' },
    { code: '0801020101Z07', name: '夜间渣土车' },
  ]);
  if (!taxonomy) throw new Error(JSON.stringify(faults));
  return taxonomy;
}

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
    for (const code of ['080', 'abc', '080102000000', '00', '0800010000', '0801Z01']) {
      const malformed = await app.ask(`/v1/codes/${encodeURIComponent(code)}`);
      expect([code, malformed.status, malformed.body.code]).toEqual([code, 422, 'code-malformed']);
    }
  });

  it('explains a code in Chinese and English, as people type it', async () => {
    for (const code of ['080102', '0801 02', '０８０１０２', '08-01-02-00-00']) {
      const { body } = await app.ask(`/v1/codes/${encodeURIComponent(code)}`);
      expect(body).toMatchObject({
        code: '0801020000',
        short: '080102',
        level: 3,
        catchAll: false,
        extensions: [],
      });
      expect(body.explanation.zh).toContain('三级事项编码');
      expect(body.explanation.zh).toContain('08 城乡建设 › 0801 城市管理 › 080102 渣土车');
      expect(body.explanation.en).toMatch(/^0801020000: code of a level-3 item/);
    }
  });

  it('takes a combined code apart', async () => {
    const { body } = await app.ask('/v1/codes/0801020000-A03-B01');
    expect(places(body.items)).toEqual(['08.0801.080102']);
    expect(body.extensions).toEqual([
      { facet: 'demand', name: '诉求类别', code: 'A03', value: '投诉' },
      { facet: 'requester', name: '诉求人', code: 'B01', value: '个人' },
    ]);
    expect(body.explanation.zh).toContain('诉求类别：投诉');
    const wrong = await app.ask('/v1/codes/0801020000-A88-A03-Q1');
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors).toContainEqual({
      pointer: 'code',
      code: 'facet-value-unknown',
      detail: 'at character 12: the facet has no value of this code',
    });
  });

  it('takes a city’s code behind Z apart, and explains one that the tree does not hold', async () => {
    const taxonomy = cityTaxonomy();
    const city = await serveApp({ slot: new ServiceSlot(toyService(taxonomy)) });
    const { status, body } = await city.ask('/v1/codes/0801020101Z07');
    expect(status).toBe(200);
    expect(body).toMatchObject({ code: '0801020101Z07', level: 6 });
    expect(names(body.items)).toEqual(['夜间渣土车']);
    expect(body.explanation.en).toContain('what follows Z is coded by the city');
    expect((await city.ask('/v1/codes/0801020101Z08')).body.code).toBe('code-unknown');
    await city.server.close();
  });

  it('looks names up where codes are names', async () => {
    const { taxonomy } = buildTaxonomy({ id: 'names', version: '1', title: '名称' }, [
      { code: '环境', name: '环境', path: ['环境'] },
      { code: '噪声', name: '噪声', path: ['环境', '噪声'] },
    ]);
    const named = await serveApp({ slot: new ServiceSlot(toyService(taxonomy!)) });
    const { body } = await named.ask(`/v1/codes/${encodeURIComponent('噪声')}`);
    expect(body).toMatchObject({ code: '噪声', level: 2, extensions: [] });
    expect(body.explanation.zh).toContain('环境');
    expect((await named.ask('/v1/codes/0801')).status).toBe(404);
    await named.server.close();
  });

  it('refuses queries it does not know', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'query=1', 'q=a&q=b', `q=${'x'.repeat(101)}`]) {
      const answer = await app.ask(`/v1/items?${query}`);
      expect([query, answer.status, answer.body.code]).toEqual([query, 422, 'request-invalid']);
    }
    expect((await app.ask('/v1/items?q=a&parent=08')).body.code).toBe('query-ambiguous');
  });
});

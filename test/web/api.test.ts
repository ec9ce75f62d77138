/** The page's requests and how their failures are told apart. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { askSuggestion, listChildren, readItem, searchItems } from '../../src/web/api.js';

afterEach(() => vi.unstubAllGlobals());

const sent: { path: string; init: RequestInit | undefined }[] = [];
function answerWith(answer: () => Response | Promise<Response>): void {
  sent.length = 0;
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => {
    sent.push({ path, init });
    return Promise.resolve().then(answer);
  });
}
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code }), { status, headers });
const question = { title: ' ', text: '正文', within: [], level: undefined };

describe('requests', () => {
  it('send only what is there', async () => {
    answerWith(() => Response.json({ results: [{ id: 'page' }], model: {}, taxonomy: {} }));
    await askSuggestion(question, 9);
    await askSuggestion({ title: '标题', text: '', within: ['08'], level: 3 }, 9);
    expect(sent.map(({ init }) => JSON.parse(String(init?.body)))).toEqual([
      { tickets: [{ id: 'page', text: '正文' }], k: 9, review: false },
      { tickets: [{ id: 'page', title: '标题', text: '' }], k: 9, review: false, level: 3, within: ['08'] },
    ]);
  });

  it('escape what is searched and asked for', async () => {
    answerWith(() => Response.json({ items: [] }));
    await searchItems('a&parent=08 渣');
    await listChildren('');
    await listChildren('08.0801');
    await readItem('名/称?');
    expect(sent.map(({ path }) => path)).toEqual([
      `/v1/items?limit=30&q=a%26parent%3D08%20${encodeURIComponent('渣')}`,
      '/v1/items',
      '/v1/items?parent=08.0801',
      `/v1/items/${encodeURIComponent('名/称?')}`,
    ]);
  });
});

describe('failures', () => {
  it('are told apart by status', async () => {
    const expected: [Response, object][] = [
      [
        problem(503, 'model-loading', { 'Retry-After': '2' }),
        { kind: 'unavailable', code: 'model-loading', retryAfter: 2 },
      ],
      [problem(429, 'rate-limited', { 'Retry-After': '41' }), { kind: 'limited', retryAfter: 41 }],
      [
        problem(429, 'rate-limited', { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
        { retryAfter: null },
      ],
      [problem(422, 'item-unknown'), { kind: 'refused', status: 422, code: 'item-unknown' }],
      [problem(500, 'internal'), { kind: 'broken', code: 'internal' }],
      [new Response('<html>Bad gateway</html>', { status: 502 }), { kind: 'broken', status: 502, code: '' }],
      [new Response('<html>sign in</html>', { status: 200 }), { kind: 'broken', code: 'answer-malformed' }],
      [Response.json({ results: [] }), { kind: 'broken', code: 'answer-empty' }],
    ];
    for (const [response, error] of expected) {
      answerWith(() => response);
      await expect(askSuggestion(question, 9)).rejects.toMatchObject({ name: 'ApiError', ...error });
    }
  });

  it('of the network are offline, but an abort is an abort', async () => {
    answerWith(() => Promise.reject(new TypeError('fetch failed')));
    await expect(searchItems('噪声')).rejects.toMatchObject({ kind: 'offline', status: 0 });
    const aborted = new AbortController();
    aborted.abort();
    await expect(searchItems('噪声', aborted.signal)).rejects.toThrow(TypeError);
  });
});

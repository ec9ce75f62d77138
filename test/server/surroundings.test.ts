/** What surrounds the API: security headers, files, docs, metrics, logs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { log } from '../../src/log.js';
import { type ServedApp, serveApp } from './serve-app.js';

let app: ServedApp;
let folder: string;
const script = `// ${'x'.repeat(2000)}\n`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'duihao-web-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>对号</title>');
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), script);
  writeFileSync(join(folder, 'assets', 'index-1a2b.js.br'), brotliCompressSync(script));
  writeFileSync(join(folder, 'assets', 'index-1a2b.js.map'), '{}');
  app = await serveApp({ webFolder: folder });
});
afterAll(async () => {
  await app.server.close();
  rmSync(folder, { recursive: true });
});

interface RawAnswer {
  status: number | undefined;
  encoding: string | undefined;
  bytes: number;
}

/** Without fetch's decompression and its own ideas of caching. */
function raw(path: string, headers: Record<string, string>): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    get(app.server.url + path, { headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, encoding: response.headers['content-encoding'], bytes }),
      );
    }).on('error', reject);
  });
}

describe('the page', () => {
  it('is served at / and asked for again each time', async () => {
    const page = await app.ask('/');
    expect(page.body).toContain('对号');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const again = await raw('/', { 'If-None-Match': page.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });

  it('has its hashed files cached for good and sent compressed', async () => {
    const asset = await app.ask('/assets/index-1a2b.js');
    expect(asset.body).toBe(script);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await raw('/assets/index-1a2b.js', { 'Accept-Encoding': 'br, gzip' })).toEqual({
      status: 200,
      encoding: 'br',
      bytes: brotliCompressSync(script).length,
    });
    expect((await raw('/assets/index-1a2b.js', { 'Accept-Encoding': 'gzip' })).encoding).toBe('gzip');
    expect(await raw('/assets/index-1a2b.js', {})).toEqual({
      status: 200,
      encoding: undefined,
      bytes: script.length,
    });
  });

  it('gives away nothing outside its folder', async () => {
    for (const path of ['/assets/index-1a2b.js.map', '/assets/..%2f..%2fpackage.json', '/package.json']) {
      expect((await app.ask(path)).status).toBe(404);
    }
  });
});

describe('every answer', () => {
  it('allows scripts, styles and connections of this server only', async () => {
    for (const path of ['/', '/docs', '/v1/items', '/nowhere']) {
      const { headers } = await app.ask(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("style-src 'self';");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('carries a request id, the caller’s where it is one', async () => {
    const named = await app.ask('/v1/items', { headers: { 'X-Request-Id': 'intake-42' } });
    expect(named.headers.get('x-request-id')).toBe('intake-42');
    const odd = await app.ask('/v1/items', { headers: { 'X-Request-Id': 'a b{}' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the documentation', () => {
  it('is served from our own disk without inline script', async () => {
    const page = await app.ask('/docs');
    expect(page.body).not.toMatch(/<script>|https?:|<style/);
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
    expect(files).toHaveLength(3);
    for (const path of files) expect((await app.ask(path)).status).toBe(200);
    expect((await raw('/docs/swagger-ui-bundle.js', { 'Accept-Encoding': 'gzip' })).encoding).toBe('gzip');
  });
});

describe('metrics', () => {
  it('count requests by route and decisions by kind', async () => {
    await app.post('/v1/suggestions', {
      tickets: [
        { id: 'A', text: '渣土车' },
        { id: 'B', text: '' },
      ],
    });
    await app.ask('/v1/items/08');
    await app.ask('/no/such/path');
    const { body, headers } = await app.ask('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(body).toMatch(/duihao_decisions_total\{kind="specific",reason=""\} 1/);
    expect(body).toMatch(/duihao_decisions_total\{kind="fallback",reason="empty-text"\} 1/);
    expect(body).toMatch(/_count\{method="GET",route="\/v1\/items\/:id",status="200"\} 1/);
    expect(body).not.toContain('/no/such/path');
  });
});

describe('the log', () => {
  it('has one line per request and none of its words', async () => {
    const info = vi.spyOn(log, 'info').mockImplementation(() => {});
    try {
      await app.post('/v1/suggestions', {
        tickets: [{ id: 'A', text: '幸福路 12 号渣土车', title: '扰民' }],
      });
      await app.ask(`/v1/items?q=${encodeURIComponent('幸福路')}`);
      await app.ask(`/${encodeURIComponent('幸福路')}`);
      await vi.waitFor(() => expect(info.mock.calls).toHaveLength(3));
      const lines = info.mock.calls.map(([line]) => line as unknown as Record<string, unknown>);
      expect(lines.map(({ route, status }) => [route, status])).toEqual([
        ['/v1/suggestions', 200],
        ['/v1/items', 200],
        ['(other)', 404],
      ]);
      expect(JSON.stringify(info.mock.calls)).not.toMatch(/幸福|扰民|%E5/);
    } finally {
      info.mockRestore();
    }
  });
});

/**
 * Files of the page, held in memory with their compressed forms. They are few and small; the build writes
 * `.br` and `.gz` beside each, and where it did not (swagger-ui's files) gzip is made on the first request.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

type Encoding = 'br' | 'gzip' | 'identity';

export class Asset {
  readonly #forms: Map<Encoding, Buffer>;
  readonly #type: string;
  readonly #etag: string;
  readonly #cacheControl: string;
  readonly #compressible: boolean;

  /** @param name decides the content type; @param hashed true when the name changes with the content. */
  constructor(
    name: string,
    content: Buffer,
    hashed: boolean,
    compressed: Partial<Record<Encoding, Buffer>> = {},
  ) {
    this.#forms = new Map([['identity', content]]);
    if (compressed.br) this.#forms.set('br', compressed.br);
    if (compressed.gzip) this.#forms.set('gzip', compressed.gzip);
    this.#type = contentTypes[extname(name)] ?? 'application/octet-stream';
    this.#etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    this.#cacheControl = hashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    this.#compressible = content.length > 1024 && !/^image\/png/.test(this.#type);
  }

  async send(request: Request, response: Response): Promise<void> {
    const encoding = await this.#encodingFor(request);
    response.set({
      'Content-Type': this.#type,
      'Cache-Control': this.#cacheControl,
      Vary: 'Accept-Encoding',
    });
    // A weak tag: the forms differ in bytes and mean the same.
    response.set('ETag', `W/${this.#etag}`);
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    if (encoding !== 'identity') response.set('Content-Encoding', encoding);
    response.send(this.#forms.get(encoding));
  }

  async #encodingFor(request: Request): Promise<Encoding> {
    if (!this.#compressible) return 'identity';
    if (this.#forms.has('br') && request.acceptsEncodings('br') === 'br') return 'br';
    if (request.acceptsEncodings('gzip') !== 'gzip') return 'identity';
    if (!this.#forms.has('gzip'))
      this.#forms.set('gzip', await promisify(gzip)(this.#forms.get('identity')!));
    return 'gzip';
  }
}

/** Every file beneath `folder` by its path from there (`assets/index-4f2a.js`); none where it is missing. */
export function readAssets(folder: string): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  const walk = (at: string): void => {
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      if (statSync(path).isDirectory()) walk(path);
      else if (!/\.(br|gz|map)$/.test(name)) {
        const key = relative(folder, path).split(sep).join('/');
        assets.set(
          key,
          new Asset(name, readFileSync(path), key.startsWith('assets/'), {
            ...(existsSync(`${path}.br`) ? { br: readFileSync(`${path}.br`) } : {}),
            ...(existsSync(`${path}.gz`) ? { gzip: readFileSync(`${path}.gz`) } : {}),
          }),
        );
      }
    }
  };
  if (existsSync(folder)) walk(folder);
  return assets;
}

/** Serves GET and HEAD of the given paths; everything else is the next handler's. */
export function serveAssets(
  assets: ReadonlyMap<string, Asset>,
  pages: Readonly<Record<string, string>>,
): RequestHandler {
  return async (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    const asset = assets.get(pages[request.path] ?? request.path.slice(1));
    if (!asset) return next();
    await asset.send(request, response);
  };
}

/** /docs: Swagger UI from our own disk, without inline script, so that the CSP stays `self`. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Router } from 'express';
import { Asset } from './static-assets.js';

const html = `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>对号 · 接口文档</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`;

const start = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null, deepLinking: true });
`;

export function docsPage(): Router {
  const router = Router();
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const ours: Readonly<Record<string, string>> = { 'index.html': html, 'start.js': start };
  const read = (name: string): Buffer =>
    ours[name] === undefined ? readFileSync(join(folder, name)) : Buffer.from(ours[name]);
  // Read when first asked for: most servers never show the page, and the bundle is 1.5 MB.
  const assets = new Map<string, Asset>();
  for (const name of ['index.html', 'start.js', 'swagger-ui.css', 'swagger-ui-bundle.js']) {
    const paths = name === 'index.html' ? ['/docs', '/docs/'] : [`/docs/${name}`];
    router.get(paths, async (request, response) => {
      const asset = assets.get(name) ?? new Asset(name, read(name), false);
      assets.set(name, asset);
      await asset.send(request, response);
    });
  }
  return router;
}

/** Starts the app on a free port for one test file and talks to it. */
import { type AppOptions, createApp } from '../../src/server/app.js';
import { listen, type RunningServer } from '../../src/server/listen.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { loadFacets } from '../../src/taxonomy/facets.js';
import { toyService } from './toy-service.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

export interface ServedApp {
  readonly server: RunningServer;
  ask(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
}

export async function serveApp(options: Partial<AppOptions> = {}): Promise<ServedApp> {
  const facets = await loadFacets();
  const app = createApp({ slot: new ServiceSlot(toyService()), facets, version: '0.0.0', ...options });
  const server = await listen(app, { port: 0, host: '127.0.0.1' });
  const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(server.url + path, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    server,
    ask,
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

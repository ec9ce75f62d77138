/** A listening server that stops without dropping what it has begun. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { DuihaoError } from '../errors.js';

export interface ListenOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
}

export interface RunningServer {
  /** `http://host:port`. */
  readonly url: string;
  readonly port: number;
  /**
   * Accepts nothing new, waits for the running requests, at most `graceMs`, then cuts what is left.
   * @returns how many requests were cut.
   */
  close(graceMs?: number): Promise<number>;
}

/** @throws DuihaoError `port-in-use`, `listen-failed` */
export async function listen(app: Express, { port, host }: ListenOptions): Promise<RunningServer> {
  const server = createServer(app);
  // Slow senders are cut off; keep-alive outlives the 60 s of common proxies, which would else meet a reset.
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 65_000;
  let running = 0;
  let stopping = false;
  server.on('request', (_request, response) => {
    running += 1;
    if (stopping) response.setHeader('Connection', 'close');
    response.once('close', () => {
      running -= 1;
      if (stopping) server.closeIdleConnections();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new DuihaoError('conflict', 'port-in-use', `port ${port} is taken; choose another with --port`, {
              port,
            })
          : new DuihaoError('unavailable', 'listen-failed', `cannot listen on port ${port}: ${error.code}`, {
              port,
            }),
      ),
    );
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  const address = server.address() as AddressInfo;
  const shown =
    host === undefined || address.address === '::' || address.address === '0.0.0.0' ? 'localhost' : host;
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${address.port}`,
    port: address.port,
    async close(graceMs = 25_000) {
      stopping = true;
      let cut = 0;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        cut = running;
        server.closeAllConnections();
      }, graceMs);
      await closed;
      clearTimeout(timer);
      return cut;
    },
  };
}

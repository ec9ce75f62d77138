/** A listening server that stops without dropping what it has begun. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
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
   * Stops without dropping a request: for `drainMs` every answer still given asks its caller to let go of the
   * connection; then nothing new is accepted and the running requests are waited for, at most `graceMs`,
   * before what is left is cut. Without the first step a caller's next request may meet the closing
   * of the idle connection it was sent on.
   * @returns how many requests were cut.
   */
  close(graceMs?: number, drainMs?: number): Promise<number>;
}

/** @throws DuihaoError `port-in-use`, `listen-failed` */
export async function listen(app: Express, { port, host }: ListenOptions): Promise<RunningServer> {
  const server = createServer(app);
  // Slow senders are cut off; keep-alive outlives the 60 s of common proxies, which would else meet a reset.
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 65_000;
  const running = new Set<ServerResponse>();
  let stopping = false;
  let draining = false;
  // Before the app: a route may have answered when its handler returns.
  server.prependListener('request', (_request, response) => {
    running.add(response);
    if (stopping) response.setHeader('Connection', 'close');
    response.once('close', () => {
      running.delete(response);
      if (stopping && !draining) server.closeIdleConnections();
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
    async close(graceMs = 25_000, drainMs = 0) {
      stopping = true;
      for (const response of running) if (!response.headersSent) response.setHeader('Connection', 'close');
      if (drainMs > 0) {
        draining = true;
        await setTimeout(drainMs);
        draining = false;
      }
      let cut = 0;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const ended = new AbortController();
      setTimeout(graceMs, undefined, { signal: ended.signal }).then(
        () => {
          cut = running.size;
          server.closeAllConnections();
        },
        () => {},
      );
      await closed;
      ended.abort();
      return cut;
    },
  };
}

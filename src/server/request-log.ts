/** One log line per request: what was asked for, how it ended, how long it took; no body, query or text. */
import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { log } from '../log.js';

/**
 * Gives every request an id (the caller's `X-Request-Id` where it is one), answers with it and logs the end.
 */
export function requestLog(): RequestHandler {
  return (request, response, next) => {
    const given = request.get('X-Request-Id');
    const id = given && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
    const started = performance.now();
    response.locals.requestId = id;
    response.set('X-Request-Id', id);
    response.once('close', () => {
      const line = {
        id,
        method: request.method,
        route: routeOf(request),
        status: response.statusCode,
        ms: Math.round((performance.now() - started) * 10) / 10,
        ...(response.writableFinished ? {} : { aborted: true }),
      };
      // Probes come every few seconds; at `info` they would be all there is to read.
      if (line.route.startsWith('/health') || line.route === '/metrics') log.debug(line, 'request');
      else log.info(line, 'request');
    });
    next();
  };
}

/** The route's pattern, never the URL: a query may hold a ticket's words. */
export function routeOf(request: Request): string {
  const path: unknown = request.route?.path;
  return typeof path === 'string' ? path : '(other)';
}

/** Counters for Prometheus: how many, how long, decided how. Nothing about a ticket. */
import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Decision } from '../decision/decision.js';
import { routeOf } from './request-log.js';
import type { Shadow } from './shadow.js';

export class ServerMetrics {
  readonly registry = new Registry();
  readonly #requests = new Histogram({
    name: 'duihao_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [this.registry],
  });
  readonly #decisions = new Counter({
    name: 'duihao_decisions_total',
    help: 'Tickets answered, by kind of decision and, for fallbacks, the reason',
    labelNames: ['kind', 'reason'],
    registers: [this.registry],
  });

  /** @param processMetrics memory, CPU and event-loop lag of the process; off in tests. */
  constructor(processMetrics: boolean) {
    if (processMetrics) collectDefaultMetrics({ register: this.registry });
  }

  decided(decision: Decision): void {
    this.#decisions.inc({ kind: decision.kind, reason: decision.kind === 'fallback' ? decision.reason : '' });
  }

  watchShadow(shadow: Shadow): void {
    new Counter({
      name: 'duihao_shadow_tickets_total',
      help: 'Tickets for the shadow model: answered, of them decided otherwise, dropped under load, failed',
      labelNames: ['outcome'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [outcome, count] of Object.entries(shadow.counts)) this.inc({ outcome }, count);
      },
    });
  }

  observe(): RequestHandler {
    return (request, response, next) => {
      const end = this.#requests.startTimer();
      response.once('close', () => {
        // An unknown method would be a label of the caller's choice.
        const method = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(request.method)
          ? request.method
          : 'OTHER';
        end({ method, route: routeOf(request), status: response.statusCode });
      });
      next();
    };
  }

  endpoint(): RequestHandler {
    return async (_request, response) => {
      const text = await this.registry.metrics();
      response.set('Content-Type', this.registry.contentType).set('Cache-Control', 'no-store').send(text);
    };
  }
}

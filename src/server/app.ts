/** The Express app: what every request passes through, in order, and the routes. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { log } from '../log.js';
import type { RelabelJobs } from '../relabel/relabel-jobs.js';
import type { FacetTable } from '../taxonomy/facets.js';
import { accountRoutes } from './account-routes.js';
import { clusterRoutes } from './cluster-routes.js';
import { codeRoutes } from './code-routes.js';
import { docsPage } from './docs-page.js';
import { feedbackRoutes } from './feedback-routes.js';
import { Gate } from './gate.js';
import { itemRoutes } from './item-routes.js';
import { ServerMetrics } from './metrics.js';
import { buildOpenApi } from './openapi.js';
import { presentTaxonomy } from './presentation.js';
import { Problem, sendProblem, toProblem } from './problem.js';
import { relabelRoutes } from './relabel-routes.js';
import { requestLog } from './request-log.js';
import { reviewRoutes } from './review-routes.js';
import { limits } from './schemas.js';
import type { ServiceSlot } from './service-slot.js';
import { sessionRoutes } from './session-routes.js';
import type { Shadow } from './shadow.js';
import { readAssets, serveAssets } from './static-assets.js';
import { statisticsRoutes } from './statistics-routes.js';
import { suggestionRoutes } from './suggestion-routes.js';
import type { Workplace } from './workplace.js';

export interface AppOptions {
  readonly slot: ServiceSlot;
  /** Of Duihao, for /openapi.json. */
  readonly version: string;
  /** The facets (扩展码) that tickets may bring and combined codes hold. */
  readonly facets: FacetTable;
  /** Folder of the built page; the API works without it. */
  readonly webFolder?: string;
  /** Requests per minute and address under /v1; 0 (default): no limit. */
  readonly rateLimit?: number;
  /** How many proxies stand in front, for the caller's address. Default 0. */
  readonly trustProxy?: number;
  /** Bytes; default `limits.bodyBytes`. */
  readonly bodyLimit?: number;
  /** Memory, CPU and event-loop lag under /metrics. Default false. */
  readonly processMetrics?: boolean;
  /** Feedback, reviews, accounts and statistics; without it the API is open and keeps nothing. */
  readonly workplace?: Workplace;
  /** Files that managers send to be labelled; only with a workplace, which knows who they are. */
  readonly relabelJobs?: RelabelJobs;
  /** A candidate that is asked the same, unseen; only with a workplace. */
  readonly shadow?: Shadow;
}

export function createApp(options: AppOptions): Express {
  const { slot, workplace, shadow } = options;
  const relabelJobs = workplace && options.relabelJobs;
  const metrics = new ServerMetrics(options.processMetrics ?? false);
  if (shadow) metrics.watchShadow(shadow);
  const app = express();
  app.disable('x-powered-by');
  // One value per parameter or an array: never objects from bracketed names.
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustProxy ?? 0);

  app.use(requestLog(), metrics.observe(), securityHeaders());
  app.get('/health/live', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'live' });
  });
  app.get('/health/ready', (_request, response) => {
    response.set('Cache-Control', 'no-store');
    if (slot.state === 'stopping') throw new Problem(503, 'stopping', 'the server is stopping');
    const { model, taxonomy } = slot.take();
    response.json({
      status: 'ready',
      model: { id: model.id, version: model.version, trainedAt: model.trainedAt },
      taxonomy: presentTaxonomy(taxonomy),
    });
  });
  app.get('/metrics', metrics.endpoint());

  const openApi = buildOpenApi(options.version, workplace !== undefined, relabelJobs !== undefined);
  app.get('/openapi.json', (_request, response) => {
    response.set('Cache-Control', 'no-cache').json(openApi);
  });
  app.use(docsPage());

  if (options.rateLimit) app.use('/v1', limitRate(options.rateLimit));
  const gate = workplace && new Gate(workplace);
  if (gate) app.use('/v1', gate.guard());
  app.use('/v1', express.json({ limit: options.bodyLimit ?? limits.bodyBytes, type: 'application/json' }));
  app.use(
    suggestionRoutes(slot, options.facets, metrics, workplace, shadow),
    itemRoutes(slot),
    codeRoutes(slot, options.facets),
  );
  if (workplace && gate) {
    app.use(
      sessionRoutes(workplace, gate),
      accountRoutes(workplace, gate),
      feedbackRoutes(slot, workplace),
      reviewRoutes(slot, workplace),
      statisticsRoutes(slot, workplace),
      clusterRoutes(slot, workplace),
    );
  }

  if (relabelJobs) app.use(relabelRoutes(relabelJobs));

  if (options.webFolder) app.use(serveAssets(readAssets(options.webFolder), { '/': 'index.html' }));
  app.use(
    refuse([...methodsOf, ...(workplace ? workplaceMethods : []), ...(relabelJobs ? relabelMethods : [])]),
  );
  app.use(answerError);
  return app;
}

/** Nothing is loaded from elsewhere, nothing inline runs; TLS and HSTS are the proxy's. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        // data: for the small pictures in Swagger UI's style sheet.
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
}

function limitRate(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, response, _next, { windowMs }) => {
      const seconds = String(Math.ceil(windowMs / 1000));
      sendProblem(
        response,
        new Problem(429, 'rate-limited', `more than ${perMinute} requests a minute from one address`, {
          headers: { 'Retry-After': response.getHeader('Retry-After')?.toString() ?? seconds },
        }),
      );
    },
  });
}

/** Paths and the methods they know, for 405. */
const methodsOf: readonly (readonly [path: RegExp, allow: string])[] = [
  [/^\/v1\/suggestions$/, 'POST'],
  [/^\/v1\/items(\/[^/]+)?$/, 'GET, HEAD'],
  [/^\/v1\/codes\/[^/]+$/, 'GET, HEAD'],
  [/^\/(health\/(live|ready)|metrics|openapi\.json|docs)?$/, 'GET, HEAD'],
];

const workplaceMethods: typeof methodsOf = [
  [/^\/v1\/session$/, 'GET, HEAD, POST, DELETE'],
  [/^\/v1\/feedback$/, 'POST'],
  [/^\/v1\/(reviews|users|keys)$/, 'GET, HEAD, POST'],
  [/^\/v1\/(reviews\/[^/]+|users\/[^/]+\/link)$/, 'POST'],
  [/^\/v1\/users\/[^/]+$/, 'PATCH'],
  [/^\/v1\/keys\/[^/]+$/, 'DELETE'],
  [
    /^\/v1\/statistics\/(acceptance|corrections|time|models|shadow|coverage|catch-all|clusters)$/,
    'GET, HEAD',
  ],
];

const relabelMethods: typeof methodsOf = [
  [/^\/v1\/relabel-jobs$/, 'GET, HEAD, POST'],
  [/^\/v1\/relabel-jobs\/[^/]+$/, 'GET, HEAD, DELETE'],
  [/^\/v1\/relabel-jobs\/[^/]+\/result$/, 'GET, HEAD'],
];

function refuse(methods: typeof methodsOf): RequestHandler {
  return (request) => {
    const known = methods.find(([path]) => path.test(request.path));
    // A GET that a known path did not answer: the page is not built.
    if (known && !known[1].split(', ').includes(request.method)) {
      throw new Problem(405, 'method-not-allowed', `this path knows ${known[1]}`, {
        headers: { Allow: known[1] },
      });
    }
    throw new Problem(404, 'path-unknown', 'nothing is here; /docs lists the paths');
  };
}

const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error);
  const problem = toProblem(error);
  if (problem.status >= 500 && problem.status !== 503) {
    // The stack tells where; a message could quote what was sent.
    const stack =
      error instanceof Error ? error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) : [];
    log.error(
      { id: response.locals.requestId, code: problem.code, name: (error as Error)?.name, stack },
      'failed',
    );
  }
  sendProblem(response, problem);
};

/**
 * Who is asking, and may they: API keys of programs, sessions of the page. What a path asks for stands in
 * one list; a path under /v1 that is not in it is for nobody, so that a new route cannot be left open by
 * oversight.
 */
import type { Request, RequestHandler, Response } from 'express';
import type { Role } from '../store/accounts.js';
import { Problem } from './problem.js';
import type { Workplace } from './workplace.js';

export interface Caller {
  readonly name: string;
  readonly role: Role;
  readonly by: 'key' | 'session' | 'open';
  /** Of a session. */
  readonly sessionId: string | null;
  readonly expiresAt: Date | null;
}

export const sessionCookie = 'duihao_session';

const everybody: readonly Role[] = ['intake', 'agent', 'manager', 'admin'];
const people: readonly Role[] = ['agent', 'manager', 'admin'];
const managers: readonly Role[] = ['manager', 'admin'];
const admins: readonly Role[] = ['admin'];

/** The first that fits counts; `null`: open to all. */
const rules: readonly (readonly [methods: RegExp, path: RegExp, roles: readonly Role[] | null])[] = [
  [/./, /^\/v1\/(items|codes)(\/|$)/, null],
  [/./, /^\/v1\/session$/, null],
  [/./, /^\/v1\/(suggestions|feedback)$/, everybody],
  [/^(GET|HEAD)$/, /^\/v1\/reviews$/, people],
  [/./, /^\/v1\/reviews$/, managers],
  [/./, /^\/v1\/reviews\/[^/]+$/, people],
  [/./, /^\/v1\/statistics\/[^/]+$/, managers],
  // Files of whole archives, with what citizens wrote.
  [/./, /^\/v1\/relabel-jobs(\/|$)/, managers],
  [/^(GET|HEAD)$/, /^\/v1\/users$/, managers],
  [/./, /^\/v1\/(users|keys)(\/|$)/, admins],
];

/** How long a key or session found good is believed: a revocation on another server counts after this. */
const believedMs = 5_000;
const believedMost = 10_000;

export class Gate {
  readonly #workplace: Workplace;
  readonly #believed = new Map<string, { readonly caller: Caller; readonly until: number }>();

  constructor(workplace: Workplace) {
    this.#workplace = workplace;
  }

  /** For everything under /v1, before bodies are read. */
  guard(): RequestHandler {
    return async (request, response, next) => {
      // As the router reads it: it overlooks case and a slash at the end.
      const path = (request.baseUrl + request.path).toLowerCase().replace(/\/$/, '');
      const rule = rules.find(([methods, pattern]) => methods.test(request.method) && pattern.test(path));
      if (rule && rule[2] === null) {
        next();
        return;
      }
      const caller = await this.callerOf(request);
      if (!caller) throw signInRequired();
      if (caller.by === 'session') refuseForeignSite(request);
      // Never handed on: what no rule knows, no role may reach. Asked after who it is, so that nobody maps the paths.
      if (!rule) throw new Problem(404, 'path-unknown', 'nothing is here; /docs lists the paths');
      if (!rule[2]!.includes(caller.role)) {
        throw new Problem(403, 'role-insufficient', `the role ${caller.role} may not do this`);
      }
      response.locals.caller = caller;
      next();
    };
  }

  /** Undefined where nobody is signed in. */
  async callerOf(request: Request): Promise<Caller | undefined> {
    if (!this.#workplace.auth) {
      return { name: 'local', role: 'admin', by: 'open', sessionId: null, expiresAt: null };
    }
    const key = /^Bearer +(\S+)$/i.exec(request.get('Authorization') ?? '')?.[1];
    const credential = key ?? cookieOf(request);
    if (credential === undefined) return undefined;
    const believed = this.#believed.get(credential);
    if (believed && believed.until > Date.now()) return believed.caller;
    this.#believed.delete(credential);
    const caller = await (key === undefined ? this.#bySession(credential) : this.#byKey(key));
    if (caller) {
      if (this.#believed.size >= believedMost) this.#believed.clear();
      const until = Math.min(
        Date.now() + believedMs,
        caller.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
      );
      this.#believed.set(credential, { caller, until });
    }
    return caller;
  }

  /** After an account, key or session changed. */
  forget(): void {
    this.#believed.clear();
  }

  async #byKey(secret: string): Promise<Caller | undefined> {
    const key = await this.#workplace.take().keys.check(secret);
    return key && { name: key.name, role: key.role, by: 'key', sessionId: null, expiresAt: null };
  }

  async #bySession(cookie: string): Promise<Caller | undefined> {
    const session = await this.#workplace.take().sessions.check(cookie);
    return (
      session && {
        name: session.name,
        role: session.role,
        by: 'session',
        sessionId: session.id,
        expiresAt: session.expiresAt,
      }
    );
  }
}

/** Who the guard let in. */
export const callerIn = (response: Response): Caller => response.locals.caller as Caller;

export function signInRequired(): Problem {
  return new Problem(401, 'sign-in-required', 'send an API key, or sign in at /v1/session', {
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/**
 * SameSite=Strict keeps the cookie from other sites; this keeps other ports and subdomains of the same site
 * from writing with it, which that does not.
 */
export function refuseForeignSite(request: Request): void {
  if (/^(GET|HEAD|OPTIONS)$/.test(request.method)) return;
  const site = request.get('Sec-Fetch-Site');
  const origin = request.get('Origin');
  // Browsers name the site over TLS only; on a plain intranet the origin must be the host as the browser knew it.
  const isOwn =
    site === undefined
      ? origin === undefined || hostOf(origin) === request.host?.toLowerCase()
      : site === 'same-origin' || site === 'none';
  if (!isOwn) throw new Problem(403, 'cross-site', 'this was sent by a page of another origin');
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

function cookieOf(request: Request): string | undefined {
  for (const pair of (request.get('Cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === sessionCookie && value) return value;
  }
  return undefined;
}

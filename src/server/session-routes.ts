/** /v1/session: who am I, signing in and out. */
import { type Request, Router } from 'express';
import type { Account } from '../store/accounts.js';
import { sessionMs } from '../store/sessions.js';
import { type SessionBody, signInSchema } from './account-schemas.js';
import { type Gate, refuseForeignSite, sessionCookie, signInRequired } from './gate.js';
import { Problem } from './problem.js';
import { SignInLimit } from './sign-in-limit.js';
import { readBody } from './validation.js';
import type { Workplace } from './workplace.js';

export function sessionRoutes(workplace: Workplace, gate: Gate): Router {
  const router = Router();
  const limit = new SignInLimit();

  router.get('/v1/session', async (request, response) => {
    response.set('Cache-Control', 'no-store');
    // Without auth nobody waits for the database to learn that.
    if (workplace.auth) workplace.take();
    const caller = await gate.callerOf(request);
    if (!caller) throw signInRequired();
    const { name, role, expiresAt } = caller;
    const body: SessionBody = {
      auth: workplace.auth,
      name,
      role,
      expiresAt: expiresAt?.toISOString() ?? null,
    };
    response.json(body);
  });

  router.post('/v1/session', async (request, response) => {
    response.set('Cache-Control', 'no-store');
    refuseForeignSite(request);
    const body = readBody(signInSchema, request);
    const store = workplace.take();
    const address = request.ip ?? '';
    const name = 'token' in body ? '' : body.name;
    limit.check(name, address);
    let account: Account | undefined;
    if ('token' in body) {
      account = await store.accounts.redeem(body.token, body.password);
    } else {
      account = await store.accounts.check(body.name, body.password);
    }
    if (!account) {
      limit.failed(name, address);
      throw 'token' in body
        ? new Problem(401, 'link-invalid', 'the link was used already or is too old; ask for a new one')
        : new Problem(401, 'sign-in-failed', 'name or password is not right, or the account is switched off');
    }
    limit.succeeded(name, address);
    // A new password ends the sessions before.
    gate.forget();
    const { session, cookie } = await store.sessions.start(account);
    await store.audit.append([{ actor: account.name, action: 'signed-in', subject: account.id }]);
    response.set('Set-Cookie', cookieLine(request, cookie, sessionMs / 1000));
    const answer: SessionBody = {
      auth: workplace.auth,
      name: session.name,
      role: session.role,
      expiresAt: session.expiresAt.toISOString(),
    };
    response.json(answer);
  });

  router.delete('/v1/session', async (request, response) => {
    refuseForeignSite(request);
    if (workplace.auth) {
      const store = workplace.take();
      const caller = await gate.callerOf(request);
      if (caller?.sessionId) await store.sessions.end(caller.sessionId);
      gate.forget();
    }
    response
      .set('Set-Cookie', cookieLine(request, '', 0))
      .status(204)
      .end();
  });
  return router;
}

/** Secure only where TLS ends here or at a trusted proxy: a hotline's intranet may have none. */
function cookieLine(request: Request, value: string, seconds: number): string {
  const secure = request.secure ? '; Secure' : '';
  return `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`;
}

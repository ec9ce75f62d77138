/** What the address says is shown. Behind `#`, so that a one-time link's token stays out of every log. */
import type { Role } from '../server/account-schemas.js';

export type Route =
  | { readonly kind: 'ticket' | 'work' | 'figures' | 'accounts' }
  | { readonly kind: 'welcome'; readonly token: string };

export type ViewName = Exclude<Route['kind'], 'welcome'>;

/** Anything that is not known is the plain page. */
export function routeOf(hash: string): Route {
  const [, first = '', second = ''] = /^#?\/?([^/?]*)(?:\/([^/?]+))?/.exec(hash) ?? [];
  if (first === 'welcome' && /^[\w-]{1,100}$/.test(second)) return { kind: 'welcome', token: second };
  if (first === 'work' || first === 'figures' || first === 'accounts') return { kind: first };
  return { kind: 'ticket' };
}

export const hashOf = (view: ViewName): string => (view === 'ticket' ? '#/' : `#/${view}`);

const views: readonly { readonly view: ViewName; readonly label: string; readonly roles: readonly Role[] }[] =
  [
    { view: 'ticket', label: '单张判定', roles: ['intake', 'agent', 'manager', 'admin'] },
    { view: 'work', label: '待办复核', roles: ['agent', 'manager', 'admin'] },
    { view: 'figures', label: '统计', roles: ['manager', 'admin'] },
    { view: 'accounts', label: '账号', roles: ['admin'] },
  ];

/** What this role may open. The server decides all the same; this spares people dead ends. */
export function viewsFor(role: Role): readonly { readonly view: ViewName; readonly label: string }[] {
  return views.filter(({ roles }) => roles.includes(role));
}

/** Where somebody lands who did not ask for anything else. */
export const homeOf = (role: Role): ViewName => (role === 'intake' ? 'ticket' : 'work');

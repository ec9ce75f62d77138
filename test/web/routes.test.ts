/** What an address shows, and to whom. */
import { describe, expect, it } from 'vitest';
import { linkPath } from '../../src/server/account-routes.js';
import { roles } from '../../src/server/account-schemas.js';
import { hashOf, homeOf, routeOf, viewsFor } from '../../src/web/routes.js';

describe('an address', () => {
  it('names a view; the plain page where it names none', () => {
    for (const view of ['ticket', 'work', 'figures', 'accounts'] as const)
      expect(routeOf(hashOf(view))).toEqual({ kind: view });
    for (const odd of ['', '#', '#/', '#/nowhere', '#work/', '#/WORK', '#//work'])
      expect(['ticket', 'work']).toContain(routeOf(odd).kind);
  });

  it('brings the token of a one-time link as the server makes it', () => {
    const token = 'a-Z_0123456789abcdefghijk';
    expect(routeOf(new URL(linkPath(token), 'http://localhost').hash)).toEqual({ kind: 'welcome', token });
    expect(routeOf('#/welcome/')).toEqual({ kind: 'ticket' });
    expect(routeOf('#/welcome/<script>')).toEqual({ kind: 'ticket' });
    expect(routeOf(`#/welcome/${'a'.repeat(101)}`)).toEqual({ kind: 'ticket' });
  });
});

describe('a role', () => {
  it('sees what it may do, and lands where it works', () => {
    expect(viewsFor('agent').map(({ view }) => view)).toEqual(['ticket', 'work']);
    expect(viewsFor('manager').map(({ view }) => view)).toEqual(['ticket', 'work', 'figures']);
    expect(viewsFor('admin').map(({ view }) => view)).toEqual(['ticket', 'work', 'figures', 'accounts']);
    for (const role of roles) expect(viewsFor(role).map(({ view }) => view)).toContain(homeOf(role));
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { tokenEndpoint } from '../../src/core';
import { createCookieFetch, type CookieFetch } from '../server/cookieFetch';
import type { FaultKind } from '../server/faultInjector';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import { connectDialect, type DialectClient } from './dialects/dialectClient';

let server: ReferenceServer;
let browser: CookieFetch;

beforeEach(async () => {
  server = await startReferenceServer();
  browser = createCookieFetch();
  vi.stubGlobal('fetch', browser);
  const login = await browser(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"user":"ada"}',
  });
  if (!login.ok) throw new Error(`The login was answered with ${login.status}.`);
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

/** Signed in at the reference server, with a call that may take half a second. */
function connect(): DialectClient {
  return connectDialect({
    url: server.wsUrl,
    getToken: tokenEndpoint(`${server.url}/auth/refresh`),
    timeouts: { tokenMs: 500 },
    reconnect: { minMs: 50, maxMs: 200 },
  });
}

describe('a token endpoint that is in trouble', () => {
  it.each<[FaultKind, Record<string, unknown>]>([
    ['offline', {}],
    ['hang', {}],
    ['500', {}],
    ['502-html', {}],
    ['503', { retryAfterS: 1 }],
    ['429', { retryAfterS: 1 }],
    ['403-html', {}],
    ['511', {}],
    ['200-html', {}],
    ['redirect', { location: 'http://127.0.0.1:9/elsewhere' }],
    ['401-once', {}],
  ])(
    'S1-B T13 %s for the first two calls: nobody is signed out, the link opens after it',
    async (kind, fault) => {
      server.faults.set('/auth/refresh', { kind, count: kind === '401-once' ? 1 : 2, ...fault });
      const startedAt = performance.now();
      const client = connect();
      await client.until(({ link }) => link === 'open');
      expect(client.ends).toEqual([]);
      expect(client.errors).toEqual([]);
      if ('retryAfterS' in fault) expect(performance.now() - startedAt).toBeGreaterThan(2_000);
      const stats = server.stats();
      expect(stats.sessionsEnded).toEqual({});
      expect(stats.logouts).toBe(0);
      expect(stats.upgrades).toBe(1);
    },
  );

  it('S1-C a session that has ended is denied twice, ends once, and is asked no more', async () => {
    const client = connect();
    await client.until(({ link }) => link === 'open');
    await server.control({ command: 'revokeSession', user: 'ada' });
    await client.until(({ session }) => session === 'signed-out');
    expect(client.ends).toEqual([expect.objectContaining({ by: 'token-source' })]);
    const asked = server.stats().requests['POST /auth/refresh'];
    expect(asked).toBe(3);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(server.stats().requests['POST /auth/refresh']).toBe(asked);
    expect(server.stats().sockets.open).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])(
    'X05 a redirect (%i) to another origin is not followed: the other place sees no request and no header',
    async status => {
      const seen: unknown[] = [];
      const elsewhere = createServer((request, response) => {
        seen.push(request.headers);
        response.end('{"access_token":"stolen"}');
      });
      const redirecting = createServer((_request, response) => {
        const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/auth/refresh`;
        response.writeHead(status, { location }).end();
      });
      for (const one of [elsewhere, redirecting]) {
        await new Promise<void>(resolve => one.listen(0, '127.0.0.1', resolve));
        onTestFinished(() => {
          one.closeAllConnections();
          one.close();
        });
      }
      const client = connectDialect({
        url: server.wsUrl,
        getToken: tokenEndpoint(`http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/refresh`, {
          headers: { authorization: 'Bearer canary-x05' },
        }),
        reconnect: { minMs: 20, maxMs: 50 },
      });
      await expect(client.socket.getToken()).rejects.toMatchObject({ code: 'unavailable' });
      expect(seen).toEqual([]);
      expect(client.ends).toEqual([]);
      expect(client.socket.getStatus()).toMatchObject({ session: 'unknown', connection: 0 });
    },
  );
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import { launchChromium } from './harness/launchChromium';
import { pageHost, type PageHost } from './harness/pageHost';

let chromium: Browser;
let server: ReferenceServer;
let host: PageHost;
let context: BrowserContext;
let page: Page;
const printed: string[] = [];

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(() => chromium?.close());

beforeEach(async () => {
  printed.length = 0;
  server = await startReferenceServer();
  host = await pageHost({ entry: 'authFetchPage.ts', backendPort: server.port });
  context = await chromium.newContext();
  page = await context.newPage();
  page.on('console', message => printed.push(message.text()));
  await page.goto(host.url);
  await page.evaluate(() =>
    fetch('/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"user":"ada"}',
    }),
  );
});

afterEach(async () => {
  await context.close();
  await host.close();
  await server.close();
});

it('presents the token to the page’s own origin; a 401 costs one refresh for all who meet it, and nobody sees it', async () => {
  const me = await page.evaluate(() => window.ask('/api/me'));
  expect([me.status, (JSON.parse(me.body) as { user: string }).user]).toEqual([200, 'ada']);
  expect(server.stats().refreshes).toBe(1);
  await server.control({ command: 'expireNow', user: 'ada' });
  const statuses = await page.evaluate(async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        window.ask('/api/echo', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id: `m${n}` }),
        }),
      ),
    );
    return answers.map(({ status }) => status);
  });
  expect(statuses).toEqual(Array(10).fill(200));
  const stats = server.stats();
  expect(stats.refreshes).toBe(2);
  expect(stats.unauthorized['/api/echo']).toBe(10);
  expect(stats.echoes).toMatchObject({ received: 10, duplicates: 0 });
  expect(await page.evaluate(() => window.sessionStatus())).toBe('valid');
});

it('a network error stays a network error: nobody is signed out, nothing is refreshed', async () => {
  await page.evaluate(() => window.ask('/api/me'));
  server.faults.set('/api/me', { kind: 'offline', count: 1 });
  const name = await page.evaluate(() => window.ask('/api/me').catch((error: Error) => error.name));
  expect(name).toBe('TypeError');
  expect(await page.evaluate(() => window.sessionStatus())).toBe('valid');
  expect(server.stats().refreshes).toBe(1);
});

it.each([302, 307] as const)('X05 a redirect (%i) to another origin takes no token along', async status => {
  const seen: IncomingMessage['headers'][] = [];
  const elsewhere = createServer((request: IncomingMessage, response: ServerResponse) => {
    seen.push(request.headers);
    response.writeHead(200, {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization',
    });
    response.end('elsewhere');
  });
  await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/collect`;
  server.faults.set('/api/me', { kind: 'redirect', status, location, count: 1 });
  const outcome = await page.evaluate(() => window.ask('/api/me').catch((error: Error) => error.name));
  elsewhere.closeAllConnections();
  elsewhere.close();
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.map(({ authorization }) => authorization)).toEqual(seen.map(() => undefined));
  expect(outcome).toMatchObject({ body: 'elsewhere' });
});

it('X05 another origin gets the request without the token', async () => {
  const seen: IncomingMessage['headers'][] = [];
  const elsewhere = createServer((request: IncomingMessage, response: ServerResponse) => {
    seen.push(request.headers);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('elsewhere');
  });
  await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/api`;
  await page.evaluate(() => window.ask('/api/me'));
  expect(await page.evaluate(target => window.ask(target), url)).toMatchObject({ status: 200 });
  elsewhere.closeAllConnections();
  elsewhere.close();
  expect(seen.map(({ authorization }) => authorization)).toEqual([undefined]);
});

it('X01 the token is in no address and no console line', async () => {
  await page.evaluate(() => window.ask('/api/me'));
  const bearer = host.requests.find(({ target }) => target === '/api/me')?.headers['authorization'] ?? '';
  const token = bearer.slice('Bearer '.length);
  expect(token.length).toBeGreaterThan(20);
  expect(server.stats().requestTargets.join(' ')).not.toContain(token);
  expect(printed.join(' ')).not.toContain(token);
});

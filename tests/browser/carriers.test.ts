import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import type { ReferenceServerOptions, SocketAuthMode } from '../server/serverOptions';
import { launchChromium } from './harness/launchChromium';
import { pageHost, type PageHost } from './harness/pageHost';
import type { CarrierName } from './pages/carrierPage';

interface Signed {
  server: ReferenceServer;
  host: PageHost;
  page: Page;
  printed: string[];
}

const carriers: readonly { name: CarrierName; mode: SocketAuthMode }[] = [
  { name: 'firstMessage', mode: 'first-message' },
  { name: 'subprotocol', mode: 'subprotocol' },
  { name: 'cookie', mode: 'cookie' },
  { name: 'ticket', mode: 'ticket' },
];

let chromium: Browser;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(() => chromium?.close());

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A page whose user is signed in at a server that takes this way of showing it. */
async function signIn(mode: SocketAuthMode, options: ReferenceServerOptions = {}): Promise<Signed> {
  const server = await startReferenceServer({ socketAuth: mode, streamIntervalMs: 0, ...options });
  const host = await pageHost({ entry: 'carrierPage.ts', backendPort: server.port });
  const context: BrowserContext = await chromium.newContext();
  cleanups.push(
    () => server.close(),
    () => host.close(),
    () => context.close(),
  );
  const page = await context.newPage();
  const printed: string[] = [];
  page.on('console', message => printed.push(message.text()));
  page.on('pageerror', error => printed.push(String(error)));
  await page.goto(host.url);
  await page.evaluate(() =>
    fetch('/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"user":"ada"}',
    }),
  );
  return { server, host, page, printed };
}

async function open({ page }: Signed, name: CarrierName): Promise<void> {
  await page.evaluate(carrier => window.carrying.connect(carrier), name);
  await page.waitForFunction(() => window.carrying.status().link === 'open');
}

describe.each(carriers)('in Chromium, $name', ({ name, mode }) => {
  it('X01 X02 opens, carries messages, comes back after a reset and leaks nothing', async () => {
    const signed = await signIn(mode);
    const { server, host, page, printed } = signed;
    await open(signed, name);
    await page.evaluate(() => window.carrying.talk());
    await server.control({ command: 'reset' });
    await page.waitForFunction(() => window.carrying.status().connection === 2);
    await page.evaluate(() => window.carrying.talk());
    expect(await page.evaluate(() => window.carrying.ends)).toEqual([]);
    const secrets = await page.evaluate(() => window.carrying.secrets());
    const told = [...printed, ...(await page.evaluate(() => window.carrying.errors))].join('\n');
    expect(secrets.length).toBe({ firstMessage: 1, subprotocol: 1, cookie: 0, ticket: 3 }[name]);
    for (const secret of secrets) expect(told).not.toContain(secret);
    // X01: an address may hold a ticket, never the access token, which is a JWT.
    const targets = host.requests.map(({ target }) => target).join('\n');
    expect(targets).not.toMatch(/eyJ/);
    expect(printed).toEqual([]);
  });

  it('S02 S12 refused at the upgrade keeps its user until the token source says that the session is over', async () => {
    const signed = await signIn(mode, { refuseBy: 'http' });
    const { server, page } = signed;
    await open(signed, name);
    await server.control({ command: 'revokeSession', user: 'ada' });
    await page.waitForFunction(() => window.carrying.status().session === 'signed-out');
    const ends = (await page.evaluate(() => window.carrying.ends)) as { by: string }[];
    expect(ends.map(({ by }) => by)).toEqual(['token-source']);
    expect(server.stats().sockets.open).toBe(0);
  });
});

it('I15 the token is offered in base64url behind the real protocol, and the server echoes that alone', async () => {
  const signed = await signIn('subprotocol');
  await open(signed, 'subprotocol');
  const upgrade = signed.host.requests.find(({ kind }) => kind === 'upgrade');
  const [accept, offer = ''] = (upgrade?.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
  expect(accept).toBe('chat.v1');
  const [token] = await signed.page.evaluate(() => window.carrying.secrets());
  expect(Buffer.from(offer.slice('bearer.'.length), 'base64url').toString()).toBe(token);
});

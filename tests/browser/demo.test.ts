import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closedWhileConnecting, consoleSpy, networkNoise, type ConsoleSpy } from './harness/consoleSpy';
import { startDemoProcess, type DemoProcess } from './harness/demoProcess';
import { launchChromium } from './harness/launchChromium';

const draft = 'half a sentence';

let demo: DemoProcess;
let chromium: Browser;
let page: Page;
let spy: ConsoleSpy;

beforeAll(async () => {
  [demo, chromium] = await Promise.all([startDemoProcess(), launchChromium()]);
});

/** The tests of a group share a page; more of them would need more dials than a client allows itself in a minute. */
function sharePage(): void {
  beforeAll(openPage);
  afterEach(expectUndisturbed);
  afterAll(() => page?.close());
}

async function openPage(): Promise<void> {
  page = await chromium.newPage({ viewport: { width: 1280, height: 800 } });
  spy = consoleSpy(page);
  for (const pattern of [...networkNoise, closedWhileConnecting]) spy.allow(pattern);
  await page.goto(demo.url);
  await page.evaluate(() => (document.documentElement.dataset.document = 'the first'));
  await page.fill('#draft', draft);
  // What is broken before there is a link is another story, and the log tells it otherwise.
  await expectStatus('open', 'valid');
}

afterAll(async () => {
  await chromium?.close();
  await demo?.end();
});

/** Whatever was pressed: no reload, the draft is there, and the console is quiet. */
async function expectUndisturbed(): Promise<void> {
  expect(await page.inputValue('#draft')).toBe(draft);
  expect(await page.evaluate(() => document.documentElement.dataset.document)).toBe('the first');
  expect(new URL(page.url()).pathname).toBe('/');
  spy.assertQuiet();
}

const press = (name: string) => page.getByRole('button', { name }).click();

/** Waits until the page shows this link and session. */
function expectStatus(link: string, session: string): Promise<unknown> {
  return page.waitForFunction(
    words => [...document.querySelectorAll('.pill strong')].map(word => word.textContent).join() === words,
    `${link},${session}`,
    { polling: 50, timeout: 15_000 },
  );
}

/** Waits until the log tells these things, from what the visitor did last on. */
async function expectLog(...patterns: readonly RegExp[]): Promise<void> {
  const untold = async () => {
    const lines = await page.locator('.log li').evaluateAll(all => {
      const texts = all.map(line => line.textContent ?? '');
      return texts.slice(0, all.findIndex(line => line.matches('.you')) + 1);
    });
    return patterns.filter(pattern => !lines.some(line => pattern.test(line)));
  };
  await expect.poll(untold, { timeout: 15_000, interval: 50 }).toEqual([]);
}

const counts = async () => {
  const text = await page.locator('.counts').innerText();
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1]);
  return { received: count('received'), caughtUp: count('caught up'), missing: count('missing') };
};

/** The link is open, long enough to count as stable: what comes next is no failure in a row. Messages flow. */
async function expectSteady(): Promise<void> {
  await expectStatus('open', 'valid');
  const { received } = await counts();
  await page.waitForTimeout(1_700);
  await expect.poll(async () => (await counts()).received).toBeGreaterThan(received);
  expect((await counts()).missing).toBe(0);
}

describe('a page whose network fails', () => {
  sharePage();

  it('opens signed in, with messages and a token that runs down', async () => {
    await expectSteady();
    const left = async () => Number(await page.getByRole('meter').getAttribute('aria-valuenow'));
    const before = await left();
    expect(before).toBeGreaterThan(50);
    await expect.poll(left, { timeout: 5_000 }).toBeLessThan(before);
  });

  it('a cut network: messages wait, and nothing is missing afterwards', async () => {
    await press('Cut the network');
    await expectLog(/Link lost: .+ → reconnecting in/, /No connection: the server is out of reach/);
    await page.fill('#draft', 'are you there?');
    await press('Send');
    await page.getByText('waits for the link').waitFor();
    await page.fill('#draft', draft);
    // One message of the stream, at least, is missed.
    await page.waitForTimeout(1_200);
    await press('Restore the network');
    // It need not be pressed; this visitor does not like to wait.
    const tryNow = page.getByRole('button', { name: 'Try now' });
    if (await tryNow.isVisible()) await tryNow.click();
    await page.locator('.sent .delivered').waitFor();
    await expectSteady();
    expect((await counts()).caughtUp).toBeGreaterThan(0);
  });

  it('a silent network is noticed by a ping', async () => {
    await press('Let it go silent');
    await expectLog(/Link lost: the server did not answer a ping/);
    await press('Restore the network');
    await expectSteady();
  });
});

describe('a page whose tokens and server fail', () => {
  sharePage();

  it('an expired token is replaced, and so is the link, at once', async () => {
    await press('Expire the token');
    await expectLog(/token expired \(1008\) → a new token first/, /New token/, /Link open again/);
    await expectSteady();
  });

  it('a token endpoint that hangs costs no session', async () => {
    await press('Hang the token endpoint');
    await press('Expire the token');
    await expectStatus('preparing', 'refreshing');
    await expectLog(/No good token in hand → still trying/);
    await press('Let the endpoint answer');
    await expectSteady();
  });

  it('a server that restarts or dies is found again', async () => {
    await press('Restart the server');
    await expectLog(/it is going away, back in 3\.0 s/, /Link open again/);
    await expectSteady();
    await press('Kill the server');
    await expectLog(/broke without a word \(1006\)/, /Link open again/);
    await expectSteady();
  });
});

describe('a page whose laptop sleeps and whose link is stopped', () => {
  sharePage();

  it('a laptop that slept eight hours is the same page afterwards', async () => {
    await press('Sleep for 8 hours');
    await page.getByText('The lid is closed.').waitFor();
    await expectLog(/Awake: 8 h have passed/);
    await expectLog(/No good token in hand/, /Link lost/, /New token/, /Link open again/);
    await expectSteady();
  });

  it('a stopped link says so and waits for the user', async () => {
    await press('Forbid the link');
    await expectStatus('stopped', 'valid');
    await page.getByText('It is not dialled again until you ask.').waitFor();
    await press('Connect again');
    await expectSteady();
  });
});

describe('a page whose session ends', () => {
  sharePage();

  it('a session that was ended on the server leads to the sign-in screen and back', async () => {
    await press('End the session');
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await expectStatus('stopped', 'signed-out');
    await page.getByText('session revoked').first().waitFor();
    await press('Sign in again');
    await expectStatus('open', 'valid');
  });

  it('signing out ends it, too, and a network that is down keeps nobody out for good', async () => {
    await press('Sign out');
    await page.getByText('You said so').waitFor();
    await press('Cut the network');
    await press('Sign in again');
    await page.getByText('The server cannot be reached.').waitFor();
    await press('Restore the network');
    await press('Sign in again');
    await expectStatus('open', 'valid');
  });

  it('the page about the server is beside it, and the link stays open meanwhile', async () => {
    const connection = await page.locator('.pill .detail').first().innerText();
    await page.getByRole('link', { name: 'What your server must do' }).click();
    await page.getByRole('heading', { name: 'A complete server' }).waitFor();
    expect(await page.locator('.document pre').first().innerText()).toContain('createMinimalServer');
    await page.goBack();
    expect(await page.locator('.pill .detail').first().innerText()).toBe(connection);
  });

  it.each([375, 1280])('fits a window of %i px', async width => {
    await page.setViewportSize({ width, height: 812 });
    for (const name of ['What your server must do', 'Application']) {
      await page.getByRole('link', { name }).click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  });
});

it('refuses a port that is taken, ends when it is told to, and leaves nothing behind', async () => {
  const { port } = new URL(demo.url);
  await expect(startDemoProcess(Number(port))).rejects.toThrow('EADDRINUSE');
  expect((await fetch(`${demo.url}your-server`)).status).toBe(200);
  expect((await fetch(`${demo.url}nowhere`)).status).toBe(404);
  expect(await demo.end()).toBe(0);
  await expect(fetch(demo.url)).rejects.toThrow('fetch failed');
});

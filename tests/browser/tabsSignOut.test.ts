import type { BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchPlain, setLifecycle, type PlainChromium } from './harness/launchPlain';
import {
  assertUndisturbed,
  closeTabs,
  isOpen,
  returnTo,
  sharedToken,
  startTabStage,
  type Tab,
  type TabStage,
} from './tabStage';

/** What a loaded machine may add to a time that the package promises. */
const slackMs = 1_000;

let chromium: PlainChromium;
let stage: TabStage;
/** Another machine of the same user. */
let device: BrowserContext;

beforeAll(async () => {
  chromium = await launchPlain();
  device = await chromium.browser.newContext();
});

beforeEach(async () => {
  stage = await startTabStage();
  await stage.logIn(chromium.context);
});

afterEach(async () => {
  await closeTabs(chromium);
  await Promise.all(device.pages().map(page => page.close()));
  await stage.close();
});

afterAll(async () => {
  await chromium?.close();
});

const isSignedOut = ({ session, link }: { session: string; link: string }) =>
  session === 'signed-out' && link === 'stopped';

/** Nothing but the sign-out happened: one end each, and no way back by itself. */
async function expectSignedOut(tab: Tab, end: { reason: string; by: string }): Promise<void> {
  await tab.waitForStatus(isSignedOut);
  expect(tab.ends()).toEqual([end]);
  expect(tab.find('socket.dialled')).toHaveLength(1);
  expect(await tab.fingerprint()).toBeNull();
}

it('M09 S3-D a sign-out in one tab reaches the others within a second, once each, and no other device', async () => {
  const tabs = await stage.openTabs(chromium.context, 4);
  const [leaving, ...others] = tabs as [Tab, ...Tab[]];
  await stage.logIn(device);
  const elsewhere = await stage.openTab(await device.newPage());

  const leftAt = Date.now();
  await leaving.page.evaluate(() => window.tab.signOut('bye'));
  await expectSignedOut(leaving, { reason: 'bye', by: 'this-tab' });
  for (const tab of others) {
    const { heardAt } = await tab.waitForStatus(isSignedOut);
    expect(heardAt - leftAt).toBeLessThanOrEqual(1_000 + slackMs);
    await expectSignedOut(tab, { reason: 'bye', by: 'other-tab' });
  }
  const { connections, logouts } = await stage.server.waitFor(({ sockets }) => sockets.open === 1);
  expect(logouts).toBe(1);
  expect(connections).toHaveLength(5);

  // The other machine neither lost its socket nor heard of it, and its session goes on.
  expect(await elsewhere.status()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
  await elsewhere.refresh();
  await stage.server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
  expect(stage.server.stats()).toMatchObject({ upgradesWithOldToken: 0, authErrors: {} });
  assertUndisturbed([elsewhere]);
  for (const tab of tabs) tab.assertUndisturbed();
});

it('M09 a frozen tab learns of the sign-out when it resumes, before it would dial', async () => {
  const tabs = await stage.openTabs(chromium.context, 3);
  const [leaving, , frozen] = tabs as [Tab, Tab, Tab];
  await setLifecycle(frozen.session, 'frozen');
  await stage.server.waitFor(({ sockets }) => sockets.open === 2);
  await leaving.page.evaluate(() => window.tab.signOut('bye'));
  await stage.server.waitFor(({ sockets }) => sockets.open === 0);

  const from = frozen.mark();
  await setLifecycle(frozen.session, 'active');
  await expectSignedOut(frozen, { reason: 'bye', by: 'other-tab' });
  expect(stage.connections()).toHaveLength(3);
  expect(frozen.calls(from)).toEqual([]);
  for (const tab of tabs) tab.assertUndisturbed();
});

it('M09 a page in the back/forward cache learns of the sign-out when it is restored, before it would dial', async () => {
  const tabs = await stage.openTabs(chromium.context, 2);
  const [leaving, stored] = tabs as [Tab, Tab];
  await stored.page.bringToFront();
  await stored.page.goto(`${stage.url}elsewhere`);
  await stage.server.waitFor(({ sockets }) => sockets.open === 1);
  await leaving.page.evaluate(() => window.tab.signOut('bye'));
  await stage.server.waitFor(({ sockets }) => sockets.open === 0);

  await returnTo(stored);
  await expectSignedOut(stored, { reason: 'bye', by: 'other-tab' });
  expect(stage.connections()).toHaveLength(2);
  for (const { console } of tabs) console.assertQuiet();
});

it('S3-D a login as somebody else never uses the token of the user before', async () => {
  const tabs = await stage.openTabs(chromium.context, 2);
  const [first, second] = tabs as [Tab, Tab];
  await sharedToken(tabs);
  await first.page.evaluate(() => window.tab.signOut('bye'));
  await second.waitForStatus(isSignedOut);

  await stage.logIn(chromium.context, 'bob');
  const marks = tabs.map(tab => tab.mark());
  for (const { page } of tabs) await page.evaluate(() => window.tab.changeUser('bob'));
  for (const [index, tab] of tabs.entries()) await tab.waitForStatus(isOpen, marks[index]);
  await sharedToken(tabs);
  const users = stage.connections().map(({ user }) => user);
  expect(users).toEqual(['ada', 'ada', 'bob', 'bob']);
  // ada's tokens were revoked with her session: had one been presented anywhere, it would have been turned down.
  expect(stage.server.stats()).toMatchObject({
    upgradesWithOldToken: 0,
    authErrors: {},
    authCloses: {},
    unauthorized: {},
  });
  for (const tab of tabs) tab.assertUndisturbed();
});

it('M10 S3-D a tab still open as the former user neither takes over nor presents the token of the next one', async () => {
  const tabs = await stage.openTabs(chromium.context, 2);
  const [first, second] = tabs as [Tab, Tab];
  await sharedToken(tabs);
  // Somebody else signs in on the same machine; the second tab is not told.
  await stage.logIn(chromium.context, 'bob');
  const from = first.mark();
  await first.page.evaluate(() => window.tab.changeUser('bob'));
  await first.waitForStatus(isOpen, from);
  const bobs = await first.fingerprint();
  expect(await second.fingerprint()).not.toBe(bobs);

  await second.page.evaluate(() => window.tab.refresh().catch(() => {}));
  await second.waitFor('error', {
    where: ({ detail }) => (detail as { code: string }).code === 'subject-mismatch',
  });
  await second.waitForStatus(({ link }) => link !== 'open');
  expect(await second.fingerprint()).toBeNull();
  const { connections } = await stage.server.waitFor(({ sockets }) => sockets.open === 1);
  expect(connections.map(({ user }) => user)).toEqual(['ada', 'ada', 'bob']);
  expect(connections[1]).toMatchObject({ code: 1000 });
  expect(stage.server.stats()).toMatchObject({ upgradesWithOldToken: 0, authErrors: {} });
  expect(second.find('error')).toHaveLength(1);
  assertUndisturbed(tabs);
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchPlain, setLifecycle, type PlainChromium } from './harness/launchPlain';
import {
  assertUndisturbed,
  closeTabs,
  inBackground,
  isOpen,
  returnTo,
  sharedToken,
  startTabStage,
  type Tab,
  type TabStage,
} from './tabStage';

/** Tabs that are frozen, or left for another page, while the others of their session go on. */

/** What a loaded machine may add to a time that the package promises. */
const slackMs = 1_000;

/** A turn that is waited for is asked for anew this often. */
const sliceMs = 1_500;

let chromium: PlainChromium;
let stage: TabStage;

beforeAll(async () => {
  chromium = await launchPlain();
});

beforeEach(async () => {
  stage = await startTabStage();
  await stage.logIn(chromium.context);
});

afterEach(async () => {
  await closeTabs(chromium);
  await stage?.close();
});

afterAll(async () => {
  await chromium?.close();
});

it('M03 a hidden tab that is frozen while it refreshes gives its turn to the next, and takes the newest token when it resumes', async () => {
  const tabs = await stage.openTabs(chromium.context, 3);
  const [front, middle, frozen] = tabs as [Tab, Tab, Tab];
  stage.server.faults.set('/auth/refresh', { kind: 'slow', latencyMs: 1_000, count: 1 });
  const late = inBackground(frozen.refresh());
  await stage.server.waitFor(({ faultsServed }) => faultsServed['/auth/refresh slow'] === 1);
  const others = inBackground(Promise.all([front, middle].map(tab => tab.refresh())));
  await setLifecycle(frozen.session, 'frozen');
  const frozenAt = Date.now();
  const [held] = await others;
  expect(Date.now() - frozenAt).toBeLessThanOrEqual(2_000 + slackMs);
  expect(await sharedToken([front, middle])).toBe(held);
  await setLifecycle(frozen.session, 'active');
  await late;
  await sharedToken(tabs);
  expect(stage.server.stats()).toMatchObject({ familiesRevoked: 0, unauthorized: {}, authCloses: {} });
  assertUndisturbed(tabs);
});

it('M03 M04 a page that was left with the lock is passed: a turn that is waited for is asked for anew every 1.5 s', async () => {
  const tabs = await stage.openTabs(chromium.context, 2);
  const [asking, leaving] = tabs as [Tab, Tab];
  // Another script of that page: ours gives the lock back.
  await leaving.page.evaluate(
    () =>
      new Promise<void>(resolve => {
        const body = () => {
          resolve();
          return new Promise(() => {});
        };
        void navigator.locks.request(window.tab.sharedName(), body);
      }),
  );
  const askedAt = Date.now();
  const { answer } = await queueUp(asking);
  await leaving.page.goto(`${stage.url}elsewhere`);
  await answer;
  expect(Date.now() - askedAt).toBeLessThanOrEqual(sliceMs + slackMs);
  assertUndisturbed([asking]);
});

it('M03 L05 a tab that navigates away in the middle of a refresh gives its turn back at once', async () => {
  const tabs = await stage.openTabs(chromium.context, 2);
  const [asking, leaving] = tabs as [Tab, Tab];
  stage.server.faults.set('/auth/refresh', { kind: 'hang', count: 1 });
  void inBackground(leaving.refresh());
  await stage.server.waitFor(({ faultsServed }) => faultsServed['/auth/refresh hang'] === 1);
  const { answer } = await queueUp(asking);
  const leftAt = Date.now();
  await leaving.page.goto(`${stage.url}elsewhere`);
  await answer;
  expect(Date.now() - leftAt).toBeLessThanOrEqual(slackMs);
  assertUndisturbed([asking]);
});

it('L05 L06 a page that shares its session still enters the back/forward cache, and comes back to the token of the others', async () => {
  const tabs = await stage.openTabs(chromium.context, 2);
  const [other, stored] = tabs as [Tab, Tab];
  await stored.page.bringToFront();
  const leftAt = Date.now();
  await stored.page.goto(`${stage.url}elsewhere`);
  const { connections } = await stage.server.waitFor(({ sockets }) => sockets.open === 1);
  const closed = connections.find(({ closedAt }) => closedAt !== null)!;
  expect(closed).toMatchObject({ code: 1000, closedBy: 'client' });
  expect(closed.closedAt! - leftAt).toBeLessThanOrEqual(slackMs);
  const fresh = await other.refresh();

  const from = stored.mark();
  const restored = await returnTo(stored);
  const back = await stored.waitForStatus(isOpen, from);
  expect(back.elapsed - restored.elapsed).toBeLessThanOrEqual(500 + slackMs);
  expect(await sharedToken(tabs)).toBe(fresh);
  expect(stored.calls(from)).toEqual([]);
  expect(stage.refreshRequests()).toHaveLength(2);
  for (const { console } of tabs) console.assertQuiet();
});

it('M08 a frozen tab comes back to the newest token, and an older one that reaches it later changes nothing', async () => {
  const tabs = await stage.openTabs(chromium.context, 3);
  const [refreshing, , frozen] = tabs as [Tab, Tab, Tab];
  // Another script of the page keeps what the tabs tell each other, to say it again later.
  const kept = await refreshing.page.evaluateHandle(() => {
    const channel = new BroadcastChannel(window.tab.sharedName());
    const messages: unknown[] = [];
    channel.onmessage = ({ data }) => void messages.push(data);
    const sayAgain = () => {
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
      for (const message of messages) channel.postMessage(message);
    };
    return { sayAgain };
  });
  await setLifecycle(frozen.session, 'frozen');
  await stage.server.waitFor(({ sockets }) => sockets.open === 2);
  const middle = await refreshing.refresh();
  const newest = await refreshing.refresh();
  expect(newest).not.toBe(middle);

  const from = frozen.mark();
  await setLifecycle(frozen.session, 'active');
  await frozen.waitForStatus(isOpen, from);
  expect(await sharedToken(tabs)).toBe(newest);
  expect(frozen.calls(from)).toEqual([]);

  const heard = frozen.mark();
  await kept.evaluate(({ sayAgain }) => sayAgain());
  await frozen.waitFor('note', { from: heard, where: isOfGeneration(2) });
  expect(await sharedToken(tabs)).toBe(newest);
  assertUndisturbed(tabs);
});

/** A token of a sibling, the how-manieth of the session it may be. */
const isOfGeneration =
  (generation: number) =>
  ({ detail }: { detail?: unknown }) => {
    const { type, facts } = detail as { type: string; facts?: { generation: number } };
    return type === 'sibling.shared' && facts?.generation === generation;
  };

/** Asks for another token and comes back once the browser has the tab in its queue, with the answer still to come. */
async function queueUp(tab: Tab): Promise<{ answer: Promise<string> }> {
  const answer = inBackground(tab.refresh());
  const pending = () => tab.page.evaluate(async () => (await navigator.locks.query()).pending?.length);
  await expect.poll(pending, { interval: 20 }).toBe(1);
  return { answer };
}

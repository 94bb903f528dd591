import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SocketStatus } from '../../src/index';
import { launchChromium } from './harness/launchChromium';
import { isOpen, startScriptedStage } from './scriptedStage';

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

/** Runs in the page before anything else: notes what is written to places that outlive the page or reach another. */
function spyOnPlaces(): void {
  const written: string[] = [];
  Object.assign(window, { written });
  const note = (place: string, values: unknown[]) => {
    written.push(
      `${place} ${values.map(value => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ')}`,
    );
  };
  const watch = (place: string, owner: object, ...methods: string[]) => {
    for (const method of methods) {
      const original = Reflect.get(owner, method) as (...values: unknown[]) => unknown;
      Reflect.set(owner, method, function spy(this: unknown, ...values: unknown[]) {
        note(`${place}.${method}`, values);
        return original.apply(this, values);
      });
    }
  };
  watch('channel', BroadcastChannel.prototype, 'postMessage');
  watch('storage', Storage.prototype, 'setItem');
  watch('database', IDBObjectStore.prototype, 'add', 'put');
  watch('history', History.prototype, 'pushState', 'replaceState');
  watch('cache', Cache.prototype, 'put');
  watch('window', window, 'postMessage');
  watch('worker', MessagePort.prototype, 'postMessage');
  for (const [place, owner, name] of [
    ['document', Document.prototype, 'cookie'],
    ['window', window, 'name'],
  ] as const) {
    const original = Object.getOwnPropertyDescriptor(owner, name)!;
    Object.defineProperty(owner, name, {
      ...original,
      set(value: string) {
        note(`${place}.${name}`, [value]);
        original.set?.call(this, value);
      },
    });
  }
}

it('X03 X02 without a sessionKey no token is written to a channel, a storage, a cookie, the history or the window', async () => {
  const stage = await startScriptedStage({ streamIntervalMs: 200 });
  const context = await chromium.newContext();
  await context.addInitScript(spyOnPlaces);
  try {
    const tab = await stage.open(context);
    const written = () => tab.page.evaluate(() => (window as unknown as { written: string[] }).written);
    await tab.mountOpen({ options: { reconnect: { stableAfterMs: 0 } } });
    await tab.page.evaluate(() => window.lab.client().getToken({ forceRefresh: true }));
    await stage.server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
    const isLink = (number: number) => (status: SocketStatus) =>
      isOpen(status) && status.connection === number;
    await stage.server.control({ command: 'reset' });
    await tab.waitForStatus(isLink(2));
    await stage.server.control({ command: 'expireNow' });
    await tab.waitForStatus(isLink(3));
    await tab.page.evaluate(() => {
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    await tab.waitForStatus(isLink(4));
    await tab.page.evaluate(() => window.lab.client().signOut());
    const tokens = await tab.page.evaluate(() => [...window.lab.tokens]);
    expect(tokens.length).toBeGreaterThan(2);
    for (const text of await written()) for (const token of tokens) expect(text).not.toContain(token);
    expect(
      (await written()).filter(text => /^(?:channel|storage|database|cache|document|history)/.test(text)),
    ).toEqual([]);
    expect(await tab.page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
    // The spies see what they are there for.
    await tab.page.evaluate(() => {
      localStorage.setItem('place', 'storage');
      document.cookie = 'place=cookie';
      history.replaceState({ place: 'history' }, '');
      window.name = 'a name';
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- a channel knows no origins
      new BroadcastChannel('place').postMessage('channel');
    });
    expect((await written()).length).toBeGreaterThanOrEqual(5);
    await tab.expectNoLeak();
  } finally {
    await context.close();
    await stage.close();
  }
});

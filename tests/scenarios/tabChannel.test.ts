import { describe, expect, it } from 'vitest';
import type { AuthSocketOptions } from '../../src/core';
import { channelName } from '../../src/runtime/channelName';
import type { Tabs } from '../../src/runtime/ports';
import { createTestWorld, type TestWorld } from '../../src/testing';
import {
  callsOf,
  clientInTab,
  endAll,
  expectAllUp,
  openTabs,
  postsOf,
  type TabClient,
  voiceOn,
} from './tabsInWorld';

const minute = 60_000;

describe('M06 where the channel', () => {
  const channels: [string, (tab: TestWorld) => Tabs | null][] = [
    ['is missing', () => null],
    [
      'cannot be joined',
      () => ({
        join() {
          throw new DOMException('Access is denied.', 'SecurityError');
        },
      }),
    ],
    [
      'takes no message',
      tab => ({
        join(name, onMessage) {
          const channel = tab.platform.tabs!.join(name, onMessage);
          return {
            post() {
              throw new DOMException('Not cloneable.', 'DataCloneError');
            },
            leave: () => channel.leave(),
          };
        },
      }),
    ],
    ['loses every message', () => ({ join: () => ({ post() {}, leave() {} }) })],
  ];
  it.each(channels)('M06 %s, each tab refreshes for itself, one after the other', async (_what, tabsFor) => {
    const world = createTestWorld();
    let underWay = 0;
    let most = 0;
    const clients: TabClient[] = [];
    for (let n = 0; n < 3; n += 1) {
      const tab = n === 0 ? world : world.openTab();
      const getToken: AuthSocketOptions['getToken'] = async request => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise<void>(done => void tab.platform.clock.setTimer(done, 300));
        underWay -= 1;
        return (tab.tokens.source as { getToken(request: unknown): Promise<string> }).getToken(request);
      };
      clients.push(clientInTab(tab, { getToken }, { tabs: tabsFor(tab) }));
    }
    for (const { socket } of clients) socket.connect();
    await world.clock.advance(3_000);
    expectAllUp(clients);
    expect(callsOf(clients)).toBe(3);
    await world.clock.advance(15 * minute);
    expectAllUp(clients);
    expect(callsOf(clients)).toBe(6);
    expect(most).toBe(1);
    await clients[0]!.socket.signOut();
    await world.clock.advance(1_000);
    expect(clients.map(({ ends }) => ends.length)).toEqual([1, 0, 0]);
    await endAll(clients);
  });
});

describe('M11 garbage on the channel', () => {
  it('M11 X07 changes nothing, whoever says it', async () => {
    const clients = await openTabs(2);
    const [first] = clients as [TabClient];
    const { world } = first;
    const voice = voiceOn(world.openTab(), first);
    const before = clients.map(({ socket }) => socket.getStatus());
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true,"version":1,"type":"signed-out"}}');
    for (const message of [
      null,
      'signed-out',
      42,
      [],
      {},
      hostile,
      { type: 'signed-out', reason: 'x', at: world.clock.now() },
      { version: 2, type: 'signed-out', reason: 'x', at: world.clock.now() },
      { version: 1, type: 'signed-out', reason: 'x', at: 'now' },
      {
        version: 1,
        type: 'token',
        token: 'a\nb',
        generation: 9,
        expiresAt: null,
        serverExpiresAt: null,
        subject: null,
      },
      {
        version: 1,
        type: 'token',
        token: 'abc',
        generation: -1,
        expiresAt: null,
        serverExpiresAt: null,
        subject: null,
      },
      { version: 1, type: 'ask', generation: {}, since: [] },
    ])
      voice.post(message);
    await world.clock.advance(1_000);
    expect(clients.map(({ socket }) => socket.getStatus())).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(callsOf(clients)).toBe(1);
    expectAllUp(clients);
    await endAll(clients);
  });
});

describe('M07 the storage of the browser', () => {
  it('M07 X03 is touched by nothing of ours, so one that throws is not missed', async () => {
    const touched: string[] = [];
    const names = ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore'];
    const former = names.map(name => Object.getOwnPropertyDescriptor(globalThis, name));
    for (const name of names)
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get() {
          touched.push(name);
          throw new DOMException('Access is denied.', 'SecurityError');
        },
      });
    try {
      const clients = await openTabs(3);
      const { world } = clients[0]!;
      await world.clock.advance(20 * minute);
      expectAllUp(clients);
      world.page.freeze();
      await world.clock.advance(minute);
      world.page.resume();
      await clients[1]!.socket.signOut();
      await world.clock.advance(1_000);
      await endAll(clients);
    } finally {
      for (const [n, name] of names.entries()) {
        if (former[n]) Object.defineProperty(globalThis, name, former[n]);
        else delete (globalThis as Record<string, unknown>)[name];
      }
    }
    expect(touched).toEqual([]);
  });
});

describe('what leaves the tab', () => {
  it.each<[string, Partial<AuthSocketOptions>]>([
    ['without a sessionKey', { sessionKey: undefined as never }],
    ['without a sessionKey, whatever tabs says', { sessionKey: undefined as never, tabs: 'share' }],
    ["with tabs: 'separate'", { tabs: 'separate' }],
  ])('X03 is nothing %s: no channel, no lock', async (_what, options) => {
    const clients = await openTabs(3, options);
    const { world } = clients[0]!;
    await world.clock.advance(15 * minute);
    world.page.freeze();
    world.page.resume();
    await world.clock.advance(1_000);
    await clients[1]!.socket.signOut({ before: () => Promise.resolve() });
    await world.clock.advance(10_000);
    for (const { log } of clients) expect([log.joins, log.posts, log.requests]).toEqual([[], [], []]);
    expect(callsOf(clients)).toBe(6);
    expect(clients.map(({ ends }) => ends.length)).toEqual([0, 1, 0]);
    await endAll(clients);
  });

  it('X03 is nothing while sessionKey is null', async () => {
    const client = clientInTab(createTestWorld(), { sessionKey: null });
    client.socket.connect();
    await client.world.clock.advance(1_000);
    expect([client.log.joins, client.log.requests]).toEqual([[], []]);
    client.socket.setSessionKey('ada');
    await client.world.clock.advance(1_000);
    expect(client.log.channels).toBe(1);
    client.socket.setSessionKey(null);
    await client.world.clock.advance(1_000);
    expect(client.isGone).toBe(true);
    await client.end();
  });

  it('X03 with a sessionKey is the access token in a message, and neither the key nor the token in a name', async () => {
    const clients = await openTabs(2, { sessionKey: 'ada@example.org' });
    const token = await clients[0]!.socket.getToken();
    const names = clients.flatMap(({ log }) => [...log.joins, ...log.requests.map(({ name }) => name)]);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^react-auth-socket:[0-9a-z]+$/);
    expect(names[0]).not.toContain('ada');
    const carriers = postsOf(clients).filter(post => JSON.stringify(post).includes(token));
    for (const { type } of carriers) expect(type).toBe('token');
    await endAll(clients);
  });
});

describe('who meets on a channel', () => {
  const meet = async (a: Partial<AuthSocketOptions>, b: Partial<AuthSocketOptions>) => {
    const [first, second] = (await openTabs(2, (_tab, n) => (n === 0 ? a : b))) as [TabClient, TabClient];
    const names = [first, second].map(({ log }) => log.joins.at(-1)!);
    await first.socket.signOut();
    await first.world.clock.advance(1_000);
    const hasHeard = second.ends.length === 1;
    expect(names[0] === names[1]).toBe(hasHeard);
    await endAll([first, second]);
    return hasHeard;
  };

  it.each<[string, boolean, Partial<AuthSocketOptions>, Partial<AuthSocketOptions>]>([
    ['of the same key and origin do', true, {}, { url: 'wss://app.test/other' }],
    ['of other keys do not', false, {}, { sessionKey: 'bob' }],
    ['of other tokenAudiences do not', false, { tokenAudience: 'a' }, { tokenAudience: 'b' }],
    [
      'of one tokenAudience do, wherever they dial',
      true,
      { tokenAudience: 'a' },
      { url: 'wss://x.test/', tokenAudience: 'a' },
    ],
    ['with a url of another origin do not', false, {}, { url: 'wss://api.test/ws' }],
    [
      'with a url of http or ws of one origin do',
      true,
      { url: 'https://api.test/a' },
      { url: new URL('wss://api.test/b') },
    ],
    ['with a url function count as of the page', true, {}, { url: () => 'wss://app.test/ws' }],
    ['without a url count as of the page', true, {}, { url: undefined as never }],
  ])('M10 clients %s', async (_what, isMet, a, b) => {
    expect(await meet(a, b)).toBe(isMet);
  });

  it('M10 the name of a channel is a hash: no two of ten thousand keys share one, and none shows in it', () => {
    const names = new Set<string>();
    for (let n = 0; n < 10_000; n += 1) names.add(channelName('https://app.test', `user-${n}`));
    expect(names.size).toBe(10_000);
    expect(channelName('a', 'b","c')).not.toBe(channelName('a","b', 'c'));
    for (const name of names) expect(name).not.toMatch(/user|app\.test/);
  });
});

describe('a source that keeps its tabs in order itself', () => {
  it('M01 X03 is never made to wait for a lock, and its tokens and sign-out are shared all the same', async () => {
    const clients = await openTabs(3, tab => ({
      getToken: { ...(tab.tokens.source as { getToken: never }), coordinated: true },
    }));
    const [first, ...others] = clients as [TabClient, ...TabClient[]];
    const { world } = first;
    const fresh = first.socket.getToken({ forceRefresh: true });
    await world.clock.advance(100);
    const token = await fresh;
    for (const { socket } of others) expect(await socket.getToken()).toBe(token);
    await world.clock.advance(15 * minute);
    expectAllUp(clients);
    await first.socket.signOut();
    await world.clock.advance(1_000);
    for (const { ends } of others) expect(ends).toMatchObject([{ by: 'other-tab' }]);
    for (const { log } of clients) expect(log.requests).toEqual([]);
    await endAll(clients);
  });
});

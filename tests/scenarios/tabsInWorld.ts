import { expect } from 'vitest';
import type { AuthSocketOptions } from '../../src/core';
import type { Lock, Page, Platform, Tabs } from '../../src/runtime/ports';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { clientInWorld, type ClientInWorld } from './clientInWorld';

type Options = Partial<AuthSocketOptions<unknown, unknown>>;

/** What a tab said on the channel and asked of the lock. */
export interface TabLog {
  /** Names of the channels that were joined, oldest first. */
  joins: string[];
  posts: { type: string; token?: string; [field: string]: unknown }[];
  requests: { name: string; at: number; signal: AbortSignal }[];
  /** Channels that it is on now. */
  readonly channels: number;
  /** Lock requests that have not settled: held or waited for. */
  readonly turns: number;
}

export interface TabClient extends ClientInWorld {
  log: TabLog;
  /** Nothing of this tab is on a channel, at a lock, in a timer or listening to the page. */
  readonly isGone: boolean;
  /** Its script stands still, and no event announces it: no timer, no message, no answer comes through. */
  hang(): void;
  /** It goes on; as after a freeze, its socket turns out dead. */
  goOn(): void;
}

export interface TabPorts {
  lock?: Lock | null;
  tabs?: Tabs | null;
}

/** The platform of a tab with a note of what passes. As in browsers, nobody knows to be alone on a channel. */
export function watchedPlatform(world: TestWorld, ports: TabPorts = {}): { platform: Platform; log: TabLog } {
  const { tabs = world.platform.tabs, lock = world.platform.lock } = ports;
  let channels = 0;
  let turns = 0;
  const log: TabLog = {
    joins: [],
    posts: [],
    requests: [],
    get channels() {
      return channels;
    },
    get turns() {
      return turns;
    },
  };
  const platform: Platform = {
    ...world.platform,
    tabs: tabs && {
      join(name, onMessage) {
        log.joins.push(name);
        const channel = tabs.join(name, onMessage);
        channels += 1;
        return {
          post(message) {
            log.posts.push(message as TabLog['posts'][number]);
            channel.post(message);
          },
          leave() {
            channels -= 1;
            channel.leave();
          },
        };
      },
    },
    lock: lock && {
      request(name, signal, body) {
        log.requests.push({ name, at: world.clock.now(), signal });
        const request = lock.request(name, signal, body);
        turns += 1;
        const end = () => {
          turns -= 1;
        };
        request.then(end, end);
        return request;
      },
    },
  };
  return { platform, log };
}

/** A client in this tab, of the session `ada` unless told otherwise. */
export function clientInTab(tab: TestWorld, options: Options = {}, ports: TabPorts = {}): TabClient {
  const { platform, log } = watchedPlatform(tab, ports);
  let isHung = false;
  let listeners = 0;
  const page = tab.platform.page as Page;
  platform.page = {
    href: page.href,
    isVisible: page.isVisible,
    isOnline: page.isOnline,
    requestFrame: page.requestFrame,
    subscribe(listener) {
      const stop = page.subscribe(signal => void (isHung || listener(signal)));
      listeners += 1;
      return () => {
        stop();
        listeners -= 1;
      };
    },
  };
  const client = clientInWorld({ sessionKey: 'ada', platform, ...options }, tab);
  return {
    ...client,
    log,
    hang() {
      isHung = true;
      tab.page.freeze();
    },
    goOn() {
      tab.page.resume();
      isHung = false;
    },
    get isGone() {
      return log.channels + log.turns + listeners + tab.clock.pendingTimers === 0;
    },
  };
}

/** Each tab of one browser, the first of them the given world. */
export function tabsOf(world: TestWorld, count: number): TestWorld[] {
  return Array.from({ length: count }, (_, n) => (n === 0 ? world : world.openTab()));
}

/** Clients of one session, each in a tab of its own; connected one second after the other. */
export async function openTabs(
  count: number,
  options: Options | ((tab: TestWorld, n: number) => Options) = {},
  world: TestWorld = createTestWorld(),
  ports: TabPorts = {},
): Promise<TabClient[]> {
  const clients: TabClient[] = [];
  for (const [n, tab] of tabsOf(world, count).entries()) {
    const client = clientInTab(tab, typeof options === 'function' ? options(tab, n) : options, ports);
    clients.push(client);
    client.socket.connect();
    await world.clock.advance(1_000);
  }
  return clients;
}

/** Token calls of all these tabs. */
export const callsOf = (clients: readonly ClientInWorld[]): number =>
  clients.reduce((sum, { world }) => sum + world.tokens.calls.length, 0);

/** Destroys them, one after the other, each proven to leave nothing behind. */
export async function endAll(clients: readonly ClientInWorld[]): Promise<void> {
  for (const client of clients) await client.end();
}

/** Somebody else on a client's channel: says anything, and hears everything. */
export function voiceOn(
  tab: TestWorld,
  { log }: TabClient,
): { post(message: unknown): void; heard: unknown[] } {
  const heard: unknown[] = [];
  const channel = tab.platform.tabs!.join(log.joins.at(-1)!, message => heard.push(message));
  return { post: message => channel.post(message), heard };
}

/** Every tab has its link and its session, and nobody was told of an error or an end. */
export function expectAllUp(clients: readonly TabClient[]): void {
  for (const { socket, errors, ends } of clients) {
    expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    expect([errors, ends]).toEqual([[], []]);
  }
}

/** What these tabs said on the channel. */
export function postsOf(clients: readonly TabClient[], type?: string): TabLog['posts'] {
  return clients.flatMap(({ log }) => log.posts.filter(post => type === undefined || post.type === type));
}

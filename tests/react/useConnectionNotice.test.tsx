import { act } from '@testing-library/react';
import * as React from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it } from 'vitest';
import {
  AuthSocketProvider,
  createAuthSocket,
  createAuthSocketContext,
  signedOut,
  useConnectionNotice,
  type ConnectionNotice,
} from '../../src/index';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { close, noticeInWorld, type NoticeInWorld } from './noticeInWorld';
import { renderInWorld } from './pageInWorld';

const open = 6_000;
const minShown = 1_000;
/** `lostAfterMs` by default. */
const blip = 5_000;

let banner: NoticeInWorld;
afterEach(() => banner?.end());

/** A banner above a link that has been open for long enough to be stable. */
async function overOpenLink(options: Parameters<typeof noticeInWorld>[0] = {}): Promise<NoticeInWorld> {
  banner = noticeInWorld(options);
  await banner.pass(open);
  expect(banner.socket.getStatus().link).toBe('open');
  return banner;
}

/** Until what is told may change at once. */
async function calm({ world, told, pass }: NoticeInWorld): Promise<void> {
  while (world.platform.clock.elapsedMs() - told.at(-1)!.at < minShown) await pass(50);
}
const kinds = ({ told }: NoticeInWorld) => told.map(({ notice }) => notice?.kind ?? null);

describe('a notice appears', () => {
  it('never at a first connect that succeeds, and renders nothing for it', async () => {
    banner = noticeInWorld();
    await banner.pass(60_000);
    expect(kinds(banner)).toEqual([null]);
    expect(banner.renders).toBe(1);
  });

  it('at a first connect that does not succeed, after the time in which a blip would pass', async () => {
    banner = noticeInWorld();
    banner.world.server.refuse();
    await banner.pass(blip - 100);
    expect(banner.notice).toBeNull();
    await banner.pass(200);
    expect(banner.notice).toMatchObject({ kind: 'reconnecting' });
    const { since } = banner.notice!;
    await banner.pass(60_000);
    expect(banner.notice!.since).toBe(since);
  });

  it('never for a link that is back within that time', async () => {
    await overOpenLink();
    banner.cut();
    await banner.pass(blip - 1_000);
    banner.world.server.accept();
    banner.socket.reconnect();
    await banner.pass(30_000);
    expect(banner.socket.getStatus().connection).toBe(2);
    expect(kinds(banner)).toEqual([null]);
  });

  it('for a link that stays away, with the moment of the loss and of the next try', async () => {
    await overOpenLink();
    const lostAt = banner.world.clock.now();
    banner.cut();
    await banner.pass(blip + 100);
    const { retryAt } = banner.socket.getStatus();
    expect(retryAt).not.toBeNull();
    expect(banner.notice).toEqual({ kind: 'reconnecting', since: lostAt, retryAt });
  });

  it('S4-A never at a wake, whatever happened to the link meanwhile', async () => {
    await overOpenLink();
    banner.world.server.last.drop();
    await banner.world.clock.sleep(8 * 3_600_000);
    banner.world.page.show();
    banner.world.page.focus();
    banner.world.page.online();
    await banner.pass(10_000);
    expect(banner.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    expect(kinds(banner)).toEqual([null]);
  });

  it('not while nobody looks', async () => {
    await overOpenLink();
    banner.world.page.hide();
    banner.cut();
    await banner.pass(10 * 60_000);
    expect(banner.notice).toBeNull();
    banner.world.page.show();
    await banner.pass(blip - 100);
    expect(banner.notice).toBeNull();
    await banner.pass(200);
    expect(banner.notice).toMatchObject({ kind: 'reconnecting' });
  });

  it('in the very first render of a banner that is mounted late, with the true moment of the loss', async () => {
    const seen: (ConnectionNotice | null)[] = [];
    function Banner() {
      seen.push(useConnectionNotice());
      return null;
    }
    const page = renderInWorld(null);
    await page.pass(open);
    const lostAt = page.world.clock.now();
    page.world.server.refuse();
    page.world.server.last.drop();
    await page.pass(60_000);
    page.rerender({}, <Banner />);
    expect(seen[0]).toMatchObject({ kind: 'reconnecting', since: lostAt });
    expect(new Set(seen).size).toBe(1);
    page.view.unmount();
  });
});

describe('its kind', () => {
  it.each(['forbidden', 'protocol_error', 'taken_over'])(
    'is blocked after the server’s %s, until somebody asks for another link',
    async code => {
      await overOpenLink();
      const lostAt = banner.world.clock.now();
      close(banner, code);
      await banner.pass(100);
      expect(banner.socket.getStatus().link).toBe('stopped');
      expect(banner.notice).toEqual({ kind: 'blocked', since: lostAt, retryAt: null });
      await banner.pass(3_600_000);
      expect(kinds(banner)).toEqual([null, 'blocked']);
      banner.socket.reconnect();
      await banner.pass(1_000);
      expect(banner.notice).toBeNull();
    },
  );

  it('is blocked where the address may not be dialled', async () => {
    banner = noticeInWorld({ client: { url: 'ws://elsewhere.test/' } });
    await banner.pass(1_000);
    expect(banner.socket.getStatus().stopReason).toBe('misconfigured');
    expect(banner.notice).toMatchObject({ kind: 'blocked', retryAt: null });
  });

  it.each(['the token source', 'the user', 'another tab'])(
    'is signed-out when %s ends the session',
    async by => {
      await overOpenLink({ client: { sessionKey: 'ada' } });
      const endedAt = banner.world.clock.now();
      if (by === 'the token source') {
        banner.world.tokens.answer(signedOut('over'));
        banner.socket.getToken({ forceRefresh: true }).catch(() => {});
      }
      if (by === 'the user') void banner.socket.signOut();
      const sibling = banner.world.openTab();
      const { platform, tokens } = sibling;
      const other = createAuthSocket({ url: '/ws', sessionKey: 'ada', getToken: tokens.source, platform });
      if (by === 'another tab') {
        other.connect();
        await banner.pass(1_000);
        void other.signOut();
      }
      await banner.pass(500);
      expect(banner.notice).toMatchObject({ kind: 'signed-out', retryAt: null });
      expect(banner.notice!.since - endedAt).toBeLessThan(1_600);
      other.destroy();
      sibling.dispose();
    },
  );

  it('is signed-out at once, even if something else was told a moment ago', async () => {
    await overOpenLink();
    banner.cut();
    await banner.pass(blip + 10);
    expect(banner.notice?.kind).toBe('reconnecting');
    const { since } = banner.notice!;
    void banner.socket.signOut();
    await banner.pass(0);
    expect(banner.notice).toEqual({ kind: 'signed-out', since, retryAt: null });
  });

  it('is none where nobody is signed in, and a notice of the former user goes at once', async () => {
    await overOpenLink({ client: { sessionKey: 'ada' } });
    void banner.socket.signOut();
    await banner.pass(100);
    expect(banner.notice?.kind).toBe('signed-out');
    banner.socket.setSessionKey(null);
    await banner.pass(0);
    expect(banner.socket.getStatus().session).toBe('signed-out');
    expect(banner.notice).toBeNull();
  });

  it('is none while the application itself wants no link', async () => {
    await overOpenLink();
    banner.cut();
    await banner.pass(20_000);
    banner.socket.disconnect();
    await banner.pass(60_000);
    expect(banner.socket.getStatus().stopReason).toBe('disconnected');
    expect(banner.notice).toBeNull();
  });

  it('is offline without a link where the browser says so, and not while the link holds', async () => {
    await overOpenLink({ client: { heartbeat: false } });
    banner.world.page.offline();
    await banner.pass(60_000);
    expect(banner.socket.getStatus().link).toBe('open');
    expect(banner.notice).toBeNull();
    banner.world.page.online();
    await banner.pass(1_000);

    banner.cut();
    await banner.pass(20_000);
    await calm(banner);
    const { since } = banner.notice!;
    expect(banner.notice!.kind).toBe('reconnecting');
    banner.world.page.offline();
    await banner.pass(0);
    // Told by the browser's event: the client has nothing new to say before its next try.
    expect(banner.notice).toMatchObject({ kind: 'offline', since });
    await banner.pass(5_000);
    await calm(banner);
    banner.world.page.online();
    await banner.pass(0);
    expect(banner.notice).toMatchObject({ kind: 'reconnecting', since });
  });

  it('does not flip-flop with a network that comes and goes', async () => {
    await overOpenLink();
    banner.cut();
    await banner.pass(30_000);
    const from = banner.told.length;
    for (let times = 0; times < 40; times++) {
      if (times % 2) banner.world.page.online();
      else banner.world.page.offline();
      await banner.pass(100);
      // One is the client's.
      expect(banner.world.clock.pendingTimers).toBeLessThanOrEqual(2);
    }
    const flips = banner.told.slice(from);
    expect(flips.length).toBeLessThanOrEqual(5);
    await banner.pass(minShown);
    expect(banner.notice?.kind).toBe('reconnecting');
  });

  it('is reconnecting while the server refuses what the token source has', async () => {
    await overOpenLink();
    banner.world.tokens.answer('the-same-token-again');
    for (let times = 0; times < 4; times++) {
      if (banner.world.server.last.isOpen) close(banner, 'token_invalid');
      await banner.pass(3_000);
    }
    expect(banner.socket.getStatus().session).toBe('rejected');
    expect(banner.notice?.kind).toBe('reconnecting');
    expect(banner.notice!.retryAt).toBe(banner.socket.getStatus().retryAt);
  });
});

describe('its timing', () => {
  it.each([
    { hook: {}, ms: 1_000 },
    { hook: { minShownMs: 3_000 }, ms: 3_000 },
    { hook: { minShownMs: 0 }, ms: 0 },
  ])('is shown for at least minShownMs: $hook', async ({ hook, ms }) => {
    await overOpenLink({ hook });
    banner.cut();
    await banner.pass(blip + 10);
    expect(banner.notice?.kind).toBe('reconnecting');
    banner.world.server.accept();
    banner.socket.reconnect();
    await banner.pass(8_000);
    expect(banner.notice).toBeNull();
    const [, shown, gone] = banner.told;
    expect(gone!.at - shown!.at).toBeGreaterThanOrEqual(ms);
    expect(gone!.at - shown!.at).toBeLessThan(ms + 700);
  });

  it('renders once for a try that was announced and fails: when the next one is announced', async () => {
    await overOpenLink();
    banner.cut();
    await banner.pass(120_000);
    const before = banner.renders;
    const dials = banner.world.server.dials.length;
    await banner.pass(120_000);
    const tries = banner.world.server.dials.length - dials;
    expect(tries).toBeGreaterThan(3);
    expect(banner.renders - before).toBeLessThanOrEqual(tries);
    for (const { notice } of banner.told.slice(2)) expect(notice!.retryAt).not.toBeNull();
  });

  it('leaves the announced time standing while that try is under way, and takes back one that came early', async () => {
    await overOpenLink();
    banner.cut();
    await banner.pass(120_000);
    banner.world.server.hang();
    const { retryAt } = banner.notice!;
    await banner.pass(retryAt! - banner.world.clock.now() + 1_500);
    expect(banner.socket.getStatus()).toMatchObject({ link: 'connecting', retryAt: null });
    const { notice } = banner;
    expect(notice!.retryAt).toBeLessThanOrEqual(banner.world.clock.now());
    banner.world.server.refuse();
    await banner.pass(12_000);
    banner.world.server.hang();
    expect(banner.notice!.retryAt).toBeGreaterThan(banner.world.clock.now());
    banner.socket.reconnect();
    await banner.pass(1_500);
    expect(banner.notice).toMatchObject({ kind: 'reconnecting', retryAt: null });
  });

  it('leaves no timer and no listener behind', async () => {
    await overOpenLink();
    banner.cut();
    await banner.pass(blip + 10);
    banner.socket.disconnect();
    await banner.pass(0);
    // The end of the notice is due in a moment, and nothing else.
    expect(banner.notice?.kind).toBe('reconnecting');
    expect(banner.world.clock.pendingTimers).toBe(1);
    banner.unmount();
    // Now it is the provider, which lingers.
    expect(banner.world.clock.pendingTimers).toBe(1);
    await banner.pass(1_100);
    expect(banner.world.clock.pendingTimers).toBe(0);
    expect(banner.listeners).toEqual({ status: 0, user: 0, page: 0 });
  });

  it('listens to the page only while there is no link to tell of', async () => {
    await overOpenLink();
    expect(banner.listeners).toEqual({ status: 1, user: 1, page: 0 });
    banner.cut();
    await banner.pass(20_000);
    expect(banner.listeners.page).toBe(1);
    banner.world.server.accept();
    await banner.pass(40_000);
    expect(banner.socket.getStatus().link).toBe('open');
    expect(banner.listeners.page).toBe(0);
    banner.cut();
    await banner.pass(20_000);
    banner.unmount();
    expect(banner.listeners).toEqual({ status: 0, user: 0, page: 0 });
  });

  it('does nothing in a hidden part of the tree, and is right as soon as that is shown', async () => {
    await overOpenLink();
    banner.setHidden(true);
    await banner.pass(0);
    expect(banner.listeners.status).toBe(0);
    const { renders } = banner;
    banner.cut();
    await banner.pass(20_000);
    expect(banner.renders).toBe(renders);
    banner.setHidden(false);
    await banner.pass(0);
    expect(banner.notice?.kind).toBe('reconnecting');
    expect(banner.listeners).toEqual({ status: 1, user: 1, page: 1 });
  });

  it('sets no timer of its own while nothing is about to change', async () => {
    await overOpenLink();
    const timers = () => banner.world.clock.pendingTimers;
    const idle = timers();
    banner.cut();
    await banner.pass(60_000);
    expect(banner.notice?.kind).toBe('reconnecting');
    banner.unmount();
    const unmounted = timers();
    expect([idle, unmounted]).toEqual([1, 2]);
  });
});

describe('the hook', () => {
  it('tells the same under StrictMode, and leaves nothing there either', async () => {
    await overOpenLink({ isStrict: true });
    banner.cut();
    await banner.pass(20_000);
    expect(banner.notice?.kind).toBe('reconnecting');
    banner.world.server.accept();
    await banner.pass(40_000);
    expect(kinds(banner).at(-1)).toBeNull();
    banner.unmount();
    await banner.pass(1_100);
    expect(banner.world.clock.pendingTimers).toBe(0);
  });

  it('R05 R06 tells nothing on a server and while hydrating, and what there is to tell right after', async () => {
    const world: TestWorld = createTestWorld();
    const socket = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
    const painted: string[] = [];
    function Banner() {
      const notice = useConnectionNotice();
      const text = notice?.kind ?? 'none';
      React.useLayoutEffect(() => {
        painted.push(text);
      });
      return <p>{text}</p>;
    }
    const tree = (
      <AuthSocketProvider socket={socket}>
        <Banner />
      </AuthSocketProvider>
    );
    const container = document.createElement('div');
    container.innerHTML = renderToString(tree);
    expect(container.textContent).toBe('none');
    world.tokens.revoke();
    socket.connect();
    await world.clock.advance(1_000);
    expect(socket.getStatus().session).toBe('signed-out');
    const problems: unknown[] = [];
    const root = await act(async () =>
      hydrateRoot(container, tree, { onRecoverableError: error => problems.push(error) }),
    );
    expect(painted).toEqual(['none', 'signed-out']);
    expect(problems).toEqual([]);
    await act(async () => root.unmount());
    await world.clock.advance(1_100);
    socket.destroy();
    world.dispose();
  });

  it('stands on the context of its own provider, and outside of one says what to do', async () => {
    const inner = createAuthSocketContext();
    const seen: (string | null)[] = [];
    function Banner() {
      seen.push(inner.useConnectionNotice({ minShownMs: 10 })?.kind ?? null);
      return null;
    }
    const world = createTestWorld();
    const socket = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
    expect(() => renderToString(<Banner />)).toThrow(/^useConnectionNotice needs an <AuthSocketProvider>/);
    const page = renderInWorld(
      <inner.AuthSocketProvider socket={socket}>
        <Banner />
      </inner.AuthSocketProvider>,
    );
    world.server.refuse();
    await act(() => world.clock.advance(blip + 100));
    expect(seen.at(-1)).toBe('reconnecting');
    page.view.unmount();
    await world.clock.advance(1_100);
    socket.destroy();
    world.dispose();
  });
});

import { act, render } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, it, vi } from 'vitest';
import {
  AuthSocketProvider,
  createAuthSocket,
  useSocket,
  useSocketStatus,
  type AuthSocket,
} from '../../src/index';
import { createTestWorld } from '../../src/testing';
import { renderInWorld } from './pageInWorld';

function Status() {
  const { link, session } = useSocketStatus();
  return <p>{`${link} ${session}`}</p>;
}

describe('the provider', () => {
  it('opens one link and keeps it', async () => {
    const { view, pass, world } = renderInWorld(<Status />);
    await pass(1_000);
    expect(view.container.textContent).toBe('open valid');
    expect(world.server.connections).toHaveLength(1);
  });

  it('R01 under StrictMode opens one socket and prints nothing', async () => {
    const { pass, world } = renderInWorld(<Status />, { isStrict: true });
    await pass(10_000);
    expect(world.server.dials).toHaveLength(1);
    expect(world.tokens.calls).toHaveLength(1);
    expect(world.browserConsole).toEqual([]);
  });

  it('R02 mounted and unmounted a hundred times leaves no socket and no timer after 1.1 s', async () => {
    const world = createTestWorld();
    for (let i = 0; i < 100; i++) {
      const { view, pass } = renderInWorld(<Status />, { world });
      if (i % 3 === 0) await pass(i);
      view.unmount();
    }
    await act(() => world.clock.advance(1_100));
    expect(world.openSockets).toBe(0);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('Z03 a page without its provider has no timer, listener or socket after 1.1 s, and the server saw 1000', async () => {
    const { view, pass, world } = renderInWorld(<Status />);
    await pass(6_000);
    const subscribe = vi.spyOn(world.platform.page!, 'subscribe');
    view.unmount();
    await pass(900);
    expect(world.server.last.isOpen).toBe(true);
    await pass(200);
    expect(world.server.last.isOpen).toBe(false);
    expect(world.server.last.received).toContainEqual(expect.objectContaining({ type: 'auth' }));
    expect(world.clock.pendingTimers).toBe(0);
    world.page.hide();
    world.page.show();
    await pass(60_000);
    expect(world.server.dials).toHaveLength(1);
    expect(subscribe).not.toHaveBeenCalled();
  });

  it('R12 effects that run again twenty times, as Fast Refresh makes them, find the one live socket', async () => {
    const world = createTestWorld();
    const socket = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
    const tree = (key: number) => (
      <AuthSocketProvider key={key} socket={socket}>
        <Status />
      </AuthSocketProvider>
    );
    const view = render(tree(0));
    await act(() => world.clock.advance(6_000));
    for (let key = 1; key <= 20; key++) {
      view.rerender(tree(key));
      await act(() => world.clock.advance(100));
    }
    await act(() => world.clock.advance(5_000));
    expect(world.server.dials).toHaveLength(1);
    expect(socket.getStatus().link).toBe('open');
    view.unmount();
    await act(() => world.clock.advance(1_100));
    expect(socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'disconnected' });
    socket.destroy();
  });

  it('two providers on one socket count', async () => {
    const world = createTestWorld();
    const socket = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
    const tree = (both: boolean) => (
      <>
        <AuthSocketProvider socket={socket}>a</AuthSocketProvider>
        {both && <AuthSocketProvider socket={socket}>b</AuthSocketProvider>}
      </>
    );
    const view = render(tree(true));
    await act(() => world.clock.advance(1_000));
    view.rerender(tree(false));
    await act(() => world.clock.advance(5_000));
    expect(socket.getStatus().link).toBe('open');
    view.unmount();
    await act(() => world.clock.advance(5_000));
    expect(socket.getStatus().link).toBe('stopped');
    socket.destroy();
  });

  it('R03 a hidden <Activity> of half a second flaps nothing, a longer one closes 1000 and comes back with its state', async () => {
    function Draft() {
      const [text, setText] = React.useState('');
      return <input value={text} onChange={event => setText(event.target.value)} />;
    }
    const world = createTestWorld();
    let socket!: AuthSocket;
    function Grab() {
      socket = useSocket() as AuthSocket;
      return null;
    }
    const tree = (mode: 'visible' | 'hidden') => (
      <React.Activity mode={mode}>
        <AuthSocketProvider url="/ws" getToken={world.tokens.source} platform={world.platform}>
          <Grab />
          <Draft />
        </AuthSocketProvider>
      </React.Activity>
    );
    const view = render(tree('visible'));
    await act(() => world.clock.advance(6_000));
    const first = socket;
    view.rerender(tree('hidden'));
    await act(() => world.clock.advance(500));
    view.rerender(tree('visible'));
    await act(() => world.clock.advance(5_000));
    expect(world.server.dials).toHaveLength(1);

    view.rerender(tree('hidden'));
    await act(() => world.clock.advance(3_000));
    expect(world.server.last.isOpen).toBe(false);
    expect(first.getStatus()).toMatchObject({ link: 'idle', session: 'valid', lost: false });
    view.rerender(tree('visible'));
    await act(() => world.clock.advance(1_000));
    expect(socket).toBe(first);
    expect(first.getStatus().link).toBe('open');
    expect(world.server.connections).toHaveLength(2);
    expect(world.tokens.calls).toHaveLength(1);
  });

  it('R07 inline options on every render reconnect nothing, and the latest callbacks are used', async () => {
    const world = createTestWorld({ tokenLifetimeMs: 60_000 });
    let asked = -1;
    const source = world.tokens.source as { getToken: (request: never) => Promise<string> };
    const page = renderInWorld(<Status />, { world });
    for (let i = 0; i < 50; i++) {
      page.rerender({
        getToken: request => {
          asked = i;
          return source.getToken(request as never);
        },
        reconnect: { minMs: 500 },
        timeouts: {},
      });
      await page.pass(10);
    }
    await page.pass(60_000);
    expect(world.server.dials).toHaveLength(1);
    expect(asked).toBe(49);
  });

  it('R08 another url closes the old socket first, and none of its messages is delivered', async () => {
    const seen: unknown[] = [];
    function Listener() {
      const socket = useSocket();
      React.useEffect(() => socket.onMessage(message => seen.push(message)), [socket]);
      return null;
    }
    const page = renderInWorld(<Listener />);
    await page.pass(6_000);
    const old = page.world.server.last;
    page.rerender({ url: '/other' });
    old.send({ type: 'late' });
    await page.pass(1_000);
    expect(old.isOpen).toBe(false);
    expect(page.world.server.last.url).toMatch(/\/other$/);
    page.world.server.last.send({ type: 'fresh' });
    await page.pass(0);
    expect(seen).toEqual([{ type: 'fresh' }]);
  });

  it('R08 another url is another server: a link that the former one stopped is dialled again', async () => {
    const page = renderInWorld(<Status />);
    await page.pass(6_000);
    page.world.server.last.close(1008, JSON.stringify({ code: 'forbidden' }));
    await page.pass(60_000);
    expect(page.view.container.textContent).toBe('stopped valid');
    page.rerender({ url: '/other' });
    await page.pass(1_000);
    expect(page.view.container.textContent).toBe('open valid');
    expect(page.world.server.last.url).toMatch(/\/other$/);
  });

  it('R08 another sessionKey closes the old socket first and asks for the new user at once', async () => {
    const page = renderInWorld(<Status />, { props: { sessionKey: 'ada' } });
    await page.pass(6_000);
    const old = page.world.server.last;
    page.world.tokens.answer('opaque-of-bob');
    page.rerender({ sessionKey: 'bob' });
    await page.pass(1_000);
    expect(old.isOpen).toBe(false);
    expect(page.world.tokens.calls.at(-1)).toMatchObject({ reason: 'changed', previous: null });
    expect(page.world.server.last.received[0]).toMatchObject({ type: 'auth', token: 'opaque-of-bob' });
  });

  it('sessionKey null means nobody: no call, no socket, no callback', async () => {
    const onSessionExpired = vi.fn();
    const page = renderInWorld(<Status />, { props: { sessionKey: null, onSessionExpired } });
    await page.pass(60_000);
    expect(page.view.container.textContent).toBe('stopped signed-out');
    expect(page.world.tokens.calls).toHaveLength(0);
    expect(page.world.server.dials).toHaveLength(0);
    page.rerender({ sessionKey: 'ada', onSessionExpired });
    await page.pass(1_000);
    expect(page.view.container.textContent).toBe('open valid');
    page.rerender({ sessionKey: null, onSessionExpired });
    await page.pass(1_000);
    expect(page.view.container.textContent).toBe('stopped signed-out');
    expect(page.world.openSockets).toBe(0);
    expect(onSessionExpired).not.toHaveBeenCalled();
  });

  it('enabled={false} closes the link after lingerMs and keeps the session', async () => {
    const page = renderInWorld(<Status />);
    await page.pass(6_000);
    page.rerender({ enabled: false } as never);
    await page.pass(900);
    expect(page.view.container.textContent).toBe('open valid');
    await page.pass(200);
    expect(page.view.container.textContent).toBe('idle valid');
    page.rerender({});
    await page.pass(500);
    expect(page.view.container.textContent).toBe('open valid');
    expect(page.world.tokens.calls).toHaveLength(1);
  });

  it('R10 a token, an ack and a close that come after the unmount reach nobody', async () => {
    const world = createTestWorld();
    world.tokens.hang();
    const onSessionExpired = vi.fn();
    const page = renderInWorld(<Status />, { world, props: { onSessionExpired } });
    await page.pass(100);
    page.view.unmount();
    await page.pass(1_100);
    expect(world.tokens.calls[0]!.signal.aborted).toBe(true);
    world.tokens.issue();
    await page.pass(60_000);
    expect(world.server.dials).toHaveLength(0);
    expect(onSessionExpired).not.toHaveBeenCalled();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('T18 an unmount while a token is being fetched aborts the call and opens no socket', async () => {
    const world = createTestWorld();
    world.tokens.hang();
    const page = renderInWorld(<Status />, { world });
    await page.pass(100);
    page.view.unmount();
    await page.pass(1_100);
    expect(world.tokens.calls).toHaveLength(1);
    expect(world.tokens.calls[0]!.signal.aborted).toBe(true);
    expect(world.server.dials).toHaveLength(0);
  });

  it('throws on bad options in the first render and names them', () => {
    expect(() => renderInWorld(<Status />, { props: { refreshLeadMs: Number.NaN } })).toThrow(
      /refreshLeadMs/,
    );
  });

  it('a bad option in a later render is misconfigured, and the former value stays', async () => {
    const onError = vi.fn();
    const page = renderInWorld(<Status />, { props: { onError } });
    await page.pass(1_000);
    page.rerender({ onError, refreshLeadMs: -1 });
    await page.pass(0);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'invalid-option' }));
    expect(page.view.container.textContent).toBe('stopped valid');
  });

  it('a hook outside its provider throws one sentence that says what to do', () => {
    expect(() => render(<Status />)).toThrow(
      'useSocketStatus needs an <AuthSocketProvider> above it in the tree.',
    );
  });
});

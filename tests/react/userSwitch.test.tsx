import { act } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, it } from 'vitest';
import {
  useAuthToken,
  useSocket,
  useSocketState,
  useSocketStatus,
  type AuthSocket,
  type Platform,
} from '../../src/index';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { renderInWorld } from './pageInWorld';

interface News {
  type: 'news';
  text: string;
}

/** An inbox built from messages, as applications build one. */
function Inbox({ onSocket }: { onSocket?: (socket: AuthSocket) => void }) {
  const socket = useSocket() as AuthSocket;
  React.useEffect(() => onSocket?.(socket), [socket, onSocket]);
  const texts = useSocketState<string[]>(
    (former, batch) => [...former, ...(batch as News[]).map(({ text }) => text)],
    [],
    { topic: 'news', flush: 'sync' },
  );
  const { session, link } = useSocketStatus();
  const { expiresAt } = useAuthToken();
  return (
    <p>
      {session} {link} [{texts.join()}] {expiresAt === null ? 'no token' : 'token'}
    </p>
  );
}

const tokenOf = (world: TestWorld, sub: string) =>
  unsignedJwt({ sub, exp: Math.floor(world.clock.now() / 1_000) + 900, jti: sub });

const sentOn = (world: TestWorld, from: number) =>
  world.server.connections.slice(from).flatMap(({ received }) => received);

describe('signing in as somebody else', () => {
  it('S3-D R08 M10 the inbox, the queue, the socket and the token of the former user are gone before the next one sees anything', async () => {
    const world = createTestWorld();
    const sockets: AuthSocket[] = [];
    const onSocket = (socket: AuthSocket) => void sockets.push(socket);
    const drops: string[] = [];
    const options = { onDropped: ({ why }: { why: string }) => void drops.push(why) };
    const ada = tokenOf(world, 'ada');
    world.tokens.answer(ada);
    const { view, pass, rerender } = renderInWorld(<Inbox onSocket={onSocket} />, {
      world,
      props: { sessionKey: 'ada', ...options },
    });
    await pass(1_000);
    world.server.last.send({ type: 'news', text: 'for ada' });
    await pass(100);
    expect(view.container.textContent).toBe('valid open [for ada] token');
    world.server.refuse();
    world.server.last.drop();
    await pass(100);
    act(() => void sockets[0]!.send({ type: 'from ada' }));

    const links = world.server.connections.length;
    const bob = tokenOf(world, 'bob');
    world.tokens.answer(bob);
    world.server.accept();
    rerender({ sessionKey: 'bob', ...options });
    expect(view.container.textContent).toContain('[]');
    await pass(1_000);
    expect(view.container.textContent).toBe('valid open [] token');
    expect(drops).toEqual(['user-changed']);
    expect(sentOn(world, links)).toEqual([{ type: 'auth', token: bob }]);
    world.server.last.send({ type: 'news', text: 'for bob' });
    await pass(100);
    expect(view.container.textContent).toBe('valid open [for bob] token');
    expect(new Set(sockets).size).toBe(1);
    view.unmount();
    await pass(1_100);
  });

  it('S3-D after a sign-out in another tab, too, and there the former user\u2019s state is gone at the sign-out', async () => {
    const world = createTestWorld();
    const ends: { by: string }[] = [];
    const sockets: AuthSocket[] = [];
    const props = { sessionKey: 'ada', onSessionExpired: (end: { by: string }) => void ends.push(end) };
    const first = renderInWorld(<Inbox onSocket={socket => void sockets.push(socket)} />, { world, props });
    await first.pass(1_000);
    const second = renderInWorld(<Inbox />, { world: world.openTab(), props });
    await second.pass(1_000);
    for (const connection of world.server.connections) connection.send({ type: 'news', text: 'hi' });
    await second.pass(100);
    for (const { view } of [first, second]) expect(view.container.textContent).toBe('valid open [hi] token');

    await act(() => sockets[0]!.signOut({ reason: 'bye' }));
    await second.pass(1_000);
    for (const { view } of [first, second])
      expect(view.container.textContent).toBe('signed-out stopped [] no token');
    expect(ends.map(({ by }) => by)).toEqual(['this-tab', 'other-tab']);

    const links = world.server.connections.length;
    const bob = tokenOf(world, 'bob');
    world.tokens.answer(bob);
    first.rerender({ ...props, sessionKey: 'bob' });
    second.rerender({ ...props, sessionKey: 'bob' });
    await second.pass(1_000);
    for (const { view } of [first, second]) expect(view.container.textContent).toBe('valid open [] token');
    expect(sentOn(world, links)).toEqual([
      { type: 'auth', token: bob },
      { type: 'auth', token: bob },
    ]);
    for (const { view } of [first, second]) view.unmount();
    await second.pass(1_100);
  });

  it('R08 signing out through sessionKey null empties the state and tells nobody', async () => {
    const ends: unknown[] = [];
    const props = {
      sessionKey: 'ada' as string | null,
      onSessionExpired: (end: unknown) => void ends.push(end),
    };
    const { view, pass, rerender, world } = renderInWorld(<Inbox />, { props });
    await pass(1_000);
    world.server.last.send({ type: 'news', text: 'for ada' });
    await pass(100);
    rerender({ ...props, sessionKey: null });
    await pass(100);
    expect(view.container.textContent).toBe('signed-out stopped [] no token');
    expect([ends, world.openSockets]).toEqual([[], 0]);
    view.unmount();
    await pass(1_100);
  });
});

describe('the last provider', () => {
  it('Z03 1.1 s after it is gone there is no channel, no lock request and no timer, also in the middle of a token call', async () => {
    const world = createTestWorld();
    let channels = 0;
    let turns = 0;
    const { tabs, lock } = world.platform;
    const platform: Platform = {
      ...world.platform,
      tabs: {
        join(name, onMessage) {
          const channel = tabs!.join(name, onMessage);
          channels += 1;
          return {
            post: message => channel.post(message),
            leave() {
              channels -= 1;
              channel.leave();
            },
          };
        },
      },
      lock: {
        request(name, signal, body) {
          turns += 1;
          const request = lock!.request(name, signal, body);
          const end = () => void (turns -= 1);
          request.then(end, end);
          return request;
        },
      },
    };
    for (const isCalling of [false, true]) {
      const sockets: AuthSocket[] = [];
      const { view, pass } = renderInWorld(<Inbox onSocket={socket => void sockets.push(socket)} />, {
        world,
        props: { sessionKey: 'ada', platform },
      });
      await pass(1_000);
      expect(channels).toBe(1);
      if (isCalling) {
        world.tokens.hang();
        act(() => void sockets[0]!.getToken({ forceRefresh: true }).catch(() => {}));
        await pass(100);
        expect(turns).toBe(1);
      }
      view.unmount();
      await pass(1_100);
      expect([channels, turns, world.clock.pendingTimers, world.openSockets]).toEqual([0, 0, 0, 0]);
    }
  });

  it('R03 M09 mounted again after a sign-out elsewhere, a dormant page learns of it before it dials', async () => {
    const world = createTestWorld();
    const ends: { by: string }[] = [];
    const sockets: AuthSocket[] = [];
    const props = { sessionKey: 'ada', onSessionExpired: (end: { by: string }) => void ends.push(end) };
    const first = renderInWorld(<Inbox onSocket={socket => void sockets.push(socket)} />, { world, props });
    const second = renderInWorld(<Inbox />, { world: world.openTab(), props });
    await second.pass(1_000);
    second.rerender({ ...props, enabled: false });
    await second.pass(1_100);
    await act(() => sockets[0]!.signOut());
    await second.pass(1_000);
    const dials = world.server.dials.length;
    second.rerender({ ...props, enabled: true });
    await second.pass(1_000);
    expect(second.view.container.textContent).toBe('signed-out stopped [] no token');
    expect(world.server.dials).toHaveLength(dials);
    expect(ends).toHaveLength(2);
    for (const { view } of [first, second]) view.unmount();
    await second.pass(1_100);
  });
});

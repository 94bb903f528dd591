import { act } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, it, vi } from 'vitest';
import {
  createAuthSocketContext,
  useAuthToken,
  useSocket,
  useSocketMessage,
  useSocketOpen,
  useSocketState,
  useSocketStatus,
  type AuthSocket,
} from '../../src/index';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { renderInWorld, type PageInWorld } from './pageInWorld';

let renders: Record<string, number> = {};
const count = (name: string) => {
  renders[name] = (renders[name] ?? 0) + 1;
};

function sendMany(world: TestWorld, n: number, from = 0) {
  for (let i = 0; i < n; i++) world.server.last.send({ type: i % 2 ? 'odd' : 'even', n: from + i });
}

describe('the hooks', () => {
  it('R04 a thousand messages render no component that reads only the status', async () => {
    renders = {};
    let socket!: AuthSocket;
    function Whole() {
      count('whole');
      useSocketStatus();
      return null;
    }
    function Part() {
      count('part');
      useSocketStatus(status => status.link);
      socket = useSocket() as AuthSocket;
      return null;
    }
    const page = renderInWorld(
      <>
        <Whole />
        <Part />
      </>,
    );
    await page.pass(6_000);
    const before = { ...renders };
    const status = socket.getStatus();
    sendMany(page.world, 1_000);
    await page.pass(1_000);
    expect(renders).toEqual(before);
    expect(socket.getStatus()).toBe(status);
  });

  it('a token rotation renders nobody but useAuthToken, and remounts nobody', async () => {
    renders = {};
    let mounts = 0;
    const Link = React.memo(function Link() {
      count('link');
      const link = useSocketStatus(status => status.link);
      const lost = useSocketStatus(status => status.lost);
      useSocket();
      useSocketMessage(() => {});
      React.useEffect(() => {
        mounts++;
      }, []);
      return <p>{`${link} ${lost}`}</p>;
    });
    const Token = React.memo(function Token() {
      count('token');
      const { session, expiresAt } = useAuthToken();
      return <p>{`${session} ${expiresAt}`}</p>;
    });
    const page = renderInWorld(
      <>
        <Link />
        <Token />
      </>,
      { tokenLifetimeMs: 60_000 },
    );
    await page.pass(6_000);
    const before = { ...renders };
    await page.pass(120_000);
    expect(page.world.tokens.calls.length).toBeGreaterThan(3);
    expect(renders.link).toBe(before.link);
    expect(renders.token).toBeGreaterThan(before.token!);
    expect(mounts).toBe(1);
  });

  it('useAuthToken never holds the token, and refresh() brings a new one', async () => {
    let hook!: ReturnType<typeof useAuthToken>;
    function Token() {
      hook = useAuthToken();
      return null;
    }
    const page = renderInWorld(<Token />);
    await page.pass(1_000);
    const first = await hook.getToken();
    let refreshed = '';
    await act(async () => {
      const promise = hook.refresh();
      await page.world.clock.advance(0);
      refreshed = await promise;
    });
    expect(refreshed).not.toBe(first);
    expect(JSON.stringify(hook)).not.toContain(first);
    expect(page.world.tokens.calls.at(-1)).toMatchObject({ reason: 'manual', forceRefresh: true });
  });

  it('useSocketMessage gives every message to the latest handler, and those of a topic to its handler', async () => {
    const seen: string[] = [];
    function All({ mark }: { mark: string }) {
      count('all');
      useSocketMessage(message => seen.push(`${mark}${(message as { n: number }).n}`));
      useSocketMessage(message => seen.push(`odd${(message as { n: number }).n}`), { topic: 'odd' });
      return null;
    }
    const page = renderInWorld(<All mark="a" />);
    await page.pass(1_000);
    sendMany(page.world, 2);
    await page.pass(0);
    page.rerender({}, <All mark="b" />);
    sendMany(page.world, 2, 2);
    await page.pass(0);
    expect(seen).toEqual(['a0', 'a1', 'odd1', 'b2', 'b3', 'odd3']);
  });

  it('R09 a handler that throws is reported, and the others and later messages go on', async () => {
    const onError = vi.fn();
    const seen: unknown[] = [];
    function Bad() {
      useSocketMessage(() => {
        throw new Error('boom');
      });
      useSocketMessage(message => seen.push(message));
      return null;
    }
    const page = renderInWorld(<Bad />, { props: { onError } });
    await page.pass(1_000);
    sendMany(page.world, 3);
    await page.pass(0);
    expect(seen).toHaveLength(3);
    expect(onError).toHaveBeenCalledTimes(3);
    expect(onError.mock.calls[0]![0]).toMatchObject({ code: 'handler-threw', cause: new Error('boom') });
  });

  it('useSocketOpen runs on every link, before what was queued leaves', async () => {
    const events: unknown[] = [];
    function Resume() {
      useSocketOpen(({ connection, gapMs, send }) => {
        events.push([connection, gapMs]);
        send({ type: 'resume', from: 7 });
      });
      return null;
    }
    let socket!: AuthSocket;
    function Grab() {
      socket = useSocket() as AuthSocket;
      return null;
    }
    const page = renderInWorld(
      <>
        <Resume />
        <Grab />
      </>,
    );
    socket.send({ type: 'queued' });
    await page.pass(6_000);
    page.world.server.last.drop();
    await page.pass(2_000);
    expect(events).toEqual([
      [1, null],
      [2, expect.any(Number)],
    ]);
    expect(page.world.server.connections[0]!.received.map(frame => (frame as { type: string }).type)).toEqual(
      ['auth', 'resume', 'queued'],
    );
  });

  it('useSocketState loses none of 50,000 messages in a burst, in order, in one render', async () => {
    renders = {};
    let state: number[] = [];
    function List() {
      count('list');
      state = useSocketState<number[]>(
        (all, batch) => [...all, ...batch.map(m => (m as { n: number }).n)],
        [],
      );
      return null;
    }
    const page = renderInWorld(<List />);
    await page.pass(1_000);
    const before = renders.list!;
    sendMany(page.world, 50_000);
    await page.pass(100);
    expect(state).toHaveLength(50_000);
    expect(state.every((n, i) => n === i)).toBe(true);
    expect(renders.list! - before).toBe(1);
  });

  it('useSocketState renders at most once a frame, and every second in a hidden page', async () => {
    renders = {};
    function Counter() {
      count('counter');
      return <p>{useSocketState((n: number, batch) => n + batch.length, 0)}</p>;
    }
    const page = renderInWorld(<Counter />);
    await page.pass(1_000);
    let before = renders.counter!;
    for (let i = 0; i < 20; i++) {
      sendMany(page.world, 5);
      await page.pass(4);
    }
    await page.pass(16);
    expect(renders.counter! - before).toBeLessThanOrEqual(6);
    expect(page.view.container.textContent).toBe('100');
    page.world.page.hide();
    before = renders.counter!;
    for (let i = 0; i < 30; i++) {
      sendMany(page.world, 5);
      await page.pass(100);
    }
    await page.pass(1_000);
    expect(renders.counter! - before).toBeLessThanOrEqual(4);
    expect(page.view.container.textContent).toBe('250');
    sendMany(page.world, 1_000);
    await page.pass(0);
    expect(page.view.container.textContent).toBe('1250');
  });

  it('a change of user drops what useSocketState has built', async () => {
    function Counter() {
      return (
        <p>
          {useSocketState(
            (n: number, batch) => n + batch.length,
            () => 0,
          )}
        </p>
      );
    }
    const page = renderInWorld(<Counter />, { props: { sessionKey: 'ada' } });
    await page.pass(1_000);
    sendMany(page.world, 5);
    await page.pass(20);
    expect(page.view.container.textContent).toBe('5');
    page.world.tokens.answer('opaque');
    sendMany(page.world, 5);
    page.rerender({ sessionKey: 'bob' });
    await page.pass(100);
    expect(page.view.container.textContent).toBe('0');
  });

  it('a thousand components share one socket, one token call and render once each', async () => {
    renders = {};
    const One = React.memo(function One() {
      count('one');
      useSocket();
      useSocketMessage(() => {});
      return null;
    });
    const page = renderInWorld(
      <>
        {Array.from({ length: 1_000 }, (_, i) => (
          <One key={i} />
        ))}
      </>,
    );
    await page.pass(2_000);
    expect(page.world.server.dials).toHaveLength(1);
    expect(page.world.tokens.calls).toHaveLength(1);
    expect(renders.one).toBe(1_000);
  });

  it('a context of its own is another socket beside the default one', async () => {
    const other = createAuthSocketContext<{ type: string }, never>();
    const world = createTestWorld();
    function Both() {
      const a = useSocket() as unknown;
      const b = other.useSocket() as unknown;
      const link = other.useSocketStatus(status => status.link);
      return <p>{`${a === b} ${link}`}</p>;
    }
    const page = renderInWorld(
      <other.AuthSocketProvider url="/second" getToken={world.tokens.source} platform={world.platform}>
        <Both />
      </other.AuthSocketProvider>,
      { world },
    );
    await page.pass(1_000);
    expect(page.view.container.textContent).toBe('false open');
    expect(world.server.connections.map(({ url }) => new URL(url).pathname).sort()).toEqual([
      '/second',
      '/ws',
    ]);
  });

  it('a component that suspends below the provider keeps the one socket', async () => {
    let resolve!: (text: string) => void;
    const promise = new Promise<string>(done => {
      resolve = done;
    });
    function Slow() {
      return <p>{React.use(promise)}</p>;
    }
    let page!: PageInWorld;
    await act(async () => {
      page = renderInWorld(
        <React.Suspense fallback={<p>loading</p>}>
          <Slow />
        </React.Suspense>,
      );
    });
    await page.pass(6_000);
    expect(page.view.container.textContent).toBe('loading');
    await act(async () => resolve('done'));
    await page.pass(5_000);
    expect(page.view.container.textContent).toBe('done');
    expect(page.world.server.dials).toHaveLength(1);
  });

  it('L12 a lost network, an expired token and a sleep unmount nobody', async () => {
    let mounts = 0;
    function Child() {
      React.useEffect(() => {
        mounts++;
        return () => {
          mounts += 100;
        };
      }, []);
      return <p>{useSocketStatus(status => status.session)}</p>;
    }
    const page = renderInWorld(<Child />, { tokenLifetimeMs: 60_000 });
    await page.pass(6_000);
    page.world.tokens.fail(1_000);
    page.world.page.offline();
    await act(() => page.world.clock.sleep(180_000));
    await page.pass(120_000);
    expect(page.view.container.textContent).toBe('stale');
    page.world.tokens.issue();
    page.world.page.online();
    await page.pass(3_000);
    expect(page.view.container.textContent).toBe('valid');
    expect(mounts).toBe(1);
  });
});

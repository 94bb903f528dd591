import * as React from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import {
  AuthSocketProvider,
  createAuthSocket,
  useConnectionNotice,
  type AuthSocket,
  type AuthSocketOptions,
  type ConnectionNotice,
  type ConnectionNoticeOptions,
  type SocketStatus,
} from '../../src/index';
import { internalsOf } from '../../src/runtime/internals';
import { createTestWorld, type TestWorld, type TestWorldOptions } from '../../src/testing';

/** What was on the screen from a moment on, and how the client stood at that moment. */
export interface Told {
  /** Elapsed ms. */
  at: number;
  notice: ConnectionNotice | null;
  status: SocketStatus;
}

/** A banner in a test world, and everything that it has shown. */
export interface NoticeInWorld {
  world: TestWorld;
  socket: AuthSocket;
  /** Oldest first; begins with the first render. */
  told: readonly Told[];
  readonly notice: ConnectionNotice | null;
  readonly renders: number;
  /** What the banner listens to just now. */
  readonly listeners: Readonly<{ status: number; user: number; page: number }>;
  pass(ms: number): Promise<void>;
  /** Drops the link and refuses the next ones. */
  cut(): void;
  /** Keeps the banner in the tree without its effects, as a hidden `<Activity>` does, or brings it back. */
  setHidden(isHidden: boolean): void;
  unmount(): void;
  end(): void;
}

interface NoticeOptions extends TestWorldOptions {
  client?: Partial<AuthSocketOptions<unknown, unknown>>;
  hook?: ConnectionNoticeOptions;
  isStrict?: boolean;
}

/** Without `act`, which would keep back what is shown for less than a step of the test. */
export function noticeInWorld({
  client,
  hook,
  isStrict = false,
  ...options
}: NoticeOptions = {}): NoticeInWorld {
  const settings = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean };
  settings.IS_REACT_ACT_ENVIRONMENT = false;
  const world = createTestWorld(options);
  const { platform, tokens } = world;
  const socket = createAuthSocket({ url: '/ws', getToken: tokens.source, platform, ...client });
  const listeners = { status: 0, user: 0, page: 0 };
  const counted =
    <A extends unknown[]>(kind: keyof typeof listeners, listen: (...args: A) => () => void) =>
    (...args: A) => {
      const leave = listen(...args);
      listeners[kind]++;
      return () => {
        listeners[kind]--;
        leave();
      };
    };
  const internals: { -readonly [K in 'onForget' | 'page']: ReturnType<typeof internalsOf>[K] } =
    internalsOf(socket);
  const { page } = platform;
  socket.subscribe = counted('status', socket.subscribe);
  internals.onForget = counted('user', internals.onForget);
  internals.page = page && { ...page, href: page.href, subscribe: counted('page', page.subscribe) };
  const told: Told[] = [];
  let renders = 0;
  function Banner() {
    const notice = useConnectionNotice(hook);
    renders++;
    React.useLayoutEffect(() => {
      if (told.at(-1)?.notice === notice) return;
      told.push({ at: platform.clock.elapsedMs(), notice, status: socket.getStatus() });
    });
    return null;
  }
  const root = createRoot(document.createElement('div'));
  const Mode = isStrict ? React.StrictMode : React.Fragment;
  const setHidden = (isHidden: boolean) =>
    flushSync(() =>
      root.render(
        <Mode>
          <AuthSocketProvider socket={socket}>
            <React.Activity mode={isHidden ? 'hidden' : 'visible'}>
              <Banner />
            </React.Activity>
          </AuthSocketProvider>
        </Mode>,
      ),
    );
  setHidden(false);
  let isMounted = true;
  const unmount = () => {
    if (isMounted) flushSync(() => root.unmount());
    isMounted = false;
  };
  return {
    world,
    socket,
    told,
    get notice() {
      return told.at(-1)?.notice ?? null;
    },
    get renders() {
      return renders;
    },
    listeners,
    setHidden,
    pass: ms => world.clock.advance(ms),
    cut() {
      world.server.refuse();
      world.server.last.drop();
    },
    unmount,
    end() {
      unmount();
      socket.destroy();
      world.dispose();
      settings.IS_REACT_ACT_ENVIRONMENT = true;
    },
  };
}

/** The server closes the link with 1008 and this word. */
export function close({ world }: NoticeInWorld, code: string): void {
  world.server.last.close(1008, JSON.stringify({ code }));
}

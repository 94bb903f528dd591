import type { TokenAnswer } from '../machine/tokenAnswer';
import type { Platform } from '../runtime/ports';
import type { TokenRequest, TokenSource } from '../runtime/tokenSource';
import { FakeClock } from './fakeClock';
import type { TestConnection } from './fakeConnection';
import { FakeLock } from './fakeLock';
import { FakeNetwork } from './fakeNetwork';
import { FakePage } from './fakePage';
import { FakeServer, type TestDial } from './fakeServer';
import { FakeTabs } from './fakeTabs';
import { FakeTokens, TabTokens } from './fakeTokens';
import { createFakeWebSocket, type ConsoleLine } from './fakeWebSocket';
import { seededRandom } from './seededRandom';
import { TabClock } from './tabClock';

/** Options of `createTestWorld()`. */
export interface TestWorldOptions {
  /**
   * How long the issued tokens live.
   *
   * @default 900_000 (15 minutes)
   */
  tokenLifetimeMs?: number;
  /**
   * Of the random numbers.
   *
   * @default 1
   */
  seed?: number;
  /**
   * Timers of a hidden page run once a second, and chains of them once a minute after five minutes, as in Chromium.
   *
   * @default false
   */
  throttleHiddenTimers?: boolean;
}

/** One tab with a clock, a token endpoint and a server around it, all moved by the test. */
export interface TestWorld {
  /** Pass it as `platform`. */
  readonly platform: Platform;
  readonly tokens: {
    /** Pass it as `getToken`. Issues unsigned JWTs of `user-1`, each one different. */
    readonly source: TokenSource;
    /** The next calls reject (once, as an unreachable endpoint does, unless told otherwise), the ones after go on as before. */
    fail(times?: number, error?: unknown): void;
    /** Calls never settle, their signal notwithstanding, until another mode answers them, too. */
    hang(): void;
    /** The source answers `signedOut('revoked')`. */
    revoke(): void;
    /** Every call gets this. */
    answer(a: TokenAnswer | (() => TokenAnswer)): void;
    /** Back to issuing tokens. */
    issue(): void;
    /** The source tells its subscribers that its state changed. */
    notify(): void;
    /** What this tab asked, oldest first. */
    readonly calls: readonly TokenRequest[];
  };
  readonly clock: {
    /** Epoch ms, as `Date.now()` of this machine says. */
    now(): number;
    /** Timers that the client has set in this tab. The server and the network have their own. */
    readonly pendingTimers: number;
    /** Time passes: what is due runs in order, each followed by the promises it started. `advance(0)` lets everything arrive that is on its way. */
    advance(ms: number): Promise<void>;
    /** The machine is suspended: wall time passes, elapsed time and timers do not. What the server sent arrives 7 ms after the wake. */
    sleep(ms: number): Promise<void>;
    /** The browser's process is stopped: at the end all overdue timers run, late and in order. What the server sent arrives 7 ms after. */
    stall(ms: number): Promise<void>;
    /** Moves this machine's wall clock, forward or back, and nothing else. */
    skew(ms: number): void;
  };
  readonly page: {
    hide(): void;
    show(): void;
    focus(): void;
    /** The user pressed a key or moved a pointer. */
    use(): void;
    /** Timers stand still; sockets that the page did not close are dead at `resume()`. */
    freeze(): void;
    resume(): void;
    /** New dials fail, live sockets go quiet in both directions. */
    offline(): void;
    /** What waited in either direction arrives. */
    online(): void;
    /** A content security policy blocks dials from now on: the socket is closed at once, with an `error` event and no `close`. */
    forbidDials(): void;
    /** `persisted`: into the back/forward cache. */
    pagehide(e?: { persisted?: boolean }): void;
    /** `persisted`: out of the back/forward cache; sockets that the page did not close turn out dead after it. */
    pageshow(e?: { persisted?: boolean }): void;
  };
  readonly server: {
    /** Answers hello, refresh and ping as `jsonProtocol` expects it, and closes 1008 when a token expires. */
    auto: boolean;
    /** Which of the offered subprotocols is agreed on; '' for none. The first by default. */
    selectProtocol: (offered: readonly string[]) => string;
    accept(): void;
    /** Dials fail. */
    refuse(): void;
    /** Dials stay unanswered. */
    hang(): void;
    /** Every link that was accepted, oldest first. */
    readonly connections: readonly TestConnection[];
    /** The newest. Throws while there is none. */
    readonly last: TestConnection;
    /** Every handshake that was sent, refused and unanswered ones included. */
    readonly dials: readonly TestDial[];
    /** The true time in epoch ms, which `clock.skew` does not move. */
    now(): number;
    /** Forgets dials and ended links, so that long runs stay small. */
    forget(): void;
  };
  /** What the browser would have printed about the sockets of this tab. */
  readonly browserConsole: readonly ConsoleLine[];
  /** Sockets of this tab that are not closed yet. */
  readonly openSockets: number;
  /** Another tab of the same browser: same session, server, clock, locks and channels; its own page and `tokens.calls`. */
  openTab(): TestWorld;
  /** Closes the tab: its timers, channels and locks are gone, its links end with 1001. */
  dispose(): void;
}

/** What all tabs share. */
interface Surroundings {
  readonly clock: FakeClock;
  readonly server: FakeServer;
  readonly tokens: FakeTokens;
  readonly tabs: FakeTabs;
  readonly lock: FakeLock;
  readonly random: () => number;
  readonly isThrottled: boolean;
}

const DEFAULT_TOKEN_LIFETIME_MS = 15 * 60_000;

/**
 * A browser tab, its server and its token endpoint without any real time, network or page.
 *
 * Nothing happens by itself: move the clock, also by 0, and await it.
 */
export function createTestWorld(options: TestWorldOptions = {}): TestWorld {
  const { tokenLifetimeMs = DEFAULT_TOKEN_LIFETIME_MS, seed = 1, throttleHiddenTimers = false } = options;
  const clock = new FakeClock();
  return openTab({
    clock,
    server: new FakeServer(clock),
    tokens: new FakeTokens(clock, tokenLifetimeMs),
    tabs: new FakeTabs(clock),
    lock: new FakeLock(clock),
    random: seededRandom(seed),
    isThrottled: throttleHiddenTimers,
  });
}

function openTab(shared: Surroundings): TestWorld {
  const { clock, server, tabs, lock, random } = shared;
  const page = new FakePage(clock);
  const tabClock = new TabClock(clock, page, shared.isThrottled);
  const network = new FakeNetwork(clock, page, server);
  const browserConsole: ConsoleLine[] = [];
  return {
    platform: {
      WebSocket: createFakeWebSocket({
        network,
        baseUrl: page.href,
        onConsole: line => browserConsole.push(line),
      }),
      clock: tabClock,
      random,
      page,
      tabs: tabs.portOf(page),
      lock: lock.portOf(page),
    },
    tokens: new TabTokens(shared.tokens, page),
    clock: {
      now: () => clock.wallMs,
      get pendingTimers() {
        return tabClock.pendingTimers;
      },
      advance: ms => clock.advance(ms),
      sleep: ms => clock.sleep(ms),
      stall: ms => clock.stall(ms),
      skew: ms => {
        clock.skewMs += ms;
      },
    },
    page,
    server,
    browserConsole,
    get openSockets() {
      return network.size;
    },
    openTab: () => openTab(shared),
    dispose() {
      page.dispose();
      tabClock.dispose();
      network.dispose();
      tabs.leave(page);
      lock.leave(page);
    },
  };
}

import type { TestWorld } from 'react-auth-socket/testing';
import { askForToken } from './askForToken';
import { noSurroundings, type ProblemOf, type ReportedClient, type Surroundings } from './problem';
import type { ReportedPage } from './reportedPage';

/** Convex asks for the next token so long before the end of the last. */
const LEEWAY_MS = 10_000;
const RECONNECT_MS = 1_000;

/**
 * Convex as its AuthKit template joins it: `catch` around the token call returns null, null clears the auth, and the tree
 * of the signed-in is unmounted. Nobody asks again: without auth there is nothing to refresh.
 *
 * @see https://github.com/workos/template-convex-nextjs-authkit/pull/17
 */
class TemplateClient implements ReportedClient {
  readonly #world: TestWorld;
  readonly #page: ReportedPage;
  readonly #lifetimeMs: number;
  #token: string | null = null;
  #socket: WebSocket | null = null;
  #cancelRefetch: () => void = () => {};
  #isStopped = false;

  constructor(world: TestWorld, page: ReportedPage, lifetimeMs: number) {
    this.#world = world;
    this.#page = page;
    this.#lifetimeMs = lifetimeMs;
  }

  start(): void {
    void this.#fetchToken().then(() => this.#connect());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRefetch();
    this.#socket?.close();
  }

  async #fetchToken(): Promise<void> {
    this.#cancelRefetch();
    try {
      this.#token = await askForToken(this.#world);
    } catch {
      this.#token = null;
    }
    if (this.#isStopped) return;
    if (this.#token === null) {
      this.#page.showLogin('token call failed → null → signed out');
      this.#socket?.close();
      return;
    }
    this.#page.note('fetched a token');
    if (this.#socket?.readyState === 1)
      this.#socket.send(JSON.stringify({ type: 'auth_refresh', id: 1, token: this.#token }));
    this.#cancelRefetch = this.#world.platform.clock.setTimer(
      () => void this.#fetchToken(),
      this.#lifetimeMs - LEEWAY_MS,
    );
  }

  #connect(): void {
    if (this.#isStopped || this.#token === null) return;
    const socket = new this.#world.platform.WebSocket('wss://app.test/ws');
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'auth', token: this.#token }));
      this.#page.isLive(true);
    };
    socket.onmessage = ({ data }) => {
      // The server refuses what ran out: that too is a token call, and the same catch.
      if (String(data).includes('auth_error')) void this.#fetchToken();
      else this.#page.received(data);
    };
    socket.onclose = () => {
      if (this.#isStopped) return;
      this.#page.isLive(false);
      this.#world.platform.clock.setTimer(() => this.#connect(), RECONNECT_MS);
    };
  }
}

export const convexTemplate: ProblemOf<Surroundings> = ({ tokenLifetimeMs, troubleMs }) => ({
  title: '4: a laptop that wakes before its network',
  text: 'A token lives one minute. The lid is closed for three, and after the wake the network needs some seconds more. The login is good all the time.',
  reportedName: 'As reported: Convex + AuthKit template #17',
  pollMs: 250,
  world: { tokenLifetimeMs },
  surroundings: () => noSurroundings,
  reported: (world, _around, page) => new TemplateClient(world, page, tokenLifetimeMs),
  ours: () => ({}),
  steps: [
    { at: 0, label: 'The page opens' },
    { at: 40_000, label: 'The lid is closed', sleepsMs: 180_000 },
    {
      at: 220_000,
      label: 'The lid is opened; the network is not there yet',
      run({ world }) {
        world.tokens.fail(1_000);
        world.server.refuse();
        world.server.last.drop();
        world.page.show();
        world.page.focus();
        world.page.online();
      },
    },
    {
      at: 220_000 + troubleMs,
      label: 'The network is there',
      run({ world }) {
        world.tokens.issue();
        world.server.accept();
        world.page.online();
      },
    },
  ],
  endMs: 235_000 + troubleMs,
  figures: [
    { label: 'Signed in, then signed out', most: 0, of: ({ signOuts }) => signOuts },
    {
      label: 'Trees that were unmounted',
      most: 0,
      of: side => (side.kind === 'ours' ? side.scene.tab.diary.mounts - 1 : side.signOuts),
    },
    { label: 'Not connected', most: 0, of: ({ isLive }) => (isLive ? 0 : 1) },
    { label: 'Orders that never came', most: 0, of: ({ missed }) => missed },
  ],
});

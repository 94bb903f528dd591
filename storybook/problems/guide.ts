import type { TestWorld } from 'react-auth-socket/testing';
import { askForToken } from './askForToken';
import { noSurroundings, type ProblemOf, type ReportedClient, type Surroundings } from './problem';
import type { ReportedPage } from './reportedPage';

const LEAD_MS = 60_000;
const RECONNECT_MS = 1_000;
const POLICY_VIOLATION = 1008;

/**
 * A client as the guide “1008: authentication expired” has it: the timer of the refresh is armed once, for the first
 * token; what the server answers is not read; every 1008 leads to the login page.
 */
class GuideClient implements ReportedClient {
  readonly #world: TestWorld;
  readonly #page: ReportedPage;
  readonly #lifetimeMs: number;
  #token = '';
  #socket: WebSocket | null = null;
  #isStopped = false;

  constructor(world: TestWorld, page: ReportedPage, lifetimeMs: number) {
    this.#world = world;
    this.#page = page;
    this.#lifetimeMs = lifetimeMs;
  }

  start(): void {
    void askForToken(this.#world).then(token => {
      this.#token = token;
      this.#world.platform.clock.setTimer(() => void this.#renew(), this.#lifetimeMs - LEAD_MS);
      this.#connect();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket?.close();
  }

  #connect(): void {
    const socket = new this.#world.platform.WebSocket('wss://app.test/ws');
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'auth', token: this.#token }));
      this.#page.isLive(true);
    };
    socket.onmessage = ({ data }) => this.#page.received(data);
    socket.onclose = ({ code }) => {
      if (this.#isStopped) return;
      this.#page.isLive(false);
      if (code === POLICY_VIOLATION) this.#page.showLogin('closed with 1008: goes to /login');
      else this.#world.platform.clock.setTimer(() => this.#connect(), RECONNECT_MS);
    };
  }

  async #renew(): Promise<void> {
    const token = await askForToken(this.#world);
    this.#page.note('refreshes, the one time that its timer was set for');
    this.#socket?.send(JSON.stringify({ type: 'auth_refresh', token }));
  }
}

export const guide: ProblemOf<Surroundings> = ({ tokenLifetimeMs }) => ({
  title: '3: a refresh that happens once',
  text: 'A page stays open while its token runs out again and again. Nothing fails; time just passes. A token of the guide lives an hour, here it lives five minutes.',
  reportedName: 'As the guide on 1008 has it',
  pollMs: 1_000,
  orderEveryMs: 10_000,
  world: { tokenLifetimeMs },
  surroundings: () => noSurroundings,
  reported: (world, _around, page) => new GuideClient(world, page, tokenLifetimeMs),
  ours: () => ({ refreshLeadMs: LEAD_MS }),
  steps: [
    { at: 0, label: 'The page opens' },
    { at: tokenLifetimeMs - LEAD_MS, label: 'The refresh is due' },
    { at: 2 * tokenLifetimeMs - LEAD_MS, label: 'The second refresh is due' },
    { at: 2 * tokenLifetimeMs, label: 'The second token would have ended by now' },
  ],
  endMs: 2 * tokenLifetimeMs + 30_000,
  figures: [
    { label: 'Thrown out to the login page', most: 0, of: ({ signOuts }) => signOuts },
    { label: 'Closed by the server, 1008', most: 0, of: ({ world }) => closes(world) },
    { label: 'Sockets', most: 1, of: ({ world }) => world.server.dials.length },
    { label: 'Orders that never came', most: 0, of: ({ missed }) => missed },
  ],
});

function closes(world: TestWorld): number {
  return world.server.connections.filter(({ closed }) => closed?.code === POLICY_VIOLATION).length;
}

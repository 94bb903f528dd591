import { openScanner as dialect } from 'react-auth-socket/protocols';
import type { TestWorld } from 'react-auth-socket/testing';
import type { ProblemOf, ReportedClient } from './problem';
import type { ReportedPage } from './reportedPage';
import { Scanner } from './scanner';

const CONNECTING = 0;
const FIRST_WAIT_MS = 1_000;

/**
 * OpenScanner's client as it was reported and measured: each expired frame starts a refresh of its own, the close behind
 * it a reconnect with the old token, and the wait starts over before the token was judged.
 *
 * @see https://github.com/revtex/OpenScanner/pull/31
 */
class ScannerClient implements ReportedClient {
  readonly #world: TestWorld;
  readonly #scanner: Scanner;
  readonly #page: ReportedPage;
  #token: string;
  #socket: WebSocket | null = null;
  #cancelReconnect: () => void = () => {};
  #waitMs = FIRST_WAIT_MS;
  #isStopped = false;

  constructor(world: TestWorld, scanner: Scanner, page: ReportedPage) {
    this.#world = world;
    this.#scanner = scanner;
    this.#page = page;
    this.#token = scanner.mint();
  }

  start(): void {
    this.#letGo();
    const socket = new this.#world.platform.WebSocket('wss://app.test/ws');
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify([this.#token]));
      this.#waitMs = FIRST_WAIT_MS;
    };
    socket.onmessage = ({ data }) => this.#read(String(data));
    socket.onclose = () => {
      this.#page.isLive(false);
      this.#scheduleReconnect();
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelReconnect();
    this.#letGo();
  }

  #read(data: string): void {
    const [name] = data.startsWith('[') ? (JSON.parse(data) as string[]) : [''];
    if (name === 'XPR') void this.#renew();
    else if (name === 'VER') this.#page.isLive(true);
    else this.#page.received(data);
  }

  async #renew(): Promise<void> {
    this.#page.note('told that its session has expired: refreshes');
    this.#token = await this.#scanner.refresh();
    if (!this.#isStopped) this.start();
  }

  #scheduleReconnect(): void {
    this.#cancelReconnect();
    const waitMs = this.#waitMs * (1 + this.#world.platform.random() * 0.3);
    this.#waitMs *= 2;
    this.#cancelReconnect = this.#world.platform.clock.setTimer(() => {
      this.#page.note('dials again, with the token it has');
      this.start();
    }, waitMs);
  }

  /** Before #31 it closed what it replaced, whatever state that was in. */
  #letGo(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.readyState === CONNECTING) this.#scanner.closedEarly += 1;
    socket.close();
  }
}

export const openScanner: ProblemOf<Scanner> = ({ troubleMs }) => ({
  title: '2: a storm for one expired token',
  text: 'Other devices have pushed the token of this tab out, so the server says “session expired” and closes with 1008. A refresh takes a while. One refresh and one new socket are enough.',
  reportedName: 'As reported: OpenScanner #30, #31',
  pollMs: 50,
  surroundings: world => new Scanner(world, troubleMs),
  reported: (world, scanner, page) => new ScannerClient(world, scanner, page),
  ours(_world, scanner) {
    let isFirst = true;
    return {
      protocol: dialect({ frames: 'legacy' }),
      getToken() {
        if (!isFirst) return scanner.refresh();
        isFirst = false;
        return scanner.mint();
      },
    };
  },
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 6_000,
      label: 'The token was pushed out: “session expired”, close 1008',
      run: ({ around }) => around.evict(),
    },
    { at: 6_000 + troubleMs, label: 'The first refresh is answered' },
  ],
  endMs: 12_000 + troubleMs * 2,
  figures: [
    { label: 'Refreshes', most: 1, of: ({ around }) => around.refreshes },
    { label: 'New sockets', most: 1, of: ({ world }) => world.server.dials.length - 1 },
    { label: 'Refused token shown again', most: 0, of: ({ around }) => around.oldTokens },
    { label: 'Closed while still connecting', most: 0, of: ({ around }) => around.closedEarly },
    { label: 'Orders that never came', most: 0, of: ({ missed }) => missed },
  ],
});

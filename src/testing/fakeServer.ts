import type { FakeClock } from './fakeClock';
import { FakeConnection, type Downlink, type TestConnection } from './fakeConnection';
import { jwtExpiryMs } from './unsignedJwt';

/** A client that wants in. */
export interface Dial extends Downlink {
  readonly url: string;
  readonly protocols: readonly string[];
  accept(connection: FakeConnection, protocol: string): void;
  refuse(): void;
}

/** A handshake that reached the server, whatever became of it. */
export interface TestDial {
  readonly url: string;
  readonly protocols: readonly string[];
  /** Epoch ms, true time. */
  readonly at: number;
}

const POLICY_VIOLATION = 1008;
const EXPIRED = { code: 'token_expired' };

/**
 * The server of a test world. It never sleeps and has the true time.
 *
 * Browsers open one handshake per address at a time, over all tabs: a hung one keeps the others waiting.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-4.1
 */
export class FakeServer {
  /** Answers hello, refresh and ping, and closes links whose token has expired. */
  auto = true;
  /** Chooses among the offered subprotocols; '' for none, which makes a browser that offered some fail the link. */
  selectProtocol: (offered: readonly string[]) => string = offered => offered[0] ?? '';
  readonly #clock: FakeClock;
  #mode: 'accept' | 'refuse' | 'hang' = 'accept';
  #connections: FakeConnection[] = [];
  #dials: TestDial[] = [];
  /** The first of each address is under way, the others wait. */
  readonly #handshakes = new Map<string, Dial[]>();
  readonly #expiries = new Map<FakeConnection, () => void>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** Accepted ones, oldest first. */
  get connections(): readonly TestConnection[] {
    return this.#connections;
  }

  get last(): TestConnection {
    const last = this.#connections.at(-1);
    if (!last)
      throw new Error('The server has accepted no connection yet: connect, then `await clock.advance(0)`.');
    return last;
  }

  /** Every handshake that was sent, refused and unanswered ones included. */
  get dials(): readonly TestDial[] {
    return this.#dials;
  }

  now = (): number => this.#clock.worldMs;

  accept = (): void => this.#enter('accept');

  /** Nobody listens on the port. */
  refuse = (): void => this.#enter('refuse');

  /** Handshakes stay unanswered. */
  hang = (): void => this.#enter('hang');

  /** Forgets dials and ended connections, so that long runs stay small. */
  forget = (): void => {
    this.#dials = [];
    this.#connections = this.#connections.filter(connection => connection.closed === null);
  };

  dial(dial: Dial): void {
    const address = new URL(dial.url).host;
    const queue = this.#handshakes.get(address);
    if (queue) queue.push(dial);
    else {
      this.#handshakes.set(address, [dial]);
      this.#begin(dial);
    }
  }

  /** The client gave up; the next handshake to this address may begin. */
  abandon(dial: Dial): void {
    const address = new URL(dial.url).host;
    const queue = this.#handshakes.get(address);
    const place = queue?.indexOf(dial) ?? -1;
    if (!queue || place < 0) return;
    queue.splice(place, 1);
    const [next] = queue;
    if (!next) this.#handshakes.delete(address);
    else if (place === 0) this.#begin(next);
  }

  #enter(mode: 'accept' | 'refuse' | 'hang'): void {
    this.#mode = mode;
    for (const [first] of [...this.#handshakes.values()]) if (first) this.#decide(first);
  }

  #begin(dial: Dial): void {
    this.#dials.push({ url: dial.url, protocols: dial.protocols, at: this.#clock.worldMs });
    this.#decide(dial);
  }

  #decide(dial: Dial): void {
    if (this.#mode === 'hang') return;
    if (this.#mode === 'refuse') dial.refuse();
    else {
      const connection = new FakeConnection({
        url: dial.url,
        protocols: dial.protocols,
        downlink: dial,
        onFrame: (from, frame) => {
          if (this.auto && isRecord(frame)) this.#answer(from, frame);
        },
        onEnd: ended => this.#watchExpiry(ended, null),
      });
      this.#connections.push(connection);
      dial.accept(connection, this.selectProtocol(dial.protocols));
    }
    this.abandon(dial);
  }

  #answer(connection: FakeConnection, frame: Readonly<Record<string, unknown>>): void {
    const { type, id, token } = frame;
    if (type === 'ping') connection.send({ type: 'pong' });
    if (type !== 'auth' && type !== 'auth_refresh') return;
    const reply = id === undefined ? {} : { id };
    const code = this.#refusalOf(token);
    if (code === null) {
      const expiryMs = jwtExpiryMs(String(token));
      this.#watchExpiry(connection, expiryMs);
      const expires = expiryMs === null ? {} : { expires_in: (expiryMs - this.#clock.worldMs) / 1_000 };
      connection.send({ type: 'auth_ok', ...reply, ...expires });
      return;
    }
    connection.send({ type: 'auth_error', ...reply, code });
    // A link that is already authenticated lives on until its former token ends.
    if (type === 'auth') connection.close(POLICY_VIOLATION, JSON.stringify({ code }));
  }

  #refusalOf(token: unknown): string | null {
    if (typeof token !== 'string' || token === '') return 'token_missing';
    const expiryMs = jwtExpiryMs(token);
    return expiryMs !== null && expiryMs <= this.#clock.worldMs ? EXPIRED.code : null;
  }

  #watchExpiry(connection: FakeConnection, expiryMs: number | null): void {
    this.#expiries.get(connection)?.();
    this.#expiries.delete(connection);
    if (expiryMs === null) return;
    const cancel = this.#clock.atWorld(expiryMs, () => {
      if (this.auto) connection.close(POLICY_VIOLATION, JSON.stringify(EXPIRED));
    });
    this.#expiries.set(connection, cancel);
  }
}

function isRecord(frame: unknown): frame is Readonly<Record<string, unknown>> {
  return typeof frame === 'object' && frame !== null;
}

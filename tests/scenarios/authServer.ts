import { signedOut, type GetToken, type TokenAnswer } from '../../src/core';
import type { Clock } from '../../src/runtime/ports';
import type { TestWorld } from '../../src/testing';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import type { ClientInWorld } from './clientInWorld';

export interface AuthServerOptions {
  /** @default 900_000 */
  tokenLifetimeMs?: number;
  /** Live tokens per user; the oldest goes. @default Infinity */
  cap?: number;
  /** How long the former refresh cookie is still taken. @default 0 */
  graceMs?: number;
  /** There and back. @default 200 */
  latencyMs?: number;
}

/** The cookies of one browser: here the one that refreshes. */
export interface CookieJar {
  cookie: number;
}

/** A refresh request on its way. */
export interface Refresh {
  readonly tab: TestWorld;
  readonly at: number;
  hasReachedServer: boolean;
}

/**
 * The token endpoint of OpenScanner in a few lines: a cap on live tokens that evicts the oldest, and a single-use
 * refresh cookie whose second use revokes the whole family.
 *
 * Time on the way passes on the clock of `network`, a tab of its own, so that a tab that stands still holds nobody up.
 */
export class AuthServer {
  mints = 0;
  evictions = 0;
  /** HTTP calls that got 401. */
  denials = 0;
  revocations = 0;
  mostLive = 0;
  isRevoked = false;
  readonly pending = new Set<Refresh>();
  readonly #closed = new Set<TestWorld>();
  readonly #network: Clock;
  readonly #options: Required<AuthServerOptions>;
  #live: { token: string; until: number }[] = [];
  #cookie = 1;
  #former = 0;
  #rotatedAt = -Infinity;

  constructor(network: TestWorld, options: AuthServerOptions = {}) {
    this.#network = network.platform.clock;
    this.#options = { tokenLifetimeMs: 900_000, cap: Infinity, graceMs: 0, latencyMs: 200, ...options };
  }

  newJar(): CookieJar {
    return { cookie: this.#cookie };
  }

  /** A new login of the same user: an access token that counts against the cap. */
  mint(): string {
    const { tokenLifetimeMs, cap } = this.#options;
    const iat = Math.floor(this.#network.wallMs() / 1_000);
    const until = iat * 1_000 + tokenLifetimeMs;
    this.mints += 1;
    const token = unsignedJwt({ sub: 'user-1', iat, exp: until / 1_000, jti: `access-${this.mints}` });
    this.#prune();
    this.#live.push({ token, until });
    while (this.#live.length > cap) {
      this.#live.shift();
      this.evictions += 1;
    }
    this.mostLive = Math.max(this.mostLive, this.#live.length);
    return token;
  }

  /** An HTTP call with this token: does it get its answer? */
  accepts(token: string): boolean {
    this.#prune();
    const isLive = this.#live.some(live => live.token === token);
    if (!isLive) this.denials += 1;
    return isLive;
  }

  /** This token is revoked, as a login elsewhere does it. */
  revoke(token: string): void {
    this.#live = this.#live.filter(live => live.token !== token);
  }

  /** POST /auth/refresh out of this tab, with the cookie of its browser. */
  refreshFrom(tab: TestWorld, jar: CookieJar): GetToken {
    const { latencyMs } = this.#options;
    return () =>
      new Promise<TokenAnswer>(resolve => {
        const { cookie } = jar;
        const refresh: Refresh = { tab, at: this.#network.wallMs(), hasReachedServer: false };
        this.pending.add(refresh);
        this.#network.setTimer(() => {
          if (this.#closed.has(tab)) return;
          refresh.hasReachedServer = true;
          const { answer, setCookie } = this.#rotate(cookie);
          this.#network.setTimer(() => {
            this.pending.delete(refresh);
            // The browser keeps the cookie although the page stands still, not if the tab is gone.
            if (this.#closed.has(tab)) return;
            jar.cookie = setCookie ?? jar.cookie;
            // The page learns of it when it runs.
            tab.platform.clock.setTimer(() => resolve(answer), 0);
          }, latencyMs / 2);
        }, latencyMs / 2);
      });
  }

  /** The tab is killed, its requests with it. */
  kill(tab: TestWorld): void {
    this.#closed.add(tab);
    for (const refresh of this.pending) if (refresh.tab === tab) this.pending.delete(refresh);
    tab.dispose();
  }

  #rotate(cookie: number): { answer: TokenAnswer; setCookie?: number } {
    const isGrace =
      cookie === this.#former && this.#network.wallMs() - this.#rotatedAt < this.#options.graceMs;
    if (this.isRevoked) return { answer: signedOut('session_expired') };
    if (cookie === this.#cookie) {
      this.#former = cookie;
      this.#cookie += 1;
      this.#rotatedAt = this.#network.wallMs();
    } else if (!isGrace) {
      this.isRevoked = true;
      this.revocations += 1;
      return { answer: signedOut('refresh token reused') };
    }
    return { answer: this.mint(), setCookie: this.#cookie };
  }

  #prune(): void {
    const now = this.#network.wallMs();
    this.#live = this.#live.filter(({ until }) => until > now);
  }
}

const API_CALL_EVERY_MS = 30_000;

/** Applications that call their API now and then, and refresh once after a 401. The answer ends it. */
export function callApi(clients: readonly ClientInWorld[], server: AuthServer): () => void {
  const { clock } = clients[0]!.world.platform;
  let cancel = () => {};
  const call = async ({ socket }: ClientInWorld) => {
    try {
      if (!server.accepts(await socket.getToken())) {
        server.accepts(await socket.getToken({ forceRefresh: true }));
      }
    } catch {
      // Not now: the user looks at a spinner, and the next call comes.
    }
  };
  const arm = () => {
    cancel = clock.setTimer(() => {
      for (const client of clients) void call(client);
      arm();
    }, API_CALL_EVERY_MS);
  };
  arm();
  return () => cancel();
}

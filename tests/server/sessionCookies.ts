import { SignedCookie } from './signedCookie';
import type { Session } from './sessionStore';

/** Which session a refresh cookie belongs to and the how-manieth of its line it is. */
export interface RefreshTicket {
  sessionId: string;
  generation: number;
}

/**
 * The cookies of a session: the refresh cookie, which changes with every refresh and goes to `/auth` alone, and where
 * sockets live on a cookie one more, which goes to `/ws` alone and stays the same.
 *
 * A refresh cookie that was spent is a replay; its signature tells it from one that somebody made up.
 */
export class SessionCookies {
  readonly #refresh: SignedCookie;
  readonly #socket: SignedCookie;
  readonly #hasSocketCookie: () => boolean;

  constructor(parts: {
    secret: string;
    port: () => number;
    /** Of the refresh cookie. */
    path: string;
    hasSocketCookie: () => boolean;
  }) {
    const { secret, port, path } = parts;
    this.#refresh = new SignedCookie({ secret, name: () => `refresh_${port()}`, path });
    this.#socket = new SignedCookie({ secret, name: () => `socket_${port()}`, path: '/ws' });
    this.#hasSocketCookie = parts.hasSocketCookie;
  }

  readRefresh(header: string | undefined): RefreshTicket | 'none' | 'forged' {
    const read = this.#refresh.read(header);
    if (typeof read === 'string') return read;
    const [sessionId = '', generation = ''] = read.content.split('.');
    return { sessionId, generation: Number(generation) };
  }

  /** The session that the cookie of a socket names. */
  readSocket(header: string | undefined): { sessionId: string } | 'none' | 'forged' {
    const read = this.#socket.read(header);
    return typeof read === 'string' ? read : { sessionId: read.content };
  }

  /** The Set-Cookie headers of a login and a refresh. `lifeMs` null: as long as the browser runs. */
  write(session: Session, lifeMs: number | null): string[] {
    const refresh = this.#refresh.write(`${session.id}.${session.generation}`, lifeMs);
    return this.#hasSocketCookie() ? [refresh, this.#socket.write(session.id, lifeMs)] : [refresh];
  }

  /** The Set-Cookie headers that take them away. */
  clear(): string[] {
    return this.#hasSocketCookie() ? [this.#refresh.clear(), this.#socket.clear()] : [this.#refresh.clear()];
  }
}

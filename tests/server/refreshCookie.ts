import { createHmac, timingSafeEqual } from 'node:crypto';

/** Which session a cookie belongs to and the how-manieth of its line it is. */
export interface RefreshTicket {
  sessionId: string;
  generation: number;
}

/**
 * Writes and reads the refresh cookie: `session.generation.signature`. The signature tells a spent cookie, which is a
 * replay, from one that somebody made up.
 */
export class RefreshCookie {
  readonly #secret: string;
  readonly #name: () => string;
  readonly #path: string;

  /** `name` is a function because it holds the port: cookies of one host are shared by all its ports. */
  constructor(secret: string, name: () => string, path: string) {
    this.#secret = secret;
    this.#name = name;
    this.#path = path;
  }

  /** The ticket in a Cookie header: 'none' without our cookie, 'forged' if we never wrote it. */
  read(header: string | undefined): RefreshTicket | 'none' | 'forged' {
    const value = (header ?? '')
      .split(';')
      .map(pair => pair.trim())
      .find(pair => pair.startsWith(`${this.#name()}=`))
      ?.slice(this.#name().length + 1);
    if (!value) return 'none';
    const [sessionId = '', generation = '', signature = ''] = value.split('.');
    const expected = Buffer.from(this.#sign(`${sessionId}.${generation}`));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
    return { sessionId, generation: Number(generation) };
  }

  /** A Set-Cookie header. `lifeMs` null: the cookie lives as long as the browser runs. */
  write(ticket: RefreshTicket, lifeMs: number | null): string {
    const content = `${ticket.sessionId}.${ticket.generation}`;
    return this.#header(
      `${content}.${this.#sign(content)}`,
      lifeMs === null ? null : Math.ceil(lifeMs / 1000),
    );
  }

  /** A Set-Cookie header that takes the cookie away. */
  clear(): string {
    return this.#header('', 0);
  }

  #header(value: string, maxAgeS: number | null): string {
    const age = maxAgeS === null ? '' : ` Max-Age=${Math.max(0, maxAgeS)};`;
    // No `Secure`: the server speaks plain http on loopback. A server on the open network must add it.
    return `${this.#name()}=${value}; Path=${this.#path};${age} HttpOnly; SameSite=Lax`;
  }

  #sign(content: string): string {
    return createHmac('sha256', `cookie ${this.#secret}`).update(content).digest('base64url');
  }
}

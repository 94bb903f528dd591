import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedCookieOptions {
  secret: string;
  /** A function because it holds the port: cookies of one host are shared by all its ports. */
  name: () => string;
  path: string;
}

/** A cookie that scripts cannot read and nobody can make up: `<content>.<signature>`. */
export class SignedCookie {
  readonly #options: SignedCookieOptions;

  constructor(options: SignedCookieOptions) {
    this.#options = options;
  }

  /** The content in a Cookie header: 'none' without our cookie, 'forged' if we never wrote it. */
  read(header: string | undefined): { content: string } | 'none' | 'forged' {
    const name = this.#options.name();
    const value = (header ?? '')
      .split(';')
      .map(pair => pair.trim())
      .find(pair => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1);
    if (!value) return 'none';
    const dot = value.lastIndexOf('.');
    const content = value.slice(0, Math.max(0, dot));
    const expected = Buffer.from(this.#sign(content));
    const given = Buffer.from(value.slice(dot + 1));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
    return { content };
  }

  /** A Set-Cookie header. `lifeMs` null: the cookie lives as long as the browser runs. */
  write(content: string, lifeMs: number | null): string {
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
    return `${this.#options.name()}=${value}; Path=${this.#options.path};${age} HttpOnly; SameSite=Lax`;
  }

  #sign(content: string): string {
    // The name is part of it: one of our cookies cannot stand in for another.
    return createHmac('sha256', `cookie ${this.#options.secret}`)
      .update(`${this.#options.name()} ${content}`)
      .digest('base64url');
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { compactVerify, SignJWT } from 'jose';
import type { ServerClock } from './serverClock';
import type { ServerSettings } from './serverSettings';
import type { ServerStats } from './serverStats';

/** What an access token says; times in seconds, as in RFC 7519. */
export interface AccessClaims {
  sub: string;
  sid: string;
  jti: string;
  iat: number;
  exp: number;
}

export type TokenError = 'token_invalid' | 'token_expired' | 'token_revoked';
/** `wasRefusedBefore`: this server had already turned the same token down. */
export type TokenCheck =
  | { claims: AccessClaims; error: null; wasRefusedBefore: boolean }
  | { claims: AccessClaims | null; error: TokenError; wasRefusedBefore: boolean };

interface LiveToken {
  sid: string;
  expMs: number;
}

/** Mints and checks access tokens, and keeps the list of those that are alive: one that is not on it was revoked. */
export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #settings: ServerSettings;
  readonly #clock: ServerClock;
  readonly #stats: () => ServerStats;
  /** user -> jti -> token, oldest first. */
  readonly #live = new Map<string, Map<string, LiveToken>>();
  readonly #expiredEarly = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(parts: {
    secret: string;
    settings: ServerSettings;
    clock: ServerClock;
    stats: () => ServerStats;
  }) {
    this.#key = createHash('sha256').update(`access ${parts.secret}`).digest();
    this.#settings = parts.settings;
    this.#clock = parts.clock;
    this.#stats = parts.stats;
  }

  async mint(user: string, sessionId: string): Promise<{ token: string; claims: AccessClaims }> {
    const { accessTtlMs, tokensPerUser } = this.#settings;
    // Whole seconds as servers write them; in a life of under ten seconds the lost fraction would matter.
    const round = accessTtlMs >= 10_000 ? Math.floor : (seconds: number) => seconds;
    const iat = round(this.#clock.now() / 1000);
    const claims = {
      sub: user,
      sid: sessionId,
      jti: randomUUID(),
      iat,
      exp: iat + round(accessTtlMs / 1000),
    };
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(this.#key);

    const tokens = this.#prune(user);
    for (const jti of [...tokens.keys()].slice(0, Math.max(0, tokens.size + 1 - tokensPerUser))) {
      tokens.delete(jti);
      this.#stats().evictions += 1;
    }
    tokens.set(claims.jti, { sid: sessionId, expMs: claims.exp * 1000 });
    this.#live.set(user, tokens);
    const { liveTokens } = this.#stats();
    liveTokens.maxPerUser = Math.max(liveTokens.maxPerUser, tokens.size);
    liveTokens.max = Math.max(liveTokens.max, this.countLive());
    return { token, claims };
  }

  /** Judges a token; never throws, whatever it is given. */
  async check(token: unknown): Promise<TokenCheck> {
    const claims = await this.#read(token);
    if (!claims) return { claims: null, error: 'token_invalid', wasRefusedBefore: false };
    const error = this.errorOf(claims);
    const wasRefusedBefore = this.#refused.has(claims.jti);
    if (error !== null) this.#refused.add(claims.jti);
    return { claims, error, wasRefusedBefore };
  }

  /** What is wrong with a token that was signed by us; null: nothing. */
  errorOf(claims: AccessClaims): TokenError | null {
    if (this.#clock.now() >= this.acceptedUntil(claims)) return 'token_expired';
    return this.#live.get(claims.sub)?.has(claims.jti) ? null : 'token_revoked';
  }

  /** Notes that a token was turned down for a reason that the token itself does not show. */
  noteRefusal(jti: string): void {
    this.#refused.add(jti);
  }

  /** Until when the server goes along with this token, on its own clock. */
  acceptedUntil(claims: AccessClaims): number {
    return this.#expiredEarly.has(claims.jti) ? 0 : claims.exp * 1000 + this.#settings.leewayMs;
  }

  /** What is left of a token, in seconds, for `expires_in`. */
  remainingS(claims: AccessClaims): number {
    return Math.max(0, Math.round(claims.exp * 1000 - this.#clock.now()) / 1000);
  }

  /** From now on these tokens count as expired, whatever their `exp` says. Without a name: all of them. */
  expireTokens({ session, user }: { session?: string; user?: string }): void {
    for (const [owner, tokens] of this.#live) {
      for (const [jti, token] of tokens) {
        const isMeant =
          (session === undefined || token.sid === session) && (user === undefined || owner === user);
        if (isMeant) this.#expiredEarly.add(jti);
      }
    }
  }

  revokeTokensOf(sessionId: string): void {
    for (const tokens of this.#live.values()) {
      for (const [jti, token] of tokens) if (token.sid === sessionId) tokens.delete(jti);
    }
  }

  countLive(): number {
    let count = 0;
    for (const user of this.#live.keys()) count += this.#prune(user).size;
    return count;
  }

  async #read(token: unknown): Promise<AccessClaims | null> {
    if (typeof token !== 'string') return null;
    try {
      // The signature only: `jwtVerify` compares whole seconds, and expiry here is exact to the millisecond.
      const { payload } = await compactVerify(token, this.#key, { algorithms: ['HS256'] });
      return JSON.parse(new TextDecoder().decode(payload)) as AccessClaims;
    } catch {
      return null;
    }
  }

  /** The user's tokens without those whose time is over. */
  #prune(user: string): Map<string, LiveToken> {
    const tokens = this.#live.get(user) ?? new Map<string, LiveToken>();
    const now = this.#clock.now();
    for (const [jti, token] of tokens) {
      if (token.expMs + this.#settings.leewayMs > now && !this.#expiredEarly.has(jti)) continue;
      tokens.delete(jti);
    }
    return tokens;
  }
}

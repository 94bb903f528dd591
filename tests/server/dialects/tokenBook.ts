import { randomBytes } from 'node:crypto';

/** What a token stands for. Times in epoch ms. */
export interface TokenEntry {
  readonly user: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Opaque access tokens, as the server that handed them out remembers them. */
export class TokenBook {
  readonly #entries = new Map<string, TokenEntry>();
  readonly #revoked = new Set<string>();
  readonly #lifeMs: number;

  /** `lifeMs` is the life of a token that was issued without one. */
  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  /** Every token that was ever issued, oldest first. */
  get all(): readonly string[] {
    return [...this.#entries.keys()];
  }

  issue(user: string, lifeMs = this.#lifeMs): string {
    const token = `tok_${randomBytes(12).toString('hex')}`;
    const now = Date.now();
    this.#entries.set(token, { user, issuedAt: now, expiresAt: now + lifeMs });
    return token;
  }

  revoke(token: string): void {
    this.#revoked.add(token);
  }

  /** Who the token belongs to, or why it is good for nothing. */
  check(token: unknown): TokenEntry | 'expired' | 'revoked' | 'unknown' {
    const entry = typeof token === 'string' ? this.#entries.get(token) : undefined;
    if (!entry) return 'unknown';
    if (this.#revoked.has(token as string)) return 'revoked';
    return entry.expiresAt <= Date.now() ? 'expired' : entry;
  }
}

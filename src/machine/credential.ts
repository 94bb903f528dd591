/**
 * A token in the machine's terms: a number that stands for it, and its life on this machine's clock.
 *
 * The token itself stays in the shell, so that state, events and effects can be printed.
 */
export interface Credential {
  readonly id: number;
  /** false: a cookie does the work and there is nothing to present. */
  readonly isBearer: boolean;
  /** Epoch ms on this machine's clock; null: unknown. */
  readonly expiresAt: number | null;
  /** When to ask for the next one; null: never by timer. */
  readonly refreshAt: number | null;
  /** `exp` as the server wrote it, to measure the skew when the server names a lifetime. */
  readonly serverExpiresAt: number | null;
}

/** What a grant says of itself, before the clocks are compared. Times in epoch ms on the server's clock. */
export interface GrantFacts {
  readonly id: number;
  readonly isBearer: boolean;
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  readonly expiresInMs: number | null;
  readonly subject: string | null;
  /** Made in answer to this very call, not taken from a cache. */
  readonly isFresh: boolean;
}

/** What a sibling tab says of a token that it hands over. Its clock is ours. */
export interface SharedFacts {
  readonly id: number;
  /** Epoch ms on this machine's clock; null: unknown. */
  readonly expiresAt: number | null;
  /** `exp` as the server wrote it. */
  readonly serverExpiresAt: number | null;
  readonly subject: string | null;
  readonly generation: number;
}

/** A life on this machine's clock, and by how much that clock is ahead of the server's. */
export interface Life {
  readonly expiresAt: number | null;
  readonly skewMs: number | null;
}

/**
 * When a grant ends on this machine's clock.
 *
 * A fresh one measures the skew: its life counts from the moment of asking, whatever both clocks say. Until one did, a
 * JWT that was issued "in the future" tells us that our clock is slow, so its whole life counts from now.
 */
export function lifeOf(facts: GrantFacts, askedAt: number, wallMs: number, skewMs: number | null): Life {
  const { issuedAt, expiresAt, expiresInMs } = facts;
  if (expiresInMs !== null) {
    const end = askedAt + expiresInMs;
    return { expiresAt: end, skewMs: expiresAt === null ? skewMs : end - expiresAt };
  }
  if (expiresAt === null) return { expiresAt: null, skewMs };
  if (facts.isFresh && issuedAt !== null) {
    return { expiresAt: askedAt + expiresAt - issuedAt, skewMs: askedAt - issuedAt };
  }
  if (skewMs !== null) return { expiresAt: expiresAt + skewMs, skewMs };
  const isEarly = issuedAt !== null && wallMs < issuedAt;
  return { expiresAt: isEarly ? wallMs + expiresAt - issuedAt : expiresAt, skewMs };
}

/** When to ask for the next token: ahead of expiry, never before half of the life, and not all tabs at once. */
export function refreshTime(expiresAt: number, fromMs: number, leadMs: number, random: number): number {
  const lead = Math.min(leadMs, (expiresAt - fromMs) / 2);
  return expiresAt - lead * (1 + random / 10);
}

/** The same token came again before it was due to change: halfway to its end, at least a second from now. */
export function askAgainTime(expiresAt: number, wallMs: number): number {
  return wallMs + Math.max(1_000, (expiresAt - wallMs) / 2);
}

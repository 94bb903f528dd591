/** What a JWT says of its own life and owner. Times in epoch ms; null: not said, or not believable. */
export interface Claims {
  issuedAt: number | null;
  expiresAt: number | null;
  subject: string | null;
}

/** Longer strings are no tokens that anybody sends in a frame or a header. */
const MAX_LENGTH = 64 * 1024;

/** Reads the claims without checking the signature: they only plan our timers, the server decides. Never throws. */
export function readClaims(token: string): Claims {
  const claims: Claims = { issuedAt: null, expiresAt: null, subject: null };
  const [, payload, signature] = token.length > MAX_LENGTH ? [] : token.split('.', 3);
  if (!payload || signature === undefined) return claims;
  try {
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), char =>
      char.charCodeAt(0),
    );
    const body = JSON.parse(new TextDecoder().decode(bytes)) as {
      iat?: unknown;
      exp?: unknown;
      sub?: unknown;
    } | null;
    claims.issuedAt = epochMs(body?.iat);
    claims.expiresAt = epochMs(body?.exp);
    if (typeof body?.sub === 'string') claims.subject = body.sub;
  } catch {
    // Not a JWT, or a damaged one: an opaque token.
  }
  return claims;
}

/** Seconds as RFC 7519 has them, or the ms that some servers write by mistake. */
function epochMs(value: unknown): number | null {
  if (typeof value !== 'number' || !(value > 0)) return null;
  const ms = value > 1e11 ? value : value * 1000;
  return ms <= 8.64e15 ? ms : null;
}

/** Seconds since the epoch stay below this for a few thousand years: what is larger counts milliseconds. */
const LARGEST_SECONDS = 1e11;

/** A JWT with these claims. It looks real, but its signature is worth nothing. */
export function unsignedJwt(claims: Readonly<Record<string, unknown>>): string {
  return [
    encode(JSON.stringify({ alg: 'none', typ: 'JWT' })),
    encode(JSON.stringify(claims)),
    encode('unsigned'),
  ].join('.');
}

/** When a JWT ends, in epoch ms; null if it does not say or is none. */
export function jwtExpiryMs(token: string): number | null {
  try {
    const claims: unknown = JSON.parse(decode(token.split('.')[1] ?? ''));
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : null;
    if (typeof exp !== 'number' || !Number.isFinite(exp)) return null;
    return exp > LARGEST_SECONDS ? exp : exp * 1_000;
  } catch {
    return null;
  }
}

function encode(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function decode(text: string): string {
  return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
}

import type { AccessClaims } from './accessTokens';

/** Who is at the other end of a socket, or whom a ticket stands for. */
export interface Holder {
  user: string;
  session: string;
  /** What the access token says; null where the session speaks for itself, by its cookie. */
  claims: AccessClaims | null;
}

export function holderOf(claims: AccessClaims): Holder {
  return { user: claims.sub, session: claims.sid, claims };
}

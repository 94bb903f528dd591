import { holderOf, type Holder } from './holder';
import type { ServerContext } from './serverContext';

/** What became of a token that somebody showed. */
export interface TokenVerdict {
  /** Whom a token of ours speaks of, good or not. */
  holder: Holder | null;
  /** Why it is no good: the token itself, or the session behind it. */
  error: string | null;
  /** It had expired, was revoked, or had been turned down before. */
  isOld: boolean;
}

/** Judges a token and the session behind it. Rejects only when the store of the sessions is away. */
export async function judgeToken({ sessions, tokens }: ServerContext, token: unknown): Promise<TokenVerdict> {
  const { claims, error, wasRefusedBefore } = await tokens.check(token);
  const holder = claims && holderOf(claims);
  if (error !== null) return { holder, error, isOld: wasRefusedBefore || error !== 'token_invalid' };
  const found = await sessions.find(claims.sid);
  return { holder, error: 'denied' in found ? found.denied : null, isOld: wasRefusedBefore };
}

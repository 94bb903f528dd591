import type { TokenGrant } from '../machine/tokenAnswer';

/**
 * So many tokens are kept, the ones that were needed last: a server may still quote the one before, and a tab that is
 * open for weeks hoards none.
 */
const MAX_TOKENS = 8;

/** The only place that holds tokens: a number for the machine, the token for whoever presents it. */
export interface TokenVault {
  /** The same token has the same number. */
  put(grant: TokenGrant): number;
  grant(id: number | null): TokenGrant | null;
  /** Forgets all but these. */
  keep(ids: readonly (number | null)[]): void;
  /** A text of the server or the source, without any token that it may repeat. */
  redact(text: string): string;
}

export function createTokenVault(): TokenVault {
  const grants = new Map<number, TokenGrant>();
  let lastId = 0;
  return {
    put(grant) {
      for (const [id, known] of grants) {
        if (known.token === grant.token) return id;
      }
      grants.set(++lastId, grant);
      for (const id of grants.keys()) if (grants.size > MAX_TOKENS) grants.delete(id);
      return lastId;
    },
    grant(id) {
      const grant = id === null ? undefined : grants.get(id);
      if (id === null || !grant) return null;
      grants.delete(id);
      grants.set(id, grant);
      return grant;
    },
    keep(ids) {
      for (const id of grants.keys()) if (!ids.includes(id)) grants.delete(id);
    },
    redact(text) {
      let clean = text;
      for (const { token } of grants.values()) if (token) clean = clean.split(token).join('[token]');
      return clean;
    },
  };
}

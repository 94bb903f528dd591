import type { TokenGrant } from '../machine/tokenAnswer';

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
      return lastId;
    },
    grant: id => (id === null ? null : (grants.get(id) ?? null)),
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

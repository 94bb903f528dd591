import { createCookieFetch, type CookieFetch } from '../cookieFetch';
import type { TicketOptions } from '../../../src/protocols';
import type { AutomakerServer } from './automakerServer';
import { readAutomakerTicket } from './readAutomakerTicket';

/** Somebody who is signed in at automaker: a browser profile with the cookie of a session. */
export interface AutomakerVisitor {
  readonly fetch: CookieFetch;
  /** The session that the cookie stands for. */
  readonly session: string;
  /** Does the server still know the session? As the page asks when it is loaded. */
  isSignedIn(): Promise<boolean>;
  /** As an application gives it to `automaker()`. */
  readonly getTicket: TicketOptions['getTicket'];
}

export async function signInAtAutomaker({ httpUrl, apiKey }: AutomakerServer): Promise<AutomakerVisitor> {
  const cookieFetch = createCookieFetch();
  const login = await cookieFetch(`${httpUrl}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiKey }),
  });
  const { token } = (await login.json()) as { token: string };
  return {
    fetch: cookieFetch,
    session: token,
    async isSignedIn() {
      const answer = await cookieFetch(`${httpUrl}/api/auth/status`);
      return ((await answer.json()) as { authenticated: boolean }).authenticated;
    },
    getTicket: async ({ signal }) =>
      readAutomakerTicket(await cookieFetch(`${httpUrl}/api/auth/token`, { signal })),
  };
}

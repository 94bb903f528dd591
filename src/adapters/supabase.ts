import { signedOut, unavailable, type TokenAnswer, type TokenGrant } from '../machine/tokenAnswer';
import type { TokenRequest, TokenSource } from '../runtime/tokenSource';
import { isFormerToken } from './isFormerToken';
import { untilDeadline } from './untilDeadline';

/** What is read of a Supabase session. */
export interface SupabaseSession {
  readonly access_token: string;
  /** Epoch seconds on the server's clock. */
  readonly expires_at?: number | undefined;
}

/** How Supabase says that something failed. */
export interface SupabaseError {
  readonly name: string;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
}

/** What is read of an answer of `getSession()` or `refreshSession()`. */
export interface SupabaseSessionAnswer {
  readonly data: { readonly session: SupabaseSession | null };
  readonly error: SupabaseError | null;
}

/** What is called on `client.auth`. */
export interface SupabaseAuth {
  getSession(): Promise<SupabaseSessionAnswer>;
  refreshSession(): Promise<SupabaseSessionAnswer>;
  onAuthStateChange(callback: (event: string) => void): {
    readonly data: { readonly subscription: { unsubscribe(): void } };
  };
}

/**
 * By these the server says that the session is over.
 *
 * @see https://supabase.com/docs/guides/auth/debugging/error-codes
 */
const denials = ['refresh_token_not_found', 'refresh_token_already_used', 'session_not_found'];

/**
 * A Supabase client, or its `auth`, as a token source.
 *
 * `signedOut()` is: no session and no error, a 401 from the token endpoint, and the codes by which Supabase Auth ends a
 * session. Everything else means "not now", also while Supabase repeats a request for half a minute. Give the client
 * `supabaseFetch()` as well: without it, Supabase itself drops an expired session at a 429 or at the page of a captive portal.
 */
export function supabaseToken(client: SupabaseAuth | { readonly auth: SupabaseAuth }): TokenSource {
  const auth = 'auth' in client ? client.auth : client;
  return {
    getToken: (request: TokenRequest) => untilDeadline(ask(auth, request), request.signal),
    subscribe(onChange) {
      // Synchronous, and nothing is awaited in it: Supabase waits for its listeners while it holds its own lock.
      const { data } = auth.onAuthStateChange(event => {
        if (event !== 'INITIAL_SESSION') onChange();
      });
      return () => data.subscription.unsubscribe();
    },
  };
}

/**
 * A `fetch` for the Supabase client that keeps a session which Supabase would drop: when the token has ended and the refresh
 * is answered with 429, or by something that is not Supabase, the SDK sees a 503 and repeats the request.
 *
 * Concerns the refresh alone. `createClient(url, key, { global: { fetch: supabaseFetch() } })`
 *
 * @param send What really sends. Default: the global `fetch`.
 */
export function supabaseFetch(send: typeof fetch = (...request) => fetch(...request)): typeof fetch {
  return async (input, init) => {
    const answer = await send(input, init);
    const url = input instanceof Request ? input.url : String(input);
    const isKept = answer.ok || !url.includes('grant_type=refresh_token') || isVerdict(answer);
    return isKept ? answer : new Response(null, { status: 503 });
  };
}

function isVerdict({ status, headers }: Response): boolean {
  return isRefusal(status) && headers.get('content-type')?.includes('json') === true;
}

/** A 4xx that is about the request, not about its time. */
function isRefusal(status = 0): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

async function ask(auth: SupabaseAuth, request: TokenRequest): Promise<TokenAnswer> {
  // Renews by itself what lives less than 90 s; a second refresh right after it would be one too many.
  const held = await settled(auth.getSession());
  const former = held.data.session?.access_token;
  const isDue = former !== undefined && isFormerToken(former, request);
  const { data, error } = isDue ? await settled(auth.refreshSession()) : held;
  if (data.session) return grantOf(data.session);
  if (!error) return signedOut('no-session');
  if (!isRefusal(error.status)) return unavailable({ cause: error });

  // Another tab may have been faster; or Supabase has dropped the session, and says so now.
  const now = await settled(auth.getSession());
  if (now.data.session && now.data.session.access_token !== former) return grantOf(now.data.session);
  const isGone = now.data.session === null && now.error === null;
  return isGone || isDenial(error)
    ? signedOut(error.code ?? `http-${error.status}`)
    : unavailable({ cause: error });
}

/** With the option `throwOnError`, Supabase throws what it otherwise returns. */
async function settled(answer: Promise<SupabaseSessionAnswer>): Promise<SupabaseSessionAnswer> {
  try {
    return await answer;
  } catch (cause) {
    return { data: { session: null }, error: cause as SupabaseError };
  }
}

function isDenial({ status, code = '' }: SupabaseError): boolean {
  return status === 401 || denials.includes(code);
}

function grantOf({ access_token, expires_at }: SupabaseSession): TokenGrant {
  return expires_at === undefined
    ? { token: access_token }
    : { token: access_token, expiresAt: expires_at * 1_000 };
}

import { signedOut, unavailable, type TokenAnswer, type TokenGrant } from '../machine/tokenAnswer';
import { renderedSource, type TokenRequest, type TokenSource } from '../runtime/tokenSource';
import { isFormerToken } from './isFormerToken';
import { untilDeadline } from './untilDeadline';

/** What is read of a `User` of oidc-client-ts. */
export interface OidcUser {
  readonly access_token: string;
  /** Seconds left, by the clock that took the token in. */
  readonly expires_in?: number | undefined;
  readonly profile?: { readonly sub?: string | undefined } | undefined;
}

/** What is listened to. */
export interface OidcEvents {
  addUserLoaded(callback: () => void): () => void;
  addUserUnloaded(callback: () => void): () => void;
  addUserSignedOut(callback: () => void): () => void;
}

/** What is called on a `UserManager`. */
export interface OidcUserManager {
  getUser(): Promise<OidcUser | null>;
  signinSilent(): Promise<OidcUser | null>;
  readonly events: OidcEvents;
}

/** What is read of the result of react-oidc-context's `useAuth()`. */
export interface OidcAuthState {
  readonly user?: OidcUser | null | undefined;
  readonly isLoading: boolean;
  readonly error?: { readonly source?: string; readonly innerError?: unknown } | undefined;
  signinSilent(): Promise<OidcUser | null>;
  /** Undefined while a server renders. */
  readonly events?: OidcEvents;
}

/**
 * The errors by which a provider says that there is no session. `invalid_token` goes with a 401, whose status the SDK
 * does not pass on.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthError
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
const denials = [
  'invalid_grant',
  'invalid_token',
  'login_required',
  'interaction_required',
  'consent_required',
];

/** What has to outlive a render: the refresh under way, and doubts about the session. */
interface Renewal {
  flight: Promise<OidcUser | null> | null;
  /** Calls that gave up on this flight. */
  waits: number;
  /** "User signed out", says the session monitor, also when its request got lost: only a refresh can tell. */
  isDoubted: boolean;
  /** The denial that a second request is to confirm. Only with `useAuth()`, which tells it a render later. */
  denied: unknown;
}

/** One for each manager, however many sources are made of it: a refresh token is good for one refresh. */
const renewals = new WeakMap<object, Renewal>();

/**
 * oidc-client-ts' `UserManager`, or the result of react-oidc-context's `useAuth()`, as a token source.
 *
 * Refreshes with `signinSilent()`: one at a time, and again until it works, which the SDK does not do by itself. A denial by
 * the provider is confirmed by a second request before it counts as `signedOut()`: the first may have crossed the
 * refresh of another tab. No user in the store is `signedOut()` too. Everything else means "not now".
 *
 * Prefer the manager. `useAuth().signinSilent()` sets `isLoading` while it runs, so a page that shows a spinner for that shows
 * it at every refresh. Where you do pass `useAuth()`, make the source anew in every render.
 *
 * @see https://github.com/authts/oidc-client-ts/issues/1618 the SDK does not join two refreshes
 */
export function oidcToken(auth: OidcUserManager | OidcAuthState): TokenSource {
  const key = auth.events ?? auth;
  const renewal = renewals.get(key) ?? { flight: null, waits: 0, isDoubted: false, denied: null };
  renewals.set(key, renewal);
  return 'getUser' in auth
    ? {
        getToken: (request: TokenRequest) =>
          untilDeadline(askManager(auth, renewal, request), request.signal),
        subscribe: onChange => watch(auth.events, renewal, onChange),
      }
    : renderedSource(
        { getToken: request => untilDeadline(askHook(auth, renewal, request), request.signal) },
        [
          auth.isLoading && !auth.user,
          auth.user?.profile?.sub,
          deniedRefresh(auth),
          isConfirmed(auth, renewal),
        ].join(),
      );
}

function watch(events: OidcEvents, renewal: Renewal, onChange: () => void): () => void {
  const tell = (isDoubted: boolean) => () => {
    renewal.isDoubted = isDoubted;
    onChange();
  };
  const leave = [
    events.addUserLoaded(tell(false)),
    events.addUserUnloaded(onChange),
    events.addUserSignedOut(tell(true)),
  ];
  return () => leave.forEach(stop => stop());
}

async function askManager(
  manager: OidcUserManager,
  renewal: Renewal,
  request: TokenRequest,
): Promise<TokenAnswer> {
  let denied: { token: string; error: string; isConfirmed: boolean } | null = null;
  for (;;) {
    const user = await manager.getUser();
    if (!user) return signedOut(denied?.error ?? 'no-user');
    const isNew = denied ? user.access_token !== denied.token : !isDue(user, renewal, request);
    if (isNew && !isOver(user)) return grantOf(user);
    if (denied?.isConfirmed) return signedOut(denied.error);
    try {
      return answerOf(await renew(manager, renewal, request.signal));
    } catch (cause) {
      const error = denialOf(cause);
      if (error === null) return unavailable({ cause });
      denied = { token: user.access_token, error, isConfirmed: denied !== null };
    }
  }
}

async function askHook(auth: OidcAuthState, renewal: Renewal, request: TokenRequest): Promise<TokenAnswer> {
  const { user, isLoading, error } = auth;
  if (!user) {
    const isUnknown = isLoading || error?.source === 'signinCallback';
    return isUnknown ? unavailable({ cause: error?.innerError }) : signedOut('no-user');
  }
  const denial = deniedRefresh(auth);
  if (denial !== null && isConfirmed(auth, renewal)) return signedOut(denial);
  renewal.denied = denial === null ? null : error;
  if (denial === null && !isDue(user, renewal, request) && !isOver(user)) return grantOf(user);
  return answerOf(await renew(auth, renewal, request.signal));
}

/** What `useAuth()` shows of a refresh that the provider refused. */
function deniedRefresh({ error }: OidcAuthState): string | null {
  const isOfRefresh = error?.source === 'signinSilent' || error?.source === 'renewSilent';
  return isOfRefresh ? denialOf(error.innerError) : null;
}

/** Another denial than the one that was to be confirmed. */
function isConfirmed({ error }: OidcAuthState, { denied }: Renewal): boolean {
  return denied !== null && denied !== error;
}

/** Starts a refresh or joins the one under way. One that two calls gave up on is not waited for again. */
async function renew(
  auth: Pick<OidcUserManager, 'signinSilent'>,
  renewal: Renewal,
  signal: AbortSignal,
): Promise<OidcUser | null> {
  if (renewal.flight === null || renewal.waits > 1) {
    renewal.waits = 0;
    const started = auth.signinSilent().finally(() => {
      if (renewal.flight === started) renewal.flight = null;
    });
    renewal.flight = started;
  }
  const { flight } = renewal;
  const giveUp = () => {
    if (renewal.flight === flight) renewal.waits++;
  };
  signal.addEventListener('abort', giveUp, { once: true });
  const user = await flight;
  signal.removeEventListener('abort', giveUp);
  if (user) renewal.denied = null;
  return user;
}

function isDue(user: OidcUser, renewal: Renewal, request: TokenRequest): boolean {
  return renewal.isDoubted || isFormerToken(user.access_token, request);
}

/** `getUser()` answers with an expired user as with any other. */
function isOver({ expires_in }: OidcUser): boolean {
  return expires_in !== undefined && expires_in <= 0;
}

/** `useAuth().signinSilent()` answers null for every failure; what it was is in the next render. */
function answerOf(user: OidcUser | null): TokenAnswer {
  return user ? grantOf(user) : unavailable();
}

function grantOf({ access_token, expires_in, profile }: OidcUser): TokenGrant {
  const grant: TokenGrant = { token: access_token };
  if (expires_in !== undefined) grant.expiresInMs = expires_in * 1_000;
  if (profile?.sub !== undefined) grant.subject = profile.sub;
  return grant;
}

function denialOf(cause: unknown): string | null {
  const { error } = (cause ?? {}) as { error?: unknown };
  return typeof error === 'string' && denials.includes(error) ? error : null;
}

import { processLock } from '@supabase/auth-js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { supabaseFetch, supabaseToken } from '../../src/adapters/supabase';
import { createAuthSocket } from '../../src/core';
import { expectConsole } from '../tools/silentConsole';
import { askSource, expiring, refused } from './askSource';
import { bareAnswer, nameOf } from './bareAnswer';
import { troubles, type Trouble } from './identityServer';
import { supabase } from './matrix/supabase';
import { numberOf, openSupabaseAccount, type SupabaseAccount } from './supabaseAccount';

/** Supabase prints the network error that it then handles. */
function expectItsLines(trouble: Trouble): void {
  if (trouble === 'drop' || trouble === 'offline') expectConsole('error', /fetch failed/);
}

const verdictOf = async (
  { auth }: Pick<SupabaseAccount, 'auth'>,
  ...request: [Parameters<typeof askSource>[1]?, number?]
) => {
  const verdict = await askSource(supabaseToken(auth), ...request);
  return { ...verdict, number: verdict.token === null ? null : numberOf(verdict.token) };
};

describe('the token of Supabase', () => {
  it('comes from the session without a request, with its end', async () => {
    const account = await openSupabaseAccount();
    const { answer, number } = await verdictOf(account);
    expect(number).toBe('access-1');
    expect(answer).toEqual({ token: account.stored(), expiresAt: expect.any(Number) });
    expect(account.refreshes).toEqual([]);
  });

  it('is taken from a whole client as well as from its auth', async () => {
    const { auth } = await openSupabaseAccount();
    const client = { auth, from: () => null };
    expect((await askSource(supabaseToken(client))).kind).toBe('token');
  });

  it('is renewed once, not twice, when it has ended', async () => {
    const account = await openSupabaseAccount({ leftS: -60 });
    expect((await verdictOf(account)).number).toBe('access-2');
    expect(account.refreshes).toEqual(['refresh-1']);
  });

  it('is renewed ahead of its end, before Supabase would', async () => {
    const account = await openSupabaseAccount({ leftS: 120 });
    expect((await verdictOf(account, expiring(account.stored() ?? ''))).number).toBe('access-2');
    expect(account.refreshes).toEqual(['refresh-1']);
  });

  it('is renewed after a refusal, once', async () => {
    const account = await openSupabaseAccount();
    expect((await verdictOf(account, refused(account.stored() ?? ''))).number).toBe('access-2');
    expect(account.refreshes).toEqual(['refresh-1']);
  });

  it('M01 is taken from storage when another tab has renewed it', async () => {
    const account = await openSupabaseAccount();
    const former = account.stored() ?? '';
    await account.openTab().refreshSession();
    expect((await verdictOf(account, refused(former))).number).toBe('access-2');
    expect(account.refreshes).toEqual(['refresh-1']);
  });
});

describe('trouble at the server while the token has ended', () => {
  it.each(troubles)('%s: the SDK alone', async trouble => {
    expectItsLines(trouble);
    const { auth, server, stored } = await openSupabaseAccount({ leftS: -60 });
    server.trouble = trouble;
    const answer = await bareAnswer(auth.getSession(), read => {
      const { data, error } = read as { data: { session: unknown }; error: unknown };
      return data.session ? 'session' : error ? nameOf(error) : 'no session';
    });
    expect(answer + (stored() === null ? ', dropped' : '')).toBe(supabase.cells[trouble].bare);
  });

  it.each(troubles)('%s: with adapter and fetch', async trouble => {
    expectItsLines(trouble);
    const account = await openSupabaseAccount({ leftS: -60, client: { fetch: supabaseFetch() } });
    account.server.trouble = trouble;
    expect((await verdictOf(account, {}, 400)).kind).toBe(supabase.cells[trouble].ours);
    expect(account.stored() === null).toBe(supabase.cells[trouble].ours === 'signed-out');
  });

  it.each(['drop', '500', '503-html', '429'] as const)(
    '%s: the session outlives it, and the token comes without anybody doing anything',
    async trouble => {
      expectItsLines(trouble);
      const { auth, server } = await openSupabaseAccount({ leftS: -60, client: { fetch: supabaseFetch() } });
      server.trouble = trouble;
      const onSessionExpired = vi.fn();
      const socket = createAuthSocket({
        getToken: supabaseToken(auth),
        timeouts: { tokenMs: 150 },
        reconnect: { minMs: 20, maxMs: 60 },
        onSessionExpired,
      });
      onTestFinished(() => socket.destroy());
      socket.connect();
      await expect.poll(() => server.requests.length).toBeGreaterThan(1);
      expect(socket.getStatus().session).not.toBe('signed-out');
      server.trouble = null;
      await expect.poll(() => socket.getStatus().session, { timeout: 3_000 }).toBe('valid');
      expect(numberOf(await socket.getToken())).toBe('access-2');
      expect(onSessionExpired).not.toHaveBeenCalled();
    },
  );
});

describe('trouble while the token is valid', () => {
  it.each(['drop', '500', '429', 'hang'] as const)('%s: "not now", and the session stays', async trouble => {
    expectItsLines(trouble);
    const account = await openSupabaseAccount({ leftS: 60 });
    account.server.trouble = trouble;
    expect((await verdictOf(account, expiring(account.stored() ?? ''), 300)).kind).toBe('unavailable');
    expect(account.stored()).not.toBeNull();
  });
});

describe('supabaseFetch()', () => {
  const refresh = 'http://auth.test/token?grant_type=refresh_token';
  const answer = (status: number, type = 'application/json; charset=utf-8') =>
    new Response('{}', { status, headers: { 'content-type': type } });
  const through = async (response: Response, url: string | URL | Request = refresh) =>
    (await supabaseFetch(() => Promise.resolve(response))(url)).status;

  it.each([
    ['a new session', 200, 'application/json', 200],
    ['a page with status 200, which Supabase itself takes for an outage', 200, 'text/html', 200],
    ['a denial', 400, 'application/json', 400],
    ['a denial', 401, 'application/json', 401],
    ['a denial', 403, 'application/json', 403],
    ['"too many requests"', 429, 'application/json', 503],
    ['a timeout', 408, 'application/json', 503],
    ['the page of a proxy', 403, 'text/html', 503],
    ['the page of a proxy', 404, 'text/html', 503],
    ['a captive portal', 511, 'text/html', 503],
    ['an outage', 502, 'text/html', 503],
  ])('%s, %i %s, reaches Supabase as %i', async (_what, status, type, seen) => {
    expect(await through(answer(status, type))).toBe(seen);
  });

  it.each(['a text', 'a URL', 'a Request'])('reads the address as %s', async how => {
    const url = how === 'a URL' ? new URL(refresh) : how === 'a Request' ? new Request(refresh) : refresh;
    expect(await through(answer(429), url)).toBe(503);
  });

  it('leaves everything but the refresh alone', async () => {
    expect(await through(answer(429), 'http://auth.test/token?grant_type=password')).toBe(429);
    expect(await through(answer(429), 'http://auth.test/rest/v1/rooms')).toBe(429);
  });

  it('without it, the page of a captive portal costs an ended session', async () => {
    const { auth, server, refuse, stored } = await openSupabaseAccount({ leftS: -60 });
    refuse({ status: 511, body: '<h1>Please sign in to this hotel</h1>' });
    await auth.getSession();
    expect(server.requests).toHaveLength(1);
    expect(stored()).toBeNull();
  });
});

describe('the end of the session', () => {
  it('nobody is signed in', async () => {
    const account = await openSupabaseAccount();
    await account.auth.signOut({ scope: 'local' });
    expect((await verdictOf(account)).kind).toBe('signed-out');
  });

  it.each([
    [400, 'refresh_token_not_found'],
    [400, 'refresh_token_already_used'],
    [403, 'session_not_found'],
    [403, 'user_banned'],
  ])('T11 %i %s with an ended token', async (status, error_code) => {
    const account = await openSupabaseAccount({ leftS: -60 });
    account.refuse({ status, body: { error_code, msg: 'over' } });
    expect((await verdictOf(account)).kind).toBe('signed-out');
  });

  it.each([
    [400, 'refresh_token_not_found', 'signed-out'],
    [400, 'refresh_token_already_used', 'signed-out'],
    [401, 'no_authorization', 'signed-out'],
    [400, 'validation_failed', 'unavailable'],
    [422, 'captcha_failed', 'unavailable'],
  ])(
    '%i %s after the socket server refused a token that has not ended: %s',
    async (status, error_code, kind) => {
      const account = await openSupabaseAccount();
      account.refuse({ status, body: { error_code, msg: 'over' } });
      expect((await verdictOf(account, refused(account.stored() ?? ''))).kind).toBe(kind);
    },
  );

  it('"already used" is none when another tab has stored the new session meanwhile', async () => {
    const account = await openSupabaseAccount();
    const source = supabaseToken({
      getSession: () => account.auth.getSession(),
      async refreshSession() {
        account.refuse({ status: 400, body: { error_code: 'refresh_token_already_used', msg: 'over' } });
        const answer = await account.auth.refreshSession();
        account.refuse(null);
        await account.openTab().refreshSession();
        return answer;
      },
      onAuthStateChange: callback => account.auth.onAuthStateChange(callback),
    });
    const { kind, token } = await askSource(source, refused(account.stored() ?? ''));
    expect(kind).toBe('token');
    expect(numberOf(token)).toBe('access-2');
  });

  it('is read the same way where the client throws its errors', async () => {
    const account = await openSupabaseAccount({ leftS: -60, client: { throwOnError: true } });
    account.refuse({ status: 400, body: { error_code: 'refresh_token_not_found', msg: 'over' } });
    expect((await verdictOf(account)).kind).toBe('signed-out');
  });
});

describe('what Supabase tells by itself', () => {
  const connect = ({ auth }: SupabaseAccount) => {
    const socket = createAuthSocket({ getToken: supabaseToken(auth) });
    onTestFinished(() => socket.destroy());
    socket.connect();
    return socket;
  };

  it.each([
    ['without a lock', {}],
    ['with the lock of one process', { lock: processLock }],
  ])('%s: a new token is used, a sign-out ends the session, and nothing blocks', async (_how, client) => {
    const account = await openSupabaseAccount({ client });
    const socket = connect(account);
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await account.auth.refreshSession();
    await expect.poll(async () => numberOf(await socket.getToken())).toBe('access-2');
    await account.auth.signOut({ scope: 'local' });
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect((await account.auth.getSession()).data.session).toBeNull();
  });

  it('no listener stays behind', async () => {
    const { auth } = await openSupabaseAccount();
    const source = supabaseToken(auth) as { subscribe(onChange: () => void): () => void };
    const onChange = vi.fn();
    source.subscribe(onChange)();
    await auth.refreshSession();
    expect(onChange).not.toHaveBeenCalled();
  });

  it('its greeting at subscribing is no change', async () => {
    const { auth } = await openSupabaseAccount();
    const source = supabaseToken(auth) as { subscribe(onChange: () => void): () => void };
    const onChange = vi.fn();
    const greeted = new Promise(resolve => auth.onAuthStateChange(resolve));
    source.subscribe(onChange);
    await greeted;
    await auth.getSession();
    expect(onChange).not.toHaveBeenCalled();
    await auth.refreshSession();
    expect(onChange).toHaveBeenCalledOnce();
  });
});

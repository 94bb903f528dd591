import type { NextApiRequest, NextApiResponse } from 'next';
import { encode } from 'next-auth/jwt';
import type { NextAuthOptions } from 'next-auth';
import { getSession } from 'next-auth/react';
import NextAuth from 'next-auth/next';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAuthSocket } from '../../../src/core';
import { unsignedJwt } from '../../../src/testing/unsignedJwt';
import { expectConsole } from '../../tools/silentConsole';
import { askSource } from '../askSource';
import { bareAnswer } from '../bareAnswer';
import { startIdentityServer, troubles, type IdentityAnswer, type IdentityRequest } from '../identityServer';
import { nextAuth as matrix } from '../matrix/nextAuth';
import { nextAuthToken } from './nextAuthRecipe';

const secret = 'a secret of this test';
const accessToken = unsignedJwt({ sub: 'ada', exp: Math.floor(Date.now() / 1_000) + 600 });

/** The real next-auth behind a server that gets into trouble; the browser has its session cookie. */
async function openAccount(options: Partial<NextAuthOptions> = {}) {
  const server = await startIdentityServer({
    answer: request =>
      answerWith(request, {
        secret,
        providers: [],
        session: { strategy: 'jwt' },
        callbacks: {
          session: ({ session, token }) => Object.assign(session, { accessToken: token.accessToken }),
        },
        ...options,
      }),
  });
  onTestFinished(() => server.close());
  vi.stubEnv('NEXTAUTH_URL', server.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  let cookie: string | null = await encode({ secret, token: { sub: 'ada', accessToken } });
  const send = fetch;
  vi.stubGlobal('fetch', (input: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (cookie !== null) headers.set('cookie', `next-auth.session-token=${cookie}`);
    return send(new URL(new URL(input, server.url).pathname, server.url), { ...init, headers });
  });
  return {
    server,
    dropCookie() {
      cookie = null;
    },
  };
}

/** Lets next-auth answer, as a Next.js server would call it. */
async function answerWith(request: IdentityRequest, options: NextAuthOptions): Promise<IdentityAnswer> {
  const cookies = Object.fromEntries(
    (request.headers.cookie ?? '').split('; ').map(pair => pair.split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;
  let status = 200;
  let body: unknown = '';
  const response = {
    status(code: number) {
      status = code;
      return response;
    },
    setHeader: () => response,
    getHeader: () => undefined,
    send(content: unknown) {
      body = content;
    },
    json(content: unknown) {
      body = content;
    },
    end() {},
  };
  const action = request.path.replace('/api/auth/', '').split('/');
  const { method, headers } = request;
  await NextAuth(
    {
      method,
      headers,
      cookies,
      body: request.body,
      query: { nextauth: action },
    } as unknown as NextApiRequest,
    response as unknown as NextApiResponse,
    options,
  );
  return { status, body };
}

describe('the recipe for next-auth', () => {
  it('gives the access token that the session callback put into the session', async () => {
    await openAccount();
    expect(await askSource(nextAuthToken)).toMatchObject({ kind: 'token', token: accessToken });
  });

  it('nobody is signed out: no cookie, or one that is not good any more', async () => {
    const { dropCookie } = await openAccount();
    dropCookie();
    expect((await askSource(nextAuthToken)).kind).toBe('signed-out');
  });

  it('a session without an access token, as after a refresh that failed in the jwt callback, is "not now"', async () => {
    await openAccount({
      callbacks: { session: ({ session }) => Object.assign(session, { error: 'RefreshFailed' }) },
    });
    expect((await askSource(nextAuthToken)).kind).toBe('unavailable');
  });

  it('a jwt callback that throws costs the session: next-auth itself takes the cookie away', async () => {
    expectConsole('error', /JWT_SESSION_ERROR/);
    await openAccount({ callbacks: { jwt: () => Promise.reject(new Error('the identity server is down')) } });
    expect((await askSource(nextAuthToken)).kind).toBe('signed-out');
  });

  it.each(troubles)('%s: getSession() alone', async trouble => {
    const { server } = await openAccount();
    expectConsole('error', /CLIENT_FETCH_ERROR/);
    server.trouble = trouble;
    const call = getSession();
    expect(await bareAnswer(call, String)).toBe(matrix.cells[trouble].bare);
    // What hangs ends here, and says so.
    await server.close();
    await call;
  });

  it.each(troubles)('%s: with the recipe', async trouble => {
    const { server } = await openAccount();
    server.trouble = trouble;
    const socket = createAuthSocket({ getToken: nextAuthToken, timeouts: { tokenMs: 100 } });
    onTestFinished(() => socket.destroy());
    await expect(socket.getToken()).rejects.toMatchObject({ code: matrix.cells[trouble].ours });
  });
});

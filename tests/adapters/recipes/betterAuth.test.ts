import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { jwt } from 'better-auth/plugins/jwt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAuthSocket } from '../../../src/core';
import { createCookieFetch } from '../../server/cookieFetch';
import { askSource, refused } from '../askSource';
import { bareAnswer } from '../bareAnswer';
import { startIdentityServer, troubles } from '../identityServer';
import { betterAuth as matrix } from '../matrix/betterAuth';
import { betterAuthToken, createClient } from './betterAuthRecipe';

/** The real better-auth on both sides; "ada" is signed in with a cookie. */
async function openAccount() {
  let handle = (_request: Request) => Promise.resolve(new Response(null, { status: 404 }));
  const server = await startIdentityServer({
    affects: path => path.endsWith('/token'),
    async answer({ method, path, headers, body }) {
      const request = new Request(new URL(path, server.url), {
        method,
        headers: { ...(headers as Record<string, string>), origin: server.url },
        ...(method === 'POST' && { body: JSON.stringify(body) }),
      });
      const answer = await handle(request);
      const text = await answer.text();
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: text === '' ? text : (JSON.parse(text) as unknown),
      };
    },
  });
  onTestFinished(() => server.close());
  const auth = betterAuth({
    baseURL: server.url,
    secret: 'a secret of this test that is long enough',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
    emailAndPassword: { enabled: true },
    plugins: [jwt()],
    logger: { disabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  });
  handle = request => auth.handler(request);
  const browser = createCookieFetch();
  const client = createClient(server.url, {
    customFetchImpl: (input, init) => browser(input instanceof Request ? input.url : String(input), init),
  });
  const { error } = await client.signUp.email({
    email: 'ada@test.example',
    password: 'a long password',
    name: 'Ada',
  });
  if (error) throw new Error(`The sign-up was answered with ${error.status}.`);
  return { server, client, source: betterAuthToken(client) };
}

describe('the recipe for better-auth', () => {
  it('gives a JWT of the signed-in user, and a new one after a refusal', async () => {
    const { source } = await openAccount();
    const { kind, token } = await askSource(source);
    expect(kind).toBe('token');
    expect(JSON.parse(atob(token?.split('.')[1] ?? ''))).toMatchObject({ email: 'ada@test.example' });
    expect((await askSource(source, refused(token ?? ''))).kind).toBe('token');
  });

  it('a sign-out is told to the client at once', async () => {
    const { client, source } = await openAccount();
    const onSessionExpired = vi.fn();
    const socket = createAuthSocket({ getToken: source, onSessionExpired });
    onTestFinished(() => socket.destroy());
    socket.connect();
    await expect.poll(() => socket.getStatus().session).toBe('valid');
    await client.signOut();
    await expect.poll(() => socket.getStatus().session).toBe('signed-out');
    expect(onSessionExpired).toHaveBeenCalledOnce();
  });

  it.each(troubles)('%s: the SDK alone', async trouble => {
    const { client, server } = await openAccount();
    server.trouble = trouble;
    const answer = await bareAnswer(client.token(), read => {
      const { data, error } = read as { data: unknown; error: { status: number } | null };
      return data ? 'token' : `error ${error?.status}`;
    });
    expect(answer).toBe(matrix.cells[trouble].bare);
  });

  it.each(troubles)('%s: with the recipe', async trouble => {
    const { server, source } = await openAccount();
    server.trouble = trouble;
    const socket = createAuthSocket({ getToken: source, timeouts: { tokenMs: 150 } });
    onTestFinished(() => socket.destroy());
    await expect(socket.getToken()).rejects.toMatchObject({ code: matrix.cells[trouble].ours });
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unsignedJwt } from '../../src/testing/unsignedJwt';

/**
 * As much of the WorkOS API as AuthKit's browser SDK talks to once somebody has signed in: the session's refreshes, its
 * logout, and the way to the sign-in page.
 *
 * @see https://github.com/workos/authkit-js/blob/main/src/http-client.ts
 */
export interface WorkosServer {
  readonly port: number;
  readonly clientId: string;
  /** What reached the server, oldest first. */
  readonly requests: readonly WorkosRequest[];
  /** A refresh token of the session, as a sign-in leaves it behind. */
  signIn(): string;
  /** Ends the session: refreshes are answered 400 `invalid_grant`. */
  endSession(): void;
  close(): Promise<void>;
}

export interface WorkosRequest {
  readonly at: number;
  readonly what: 'refresh' | 'sign-in' | 'logout' | 'other';
  readonly status: number;
}

export interface WorkosServerOptions {
  /** Life of an access token. */
  accessTtlMs: number;
  /** Epoch ms. @default Date.now */
  now?: () => number;
}

const signInPage = '<!doctype html><title>Sign in</title><h1>Sign in with AuthKit</h1>';

export async function startWorkosServer({
  accessTtlMs,
  now = Date.now,
}: WorkosServerOptions): Promise<WorkosServer> {
  const clientId = 'client_test';
  const requests: WorkosRequest[] = [];
  const refreshTokens = new Set<string>();
  let issued = 0;
  let isOver = false;

  function issueRefreshToken(): string {
    const token = `refresh-${++issued}`;
    // Each is good for once; the one before it still counts, should an answer be lost on the way.
    const [oldest] = refreshTokens;
    if (refreshTokens.size > 1 && oldest !== undefined) refreshTokens.delete(oldest);
    refreshTokens.add(token);
    return token;
  }

  function session(): object {
    const iat = now() / 1_000;
    const time = '2026-01-01T00:00:00.000Z';
    return {
      user: {
        object: 'user',
        id: 'user_ada',
        email: 'ada@example.com',
        email_verified: true,
        first_name: 'Ada',
        last_name: null,
        profile_picture_url: null,
        last_sign_in_at: time,
        created_at: time,
        updated_at: time,
      },
      access_token: unsignedJwt({
        sub: 'user_ada',
        sid: 'session_1',
        iat,
        exp: iat + accessTtlMs / 1_000,
        jti: String(issued),
      }),
      refresh_token: issueRefreshToken(),
      authentication_method: 'Password',
    };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    const text = await bodyOf(request);
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-allow-headers', 'content-type, accept');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const end = (what: WorkosRequest['what'], status: number, body: object | string) => {
      requests.push({ at: Date.now(), what, status });
      const isPage = typeof body === 'string';
      response.writeHead(status, { 'content-type': isPage ? 'text/html' : 'application/json' });
      response.end(isPage ? body : JSON.stringify(body));
    };
    switch (pathname) {
      case '/user_management/authenticate': {
        const { refresh_token: token } = JSON.parse(text) as { refresh_token?: string };
        const isGood = !isOver && token !== undefined && refreshTokens.has(token);
        if (isGood) return end('refresh', 200, session());
        return end('refresh', 400, { error: 'invalid_grant', error_description: 'Session has ended.' });
      }
      case '/user_management/authorize':
        return end('sign-in', 200, signInPage);
      case '/user_management/sessions/logout':
        isOver = true;
        return end('logout', 200, {});
      default:
        return end('other', 404, {});
    }
  }

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    clientId,
    requests,
    signIn: issueRefreshToken,
    endSession: () => (isOver = true),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

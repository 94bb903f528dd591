import { describe, expect, it } from 'vitest';
import { createAuthFetch, isAuthSocketError, signedIn, signedOut, unavailable } from '../../src/core';
import { clientInWorld, type ClientInWorld } from '../scenarios/clientInWorld';

interface Sent {
  url: string;
  authorization: string | null;
  body: string;
}

/** A server that accepts some tokens, and what it was sent. */
function server(accepts: (token: string | null) => boolean) {
  const sent: Sent[] = [];
  const transmit = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const target = typeof input === 'string' && input.startsWith('/') ? `https://app.test${input}` : input;
    const request = new Request(target, init);
    request.signal.throwIfAborted();
    const authorization = request.headers.get('authorization');
    sent.push({ url: request.url, authorization, body: await request.text() });
    return new Response(null, {
      status: accepts(authorization?.slice('Bearer '.length) ?? null) ? 200 : 401,
    });
  };
  return { sent, transmit };
}

/** A client whose source numbers its tokens. The page of the test world is https://app.test. */
function numbered(
  options: Parameters<typeof clientInWorld>[0] = {},
): ClientInWorld & { calls: () => number } {
  let calls = 0;
  const client = clientInWorld({
    url: undefined as never,
    getToken: () => `token-${(calls += 1)}`,
    ...options,
  });
  return Object.assign(client, { calls: () => calls });
}

describe('createAuthFetch: who gets the token', () => {
  it('the page’s own origin does, and the listed ones', async () => {
    const client = numbered();
    const { sent, transmit } = server(() => true);
    const authFetch = createAuthFetch(client.socket, {
      fetch: transmit,
      origins: ['https://api.other.test'],
    });
    const { origin } = new URL(client.world.platform.page?.href ?? '');
    await authFetch('/api/me');
    await authFetch(`${origin}/api/me`);
    await authFetch(new URL(`${origin}/api/me`));
    await authFetch(new Request(`${origin}/api/me`));
    await authFetch('https://api.other.test/me');
    expect(sent.map(({ authorization }) => authorization)).toEqual(Array(5).fill('Bearer token-1'));
    await client.end();
  });

  it.each([
    'https://evil.test/api',
    'https://api.other.test.evil.test/',
    'https://api.other.test:8443/',
    'http://api.other.test/',
    '//evil.test/api',
  ])('X05 %s does not, and no token is even asked for', async url => {
    const client = numbered();
    const { sent, transmit } = server(() => true);
    const authFetch = createAuthFetch(client.socket, {
      fetch: (input, init) => transmit(new URL(input as string, 'https://app.test'), init),
      origins: ['https://api.other.test'],
    });
    await authFetch(url);
    expect(sent.map(({ authorization }) => authorization)).toEqual([null]);
    expect(client.calls()).toBe(0);
    await client.end();
  });

  it('an authorization of the caller’s own is left alone', async () => {
    const client = numbered();
    const { sent, transmit } = server(() => true);
    await createAuthFetch(client.socket, { fetch: transmit })('/api', {
      headers: { Authorization: 'Basic x' },
    });
    expect(sent.map(({ authorization }) => authorization)).toEqual(['Basic x']);
    await client.end();
  });

  it('a cookie session presents none', async () => {
    const client = numbered({ getToken: () => signedIn() });
    const { sent, transmit } = server(() => true);
    client.socket.connect();
    await client.world.clock.advance(0);
    expect((await createAuthFetch(client.socket, { fetch: transmit })('/api')).status).toBe(200);
    expect(sent.map(({ authorization }) => authorization)).toEqual([null]);
    await client.end();
  });

  it.each(['ftp://a.test', 'https://a.test/path', 'http://a.test', 'a.test', '', 'null', 7])(
    'X06 %s is no origin that a token may go to',
    origin => {
      const client = numbered();
      let thrown: unknown;
      try {
        createAuthFetch(client.socket, { origins: [origin as string] });
      } catch (error) {
        thrown = error;
      }
      expect(isAuthSocketError(thrown) && thrown.code).toBe('invalid-option');
      client.socket.destroy();
    },
  );

  it('a server on this machine is one', async () => {
    const client = numbered();
    const { sent, transmit } = server(() => true);
    await createAuthFetch(client.socket, { fetch: transmit, origins: ['http://localhost:3000'] })(
      'http://localhost:3000/x',
    );
    expect(sent[0]?.authorization).toBe('Bearer token-1');
    await client.end();
  });
});

describe('createAuthFetch: a 401', () => {
  it('costs one refresh and one silent repeat, with the same body', async () => {
    const client = numbered();
    const { sent, transmit } = server(token => token === 'token-2');
    const answer = await createAuthFetch(client.socket, { fetch: transmit })('/api', {
      method: 'POST',
      body: '{"n":1}',
    });
    expect(answer.status).toBe(200);
    expect(sent.map(({ authorization, body }) => [authorization, body])).toEqual([
      ['Bearer token-1', '{"n":1}'],
      ['Bearer token-2', '{"n":1}'],
    ]);
    expect(client.calls()).toBe(2);
    await client.end();
  });

  it('met by twenty requests at once costs one refresh', async () => {
    const client = numbered();
    const { sent, transmit } = server(token => token === 'token-2');
    const authFetch = createAuthFetch(client.socket, { fetch: transmit });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => authFetch(`/api/${n}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(sent).toHaveLength(40);
    expect(client.calls()).toBe(2);
    await client.end();
  });

  it('is repeated once and no more', async () => {
    const client = numbered();
    const { sent, transmit } = server(() => false);
    expect((await createAuthFetch(client.socket, { fetch: transmit })('/api')).status).toBe(401);
    expect(sent).toHaveLength(2);
    await client.end();
  });

  it('a Request with a body is repeated from a copy', async () => {
    const client = numbered();
    const { sent, transmit } = server(token => token === 'token-2');
    const request = new Request('https://app.test/api', { method: 'POST', body: 'once' });
    const { origin } = new URL(client.world.platform.page?.href ?? '');
    const authFetch = createAuthFetch(client.socket, {
      fetch: transmit,
      origins: [origin, 'https://app.test'],
    });
    expect((await authFetch(request)).status).toBe(200);
    expect(sent.map(({ body }) => body)).toEqual(['once', 'once']);
    await client.end();
  });

  it('is the caller’s where the body was a stream, which cannot be sent again', async () => {
    const client = numbered();
    const { sent, transmit } = server(() => false);
    const answer = await createAuthFetch(client.socket, { fetch: transmit })('/api', {
      method: 'POST',
      body: new Blob(['x']).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(answer.status).toBe(401);
    expect(sent).toHaveLength(1);
    expect(client.calls()).toBe(1);
    await client.end();
  });

  it.each([
    ['is not available', () => unavailable()],
    ['throws', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['is the refused one again', () => 'token-1'],
  ])('stays the answer when another token %s; nobody is signed out', async (_name, later) => {
    let calls = 0;
    const client = numbered({ getToken: () => ((calls += 1) === 1 ? 'token-1' : later()) });
    const { sent, transmit } = server(() => false);
    expect((await createAuthFetch(client.socket, { fetch: transmit })('/api')).status).toBe(401);
    expect(sent).toHaveLength(1);
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('ends the session only if the source says so', async () => {
    let calls = 0;
    const client = numbered({ getToken: () => ((calls += 1) === 1 ? 'token-1' : signedOut('over')) });
    const { transmit } = server(() => false);
    expect((await createAuthFetch(client.socket, { fetch: transmit })('/api')).status).toBe(401);
    expect(client.ends).toEqual([expect.objectContaining({ reason: 'over', by: 'token-source' })]);
    await client.end();
  });
});

describe('createAuthFetch: what goes wrong', () => {
  it('a network error stays one', async () => {
    const client = numbered();
    const failure = new TypeError('Failed to fetch');
    const authFetch = createAuthFetch(client.socket, { fetch: () => Promise.reject(failure) });
    await expect(authFetch('/api')).rejects.toBe(failure);
    expect(client.ends).toEqual([]);
    expect(client.calls()).toBe(1);
    await client.end();
  });

  it('an abort passes through, before the token and after it', async () => {
    const client = numbered({ getToken: () => new Promise(() => {}) });
    const controller = new AbortController();
    const { transmit, sent } = server(() => true);
    const pending = createAuthFetch(client.socket, { fetch: transmit })('/api', {
      signal: controller.signal,
    });
    controller.abort(new Error('the user left'));
    await expect(pending).rejects.toThrow('the user left');
    expect(sent).toEqual([]);
    await client.end();
  });

  it.each([
    ['signed-out', () => signedOut()],
    ['unavailable', () => unavailable()],
  ])('without a token it rejects with %s, and nothing is sent', async (code, getToken) => {
    const client = numbered({ getToken });
    const { transmit, sent } = server(() => true);
    await expect(createAuthFetch(client.socket, { fetch: transmit })('/api')).rejects.toMatchObject({ code });
    expect(sent).toEqual([]);
    await client.end();
  });
});

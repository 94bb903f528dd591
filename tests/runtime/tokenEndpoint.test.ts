import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  isAuthSocketError,
  tokenEndpoint,
  type TokenEndpointOptions,
  type TokenRequest,
} from '../../src/core';
import { answerKind } from '../../src/machine/tokenAnswer';
import { clientInWorld } from '../scenarios/clientInWorld';

type Answer = Response | Error | (() => Response | Error);

/** The answers of the endpoint in order; the last one is repeated. Returns what was asked. */
function endpoint(...answers: Answer[]): { url: string; init: RequestInit }[] {
  const requests: { url: string; init: RequestInit }[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push({ url, init });
    const given = typeof answer === 'function' ? answer() : answer;
    if (given instanceof Error) throw given;
    return given.clone();
  });
  return requests;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const html = (status: number, headers: Record<string, string> = {}) =>
  new Response('<h1>Welcome to our Wi-Fi</h1>', {
    status,
    headers: { 'content-type': 'text/html', ...headers },
  });

function ask(options?: TokenEndpointOptions, request: Partial<TokenRequest> = {}): Promise<unknown> {
  const source = tokenEndpoint('https://app.test/auth/refresh', options);
  const getToken = typeof source === 'function' ? source : source.getToken;
  return Promise.resolve(
    getToken({
      reason: 'initial',
      forceRefresh: false,
      previous: null,
      minValidityMs: 0,
      attempt: 1,
      signal: new AbortController().signal,
      ...request,
    }),
  );
}

afterEach(() => vi.unstubAllGlobals());

describe('the request', () => {
  it('is a POST with the cookie, from no cache, that follows no redirect', async () => {
    const requests = endpoint(json(200, { access_token: 'a' }));
    const { signal } = new AbortController();
    await ask({}, { signal });
    expect(requests).toHaveLength(1);
    const { url, init } = requests[0]!;
    expect(url).toBe('https://app.test/auth/refresh');
    expect(init).toMatchObject({
      method: 'POST',
      credentials: 'include',
      redirect: 'error',
      cache: 'no-store',
      signal,
    });
    expect(init.body).toBeUndefined();
    expect(new Headers(init.headers).get('accept')).toBe('application/json');
  });

  it('takes method, headers, credentials and a body made per request', async () => {
    const requests = endpoint(json(200, { token: 'a' }));
    let made = 0;
    const options: TokenEndpointOptions = {
      method: 'PUT',
      headers: { 'x-csrf': 'c', accept: 'application/vnd.test+json' },
      credentials: 'same-origin',
      body: () => `n=${(made += 1)}`,
    };
    await ask(options);
    await ask(options);
    expect(requests.map(({ init }) => init.body)).toEqual(['n=1', 'n=2']);
    expect(requests[0]!.init).toMatchObject({ method: 'PUT', credentials: 'same-origin' });
    const headers = new Headers(requests[0]!.init.headers);
    expect([headers.get('x-csrf'), headers.get('accept')]).toEqual(['c', 'application/vnd.test+json']);
  });

  it.each([
    ['url', ['']],
    ['method', ['/auth', { method: '' }]],
    ['read', ['/auth', { read: 'token' }]],
    ['isDenied', ['/auth', { isDenied: [401] }]],
    ['body', ['/auth', { body: 'x' }]],
  ])('a wrong %s is an invalid option that is named', (name, [url, options]) => {
    let thrown: unknown;
    try {
      tokenEndpoint(url as string, options as TokenEndpointOptions);
    } catch (error) {
      thrown = error;
    }
    expect(isAuthSocketError(thrown) && [thrown.code, thrown.message]).toEqual([
      'invalid-option',
      expect.stringContaining(name),
    ]);
  });
});

describe('a good answer', () => {
  it.each([
    ['access_token', { access_token: 'a' }, 'a'],
    ['token', { token: 'b' }, 'b'],
    ['access_token before token', { token: 'b', access_token: 'a' }, 'a'],
    ['a lifetime in seconds', { access_token: 'a', expires_in: 60 }, { token: 'a', expiresInMs: 60_000 }],
    [
      'a lifetime as text, as some servers write it',
      { access_token: 'a', expires_in: '60' },
      { token: 'a', expiresInMs: 60_000 },
    ],
    ['a lifetime of 0 is none', { access_token: 'a', expires_in: 0 }, 'a'],
    ['a lifetime that is no number', { access_token: 'a', expires_in: 'soon' }, 'a'],
  ])('%s', async (_name, body, expected) => {
    endpoint(json(200, body));
    expect(await ask()).toEqual(expected);
  });

  it('is read by the application where it says so', async () => {
    endpoint(json(200, { data: { jwt: 'x' } }));
    expect(await ask({ read: body => (body as { data: { jwt: string } }).data.jwt })).toBe('x');
  });
});

describe('a denial', () => {
  it.each<[string, Answer]>([
    ['401', json(401, {})],
    ['401 without a body', new Response(null, { status: 401 })],
    ['400 invalid_grant', json(400, { error: 'invalid_grant' })],
    ['403 session_expired', json(403, { error: 'session_expired' })],
    ['400 login_required', json(400, { error: 'login_required' })],
  ])('%s counts when a second request brings it too', async (_name, answer) => {
    const requests = endpoint(answer);
    expect(answerKind(await ask())).toBe('signed-out');
    expect(requests).toHaveLength(2);
  });

  it('says why, in the server’s word', async () => {
    endpoint(json(401, { error: 'session_expired' }));
    expect(await ask()).toMatchObject({ reason: 'session_expired' });
    endpoint(json(401, { error: 'a text with <b>anything</b> in it' }));
    expect(await ask()).toMatchObject({ reason: 'http-401' });
  });

  it('that a second request does not bring is none: it crossed the refresh of another tab', async () => {
    const requests = endpoint(json(401, { error: 'invalid_grant' }), json(200, { access_token: 'a' }));
    expect(await ask()).toBe('a');
    expect(requests).toHaveLength(2);
  });

  it('followed by a network error is "not now"', async () => {
    endpoint(json(401, {}), new TypeError('Failed to fetch'));
    await expect(ask()).rejects.toThrow('Failed to fetch');
  });

  it('is what the application says it is, asked for 4xx only', async () => {
    const asked: [number, unknown][] = [];
    const isDenied = (status: number, body: unknown) => {
      asked.push([status, body]);
      return status === 404;
    };
    endpoint(html(404));
    expect(answerKind(await ask({ isDenied }))).toBe('signed-out');
    endpoint(json(401, { error: 'x' }));
    expect(answerKind(await ask({ isDenied }))).toBe('unavailable');
    endpoint(html(503));
    expect(answerKind(await ask({ isDenied }))).toBe('unavailable');
    expect(asked).toEqual([
      [404, undefined],
      [404, undefined],
      [401, { error: 'x' }],
    ]);
  });
});

describe('everything else is "not now"', () => {
  it.each<[string, Answer]>([
    ['403 with HTML', html(403)],
    ['403 with an error nobody knows', json(403, { error: 'no_luck' })],
    ['400 with a number for a body', json(400, 7)],
    ['404', html(404)],
    ['408', html(408)],
    ['418', html(418)],
    ['500', html(500)],
    ['502 with HTML', html(502)],
    ['511 of a captive portal', html(511)],
    ['200 with HTML', html(200)],
    ['200 without a body', new Response('', { status: 200 })],
    ['204', new Response(null, { status: 204 })],
    ['200 with JSON null', json(200, null)],
    ['200 without a token', json(200, { user: 'ada' })],
    ['200 with an empty token', json(200, { access_token: '' })],
    ['200 with a token that is no text', json(200, { access_token: 7 })],
    ['200 with __proto__', new Response('{"__proto__":{"token":"x"}}', { status: 200 })],
  ])('%s', async (_name, answer) => {
    const requests = endpoint(answer);
    const answered = await ask();
    expect(answerKind(answered)).toBe('unavailable');
    expect(answered).not.toHaveProperty('retryAfterMs');
    expect(requests).toHaveLength(1);
  });

  it('the cause says what was answered, and no more', async () => {
    endpoint(html(503));
    expect(String(((await ask()) as { cause: unknown }).cause)).toBe(
      'Error: The token endpoint answered 503.',
    );
  });

  it.each([
    ['a network error', new TypeError('Failed to fetch')],
    ['an abort', new DOMException('aborted', 'AbortError')],
  ])('%s is passed on, for the client to wait out', async (_name, error) => {
    endpoint(error);
    await expect(ask()).rejects.toBe(error);
  });
});

describe('a wait that the server names', () => {
  const at = Date.parse('2026-11-25T10:00:00Z');
  const date = (ms: number) => new Date(ms).toUTCString();
  it.each<[string, Response, number | undefined]>([
    ['503 with seconds', html(503, { 'retry-after': '7' }), 7_000],
    ['429 with seconds', json(429, {}, { 'retry-after': '30' }), 30_000],
    [
      'a date, by the clock of the answer',
      html(503, { date: date(at), 'retry-after': date(at + 90_000) }),
      90_000,
    ],
    ['a date in the past', html(503, { date: date(at), 'retry-after': date(at - 1_000) }), undefined],
    ['429 without a time', html(429), 2_000],
    ['503 without a time is a failure like any other', html(503), undefined],
    ['X08 a header that is a book', html(503, { 'retry-after': '9'.repeat(5_000) }), undefined],
    ['words', html(503, { 'retry-after': 'soon' }), undefined],
    ['a negative number', html(503, { 'retry-after': '-5' }), undefined],
  ])('T14 %s', async (_name, answer, expected) => {
    endpoint(answer);
    expect(((await ask()) as { retryAfterMs?: number }).retryAfterMs).toBe(expected);
  });

  it('429 without a time doubles with every failure, up to a minute', async () => {
    endpoint(html(429));
    const waits: unknown[] = [];
    for (const attempt of [1, 2, 3, 6, 20])
      waits.push(((await ask({}, { attempt })) as { retryAfterMs: number }).retryAfterMs);
    expect(waits).toEqual([2_000, 4_000, 8_000, 60_000, 60_000]);
  });

  it('T14 is honoured by the client, whatever wakes it, and never undercut', async () => {
    const client = clientInWorld({ getToken: tokenEndpoint('/auth/refresh') });
    const { world, socket } = client;
    const requests = endpoint(html(429, { 'retry-after': '7' }), json(200, { access_token: 'opaque' }));
    socket.connect();
    await world.clock.advance(1_000);
    expect(requests).toHaveLength(1);
    for (const wake of [world.page.focus, world.page.online, () => socket.reconnect()]) {
      wake();
      await world.clock.advance(1_500);
    }
    expect(requests).toHaveLength(1);
    await world.clock.advance(7_700 - 5_500);
    expect(requests).toHaveLength(2);
    await client.end();
  });

  it('T14 is clamped to five minutes', async () => {
    const client = clientInWorld({ getToken: tokenEndpoint('/auth/refresh') });
    const requests = endpoint(html(503, { 'retry-after': '86400' }), json(200, { access_token: 'opaque' }));
    client.socket.connect();
    await client.world.clock.advance(299_000);
    expect(requests).toHaveLength(1);
    await client.world.clock.advance(32_000);
    expect(requests).toHaveLength(2);
    await client.end();
  });
});

describe('the client over such an endpoint', () => {
  it('S1-C a confirmed denial ends the session once; after it nothing is asked', async () => {
    const client = clientInWorld({ getToken: tokenEndpoint('/auth/refresh') });
    const requests = endpoint(
      json(200, { access_token: 'one', expires_in: 60 }),
      json(401, { error: 'session_expired' }),
    );
    client.world.server.auto = true;
    await client.open();
    await client.world.clock.advance(60_000);
    expect(client.ends).toEqual([expect.objectContaining({ reason: 'session_expired', by: 'token-source' })]);
    const asked = requests.length;
    expect(asked).toBe(3);
    await client.world.clock.advance(600_000);
    expect(requests).toHaveLength(asked);
    expect(client.world.openSockets).toBe(0);
    await client.end();
  });

  it('K01 a fresh JWT measures the clocks: with this clock 20 min ahead nothing is refreshed early', async () => {
    const client = clientInWorld({ getToken: tokenEndpoint('/auth/refresh') });
    const { clock } = client.world;
    clock.skew(20 * 60_000);
    const serverNow = () => Math.floor((clock.now() - 20 * 60_000) / 1_000);
    const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const requests = endpoint(() => {
      const iat = serverNow();
      return json(200, { token: `${base64({ alg: 'none' })}.${base64({ iat, exp: iat + 900 })}.x` });
    });
    await client.open();
    await clock.advance(600_000);
    expect(requests).toHaveLength(1);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await clock.advance(300_000);
    expect(requests).toHaveLength(2);
    await client.end();
  });
});

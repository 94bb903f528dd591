import { afterEach, describe, expect, it } from 'vitest';
import { FaultInjector, type FaultKind } from './faultInjector';
import { openAuthenticated, openFrames } from './frameClient';
import { startReferenceServer, type ReferenceServer } from './referenceServer';
import type { ReferenceServerOptions } from './serverOptions';

const servers: ReferenceServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

async function start(options: ReferenceServerOptions = {}) {
  const server = await startReferenceServer({ streamIntervalMs: 0, expiringSoonMs: 0, ...options });
  servers.push(server);
  return server;
}

async function startWithSocket(options: ReferenceServerOptions = {}) {
  const server = await start(options);
  const { token, session } = await server.issueToken('ada');
  return { server, token, session, client: await openAuthenticated(server.wsUrl, token) };
}

const post = (url: string, signal?: AbortSignal) =>
  fetch(url, { method: 'POST', redirect: 'manual', ...(signal && { signal }) });

describe('the injector', () => {
  it('counts a fault down, keeps a list in order and prefers a path over `*`', () => {
    const faults = new FaultInjector();
    faults.set('*', { kind: 'offline' });
    faults.set('/a', [{ kind: '500', count: 2 }, { kind: '401-once' }]);
    const kinds = ['/a', '/a', '/a', '/a', '/b', '/__control'].map(path => faults.take(path)?.kind);
    expect(kinds).toEqual(['500', '500', '401-once', 'offline', 'offline', undefined]);
  });

  it('lets a fault of limited time pass, the time of the next in a list starting then', () => {
    let now = 0;
    const faults = new FaultInjector(() => now);
    faults.set('/a', [
      { kind: 'hang', forMs: 100 },
      { kind: '429', forMs: 100 },
    ]);
    const at = (ms: number) => {
      now = ms;
      return faults.take('/a')?.kind;
    };
    expect([at(0), at(99), at(150), at(249), at(250)]).toEqual(['hang', 'hang', '429', '429', undefined]);
  });

  it('shows what is in force and heals', () => {
    const faults = new FaultInjector();
    faults.set('/a', { kind: '500', count: 1 });
    faults.set('/b', { kind: 'hang' });
    faults.take('/a');
    expect(faults.active()).toEqual({ '/b': { kind: 'hang' } });
    faults.setSocket({ dropAcks: 2 });
    faults.clear('/b');
    expect(faults.active()).toEqual({});
    expect(faults.socket.dropAcks).toBe(2);
    faults.clear();
    expect(faults.socket.dropAcks).toBe(false);
  });

  it('refuses faults that do not exist', () => {
    const faults = new FaultInjector();
    expect(() => faults.set('/a', { kind: 'flood' as FaultKind })).toThrow('flood');
    expect(() => faults.setSocket({ nope: 1 } as object)).toThrow('nope');
  });
});

describe('an endpoint', () => {
  it.each([
    ['200-html', 200, 'text/html; charset=utf-8', null],
    ['401', 401, 'application/json', null],
    ['403-html', 403, 'text/html; charset=utf-8', null],
    ['429', 429, 'application/json', '7'],
    ['500', 500, 'application/json', null],
    ['502-html', 502, 'text/html; charset=utf-8', null],
    ['503', 503, 'application/json', '5'],
    ['511', 511, 'text/html; charset=utf-8', null],
  ] as const)('can answer %s', async (kind, status, type, retryAfter) => {
    const server = await start();
    server.faults.set('/auth/refresh', { kind });
    const answer = await post(`${server.url}/auth/refresh`);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]).toEqual([
      status,
      type,
      retryAfter,
    ]);
    expect(server.stats()).toMatchObject({
      requests: { 'POST /auth/refresh': 1 },
      faultsServed: { [`/auth/refresh ${kind}`]: 1 },
      refreshes: 0,
    });
  });

  it('names the delay it was given, or none', async () => {
    const server = await start();
    server.faults.set('/auth/refresh', [
      { kind: '503', retryAfterS: 30, count: 1 },
      { kind: '503', retryAfterS: null, count: 1 },
    ]);
    const delays = [await post(`${server.url}/auth/refresh`), await post(`${server.url}/auth/refresh`)];
    expect(delays.map(answer => answer.headers.get('retry-after'))).toEqual(['30', null]);
  });

  it('can send elsewhere', async () => {
    const server = await start();
    server.faults.set('/auth/refresh', { kind: 'redirect', location: 'http://127.0.0.1:1/' });
    const answer = await post(`${server.url}/auth/refresh`);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/']);
  });

  it('can break the connection', async () => {
    const server = await start();
    server.faults.set('/auth/refresh', { kind: 'offline', count: 1 });
    await expect(post(`${server.url}/auth/refresh`)).rejects.toThrow('fetch failed');
    expect((await post(`${server.url}/auth/refresh`)).status).toBe(401);
  });

  it('can hang for good, and closing the server ends even that', async () => {
    const server = await start();
    server.faults.set('/auth/refresh', { kind: 'hang' });
    await expect(post(`${server.url}/auth/refresh`, AbortSignal.timeout(80))).rejects.toThrow('timeout');
    const hanging = post(`${server.url}/auth/refresh`);
    await server.waitFor(stats => stats.faultsServed['/auth/refresh hang'] === 2);
    await server.close();
    await expect(hanging).rejects.toThrow('fetch failed');
  });

  it('can be slow and still do its work', async () => {
    const server = await start();
    server.faults.set('/auth/refresh', { kind: 'slow', latencyMs: 120, count: 1 });
    const started = performance.now();
    const answer = await post(`${server.url}/auth/refresh`);
    expect(answer.status).toBe(401);
    expect(performance.now() - started).toBeGreaterThan(110);
  });

  it('tells a page on another port which status it is', async () => {
    const server = await start();
    server.faults.set('/auth/refresh', { kind: '503' });
    const answer = await fetch(`${server.url}/auth/refresh`, {
      method: 'POST',
      headers: { origin: 'http://localhost:5173' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after');
  });
});

describe('the handshake', () => {
  it.each([
    ['401', 'Unexpected server response: 401'],
    ['503', 'Unexpected server response: 503'],
    ['redirect', 'Unexpected server response: 302'],
    ['200-html', 'Unexpected server response: 200'],
    ['offline', 'socket hang up'],
  ] as const)('can fail with %s', async (kind, message) => {
    const server = await start();
    server.faults.set('/ws', { kind, count: 1 });
    const client = await openFrames(server.wsUrl);
    expect(client.errors).toEqual([message]);
    expect((await client.closed).code).toBe(1006);
    expect(server.stats()).toMatchObject({ upgrades: 0, faultsServed: { [`/ws ${kind}`]: 1 } });
  });

  it('can hang', async () => {
    const server = await start();
    server.faults.set('/ws', { kind: 'hang', count: 1 });
    const dial = openFrames(server.wsUrl);
    await server.waitFor(stats => stats.faultsServed['/ws hang'] === 1);
    const outcome = await Promise.race([
      dial,
      new Promise(resolve => setTimeout(() => resolve('no answer'), 100)),
    ]);
    expect(outcome).toBe('no answer');
    await server.close();
    expect((await (await dial).closed).code).toBe(1006);
  });

  it('can be slow', async () => {
    const server = await start();
    server.faults.set('/ws', { kind: 'slow', latencyMs: 100 });
    const started = performance.now();
    await openFrames(server.wsUrl);
    expect(performance.now() - started).toBeGreaterThan(90);
  });

  it('fails with everything else when the network is gone', async () => {
    const server = await start();
    server.faults.set('*', { kind: 'offline' });
    expect((await openFrames(server.wsUrl)).errors).toEqual(['socket hang up']);
    await expect(fetch(`${server.url}/api/me`)).rejects.toThrow('fetch failed');
    expect((await fetch(`${server.url}/__stats`)).status).toBe(200);
  });
});

describe('an open socket', () => {
  it.each([
    ['reset', 1006],
    ['drop', 1006],
  ] as const)('can end by %s', async (command, code) => {
    const { server, client } = await startWithSocket();
    expect(await server.control({ command })).toBe(1);
    expect(await client.closed).toMatchObject({ code, reason: '' });
    expect(server.stats().connections[0]?.closedBy).toBe('server');
  });

  it('can go half-open: nothing comes, nothing is read, no close is answered', async () => {
    const { server, client } = await startWithSocket({ accessTtlMs: 200 });
    await server.control({ command: 'halfOpen' });
    client.send({ type: 'ping' });
    client.socket.close(1000);
    await new Promise(resolve => setTimeout(resolve, 350));
    expect(client.socket.readyState).toBe(2);
    expect(client.frames.map(frame => frame.type)).toEqual(['auth_ok']);
    expect(server.stats()).toMatchObject({ pings: { received: 0 }, sockets: { open: 1 }, authCloses: {} });
    expect(server.stats().connections[0]).toMatchObject({ halfOpen: true, closedAt: null });
  });

  it.each([1000, 1001, 1011, 1012, 1013, 3000, 4401, 4999])('can be closed with %i', async code => {
    const { server, client } = await startWithSocket();
    await server.control({ command: 'close', code, reason: 'why' });
    expect(await client.closed).toMatchObject({ code, reason: 'why' });
  });

  it.each([999, 1005, 1015, 2000, 5000])('can be closed with %i, which no library would send', async code => {
    const { server, client } = await startWithSocket();
    const bytes: Buffer[] = [];
    // The client library refuses such codes as well: look at the wire.
    const { _socket: wire } = client.socket as unknown as { _socket: NodeJS.ReadableStream };
    wire.on('data', (chunk: Buffer) => bytes.push(chunk));
    await server.control({ command: 'close', code, reason: 'odd' });
    await client.closed;
    const frame = Buffer.concat(bytes);
    expect([frame[0], frame.readUInt16BE(2), frame.subarray(4).toString()]).toEqual([0x88, code, 'odd']);
    expect(client.errors[0]).toContain('Invalid WebSocket frame');
  });

  it('says goodbye first when it goes away', async () => {
    const { server, client } = await startWithSocket();
    await server.control({ command: 'goingAway', retryAfterS: 4, code: 1012 });
    expect(await client.closed).toMatchObject({ code: 1012 });
    expect(client.frames.at(-1)).toEqual({ type: 'going_away', retry_after: 4 });
  });

  it('can send text that is not UTF-8', async () => {
    const { server, client } = await startWithSocket();
    await server.control({ command: 'sendGarbage', kind: 'invalid-utf8' });
    expect((await client.closed).code).toBe(1006);
    expect(client.errors[0]).toContain('invalid UTF-8');
  });

  it('can send garbage, binary and huge frames, and any frame at all', async () => {
    const { server, client } = await startWithSocket();
    await server.control({ command: 'sendGarbage', kind: 'all-texts' });
    await server.control({ command: 'sendGarbage', kind: 'binary' });
    await server.control({ command: 'sendGarbage', kind: 'huge', bytes: 100_000 });
    await server.control({ command: 'send', frame: { type: 'news', n: 1 } });
    await server.control({ command: 'send', text: 'plain' });
    expect(await client.next('news')).toEqual({ type: 'news', n: 1 });
    expect((await client.next('huge')).text).toHaveLength(100_000);
    await server.control({ command: 'tick' });
    await client.next('tick');
    expect(client.frames.length).toBeGreaterThan(18);
    expect(client.frames.some(frame => frame.raw === 'plain')).toBe(true);
  });

  it('can split messages into fragments', async () => {
    const { server, client } = await startWithSocket();
    server.faults.setSocket({ sliceFrames: 3 });
    client.send({ type: 'echo', id: 1, text: 'ümläut 🙂' });
    expect(await client.next('echo')).toEqual({ type: 'echo', id: 1, text: 'ümläut 🙂', copies: 1 });
    expect(server.stats().faultsServed).toEqual({ 'socket sliceFrames': 1 });
  });

  it('can keep silent after a good token', async () => {
    const server = await start({ authDeadlineMs: 400 });
    server.faults.setSocket({ neverReady: 1 });
    const { token } = await server.issueToken('ada');
    const silent = await openFrames(server.wsUrl);
    silent.send({ type: 'auth', token });
    await server.waitFor(stats => stats.faultsServed['socket neverReady'] === 1);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect([silent.frames, silent.socket.readyState]).toEqual([[], 1]);
    await openAuthenticated(server.wsUrl, token);
  });

  it('can be ready late and name a wrong life', async () => {
    const server = await start();
    server.faults.setSocket({ delayReadyMs: 80, expiresInS: 5, warnAfterReady: true });
    const started = performance.now();
    const client = await openAuthenticated(server.wsUrl, (await server.issueToken('ada')).token);
    expect(performance.now() - started).toBeGreaterThan(75);
    expect(client.ready.expires_in).toBe(5);
    await client.next('auth_expiring_soon');
  });

  it('can lose and delay acknowledgements, the token being adopted all the same', async () => {
    const { server, client } = await startWithSocket({ accessTtlMs: 500 });
    await server.control({ command: 'configure', options: { accessTtlMs: 60_000 } });
    server.faults.setSocket({ dropAcks: 1, delayAcksMs: 50 });
    client.send({ type: 'auth_refresh', id: 1, token: (await server.issueToken('ada')).token });
    client.send({ type: 'auth_refresh', id: 2, token: (await server.issueToken('ada')).token });
    expect((await client.next('auth_ok')).id).toBe(2);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(client.socket.readyState).toBe(1);
    expect(server.stats().refreshFrames).toEqual({ received: 2, acked: 1, refused: 0, droppedAcks: 1 });
  });

  it('can refuse refreshes as often as asked', async () => {
    const { server, client, token } = await startWithSocket();
    server.faults.setSocket({ refuseRefresh: { code: 'busy', retryable: true, count: 2 } });
    for (const id of [1, 2, 3]) client.send({ type: 'auth_refresh', id, token });
    expect([
      await client.next('auth_error'),
      await client.next('auth_error'),
      await client.next('auth_ok'),
    ]).toEqual([
      { type: 'auth_error', id: 1, code: 'busy', retryable: true },
      { type: 'auth_error', id: 2, code: 'busy', retryable: true },
      expect.objectContaining({ id: 3 }),
    ]);
  });

  it('can leave pings unanswered', async () => {
    const { server, client } = await startWithSocket();
    server.faults.setSocket({ dropPongs: 2 });
    for (let sent = 0; sent < 3; sent += 1) client.send({ type: 'ping' });
    await client.next('pong');
    expect(server.stats()).toMatchObject({ pings: { received: 3 }, faultsServed: { 'socket dropPongs': 2 } });
  });

  it('can be flooded with warnings', async () => {
    const { server, client } = await startWithSocket();
    await server.control({ command: 'warn', times: 100, inS: 30 });
    await server.control({ command: 'send', frame: { type: 'end' } });
    await client.next('end');
    expect(client.frames.filter(frame => frame.expires_in === 30)).toHaveLength(100);
  });

  it('is reached alone when it is named', async () => {
    const { server, client } = await startWithSocket();
    const other = await openAuthenticated(server.wsUrl, (await server.issueToken('grace')).token);
    expect(await server.control({ command: 'close', code: 4000, user: 'grace' })).toBe(1);
    expect((await other.closed).code).toBe(4000);
    expect(await server.control({ command: 'close', code: 4001, connection: 1 })).toBe(1);
    expect((await client.closed).code).toBe(4001);
  });
});

describe('the whole server', () => {
  it('can be killed: sockets fall, the port is refused, sessions are there again afterwards', async () => {
    const { server, token, client } = await startWithSocket();
    await server.control({ command: 'kill', forMs: 150 });
    expect((await client.closed).code).toBe(1006);
    const refused = await openFrames(server.wsUrl);
    expect(refused.errors[0]).toContain('ECONNREFUSED');
    await expect(fetch(`${server.url}/__stats`)).rejects.toThrow('fetch failed');
    await new Promise(resolve => setTimeout(resolve, 250));
    await openAuthenticated(server.wsUrl, token);
  });

  it('can restart with a word before', async () => {
    const { server, token, client } = await startWithSocket();
    await server.control({ command: 'restart', forMs: 50, retryAfterS: 2 });
    expect((await client.closed).code).toBe(1012);
    expect(client.frames.at(-1)).toEqual({ type: 'going_away', retry_after: 2 });
    await new Promise(resolve => setTimeout(resolve, 150));
    await openAuthenticated(server.wsUrl, token);
  });

  it('takes the same commands over HTTP and answers what they did', async () => {
    const { server, client } = await startWithSocket();
    const send = async (body: unknown, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${server.url}/__control`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return [answer.status, await answer.json()];
    };
    expect(await send({ command: 'setFault', endpoint: '/api/me', fault: { kind: '511' } })).toEqual([
      200,
      { result: null },
    ]);
    expect((await fetch(`${server.url}/api/me`)).status).toBe(511);
    expect(await send({ command: 'clearFaults' })).toEqual([200, { result: null }]);
    expect((await fetch(`${server.url}/api/me`)).status).toBe(401);
    expect(await send({ command: 'close', code: 4000 })).toEqual([200, { result: 1 }]);
    await client.closed;
    expect(await send({ command: 'explode' })).toMatchObject([400, { error: 'invalid_command' }]);
    expect(await send({ command: 'configure', options: { leewayMs: -1 } })).toMatchObject([
      400,
      { message: expect.stringContaining('leewayMs') as string },
    ]);
    expect(await send([])).toEqual([400, { error: 'command_missing' }]);
    expect(await send({ command: 'kill', forMs: 1 }, { origin: 'https://evil.example' })).toEqual([
      403,
      { error: 'origin_refused' },
    ]);
  });

  it('counts from nought again when asked, open sockets staying on the list', async () => {
    const { server, client } = await startWithSocket();
    await server.control({ command: 'resetStats' });
    const answer = (await (await fetch(`${server.url}/__stats`)).json()) as Record<string, unknown>;
    expect(answer).toMatchObject({
      authOk: 0,
      upgrades: 0,
      sockets: { open: 1 },
      requestTargets: ['/__stats'],
    });
    expect(answer.connections).toHaveLength(1);
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(server.stats().pings.received).toBe(1);
  });
});

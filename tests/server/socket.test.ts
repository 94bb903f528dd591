import { afterEach, describe, expect, it } from 'vitest';
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

async function startWithSocket(options: ReferenceServerOptions = {}, user = 'ada') {
  const server = await start(options);
  const { token, session } = await server.issueToken(user);
  return { server, token, session, client: await openAuthenticated(server.wsUrl, token) };
}

describe('the first message', () => {
  it('authenticates the socket and is answered with what is left of the token', async () => {
    const { server, client, session } = await startWithSocket();
    expect(client.ready.expires_in).toBeGreaterThan(898);
    expect(client.ready.expires_in).toBeLessThanOrEqual(900);
    expect(client.ready).not.toHaveProperty('id');
    const stats = server.stats();
    expect(stats).toMatchObject({
      upgrades: 1,
      authOk: 1,
      upgradesWithOldToken: 0,
      sockets: { open: 1, max: 1 },
    });
    expect(stats.connections[0]).toMatchObject({ user: 'ada', session, closedAt: null });
    expect(stats.connections[0]?.authenticatedAt).toBeGreaterThanOrEqual(
      stats.connections[0]?.openedAt ?? NaN,
    );
  });

  it('has to come before the deadline', async () => {
    const server = await start({ authDeadlineMs: 100 });
    const client = await openFrames(server.wsUrl);
    const end = await client.closed;
    expect(end).toMatchObject({ code: 1008, reason: '{"code":"auth_timeout"}' });
    expect(end.afterMs).toBeGreaterThan(90);
    expect(end.afterMs).toBeLessThan(2_000);
    expect(server.stats().authCloses).toEqual({ auth_timeout: 1 });
  });

  it.each([{ type: 'echo' }, { type: 'ping' }, null, 5])('must not be %j', async frame => {
    const server = await start();
    const client = await openFrames(server.wsUrl);
    client.send(frame);
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"auth_required"}' });
  });

  it('stands alone until it is answered: a frame behind it is a breach', async () => {
    const server = await start();
    server.faults.setSocket({ delayReadyMs: 60 });
    const { token } = await server.issueToken('ada');
    const client = await openFrames(server.wsUrl);
    client.send({ type: 'auth', token });
    client.send({ type: 'echo', id: 1 });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"auth_required"}' });
    expect(server.stats()).toMatchObject({ authOk: 0, echoes: { received: 0 } });
  });

  it('with a bad token is answered with an error and a close, and an old one is counted', async () => {
    const server = await start({ accessTtlMs: 40 });
    const attempt = async (token: unknown) => {
      const client = await openFrames(server.wsUrl);
      client.send({ type: 'auth', token });
      return [await client.next('auth_error'), await client.closed];
    };
    const { token } = await server.issueToken('ada');
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(await attempt(token)).toMatchObject([
      { code: 'token_expired', retryable: false },
      { code: 1008, reason: '{"code":"token_expired"}' },
    ]);
    expect(await attempt({})).toMatchObject([{ code: 'token_invalid' }, { code: 1008 }]);
    expect(server.stats()).toMatchObject({
      authErrors: { token_expired: 1, token_invalid: 1 },
      upgradesWithOldToken: 1,
    });
  });

  it('with a token the server has refused before counts as old, even if it is good now', async () => {
    const server = await start();
    server.faults.setSocket({ refuseAuth: { code: 'token_expired', count: 1 } });
    const { token } = await server.issueToken('ada');
    const refused = await openFrames(server.wsUrl);
    refused.send({ type: 'auth', token });
    await refused.closed;
    await openAuthenticated(server.wsUrl, token);
    expect(server.stats()).toMatchObject({ upgradesWithOldToken: 1, authOk: 1 });
  });
});

describe('the end of a token', () => {
  it('closes the socket at expiry plus leeway', async () => {
    const { client } = await startWithSocket({ accessTtlMs: 150, leewayMs: 100 });
    const end = await client.closed;
    expect(end).toMatchObject({ code: 1008, reason: '{"code":"token_expired"}' });
    expect(end.afterMs).toBeGreaterThan(200);
    expect(end.afterMs).toBeLessThan(2_000);
  });

  it.each([
    ['json', '{"code":"token_expired"}'],
    ['text', 'Authentication expired'],
    ['word', 'token_expired'],
    ['none', ''],
  ] as const)('is worded in the style %s', async (reasonStyle, reason) => {
    const { server, client } = await startWithSocket({ reasonStyle });
    await server.control({ command: 'expireNow' });
    expect(await client.closed).toMatchObject({ code: 1008, reason });
    expect(server.stats().authCloses).toEqual({ token_expired: 1 });
  });

  it('is announced by a frame when asked for, right before the close', async () => {
    const { server, client, session } = await startWithSocket({ expiryFrame: true });
    await server.control({ command: 'expireNow', session });
    await client.closed;
    expect(client.frames.map(frame => frame.type)).toEqual(['auth_ok', 'session_expired']);
  });

  it('comes for one session only when that session is named, and its token is expired on HTTP too', async () => {
    const { server, client, token, session } = await startWithSocket();
    const other = await openAuthenticated(server.wsUrl, (await server.issueToken('ada')).token);
    await server.control({ command: 'expireNow', session });
    await client.closed;
    const answer = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toEqual({ error: 'token_expired' });
    other.send({ type: 'ping' });
    await other.next('pong');
  });

  it('is warned of in time', async () => {
    const started = performance.now();
    const { server, client } = await startWithSocket({ accessTtlMs: 400, expiringSoonMs: 250 });
    const warning = await client.next('auth_expiring_soon');
    expect(performance.now() - started).toBeGreaterThan(140);
    expect(warning.expires_in).toBeGreaterThan(0);
    expect(warning.expires_in).toBeLessThanOrEqual(0.26);
    expect(server.stats().expiringSoonSent).toBe(1);
  });

  it('moves with the clock of the server', async () => {
    const { server, client } = await startWithSocket();
    await server.control({ command: 'jumpClock', ms: 899_000 });
    client.send({ type: 'ping' });
    await client.next('pong');
    await server.control({ command: 'jumpClock', ms: 2_000 });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"token_expired"}' });
  });
});

describe('a token in band', () => {
  it('is acknowledged under its id and takes the place of the first', async () => {
    const { server, client } = await startWithSocket({ accessTtlMs: 600 });
    await server.control({ command: 'configure', options: { accessTtlMs: 60_000 } });
    const { token } = await server.issueToken('ada');
    client.send({ type: 'auth_refresh', id: 7, token });
    const acknowledged = await client.next('auth_ok');
    expect(acknowledged.id).toBe(7);
    expect(acknowledged.expires_in).toBeGreaterThan(50);
    await new Promise(resolve => setTimeout(resolve, 650));
    client.send({ type: 'ping' });
    await client.next('pong');
    expect(server.stats().refreshFrames).toEqual({ received: 1, acked: 1, refused: 0, droppedAcks: 0 });
  });

  it('of another user is refused for good and closes the socket', async () => {
    const { server, client } = await startWithSocket();
    client.send({ type: 'auth_refresh', id: 1, token: (await server.issueToken('grace')).token });
    expect(await client.next('auth_error')).toEqual({
      type: 'auth_error',
      id: 1,
      code: 'subject_mismatch',
      retryable: false,
    });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"subject_mismatch"}' });
    expect(server.stats()).toMatchObject({
      refreshFrames: { refused: 1, acked: 0 },
      authCloses: { subject_mismatch: 1 },
    });
  });

  it('that is no good is refused and leaves the socket with the one it has', async () => {
    const { server, client, token } = await startWithSocket();
    client.send({ type: 'auth_refresh', id: 1, token: 'rubbish' });
    expect(await client.next('auth_error')).toMatchObject({ id: 1, code: 'token_invalid', retryable: false });
    client.send({ type: 'auth_refresh', id: 2, token });
    expect(await client.next('auth_ok')).toMatchObject({ id: 2 });
    expect(server.stats().refreshFrames).toMatchObject({ received: 2, acked: 1, refused: 1 });
  });

  it('of a newer session of the same user moves the socket to that session', async () => {
    const { server, client, session } = await startWithSocket();
    const next = await server.issueToken('ada');
    client.send({ type: 'auth_refresh', id: 1, token: next.token });
    await client.next('auth_ok');
    await server.control({ command: 'revokeSession', session });
    client.send({ type: 'ping' });
    await client.next('pong');
    await server.control({ command: 'revokeSession', session: next.session });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"session_revoked"}' });
  });
});

describe('the end of a session', () => {
  it('by logout closes its sockets and no others', async () => {
    const { server, client, token } = await startWithSocket();
    const other = await openAuthenticated(server.wsUrl, (await server.issueToken('ada')).token);
    await fetch(`${server.url}/auth/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"session_revoked"}' });
    other.send({ type: 'ping' });
    await other.next('pong');
    expect(server.stats()).toMatchObject({ logouts: 1, sessionsEnded: { 'logged-out': 1 } });
  });

  it('by its own age closes its sockets', async () => {
    const { server, client } = await startWithSocket({ sessionTtlMs: 120 });
    expect(await client.closed).toMatchObject({ code: 1008, reason: '{"code":"session_expired"}' });
    expect(server.stats().sessionsEnded).toEqual({ expired: 1 });
  });

  it('is put off by pings of a used page and not by idle ones', async () => {
    const options = { sessionTtlMs: 400, touchThrottleMs: 10 };
    const [used, idle] = await Promise.all([startWithSocket(options), startWithSocket(options)]);
    const beat = setInterval(() => {
      used.client.send({ type: 'ping' });
      if (idle.client.socket.readyState === 1) idle.client.send({ type: 'ping', idle: true });
    }, 30);
    expect(await idle.client.closed).toMatchObject({ reason: '{"code":"session_expired"}' });
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(used.client.socket.readyState).toBe(1);
    clearInterval(beat);
    const stats = idle.server.stats();
    expect(stats.touches).toBe(0);
    expect(stats.pings.idle).toBe(stats.pings.received);
    expect(used.server.stats().touches).toBeGreaterThan(5);
  });

  it('is touched at most once in the throttle time, however much is sent', async () => {
    const { server, client } = await startWithSocket({ touchThrottleMs: 60_000 });
    await server.control({ command: 'jumpClock', ms: 60_000 });
    for (let id = 0; id < 50; id += 1) client.send({ type: 'echo', id });
    await server.waitFor(stats => stats.echoes.received === 50);
    expect(server.stats().touches).toBe(1);
  });

  it('refuses its tokens at the next dial', async () => {
    const { server, token, session, client } = await startWithSocket();
    await server.control({ command: 'revokeSession', session });
    await client.closed;
    const next = await openFrames(server.wsUrl);
    next.send({ type: 'auth', token });
    expect(await next.next('auth_error')).toMatchObject({ code: 'token_revoked' });
  });
});

describe('messages', () => {
  it('are echoed with the number of times they were seen', async () => {
    const { server, client } = await startWithSocket();
    client.send({ type: 'echo', id: 'a', text: 'hi' });
    expect(await client.next('echo')).toEqual({ type: 'echo', id: 'a', text: 'hi', copies: 1 });
    client.send({ type: 'echo', id: 'a' });
    expect(await client.next('echo')).toEqual({ type: 'echo', id: 'a', copies: 2 });
    expect(server.stats().echoes).toEqual({ received: 2, duplicates: 1, ids: ['a', 'a'] });
  });

  it('in binary come back as they were', async () => {
    const { client } = await startWithSocket();
    client.socket.send(Buffer.from([0, 255, 1]));
    expect(await client.next('binary')).toEqual({ type: 'binary', raw: Buffer.from([0, 255, 1]) });
  });

  it('that are not JSON are reported and cost nothing', async () => {
    const { client } = await startWithSocket();
    client.socket.send('{');
    expect(await client.next('error')).toEqual({ type: 'error', code: 'malformed' });
    client.send({ type: 'ping' });
    expect(await client.next('pong')).toEqual({ type: 'pong' });
  });

  it('are noted by type and id, without their content', async () => {
    const { server, client, token } = await startWithSocket();
    client.send({ type: 'echo', id: 1 });
    await client.next('echo');
    const text = JSON.stringify(server.stats());
    expect(server.stats().connections[0]?.frames).toMatchObject([{ type: 'auth' }, { type: 'echo', id: 1 }]);
    expect(text).not.toContain(token);
    expect(server.stats().requestTargets).toEqual(['/ws']);
  });
});

describe('the numbered stream', () => {
  it('starts with the next tick and counts up by one', async () => {
    const { server, client } = await startWithSocket({ resumeWindowMs: 0 });
    await new Promise(resolve => setTimeout(resolve, 20));
    await server.control({ command: 'tick', times: 3 });
    const ticks = [await client.next('tick'), await client.next('tick'), await client.next('tick')];
    expect(ticks.map(tick => tick.seq)).toEqual([1, 2, 3]);
    expect(ticks[0]?.at).toBeTypeOf('number');
  });

  it('holds the first ticks back so that a resume comes first, and loses none of them', async () => {
    const { server, client } = await startWithSocket({ resumeWindowMs: 80 });
    await server.control({ command: 'tick', times: 2 });
    expect(client.frames.filter(frame => frame.type === 'tick')).toEqual([]);
    expect([(await client.next('tick')).seq, (await client.next('tick')).seq]).toEqual([1, 2]);
  });

  it('goes on where a dropped client asks it to, in order and without a gap', async () => {
    const { server, token, client } = await startWithSocket({ resumeWindowMs: 1_000 });
    client.send({ type: 'resume', from: 1 });
    await client.next('resumed');
    await server.control({ command: 'tick', times: 3 });
    await server.waitFor(stats => stats.stream.sent === 3);
    await server.control({ command: 'reset' });
    await client.closed;
    await server.control({ command: 'tick', times: 4 });
    const again = await openAuthenticated(server.wsUrl, token);
    again.send({ type: 'resume', from: 4 });
    expect(await again.next('resumed')).toEqual({ type: 'resumed', from: 4, replayed: 4, missed: 0 });
    await server.control({ command: 'tick' });
    await server.waitFor(stats => stats.stream.sent === 8);
    expect((await again.next('tick')).seq).toBe(4);
    expect([5, 6, 7, 8]).toEqual([
      (await again.next('tick')).seq,
      (await again.next('tick')).seq,
      (await again.next('tick')).seq,
      (await again.next('tick')).seq,
    ]);
  });

  it('says how many ticks are gone when the history is too short', async () => {
    const { server, client } = await startWithSocket({ streamHistory: 5, resumeWindowMs: 1_000 });
    await server.control({ command: 'tick', times: 12 });
    client.send({ type: 'resume', from: 3 });
    expect(await client.next('resumed')).toEqual({ type: 'resumed', from: 8, replayed: 5, missed: 5 });
    expect((await client.next('tick')).seq).toBe(8);
  });

  it.each([0, -1, 1.5, '4', null])('refuses to resume from %j', async from => {
    const { client } = await startWithSocket();
    client.send({ type: 'resume', from });
    expect(await client.next('error')).toEqual({ type: 'error', code: 'malformed' });
  });

  it('runs by itself at its interval, which can change', async () => {
    const { server, client } = await startWithSocket({ streamIntervalMs: 10, resumeWindowMs: 0 });
    await client.next('tick');
    await client.next('tick');
    await server.control({ command: 'configure', options: { streamIntervalMs: 0 } });
    const { ticks } = server.stats().stream;
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(server.stats().stream.ticks).toBe(ticks);
  });

  it('keeps the count of gaps and duplicates that clients report', async () => {
    const { server, client } = await startWithSocket();
    client.send({ type: 'stream_report', gaps: 2, duplicates: 1 });
    await server.waitFor(stats => stats.stream.gaps === 2);
    await server.control({ command: 'reportStream', gaps: 1, duplicates: 0 });
    expect(server.stats().stream).toMatchObject({ gaps: 3, duplicates: 1 });
  });
});

describe('liveness', () => {
  it('drops a peer that leaves protocol pings unanswered', async () => {
    const server = await start({ protocolPingMs: 40 });
    const { token } = await server.issueToken('ada');
    const alive = await openAuthenticated(server.wsUrl, token);
    const dead = await openAuthenticated(server.wsUrl, token);
    dead.socket.pause();
    const stats = await server.waitFor(now => now.connections.some(one => one.closedAt !== null));
    expect(stats.connections.map(one => one.closedBy)).toEqual([null, 'server']);
    dead.socket.resume();
    expect((await dead.closed).code).toBe(1006);
    expect(alive.socket.readyState).toBe(1);
  });

  it('refuses pages from elsewhere and paths that are not /ws', async () => {
    const server = await start();
    const foreign = await openFrames(server.wsUrl, { origin: 'https://evil.example' });
    const lost = await openFrames(`ws://127.0.0.1:${server.port}/other`);
    expect(foreign.errors).toEqual(['Unexpected server response: 403']);
    expect(lost.errors).toEqual(['Unexpected server response: 404']);
    expect(server.stats()).toMatchObject({ upgrades: 0, upgradesRefused: 2 });
  });

  it('notes how and by whom a socket was closed', async () => {
    const { server, client } = await startWithSocket();
    client.socket.close(4321, 'bye');
    const { connections } = await server.waitFor(stats => stats.sockets.open === 0);
    expect(connections[0]).toMatchObject({ code: 4321, reason: 'bye', closedBy: 'client' });
  });
});

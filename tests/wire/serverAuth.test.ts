import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { tokenEndpoint, unavailable, type Platform } from '../../src/core';
import { systemClock } from '../../src/runtime/systemClock';
import { createCookieFetch } from '../server/cookieFetch';
import { startReferenceServer } from '../server/referenceServer';
import type { ConnectionRecord } from '../server/serverStats';
import { signInOverWire } from '../server/wireClient';
import { expectNoLeak, openOverWire, signInOnWire, type WireSetup } from './openOverWire';

/** For what arrives some time, on a busy machine too. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 5_000 });

/** Frames of this type that one link sent. */
function framesOf(
  connection: ConnectionRecord | undefined,
  type: string,
): readonly { id: unknown; at: number }[] {
  return connection?.frames.filter(frame => frame.type === type) ?? [];
}

/** A clock that can be put forward: nobody refreshes a token that is younger than half a minute. */
function forwardClock(): { platform: Partial<Platform>; putForward(ms: number): void } {
  let ahead = 0;
  const clock = { ...systemClock, elapsedMs: () => systemClock.elapsedMs() + ahead };
  return {
    platform: { WebSocket: WebSocket as unknown as Platform['WebSocket'], clock },
    putForward: ms => void (ahead += ms),
  };
}

const links = ({ server }: WireSetup) => server.stats().connections;

describe('a new token over an open link', () => {
  it('A01 X02 one that is never acknowledged is sent once more, then a new link carries it', async () => {
    const setup = await openOverWire({}, { timeouts: { ackMs: 300 } });
    const { server, client } = setup;
    server.faults.setSocket({ dropAcks: 2 });
    const token = await client.socket.getToken({ forceRefresh: true });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    await server.waitFor(({ sockets }) => sockets.open === 1);
    const [first, second] = links(setup);
    const sent = framesOf(first, 'auth_refresh');
    expect(sent.map(({ id }) => id)).toEqual([1, 2]);
    expect(sent[1]!.at - sent[0]!.at).toBeGreaterThan(150);
    expect(first).toMatchObject({ closedBy: 'client', code: 1000 });
    // The new link is there before the old one goes.
    expect(second!.authenticatedAt).toBeLessThanOrEqual(first!.closedAt!);
    expect(server.stats()).toMatchObject({ upgradesWithOldToken: 0, refreshes: 2 });
    expect(client.tokens[1]).toBe(token);
    expect(client.ends).toEqual([]);
    expectNoLeak(setup);
  });

  it('A02 a refusal that may be repeated keeps the link, and the same token is sent again', async () => {
    const setup = await openOverWire({}, { reconnect: { minMs: 50 } });
    const { server, client } = setup;
    server.faults.setSocket({ refuseRefresh: { code: 'busy', retryable: true, count: 2 } });
    await client.socket.getToken({ forceRefresh: true });
    await server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
    const sent = framesOf(links(setup)[0], 'auth_refresh');
    expect(sent.map(({ id }) => id)).toEqual([1, 2, 3]);
    for (const [index, { at }] of sent.slice(1).entries())
      expect(at - sent[index]!.at).toBeGreaterThanOrEqual(240);
    expect(links(setup)).toHaveLength(1);
    expect(client.calls).toHaveLength(2);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
  });

  it('A03 a final refusal costs one forced refresh, and the next token does', async () => {
    const setup = await openOverWire();
    const { server, client } = setup;
    server.faults.setSocket({ refuseRefresh: { code: 'token_invalid', retryable: false, count: 1 } });
    await client.socket.getToken({ forceRefresh: true });
    await server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
    expect(client.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
      ['initial', false],
      ['manual', true],
      ['rejected', true],
    ]);
    expect(links(setup)).toHaveLength(1);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
  });

  it('A03 a second final refusal makes the session rejected; link and user stay, the source is not pressed', async () => {
    const setup = await openOverWire();
    const { server, client } = setup;
    server.faults.setSocket({ refuseRefresh: { code: 'token_invalid', retryable: false } });
    await client.socket.getToken({ forceRefresh: true });
    await client.until(({ session }) => session === 'rejected');
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(client.calls.length).toBeLessThanOrEqual(3);
    expect(links(setup)).toHaveLength(1);
    expect(client.ends).toEqual([]);
    server.faults.clear();
    client.socket.retrySession();
    await client.until(({ session }) => session === 'valid');
    expect(links(setup)).toHaveLength(1);
    expectNoLeak(setup);
  });

  it('A06 a hundred warnings lead to one refresh', async () => {
    const { platform, putForward } = forwardClock();
    const setup = await openOverWire({}, { platform });
    const { server, client } = setup;
    putForward(31_000);
    await server.control({ command: 'warn', inS: 60, times: 100 });
    await server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
    await server.control({ command: 'warn', inS: 60, times: 100 });
    await server.control({ command: 'send', frame: { type: 'last' } });
    await eventually(() => client.messages).toEqual([{ type: 'last' }]);
    expect(client.calls).toHaveLength(2);
    expect(server.stats().refreshFrames.received).toBe(1);
    expect(links(setup)).toHaveLength(1);
  });

  it('A07 a server that warns after every acknowledgement is held off', async () => {
    const { platform, putForward } = forwardClock();
    const setup = await openOverWire({}, { platform });
    const { server, client } = setup;
    putForward(31_000);
    server.faults.setSocket({ warnAfterReady: true });
    await server.control({ command: 'warn' });
    await server.waitFor(({ refreshFrames }) => refreshFrames.acked === 1);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(server.stats().refreshFrames.received).toBe(1);
    expect(client.calls).toHaveLength(2);
  });

  it('A08 a close during a token call: the next link uses its result, and nothing else is asked', async () => {
    const { platform, putForward } = forwardClock();
    const setup = await openOverWire({}, { platform });
    const { server, client } = setup;
    putForward(31_000);
    server.faults.set('/auth/refresh', { kind: 'slow', latencyMs: 300, count: 1 });
    await server.control({ command: 'warn', inS: 60 });
    await server.waitFor(({ faultsServed }) => Object.keys(faultsServed).length > 0);
    await server.control({ command: 'close', code: 1008, reason: '{"code":"token_expired"}' });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.calls).toHaveLength(2);
    expect(links(setup)).toHaveLength(2);
    expect(server.stats()).toMatchObject({ refreshes: 2, upgradesWithOldToken: 0 });
  });

  it('A09 a close at the expiry, with the acknowledgement still due: a new link with the new token', async () => {
    const setup = await openOverWire();
    const { server, client } = setup;
    server.faults.setSocket({ delayAcksMs: 5_000 });
    await client.socket.getToken({ forceRefresh: true });
    await server.waitFor(({ refreshFrames }) => refreshFrames.received === 1);
    await server.control({ command: 'close', code: 1008, reason: '{"code":"token_expired"}' });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.calls).toHaveLength(2);
    expect(server.stats()).toMatchObject({ refreshes: 2, upgradesWithOldToken: 0 });
    expect(client.ends).toEqual([]);
  });

  it('A10 the lifetime that the server states outranks the one in the token', async () => {
    const setup = await signInOnWire();
    const { server, client } = setup;
    server.faults.setSocket({ expiresInS: 3 });
    client.socket.connect();
    await client.until(({ link }) => link === 'open');
    const { tokenExpiresAt } = client.socket.getStatus();
    expect(tokenExpiresAt! - Date.now()).toBeLessThanOrEqual(3_000);
    // Half of its life before its end.
    await server.waitFor(({ refreshFrames }) => refreshFrames.acked >= 1);
    const [first] = links(setup);
    expect(framesOf(first, 'auth_refresh')[0]!.at - first!.authenticatedAt!).toBeLessThan(3_000);
    expect(client.calls[1]).toMatchObject({ reason: 'expiring', forceRefresh: false });
    expect(links(setup)).toHaveLength(1);
  });

  it('A11 messages that are sent during a refresh wait for nothing and stay in order', async () => {
    const setup = await openOverWire();
    const { server, client } = setup;
    server.faults.setSocket({ delayAcksMs: 8_000 });
    await client.socket.getToken({ forceRefresh: true });
    await server.waitFor(({ refreshFrames }) => refreshFrames.received === 1);
    const ids = Array.from({ length: 100 }, (_, id) => id);
    for (const id of ids) expect(client.socket.send({ type: 'echo', id })).toBe('sent');
    await eventually(() => client.messages.map(message => (message as { id: number }).id)).toEqual(ids);
    expect(server.stats().refreshFrames.acked).toBe(0);
    expect(server.stats().echoes).toMatchObject({ received: 100, duplicates: 0, ids });
  });
});

describe('the first message', () => {
  it('A12 nothing leaves before it is accepted; the queue follows in order and is bounded', async () => {
    const dropped: unknown[] = [];
    const setup = await signInOnWire(
      {},
      {
        queue: { max: 20 },
        onDropped: ({ message, why }) => dropped.push([(message as { id: number }).id, why]),
      },
    );
    const { server, client } = setup;
    server.faults.setSocket({ delayReadyMs: 400 });
    client.socket.onOpen(({ send }) => send({ type: 'echo', id: 'first' }));
    client.socket.connect();
    await client.until(({ link }) => link === 'authenticating');
    await server.waitFor(({ connections }) => framesOf(connections[0], 'auth').length === 1);
    const results = Array.from({ length: 25 }, (_, id) => client.socket.send({ type: 'echo', id }));
    expect(results).toEqual([...Array<string>(20).fill('queued'), ...Array<string>(5).fill('dropped')]);
    expect(dropped).toEqual([20, 21, 22, 23, 24].map(id => [id, 'overflow']));
    expect(client.socket.getStatus()).toMatchObject({ link: 'authenticating', queued: 20 });
    await client.until(({ link }) => link === 'open');
    const ids = ['first', ...Array.from({ length: 20 }, (_, id) => id)];
    await eventually(() => server.stats().echoes.ids).toEqual(ids);
    // A frame before `auth_ok` would have cost the link.
    expect(links(setup)).toHaveLength(1);
    expect(server.stats().authCloses).toEqual({});
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, queued: 0 });
  });

  it.each(['token_expired', 'token_invalid', 'token_revoked'])(
    'A03 X02 a first token that is turned down as %s costs one forced refresh, and the next one opens the link',
    async code => {
      const setup = await signInOnWire();
      const { server, client } = setup;
      server.faults.setSocket({ refuseAuth: { code, count: 1 } });
      client.socket.connect();
      await client.until(({ link }) => link === 'open');
      expect(client.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
        ['initial', false],
        ['rejected', true],
      ]);
      expect(server.stats()).toMatchObject({ upgrades: 2, upgradesWithOldToken: 0 });
      expect(client.ends).toEqual([]);
      expectNoLeak(setup);
    },
  );
});

describe('a token endpoint that asks for rest', () => {
  it('T14 429 with Retry-After holds the next call back, whatever asks for a token meanwhile', async () => {
    const server = await startReferenceServer({ streamIntervalMs: 0 });
    onTestFinished(() => server.close());
    const cookieFetch = createCookieFetch();
    await cookieFetch(`${server.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'ada' }),
    });
    const times: number[] = [];
    vi.stubGlobal('fetch', (...request: Parameters<typeof cookieFetch>) => {
      times.push(performance.now());
      return cookieFetch(...request);
    });
    server.faults.set('/auth/refresh', { kind: '429', retryAfterS: 1, count: 1 });
    const getToken = tokenEndpoint(`${server.url}/auth/refresh`);
    const { socket, until, ends } = await signInOverWire(server, { getToken });
    onTestFinished(() => socket.destroy());
    socket.connect();
    await eventually(() => server.stats().faultsServed).toEqual({ '/auth/refresh 429': 1 });
    await expect(socket.getToken()).rejects.toMatchObject({ code: 'unavailable' });
    socket.reconnect();
    await expect(socket.getToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'unavailable' });
    await until(({ link }) => link === 'open');
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
    expect(times[1]! - times[0]!).toBeLessThan(3_000);
    expect(ends).toEqual([]);
  });

  it('T14 unavailable() with a time does the same', async () => {
    const times: number[] = [];
    const { client } = await signInOnWire({}, {}, [
      () => {
        times.push(performance.now());
        return unavailable({ retryAfterMs: 500 });
      },
    ]);
    client.socket.connect();
    await client.until(({ waitingFor }) => waitingFor === 'token');
    client.socket.reconnect();
    await client.until(({ link }) => link === 'open');
    expect(performance.now() - times[0]!).toBeGreaterThanOrEqual(495);
    expect(client.calls).toHaveLength(2);
  });
});

import { describe, expect, it } from 'vitest';
import { signedOut } from '../../src/core';
import { clientInWorld, type ClientInWorld } from './clientInWorld';

const stable = 6_000;
const minute = 60_000;

type AuthFrame = { type: string; id?: number; token?: string };

/** What arrived on the newest link, by type. */
function received({ world }: ClientInWorld, type: string): AuthFrame[] {
  return world.server.last.received.filter(
    (frame): frame is AuthFrame => (frame as AuthFrame | null)?.type === type,
  );
}

/** The server warns, the client fetches a token and presents it in band. */
async function refreshInBand(client: ClientInWorld): Promise<void> {
  client.world.server.last.send({ type: 'auth_expiring_soon', expires_in: 120 });
  await client.world.clock.advance(0);
}

async function openByHand(): Promise<ClientInWorld> {
  const client = clientInWorld();
  await client.open(31_000);
  client.world.server.auto = false;
  return client;
}

describe('the exchange of a token with the server', () => {
  it('A01 a refresh that is never acknowledged: one retry after 10 s, then a new link with the new token', async () => {
    const client = await openByHand();
    const first = client.world.server.last;
    await refreshInBand(client);
    expect(received(client, 'auth_refresh')).toHaveLength(1);
    const token = await client.socket.getToken();
    // The server answers pings, so only the acknowledgement is missing.
    for (let s = 0; s < 9; s++) {
      await client.world.clock.advance(1_000);
      first.send({ type: 'pong' });
    }
    expect(received(client, 'auth_refresh')).toHaveLength(1);
    await client.world.clock.advance(1_500);
    expect(received(client, 'auth_refresh').map(({ id }) => id)).toEqual([1, 2]);
    expect(received(client, 'auth_refresh').every(frame => frame.token === token)).toBe(true);
    first.send({ type: 'pong' });
    client.world.server.auto = true;
    await client.world.clock.advance(11_000);
    expect(client.world.server.connections).toHaveLength(2);
    expect(received(client, 'auth')[0]!.token).toBe(token);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(first.closed).toMatchObject({ by: 'client', code: 1000 });
    await client.end();
  });

  it('A02 a refusal that may be retried keeps the link and asks again later', async () => {
    const client = await openByHand();
    await refreshInBand(client);
    const [frame] = received(client, 'auth_refresh');
    client.world.server.last.send({ type: 'auth_error', id: frame!.id, code: 'try_later', retryable: true });
    await client.world.clock.advance(0);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(client.world.tokens.calls.some(({ forceRefresh }) => forceRefresh)).toBe(false);
    client.world.server.auto = true;
    await client.world.clock.advance(minute);
    expect(received(client, 'auth_refresh').length).toBeGreaterThan(1);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 1 });
    await client.end();
  });

  it('A03 a definitive refusal costs one forced refresh, a second one makes the session rejected, never signed out', async () => {
    const client = await openByHand();
    await refreshInBand(client);
    const nack = async () => {
      const frame = received(client, 'auth_refresh').at(-1) ?? received(client, 'auth').at(-1);
      client.world.server.last.send({ type: 'auth_error', id: frame!.id, code: 'invalid_token' });
      await client.world.clock.advance(0);
    };
    await nack();
    expect(client.world.tokens.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
      ['initial', false],
      ['expiring', false],
      ['rejected', true],
    ]);
    // However the new token is presented, in band or on a new link, the server refuses it too.
    for (let i = 0; i < 10 && client.socket.getStatus().session !== 'rejected'; i++) {
      await client.world.clock.advance(500);
      await nack();
    }
    expect(client.socket.getStatus().session).toBe('rejected');
    expect(client.world.tokens.calls.length).toBeLessThanOrEqual(4);
    expect(client.ends).toEqual([]);
    client.world.tokens.answer(signedOut('denied'));
    await client.world.clock.advance(31_000);
    expect(client.ends).toEqual([{ reason: 'denied', by: 'token-source', at: expect.any(Number) }]);
    await client.end();
  });

  it('A04 an acknowledgement that comes after the close changes nothing', async () => {
    const client = await openByHand();
    await refreshInBand(client);
    const first = client.world.server.last;
    first.send({ type: 'auth_ok', id: 1, expires_in: 99_999 });
    client.socket.disconnect();
    const status = client.socket.getStatus();
    await client.world.clock.advance(minute);
    expect(client.socket.getStatus().tokenExpiresAt).toBe(status.tokenExpiresAt);
    expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'disconnected' });
    expect(client.world.server.connections).toHaveLength(1);
    await client.end();
  });

  it('A04 an acknowledgement of an older exchange does not count for the newer', async () => {
    const client = await openByHand();
    await refreshInBand(client);
    for (let s = 0; s < 10; s++) {
      await client.world.clock.advance(1_050);
      client.world.server.last.send({ type: 'pong' });
    }
    expect(received(client, 'auth_refresh').map(({ id }) => id)).toEqual([1, 2]);
    const before = client.socket.getStatus().tokenExpiresAt;
    client.world.server.last.send({ type: 'auth_ok', id: 7, expires_in: 99_999 });
    await client.world.clock.advance(0);
    expect(client.socket.getStatus().tokenExpiresAt).toBe(before);
    await client.end();
  });

  it('A06 a hundred warnings within a second cost one refresh', async () => {
    const client = clientInWorld();
    await client.open(31_000);
    for (let i = 0; i < 100; i++) {
      client.world.server.last.send({ type: 'auth_expiring_soon', expires_in: 60 });
      await client.world.clock.advance(10);
    }
    await client.world.clock.advance(10_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(received(client, 'auth_refresh')).toHaveLength(1);
    await client.end();
  });

  it('A07 a server that warns after every acknowledgement gets one refresh in 30 s', async () => {
    const client = clientInWorld();
    await client.open(stable);
    for (let s = 0; s < 300; s++) {
      client.world.server.last.send({ type: 'auth_expiring_soon', expires_in: 600 });
      await client.world.clock.advance(1_000);
    }
    expect(client.world.tokens.calls.length).toBeGreaterThan(5);
    expect(client.world.tokens.calls.length).toBeLessThanOrEqual(12);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    await client.end();
  });

  it('A08 a close 1008 while a refresh is under way: its result opens the next link, one call in all', async () => {
    const client = clientInWorld();
    await client.open(31_000);
    client.world.tokens.hang();
    await refreshInBand(client);
    client.world.server.last.close(1008, '{"code":"token_expired"}');
    await client.world.clock.advance(3_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(client.world.server.connections).toHaveLength(1);
    client.world.tokens.issue();
    await client.world.clock.advance(1_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(client.world.server.connections).toHaveLength(2);
    expect(received(client, 'auth')[0]!.token).toBe(await client.socket.getToken());
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    await client.end();
  });

  it('A09 a close at the very expiry, with the acknowledgement still due: a new link with the new token', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 2 * minute });
    await client.open(31_000);
    client.world.server.auto = false;
    await refreshInBand(client);
    expect(received(client, 'auth_refresh')).toHaveLength(1);
    const token = received(client, 'auth_refresh')[0]!.token;
    client.world.server.auto = true;
    client.world.server.last.close(1008, '{"code":"token_expired"}');
    await client.world.clock.advance(2_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open', connection: 2 });
    expect(received(client, 'auth')[0]!.token).toBe(token);
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('A10 the lifetime that the server names outranks the one in the token', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 15 * minute });
    client.world.server.auto = false;
    client.socket.connect();
    await client.world.clock.advance(0);
    client.world.server.last.send({ type: 'auth_ok', expires_in: 300 });
    await client.world.clock.advance(0);
    expect(client.socket.getStatus()).toMatchObject({
      link: 'open',
      tokenExpiresAt: client.world.clock.now() + 5 * minute,
    });
    client.world.server.auto = true;
    await client.world.clock.advance(3 * minute - 15_000);
    expect(client.world.tokens.calls).toHaveLength(1);
    await client.world.clock.advance(16_000);
    expect(client.world.tokens.calls).toHaveLength(2);
    await client.end();
  });

  it('A14 a session that the server ended while nobody used it: signed out once, with its reason, no redirect by us', async () => {
    const client = clientInWorld({ heartbeat: { keepsSession: 'while-used' } });
    await client.open(stable);
    await client.world.clock.advance(31 * minute);
    const pings = received(client, 'ping') as (AuthFrame & { idle?: boolean })[];
    expect(pings.length).toBeGreaterThan(60);
    expect(pings.slice(2).every(({ idle }) => idle === true)).toBe(true);
    // The server counts idle pings as no use, ends the session and its endpoint denies.
    client.world.tokens.answer(signedOut('session idle for 30 minutes'));
    client.world.server.last.close(1008, '{"code":"session_revoked"}');
    await client.world.clock.advance(10 * minute);
    expect(client.ends).toEqual([
      { reason: 'session idle for 30 minutes', by: 'token-source', at: expect.any(Number) },
    ]);
    expect(client.world.clock.pendingTimers).toBe(0);
    await client.end();
  });

  it('A14 a page in use says so with its pings', async () => {
    const client = clientInWorld({ heartbeat: { keepsSession: 'while-used' } });
    await client.open(stable);
    for (let i = 0; i < 60; i++) {
      client.world.page.use();
      await client.world.clock.advance(10_000);
    }
    const pings = received(client, 'ping') as (AuthFrame & { idle?: boolean })[];
    expect(pings.length).toBeGreaterThan(15);
    expect(pings.some(({ idle }) => idle === true)).toBe(false);
    await client.end();
  });
});

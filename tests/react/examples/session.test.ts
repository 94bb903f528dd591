// session.test.ts
import { createAuthSocket, signedOut } from 'react-auth-socket/core';
import { createTestWorld, type TestWorld } from 'react-auth-socket/testing';
import { expect, test } from 'vitest';

/** A client of one user, as each tab has one. */
function openClient(world: TestWorld, onSessionExpired: (end: { by: string }) => void = () => {}) {
  const socket = createAuthSocket({
    url: '/ws',
    getToken: world.tokens.source,
    platform: world.platform,
    sessionKey: 'user-1',
    onSessionExpired,
  });
  socket.connect();
  return socket;
}

test('a token lives an hour, a session a day, on one socket', async () => {
  const world = createTestWorld({ tokenLifetimeMs: 3_600_000 });
  const socket = openClient(world);
  await world.clock.advance(24 * 3_600_000);
  expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
  expect(world.tokens.calls.length).toBeGreaterThan(20);
  socket.destroy();
});

test('an outage of the token endpoint signs nobody out', async () => {
  const world = createTestWorld();
  const socket = openClient(world);
  await world.clock.advance(1_000);
  world.tokens.hang();
  await world.clock.advance(3_600_000);
  expect(socket.getStatus().session).toBe('stale');
  world.tokens.issue();
  await world.clock.advance(60_000);
  expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
  socket.destroy();
});

test('two tabs share a refresh, and a sign-out', async () => {
  const world = createTestWorld();
  const other = world.openTab();
  const ends: string[] = [];
  const socket = openClient(world);
  await world.clock.advance(1_000);
  const sibling = openClient(other, ({ by }) => ends.push(by));
  await world.clock.advance(1_000);
  expect(world.tokens.calls.length + other.tokens.calls.length).toBe(1);

  await socket.signOut();
  await world.clock.advance(1_000);
  expect(sibling.getStatus().session).toBe('signed-out');
  expect(ends).toEqual(['other-tab']);
  socket.destroy();
  sibling.destroy();
});

test('what the server says about a token, the token source has the last word', async () => {
  const world = createTestWorld();
  const socket = openClient(world);
  await world.clock.advance(1_000);
  world.server.last.close(1008, '{"code":"session_revoked"}');
  await world.clock.advance(10_000);
  expect(socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });

  world.tokens.answer(signedOut('dismissed'));
  world.server.last.close(1008, '{"code":"session_revoked"}');
  await world.clock.advance(1_000);
  expect(socket.getStatus().session).toBe('signed-out');
  socket.destroy();
});

test('the server is yours: script what it says', async () => {
  const world = createTestWorld();
  world.server.auto = false;
  const socket = openClient(world);
  await world.clock.advance(100);
  const connection = world.server.last;
  expect(connection.received).toEqual([{ type: 'auth', token: expect.any(String) }]);
  connection.send({ type: 'auth_error', code: 'token_invalid' });
  connection.close(1008, '{"code":"token_invalid"}');
  await world.clock.advance(1_000);
  expect(world.tokens.calls.at(-1)).toMatchObject({ reason: 'rejected', forceRefresh: true });
  expect(world.server.connections).toHaveLength(2);
  socket.destroy();
});

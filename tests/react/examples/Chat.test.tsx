// Chat.test.tsx
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';
import { AuthSocketProvider } from 'react-auth-socket';
import { createTestWorld, type TestWorld } from 'react-auth-socket/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Chat } from './Chat';

let world: TestWorld;

/** Time passes only here, and React follows. */
const pass = (ms: number) => act(() => world.clock.advance(ms));

beforeEach(async () => {
  world = createTestWorld();
  render(
    <AuthSocketProvider url="/ws" getToken={world.tokens.source} platform={world.platform}>
      <Chat />
    </AuthSocketProvider>,
  );
  await pass(1_000);
});

afterEach(() => {
  cleanup();
  world.dispose();
});

test('shows what the server sends', async () => {
  world.server.last.send({ type: 'line', text: 'good morning' });
  await pass(100);
  expect(screen.getByText('good morning')).toBeTruthy();
});

test('sends what the user says', async () => {
  fireEvent.click(screen.getByText('Say hello'));
  await pass(100);
  expect(world.server.last.received.at(-1)).toEqual({ type: 'say', text: 'hello' });
});

test('stays as it is while a laptop sleeps for eight hours', async () => {
  world.server.last.send({ type: 'line', text: 'good morning' });
  await pass(100);
  await act(() => world.clock.sleep(8 * 3_600_000));
  await pass(5_000);
  expect(screen.getByText('good morning')).toBeTruthy();
  expect(screen.queryByRole('status')).toBeNull();
});

test('says so when the network is away for long, and keeps what the user says meanwhile', async () => {
  act(() => world.page.offline());
  world.server.last.drop();
  await pass(10_000);
  expect(screen.getByRole('status').textContent).toBe('Reconnecting…');
  fireEvent.click(screen.getByText('Say hello'));

  act(() => world.page.online());
  await pass(5_000);
  expect(screen.queryByRole('status')).toBeNull();
  expect(world.server.last.received).toContainEqual({ type: 'say', text: 'hello' });
});

test('asks to sign in when the session is really over, and not before', async () => {
  world.tokens.fail(1_000);
  world.server.last.close(1008, '{"code":"token_revoked"}');
  await pass(60_000);
  expect(screen.queryByText('Please sign in.')).toBeNull();

  world.tokens.revoke();
  await pass(60_000);
  expect(screen.getByText('Please sign in.')).toBeTruthy();
});

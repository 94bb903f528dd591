import { expect, it } from 'vitest';
import type { AuthSocketOptions, SocketStatus, TraceEvent } from '../../src/core';
import { createEventLog } from '../../storybook/demo/app/eventLog';
import { explain } from '../../storybook/demo/app/explain';
import { clientInWorld } from './clientInWorld';

const stable = 6_000;

/** A client whose trace is told by the demo's log. `told()`: its lines since the last time it was asked. */
function clientWithLog(options: Partial<AuthSocketOptions> = {}) {
  const log = createEventLog();
  const client = clientInWorld({ ...options, onTrace: log.trace });
  log.watch(client.socket);
  let known = 0;
  const told = () => {
    const lines = log.get().slice(0, log.get().length - known);
    known = log.get().length;
    return lines.map(({ text }) => text).reverse();
  };
  return { ...client, log, told };
}

it('tells the way to the first link', async () => {
  const { open, told, end } = clientWithLog();
  await open();
  expect(told()).toEqual([
    'Asking for a token: there is none yet',
    'New token, good for 15 min',
    'The session is valid',
    'Dialling the server',
    'Link open',
  ]);
  await end();
});

it('tells that a ping was not answered, and when the next try is', async () => {
  const { open, world, told, end } = clientWithLog();
  await open(stable);
  told();
  world.server.last.halfOpen();
  await world.clock.advance(40_000);
  const [lost, ...others] = told();
  expect(lost).toMatch(/^Link lost: the server did not answer a ping → reconnecting in 0\.\d s$/);
  expect(others).toEqual(['Dialling the server', expect.stringMatching(/^Link open again, /)]);
  await end();
});

it('tells the reason of a close before what was done about it', async () => {
  const { open, world, told, end } = clientWithLog();
  await open(stable);
  told();
  world.server.last.close(1008, '{"code":"token_expired"}');
  await world.clock.advance(1_000);
  expect(told()).toEqual([
    'Link lost: the server closed it: token expired (1008) → a new token first',
    'Asking for a token: the last one may be no good any more',
    'New token, good for 15 min',
    'Dialling the server',
    expect.stringMatching(/^Link open again, /),
  ]);
  await end();
});

it('tells a refresh over the open link', async () => {
  const { open, socket, world, told, end } = clientWithLog();
  await open(stable);
  told();
  void socket.getToken({ forceRefresh: true });
  await world.clock.advance(1_000);
  expect(told()).toEqual([
    'Asking for a token: the application asked',
    'New token, good for 15 min',
    'The server took the new token; the link stayed open',
  ]);
  await end();
});

it('tells a server that goes away and a dial that reaches nobody', async () => {
  const { open, world, told, end } = clientWithLog();
  await open(stable);
  told();
  world.server.refuse();
  world.server.last.send({ type: 'going_away', retry_after: 3 });
  world.server.last.close(1012);
  await world.clock.advance(3_500);
  const [announced, lost, dialling, failed] = told();
  expect(announced).toBe('The server says that it is going away, back in 3.0 s');
  expect(lost).toMatch(/^Link lost: the server restarts \(1012\) → reconnecting in 3\.\d s$/);
  expect(dialling).toBe('Dialling the server');
  expect(failed).toMatch(/^No connection: the server is out of reach \(1006\) → reconnecting in \d\.\d s$/);
  await end();
});

it('tells a token endpoint that hangs, and that nobody is signed out for it', async () => {
  const { open, socket, world, told, end } = clientWithLog();
  await open(stable);
  told();
  world.tokens.hang();
  socket.getToken({ forceRefresh: true }).catch(() => {});
  await world.clock.advance(11_000);
  expect(told()).toContain('No token: no answer in time → the one in hand is still good');
  world.server.last.close(1008, '{"code":"token_expired"}');
  await world.clock.advance(11_000);
  const lines = told();
  expect(lines).toContain('No good token in hand → still trying, and the user is still who they are');
  expect(lines).toContainEqual(expect.stringMatching(/^No token yet → asking for a token in \d\.\d s$/));
  await end();
});

it('tells what stops a link', async () => {
  const { open, socket, world, log, told, end } = clientWithLog();
  await open(stable);
  told();
  world.server.last.close(1008, 'forbidden');
  await world.clock.advance(1_000);
  expect(told()).toEqual([
    'Link lost: the server closed it: forbidden (1008) → stopped (forbidden) until somebody asks',
  ]);
  expect(log.get()[0]).toMatchObject({ tone: 'bad', at: expect.any(Number) });
  socket.reconnect();
  await world.clock.advance(1_000);
  expect(told()[0]).toBe('A new link was asked for');
  socket.disconnect();
  expect(told()).toEqual([
    'The application wants no link any more',
    'Link lost: it was closed here → stopped (disconnected) until somebody asks',
  ]);
  await end();
});

it('tells who ended a session', async () => {
  const { open, socket, world, told, end } = clientWithLog();
  await open(stable);
  told();
  world.tokens.revoke();
  world.server.last.close(1008, '{"code":"session_revoked"}');
  await world.clock.advance(1_000);
  expect(told()).toEqual([
    'Link lost: the server closed it: session revoked (1008) → a new token first',
    'Asking for a token: the last one may be no good any more',
    expect.stringMatching(/^The token source says that the session is over \(.+\) → signed out$/),
  ]);
  world.tokens.issue();
  socket.retrySession();
  await world.clock.advance(stable);
  expect(told()[0]).toBe('Signed in again → asking the token source');
  await socket.signOut({ before: async () => {} });
  expect(told()).toEqual([
    'Signing out: the server is told first',
    'The user signed out → token dropped, link closed',
  ]);
  await end();
});

it('tells of the page, and keeps silent about what explains nothing', () => {
  const at = 0;
  const status = { link: 'open', session: 'valid' } as SocketStatus;
  const words = (event: TraceEvent) => explain(event, status)?.text ?? null;
  const facts = { isVisible: true, isOnline: true };
  expect(words({ type: 'page.signalled', at, signal: 'hidden', ...facts })).toBe('The page is hidden');
  expect(words({ type: 'page.signalled', at, signal: 'focused', ...facts })).toBeNull();
  expect(words({ type: 'ping.sent', at, cause: 'time.passed', id: 1 })).toBeNull();
  expect(words({ type: 'pong.received', at, id: 1 })).toBeNull();
  expect(words({ type: 'token.nacked', at, id: 1, verdict: 'revoked' })).toBe(
    'The server refused the new token (revoked)',
  );
});

it('keeps the newest lines only', () => {
  const log = createEventLog();
  let changes = 0;
  const leave = log.subscribe(() => (changes += 1));
  for (let at = 1; at <= 250; at++) log.note(at, { tone: 'you', text: `line ${at}` });
  leave();
  log.note(251, { tone: 'you', text: 'unheard' });
  expect(changes).toBe(250);
  expect(log.get()).toHaveLength(200);
  expect(log.get()[0]).toMatchObject({ at: 251, text: 'unheard' });
});

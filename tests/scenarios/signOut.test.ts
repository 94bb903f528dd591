import { describe, expect, it } from 'vitest';
import { clientInWorld } from './clientInWorld';

const stable = 6_000;
const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims))}.x`;

describe('the end of a session', () => {
  it('signOut() drops the token, closes 1000, tells once, and nothing moves afterwards', async () => {
    const client = clientInWorld();
    await client.open(stable);
    await client.socket.signOut({ reason: 'bye' });
    await client.socket.signOut();
    await client.world.clock.advance(600_000);
    expect(client.socket.getStatus()).toMatchObject({
      session: 'signed-out',
      link: 'stopped',
      stopReason: 'signed-out',
    });
    expect(client.ends).toEqual([{ reason: 'bye', by: 'this-tab', at: expect.any(Number) }]);
    expect(client.world.server.last.isOpen).toBe(false);
    expect(client.world.tokens.calls).toHaveLength(1);
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.world.clock.pendingTimers).toBe(0);
    await expect(client.socket.getToken()).rejects.toMatchObject({ code: 'signed-out' });
    await client.end();
  });

  it('signOut({ before }) hands over the last token, and the server\u2019s own goodbye is no second end', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const last = await client.socket.getToken();
    let given: string | null = null;
    await client.socket.signOut({
      async before(token) {
        given = token;
        client.world.tokens.revoke();
        client.world.server.last.close(1008, '{"code":"session_revoked"}');
        await client.world.clock.advance(1_000);
        expect(client.socket.getStatus().session).not.toBe('signed-out');
      },
    });
    expect(given).toBe(last);
    expect(client.ends).toEqual([{ reason: 'signed-out', by: 'this-tab', at: expect.any(Number) }]);
    expect(client.world.tokens.calls).toHaveLength(1);
    await client.end();
  });

  it('a logout call that fails or hangs holds the sign-out for 5 s at most', async () => {
    for (const before of [
      () => Promise.reject(new Error('x')),
      () => new Promise(() => {}),
      () => {
        throw new Error('sync');
      },
    ]) {
      const client = clientInWorld();
      await client.open(stable);
      const done = client.socket.signOut({ before });
      await client.world.clock.advance(5_000);
      await done;
      expect(client.ends).toHaveLength(1);
      await client.end();
    }
  });

  it('a token that arrives after the sign-out changes nothing', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.tokens.hang();
    client.socket.getToken({ forceRefresh: true }).catch(() => {});
    await client.socket.signOut();
    client.world.tokens.issue();
    await client.world.clock.advance(60_000);
    expect(client.socket.getStatus().session).toBe('signed-out');
    expect(client.world.server.dials).toHaveLength(1);
    await client.end();
  });

  it('retrySession() asks again and goes on', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.tokens.revoke();
    client.world.server.last.close(1008, '{"code":"token_revoked"}');
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus().session).toBe('signed-out');
    client.socket.connect();
    client.socket.reconnect();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: 'signed-out' });
    client.world.tokens.issue();
    client.socket.retrySession();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
    expect(client.ends).toHaveLength(1);
    await client.end();
  });

  it('T19 a token of the former user that was on its way never reaches the new one\u2019s link', async () => {
    const answers: ((token: string) => void)[] = [];
    const signals: AbortSignal[] = [];
    const client = clientInWorld({
      sessionKey: 'ada',
      getToken: ({ signal }) => {
        signals.push(signal);
        return new Promise(resolve => answers.push(resolve));
      },
    });
    client.socket.connect();
    await client.world.clock.advance(100);
    client.socket.setSessionKey('bob');
    expect(signals[0]!.aborted).toBe(true);
    await client.world.clock.advance(100);
    answers[0]!('token-of-ada');
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus().session).not.toBe('valid');
    expect(client.world.server.dials).toHaveLength(0);
    answers[1]!('token-of-bob');
    await client.world.clock.advance(1_000);
    const sent = client.world.server.connections.flatMap(({ received }) => received) as { token?: string }[];
    expect(sent.map(({ token }) => token)).toEqual(['token-of-bob']);
    await client.end();
  });

  it('a grant of another subject without a key is a change of user: queue, socket and token of the former go', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const first = client.world.server.last;
    const exp = client.world.clock.now() / 1_000 + 900;
    client.world.tokens.answer(jwt({ sub: 'someone-else', exp }));
    client.socket.getToken({ forceRefresh: true }).catch(() => {});
    await client.world.clock.advance(1_000);
    expect(first.isOpen).toBe(false);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
    expect(client.ends).toEqual([]);
    await client.end();
  });

  it('a grant of another subject under a key is refused and reported once; the link is closed until the source notifies', async () => {
    const client = clientInWorld({ sessionKey: 'ada' });
    await client.open(stable);
    const exp = client.world.clock.now() / 1_000 + 900;
    client.world.tokens.answer(jwt({ sub: 'someone-else', exp }));
    client.socket.getToken({ forceRefresh: true }).catch(() => {});
    await client.world.clock.advance(600_000);
    expect(client.errors).toEqual([expect.objectContaining({ code: 'subject-mismatch' })]);
    expect(client.world.server.last.isOpen).toBe(false);
    expect(client.world.server.dials).toHaveLength(1);
    expect(client.world.tokens.calls).toHaveLength(2);
    expect(client.ends).toEqual([]);
    client.world.tokens.issue();
    client.world.tokens.notify();
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    await client.end();
  });

  it('X10 after a sign-out no part of the client that can be reached holds the token', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const token = await client.socket.getToken();
    await client.socket.signOut();
    const seen = new Set<unknown>();
    const reach = (value: unknown): boolean => {
      if (typeof value === 'string') return value.includes(token);
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
        return false;
      seen.add(value);
      return Reflect.ownKeys(value).some(key => reach((value as Record<PropertyKey, unknown>)[key]));
    };
    expect(reach(client.socket)).toBe(false);
    expect(reach(client.trace)).toBe(false);
    await client.end();
  });

  it('X02 the token is in no trace, error, status or string of the client, whatever fails', async () => {
    const client = clientInWorld({}, { tokenLifetimeMs: 60_000 });
    const tokens: string[] = [];
    await client.open(stable);
    for (let round = 0; round < 6; round++) {
      tokens.push(await client.socket.getToken());
      client.world.server.last.close(1008, `refused ${tokens.at(-1)!.slice(0, 60)}`);
      await client.world.clock.advance(31_000);
      client.world.server.last.send('{broken');
      client.world.server.last.close(1008, 'token expired');
      await client.world.clock.advance(61_000);
    }
    await client.socket.signOut();
    const said = JSON.stringify([
      client.trace,
      client.errors.map(e => [String(e), e.stack, e.cause]),
      client.socket.getStatus(),
      client.socket,
      client.ends,
    ]);
    for (const token of tokens) expect(said).not.toContain(token);
    await client.end();
  });

  it('X02 a server that repeats the token in its close reason does not get it into status or trace', async () => {
    const client = clientInWorld();
    client.world.tokens.answer('canary-token-123');
    await client.open(stable);
    client.world.server.last.close(1008, 'bad canary-token-123 here');
    await client.world.clock.advance(100);
    expect(JSON.stringify([client.socket.getStatus(), client.trace])).not.toContain('canary-token-123');
    expect(client.socket.getStatus().lastClose).toMatchObject({ reason: 'bad [token] here' });
    await client.end();
  });
});

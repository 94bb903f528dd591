import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonProtocol, type AuthSocketError, type SocketProtocol } from '../../src/core';
import { closeTable } from '../../src/protocols';
import { startReferenceServer } from '../server/referenceServer';
import { expectNoLeak, openOverWire, signInOnWire } from './openOverWire';

/** For what arrives some time, on a busy machine too. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 5_000 });

/** Every link counts as stable, so that one that is lost is dialled again within 0.8 s. */
const stableAtOnce = { stableAfterMs: 0 };

/** The statuses that a client told, in order. */
function statusesOf(printed: readonly string[]): { link: string; attempt: number }[] {
  return printed.flatMap(line =>
    line.startsWith('{"session"') ? [JSON.parse(line) as { link: string; attempt: number }] : [],
  );
}

describe('a link that fails', () => {
  it('S09 a link that is lost young waits longer each time; only a stable life starts the ladder over', async () => {
    const reconnect = { minMs: 40, stableAfterMs: 1_000 };
    const { server, client } = await openOverWire({}, { reconnect });
    for (let flap = 1; flap <= 5; flap++) {
      await server.control({ command: 'close', code: 1011 });
      await client.until(({ link, connection }) => link === 'open' && connection === flap + 1);
      expect(client.socket.getStatus().attempt).toBe(flap);
    }
    expect(server.stats().upgrades).toBe(6);
    await client.until(({ attempt }) => attempt === 0);
    await server.control({ command: 'close', code: 1011 });
    await client.until(({ link, connection }) => link === 'open' && connection === 7);
    expect(client.socket.getStatus().attempt).toBe(0);
    expect(client.calls).toHaveLength(1);
  });

  it('S11 a bare 1008 costs one forced refresh, the next one none, and never the session', async () => {
    const setup = await openOverWire({}, { reconnect: { minMs: 40 } });
    const { server, client } = setup;
    for (const [index, reason] of ['', 'because', ''].entries()) {
      await server.control({ command: 'close', code: 1008, reason });
      await client.until(({ link, connection }) => link === 'open' && connection === index + 2);
      expect(client.socket.getStatus().lastClose).toMatchObject({ code: 1008, reason, verdict: 'ambiguous' });
    }
    expect(client.calls.map(({ reason, forceRefresh }) => [reason, forceRefresh])).toEqual([
      ['initial', false],
      ['rejected', true],
    ]);
    expect(client.ends).toEqual([]);
    expectNoLeak(setup);
  });

  it.each([1008, 4401, 4403])(
    'S12 a close %i mapped to revoked asks the source once, forced, and lets it decide',
    async code => {
      const protocol = jsonProtocol({ close: closeTable({ [code]: 'revoked' }) });
      const setup = await openOverWire({}, { protocol, reconnect: stableAtOnce });
      const { server, client } = setup;
      await server.control({ command: 'close', code });
      await client.until(({ link, connection }) => link === 'open' && connection === 2);
      expect(client.calls.slice(1)).toMatchObject([{ reason: 'rejected', forceRefresh: true }]);
      expect(client.ends).toEqual([]);
      server.faults.set('/auth/refresh', { kind: '401' });
      await server.control({ command: 'close', code });
      await client.until(({ session }) => session === 'signed-out');
      expect(client.ends).toMatchObject([{ by: 'token-source' }]);
      expect(client.calls).toHaveLength(3);
      expectNoLeak(setup);
    },
  );

  it.each<[id: string, code: number, calls: number]>([
    ['S13', 1011, 0],
    ['S15', 4000, 1],
    ['S15', 4999, 1],
  ])('%s a close %i is waited out, with %i forced refresh', async (_id, code, calls) => {
    const { server, client } = await openOverWire({}, { reconnect: stableAtOnce });
    await server.control({ command: 'close', code, reason: 'trouble' });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.socket.getStatus()).toMatchObject({
      session: 'valid',
      lastClose: { code, reason: 'trouble', verdict: 'ambiguous' },
    });
    expect(client.calls.filter(({ forceRefresh }) => forceRefresh)).toHaveLength(calls);
    expect(client.ends).toEqual([]);
  });

  it('S14 1013 waits at least 2 s, whatever is asked of it, and needs no new token', async () => {
    const { server, client } = await openOverWire();
    const at = Date.now();
    await server.control({ command: 'close', code: 1013 });
    await client.until(({ link }) => link === 'waiting');
    client.socket.reconnect();
    const { retryAt, lastClose } = client.socket.getStatus();
    expect(lastClose?.verdict).toBe('limit');
    expect(retryAt! - at).toBeGreaterThanOrEqual(1_990);
    expect(retryAt! - at).toBeLessThanOrEqual(61_000);
    expect(client.calls).toHaveLength(1);
  });

  it('S14 a time that the server names is kept, to the tenth', async () => {
    const { server, client } = await openOverWire();
    const at = performance.now();
    await server.control({ command: 'close', code: 1013, reason: '{"code":"overloaded","retry_after":0.8}' });
    await client.until(({ link }) => link === 'waiting');
    client.socket.reconnect();
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(performance.now() - at).toBeGreaterThanOrEqual(790);
    expect(performance.now() - at).toBeLessThan(2_500);
    expect(client.calls).toHaveLength(1);
  });

  it.each(['protocol', 'forbidden', 'taken-over'] as const)(
    'S16 a close mapped to %s stops the link until reconnect() is called',
    async verdict => {
      const protocol = jsonProtocol({ close: closeTable({ 4999: verdict }) });
      const { server, client } = await openOverWire({}, { protocol, reconnect: { minMs: 20 } });
      await server.control({ command: 'close', code: 4999 });
      await client.until(({ link }) => link === 'stopped');
      expect(client.socket.getStatus()).toMatchObject({
        stopReason: verdict,
        session: 'valid',
        retryAt: null,
      });
      await new Promise(resolve => setTimeout(resolve, 300));
      expect(server.stats().upgrades).toBe(1);
      client.socket.reconnect();
      await client.until(({ link, connection }) => link === 'open' && connection === 2);
      expect(client.calls).toHaveLength(1);
      expect(client.ends).toEqual([]);
    },
  );

  it.each([999, 1005, 2000, 5000])(
    'S18 the code %i on the wire is a lost link and nothing more',
    async code => {
      const { server, client } = await openOverWire({}, { reconnect: stableAtOnce });
      await server.control({ command: 'close', code, reason: 'out of bounds' });
      await client.until(({ link, connection }) => link === 'open' && connection === 2);
      expect(client.socket.getStatus()).toMatchObject({
        session: 'valid',
        lastClose: { verdict: 'ambiguous' },
      });
      expect(client.calls).toHaveLength(1);
      expect(client.ends).toEqual([]);
    },
  );

  it('S19 text that is not UTF-8 costs the link and nothing else', async () => {
    const { server, client } = await openOverWire({}, { reconnect: stableAtOnce });
    await server.control({ command: 'sendGarbage', kind: 'invalid-utf8' });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(client.socket.getStatus()).toMatchObject({
      session: 'valid',
      lastClose: { verdict: 'ambiguous' },
    });
    await server.control({ command: 'send', frame: { type: 'after' } });
    await eventually(() => client.messages).toEqual([{ type: 'after' }]);
  });

  it('S21 a server that never says ready is left at the deadline', async () => {
    const { server, client } = await signInOnWire(
      {},
      { timeouts: { readyMs: 300 }, reconnect: { minMs: 20 } },
    );
    server.faults.setSocket({ neverReady: 1 });
    client.socket.connect();
    await client.until(({ link }) => link === 'open');
    const [left] = server.stats().connections;
    expect(left).toMatchObject({ closedBy: 'client', authenticatedAt: null });
    expect(left!.closedAt! - left!.openedAt).toBeGreaterThanOrEqual(290);
    expect(statusesOf(client.printed).map(({ link }) => link)).toContain('waiting');
    expect(client.ends).toEqual([]);
  });

  it('X04 a url function that names another server is refused, and that server hears nothing', async () => {
    const other = await startReferenceServer();
    onTestFinished(() => other.close());
    let target = '';
    const errors: AuthSocketError[] = [];
    const setup = await signInOnWire(
      {},
      { url: () => target, onError: error => errors.push(error), reconnect: stableAtOnce },
    );
    const { server, client } = setup;
    target = server.wsUrl;
    client.socket.connect();
    await client.until(({ link }) => link === 'open');
    target = other.wsUrl;
    client.socket.reconnect();
    await client.until(({ link }) => link === 'stopped');
    expect(client.socket.getStatus()).toMatchObject({ stopReason: 'misconfigured', session: 'valid' });
    expect(errors.map(({ code }) => code)).toEqual(['invalid-option']);
    expect(other.stats()).toMatchObject({ upgrades: 0, requestTargets: [] });
    expectNoLeak(setup);
  });
});

describe('frames that are no messages', () => {
  it('I01 X02 garbage is reported and dropped; the link and the next message are fine', async () => {
    const errors: AuthSocketError[] = [];
    const setup = await openOverWire({}, { onError: error => errors.push(error) });
    const { server, client } = setup;
    for (const text of ['', 'not json', '{"type":"tick"', 'null']) {
      await server.control({ command: 'send', text });
    }
    await server.control({ command: 'sendGarbage', kind: 'binary' });
    await server.control({ command: 'send', frame: { type: 'last' } });
    await eventually(() => client.messages).toEqual([null, { type: 'last' }]);
    expect(errors.map(({ code }) => code)).toEqual(Array<string>(4).fill('malformed-frame'));
    expect(client.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
    expectNoLeak(setup);
  });

  it('I02 X07 control frames of the wrong shape cost at most a link', async () => {
    const { server, client } = await openOverWire({}, { reconnect: stableAtOnce });
    await server.control({ command: 'sendGarbage', kind: 'all-texts' });
    await client.until(({ link, connection }) => link === 'open' && connection === 2);
    await server.control({ command: 'send', frame: { type: 'last' } });
    await eventually(() => client.messages.at(-1)).toEqual({ type: 'last' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(client.ends).toEqual([]);
  });

  it('I04 binary frames reach a protocol that reads them untouched, also on the next link', async () => {
    const json = jsonProtocol();
    const protocol: SocketProtocol<unknown, unknown> = {
      ...json,
      read: data => (typeof data === 'string' ? json.read(data) : { kind: 'message', message: data }),
      write: message =>
        message instanceof Uint8Array ? (message as Uint8Array<ArrayBuffer>) : json.write(message),
    };
    const { server, client } = await openOverWire({}, { protocol, reconnect: stableAtOnce });
    const sent = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    for (const connection of [1, 2]) {
      client.socket.send(sent);
      await eventually(() => client.messages.length).toBe(connection);
      const got = client.messages.at(-1);
      expect(got).toBeInstanceOf(ArrayBuffer);
      expect(new Uint8Array(got as ArrayBuffer)).toEqual(sent);
      if (connection === 2) break;
      await server.control({ command: 'reset' });
      await client.until(status => status.link === 'open' && status.connection === 2);
    }
  });
});

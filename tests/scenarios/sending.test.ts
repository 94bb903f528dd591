import { describe, expect, it } from 'vitest';
import { clientInWorld } from './clientInWorld';

const stable = 6_000;
const types = (received: readonly unknown[]) => received.map(frame => (frame as { type: string }).type);

describe('what the application sends', () => {
  it('leaves at once over an open link, waits in order otherwise, and goes after what onOpen sends', async () => {
    const client = clientInWorld();
    client.socket.onOpen(({ send }) => send({ type: 'resume' }));
    expect(client.socket.send({ type: 'a' })).toBe('queued');
    expect(client.socket.send({ type: 'b' })).toBe('queued');
    expect(client.socket.send({ type: 'c' }, { whenClosed: 'drop' })).toBe('dropped');
    expect(client.socket.getStatus().queued).toBe(2);
    await client.open(stable);
    expect(client.socket.getStatus().queued).toBe(0);
    expect(client.socket.send({ type: 'd' })).toBe('sent');
    await client.world.clock.advance(0);
    expect(types(client.world.server.last.received)).toEqual(['auth', 'resume', 'a', 'b', 'd']);
    await client.end();
  });

  it('A12 nothing leaves before auth_ok', async () => {
    const client = clientInWorld();
    client.world.server.auto = false;
    client.socket.connect();
    await client.world.clock.advance(100);
    for (let n = 0; n < 300; n++) client.socket.send({ type: 'm', n });
    expect(types(client.world.server.last.received)).toEqual(['auth']);
    expect(client.socket.getStatus().queued).toBe(256);
    client.world.server.last.send({ type: 'auth_ok', expires_in: 900 });
    await client.world.clock.advance(0);
    const sent = client.world.server.last.received.slice(1) as { n: number }[];
    expect(sent.map(({ n }) => n)).toEqual(Array.from({ length: 256 }, (_, n) => n));
    await client.end();
  });

  it('Z04 a hundred thousand sends while offline keep the queue at its cap, and every overflow is reported', async () => {
    for (const overflow of ['drop-newest', 'drop-oldest'] as const) {
      const client = clientInWorld({ queue: { max: 100, overflow } });
      client.world.page.offline();
      client.socket.connect();
      await client.world.clock.advance(100);
      for (let n = 0; n < 100_000; n++) client.socket.send({ n });
      expect(client.socket.getStatus().queued).toBe(100);
      expect(client.drops).toHaveLength(99_900);
      expect(client.drops[0]).toEqual({
        message: { n: overflow === 'drop-newest' ? 100 : 0 },
        why: 'overflow',
      });
      client.world.page.online();
      await client.world.clock.advance(stable);
      const first = client.world.server.last.received[1] as { n: number };
      expect(first.n).toBe(overflow === 'drop-newest' ? 0 : 99_900);
      await client.end();
    }
  });

  it('a queued message that grows too old is dropped and reported, not sent late', async () => {
    const client = clientInWorld();
    client.world.server.refuse();
    client.socket.connect();
    client.socket.send({ type: 'old' });
    await client.world.clock.advance(50_000);
    client.socket.send({ type: 'young' });
    await client.world.clock.advance(15_000);
    expect(client.drops).toEqual([{ message: { type: 'old' }, why: 'expired' }]);
    client.world.server.accept();
    await client.world.clock.advance(31_000);
    expect(types(client.world.server.last.received)).toEqual(['auth', 'young']);
    await client.end();
  });

  it.each([
    ['signed-out', (client: ReturnType<typeof clientInWorld>) => client.socket.signOut()],
    ['user-changed', (client: ReturnType<typeof clientInWorld>) => client.socket.setSessionKey('bob')],
    ['destroyed', (client: ReturnType<typeof clientInWorld>) => client.socket.destroy()],
  ] as const)('a queued message is reported as %s', async (why, act) => {
    const client = clientInWorld({ sessionKey: 'ada' });
    client.socket.send({ n: 1 });
    await act(client);
    expect(client.drops).toEqual([{ message: { n: 1 }, why }]);
    await client.end();
  });

  it('A11 a hundred messages during a refresh are sent in order, and none waits for the ack', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.world.server.auto = false;
    client.socket.getToken({ forceRefresh: true }).catch(() => {});
    await client.world.clock.advance(0);
    for (let n = 0; n < 100; n++) expect(client.socket.send({ type: 'm', n })).toBe('sent');
    await client.world.clock.advance(0);
    const sent = client.world.server.last.received.filter(f => (f as { type: string }).type === 'm') as {
      n: number;
    }[];
    expect(sent.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await client.end();
  });

  it('what is sent while the old link is being replaced goes over it, and nothing is lost or doubled', async () => {
    const client = clientInWorld();
    await client.open(stable);
    client.socket.reconnect('test');
    for (let n = 0; n < 20; n++) {
      client.socket.send({ type: 'm', n });
      await client.world.clock.advance(0);
    }
    await client.world.clock.advance(1_000);
    expect(client.socket.getStatus().connection).toBe(2);
    expect(client.world.server.connections[0]!.isOpen).toBe(false);
    const all = client.world.server.connections.flatMap(({ received }) => received) as {
      type: string;
      n: number;
    }[];
    expect(all.filter(({ type }) => type === 'm').map(({ n }) => n)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
    await client.end();
  });

  it('when a new link is ready the old one\u2019s later frames are dropped', async () => {
    const client = clientInWorld();
    await client.open(stable);
    const old = client.world.server.last;
    client.socket.reconnect();
    old.send({ type: 'before' });
    await client.world.clock.advance(0);
    await client.world.clock.advance(1_000);
    old.send({ type: 'after' });
    await client.world.clock.advance(0);
    expect(client.messages).toEqual([{ type: 'before' }]);
    await client.end();
  });

  it('a send after a timer was held up decides first whether the link is dead', async () => {
    const client = clientInWorld({}, {});
    await client.open(stable);
    client.world.page.hide();
    client.world.server.last.halfOpen();
    await client.world.clock.stall(20_000);
    client.socket.send({ type: 'm' });
    await client.world.clock.advance(60_000);
    const all = client.world.server.connections.flatMap(({ received }) => received) as { type: string }[];
    expect(all.filter(({ type }) => type === 'm').length).toBeLessThanOrEqual(1);
    await client.end();
  });
});

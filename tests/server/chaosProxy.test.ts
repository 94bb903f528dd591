import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startChaosProxy, type ChaosProxy } from './chaosProxy';
import { openAuthenticated, openFrames, type FrameClient } from './frameClient';
import { startReferenceServer, type ReferenceServer } from './referenceServer';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map(close => close()));
});

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

async function startBoth(): Promise<{ server: ReferenceServer; proxy: ChaosProxy; client: FrameClient }> {
  const server = await startReferenceServer({ streamIntervalMs: 0, expiringSoonMs: 0 });
  const proxy = await startChaosProxy(server.port);
  closers.push(server.close, proxy.close);
  const client = await openAuthenticated(proxy.wsUrl, (await server.issueToken('ada')).token);
  return { server, proxy, client };
}

async function roundTripMs(client: FrameClient): Promise<number> {
  const started = performance.now();
  client.send({ type: 'ping' });
  await client.next('pong');
  return performance.now() - started;
}

describe('the proxy', () => {
  it('passes everything through at first and counts it', async () => {
    const { proxy, client } = await startBoth();
    expect(await roundTripMs(client)).toBeLessThan(1_000);
    expect(proxy.stats).toMatchObject({ accepted: 1, reset: 0, hung: 0 });
    expect(proxy.stats.bytesUp).toBeGreaterThan(300);
    expect(proxy.stats.bytesDown).toBeGreaterThan(100);
    client.socket.close(1000, 'done');
    expect(await client.closed).toMatchObject({ code: 1000 });
    await pause(20);
    expect(proxy.openCount).toBe(0);
  });

  it('as a blackhole holds both directions, and what was held arrives in order', async () => {
    const { server, proxy, client } = await startBoth();
    proxy.set({ mode: 'blackhole' });
    client.send({ type: 'echo', id: 1 });
    client.send({ type: 'echo', id: 2 });
    await server.control({ command: 'send', frame: { type: 'news' } });
    await pause(80);
    expect(server.stats().echoes.received).toBe(0);
    expect(client.frames).toHaveLength(1);
    proxy.heal();
    await client.next('echo');
    await client.next('echo');
    expect(server.stats().echoes.ids).toEqual([1, 2]);
    expect(client.frames.map(frame => frame.type)).toEqual(['auth_ok', 'news', 'echo', 'echo']);
  });

  it('as a blackhole hides the end of a connection until it is lifted', async () => {
    const { server, proxy, client } = await startBoth();
    proxy.set({ mode: 'blackhole' });
    client.socket.terminate();
    await pause(60);
    expect(server.stats().sockets.open).toBe(1);
    proxy.set({ mode: 'pass' });
    await server.waitFor(stats => stats.sockets.open === 0);
  });

  it('as a blackhole swallows new handshakes', async () => {
    const { proxy } = await startBoth();
    proxy.set({ mode: 'blackhole' });
    const dial = openFrames(proxy.wsUrl);
    expect(await Promise.race([dial, pause(80)])).toBeUndefined();
    proxy.heal();
    expect((await dial).socket.readyState).toBe(1);
  });

  it('can let only one direction through', async () => {
    const { server, proxy, client } = await startBoth();
    proxy.set({ mode: 'upOnly' });
    client.send({ type: 'ping' });
    await server.waitFor(stats => stats.pings.received === 1);
    await pause(40);
    expect(client.frames).toHaveLength(1);
    proxy.set({ mode: 'downOnly' });
    await client.next('pong');
    client.send({ type: 'ping' });
    await server.control({ command: 'send', frame: { type: 'news' } });
    await client.next('news');
    expect(server.stats().pings.received).toBe(1);
  });

  it('delays by latency and jitter and keeps the order', async () => {
    const { server, proxy, client } = await startBoth();
    proxy.set({ latencyMs: 40, jitterMs: 30 });
    expect(await roundTripMs(client)).toBeGreaterThanOrEqual(15);
    proxy.set({ latencyMs: 50, jitterMs: 0 });
    expect(await roundTripMs(client)).toBeGreaterThanOrEqual(95);
    proxy.set({ latencyMs: 10, jitterMs: 10 });
    for (let id = 0; id < 30; id += 1) client.send({ type: 'echo', id });
    const { echoes } = await server.waitFor(stats => stats.echoes.received === 30);
    expect(echoes.ids).toEqual(Array.from({ length: 30 }, (_, id) => id));
  });

  it('slices everything to single bytes without losing one', async () => {
    const { proxy, client } = await startBoth();
    proxy.set({ sliceBytes: 1 });
    const text = 'ü'.repeat(300);
    client.send({ type: 'echo', id: 1, text });
    expect(await client.next('echo')).toMatchObject({ text });
    await openFrames(proxy.wsUrl);
  });

  it('limits the rate', async () => {
    const { proxy, client } = await startBoth();
    proxy.set({ bytesPerSecond: 4_000 });
    const started = performance.now();
    client.send({ type: 'echo', id: 1, text: 'x'.repeat(800) });
    await client.next('echo');
    expect(performance.now() - started).toBeGreaterThan(300);
  });

  it('can reset both sides', async () => {
    const { server, proxy, client } = await startBoth();
    const error = wireErrorOf(client);
    proxy.rst();
    expect(await error).toBe('ECONNRESET');
    expect((await client.closed).code).toBe(1006);
    await server.waitFor(stats => stats.sockets.open === 0);
  });

  it('can end both sides without a close frame', async () => {
    const { server, proxy, client } = await startBoth();
    const error = wireErrorOf(client);
    proxy.fin();
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(await error).toBe('none');
    const { connections } = await server.waitFor(stats => stats.sockets.open === 0);
    expect(connections[0]?.code).toBe(1006);
  });

  it('can end the side of the client alone', async () => {
    const { server, proxy } = await startBoth();
    const stubborn = await dialRaw(proxy.port);
    await pause(20);
    const before = proxy.openCount;
    proxy.half();
    await new Promise(resolve => stubborn.once('end', resolve));
    expect(server.stats().sockets.open).toBeLessThanOrEqual(1);
    expect(before).toBe(2);
    stubborn.destroy();
  });

  it('passes a reset by the server on as a reset', async () => {
    const { server, client } = await startBoth();
    const error = wireErrorOf(client);
    await server.control({ command: 'reset' });
    expect(await error).toBe('ECONNRESET');
  });

  it('can stop, so that the port is refused, and come back on the same one', async () => {
    const { proxy, client } = await startBoth();
    await proxy.stop();
    expect((await client.closed).code).toBe(1006);
    expect((await openFrames(proxy.wsUrl)).errors[0]).toContain('ECONNREFUSED');
    await proxy.restart();
    expect((await openFrames(proxy.wsUrl)).socket.readyState).toBe(1);
  });

  it('can reset new connections at once and leave the old alone', async () => {
    const { proxy, client } = await startBoth();
    proxy.set({ resetOnAccept: true });
    expect((await openFrames(proxy.wsUrl)).errors[0]).toMatch(/ECONNRESET|socket hang up/);
    await roundTripMs(client);
    expect(proxy.stats.reset).toBe(1);
  });

  it('can hang new handshakes for good', async () => {
    const { proxy, client } = await startBoth();
    proxy.set({ hangHandshake: true });
    const hung = openFrames(proxy.wsUrl);
    await pause(30);
    proxy.heal();
    expect(await Promise.race([hung, pause(80)])).toBeUndefined();
    expect(proxy.stats.hung).toBe(1);
    await roundTripMs(client);
    await proxy.close();
    expect((await (await hung).closed).code).toBe(1006);
  });

  it('cuts a connection that was quiet for too long and counts it; bytes of either side keep one alive', async () => {
    const { server, proxy, client: quiet } = await startBoth();
    const { token } = await server.issueToken('ada');
    const talking = await openAuthenticated(proxy.wsUrl, token);
    const listening = await openAuthenticated(proxy.wsUrl, token);
    const error = wireErrorOf(quiet);
    const beat = setInterval(() => {
      talking.socket.send('{"type":"note"}');
      void server.control({ command: 'send', frame: { type: 'news' }, connection: 3 });
    }, 30);
    proxy.set({ idleCutMs: 300 });
    expect((await quiet.closed).code).toBe(1006);
    expect(await error).toBe('ECONNRESET');
    await pause(150);
    expect([talking.socket.readyState, listening.socket.readyState]).toEqual([1, 1]);
    expect(proxy.stats.idleCut).toBe(1);
    clearInterval(beat);
    await Promise.all([talking.closed, listening.closed]);
    expect(proxy.stats.idleCut).toBe(3);
    await server.waitFor(stats => stats.sockets.open === 0);
  });

  it('a healed network cuts nobody', async () => {
    const { proxy, client } = await startBoth();
    proxy.set({ idleCutMs: 60 });
    proxy.heal();
    await pause(120);
    await roundTripMs(client);
    expect(proxy.stats.idleCut).toBe(0);
  });

  it('resets a client whose target is not there', async () => {
    const server = await startReferenceServer();
    const proxy = await startChaosProxy(server.port);
    closers.push(proxy.close);
    await server.close();
    expect((await openFrames(proxy.wsUrl)).errors[0]).toMatch(/ECONNRESET|socket hang up/);
  });
});

it('holds more than the usual buffers back without losing any', async () => {
  const received: Buffer[] = [];
  const sink: Server = createServer(socket => socket.on('data', chunk => received.push(chunk)));
  await new Promise<void>(resolve => sink.listen(0, '127.0.0.1', resolve));
  const proxy = await startChaosProxy((sink.address() as AddressInfo).port);
  closers.push(proxy.close, () => new Promise(resolve => sink.close(resolve)));
  proxy.set({ mode: 'blackhole' });
  const sender = await dialRaw(proxy.port);
  const bytes = Buffer.alloc(12_000_000, 7);
  sender.end(bytes);
  await pause(100);
  expect(received).toEqual([]);
  proxy.heal();
  await new Promise(resolve => sender.once('close', resolve));
  expect(Buffer.concat(received)).toHaveLength(bytes.length);
});

async function dialRaw(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  await new Promise(resolve => socket.once('connect', resolve));
  return socket;
}

/** How TCP itself ended below a WebSocket: the library keeps that to itself. */
function wireErrorOf(client: FrameClient): Promise<string> {
  const { _socket: wire } = client.socket as unknown as { _socket: Socket };
  return new Promise(resolve => {
    wire.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    wire.once('close', () => resolve('none'));
  });
}

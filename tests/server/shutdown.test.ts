import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startChaosProxy } from './chaosProxy';
import { openAuthenticated, openFrames } from './frameClient';
import { startReferenceServer } from './referenceServer';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Sockets, servers and timers that keep this process alive. */
function countHandles(): number {
  return process
    .getActiveResourcesInfo()
    .filter(name => /^(?:TCP|Timeout|Immediate|PipeWrap|ConnectWrap)/.test(name)).length;
}

describe('closing', () => {
  it('leaves no handle behind, whatever was going on, and may be asked for twice', async () => {
    const before = countHandles();
    const server = await startReferenceServer({ streamIntervalMs: 20, protocolPingMs: 30 });
    const proxy = await startChaosProxy(server.port);
    const { token } = await server.issueToken('ada');
    const clients = [
      await openAuthenticated(server.wsUrl, token),
      await openAuthenticated(proxy.wsUrl, token),
      await openFrames(server.wsUrl),
    ];
    await server.control({ command: 'halfOpen', connection: 1 });
    server.faults.set('/api/me', { kind: 'hang' });
    server.faults.set('/auth/refresh', { kind: 'slow', latencyMs: 60_000 });
    server.faults.set('/ws', { kind: 'hang' });
    proxy.set({ latencyMs: 60_000 });
    clients[1]?.send({ type: 'ping' });
    const hanging = Promise.allSettled([
      fetch(`${server.url}/api/me`),
      fetch(`${server.url}/auth/refresh`, { method: 'POST' }),
      openFrames(server.wsUrl),
    ]);
    await server.waitFor(stats => Object.keys(stats.faultsServed).length === 3);

    const started = performance.now();
    await Promise.all([server.close(), server.close(), proxy.close()]);
    expect(performance.now() - started).toBeLessThan(2_000);
    await hanging;
    await Promise.all(clients.map(client => client.closed));
    await pause(50);
    expect(countHandles()).toBeLessThanOrEqual(before);
  });

  it('works while the port is given up', async () => {
    const server = await startReferenceServer();
    await server.control({ command: 'kill', forMs: 30 });
    await server.close();
    await pause(80);
    expect((await openFrames(server.wsUrl)).errors[0]).toContain('ECONNREFUSED');
  });

  it('refuses a port that is taken', async () => {
    const server = await startReferenceServer();
    await expect(startReferenceServer({ port: server.port })).rejects.toThrow('EADDRINUSE');
    await server.close();
  });
});

describe('the command', () => {
  async function launch(...args: string[]) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'start.ts'), ...args],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
    const line = await new Promise<string>(resolve =>
      child.stdout.once('data', data => resolve(String(data))),
    );
    return { child, exited, url: /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? line };
  }

  it('prints its address, serves, and stops on SIGTERM', async () => {
    const { child, exited, url } = await launch('--port', '0', '--speed', '600');
    const login = await fetch(`${url}/auth/login`, { method: 'POST', body: '{"user":"ada"}' });
    const { expires_in: lifeS } = (await login.json()) as { expires_in: number };
    expect(lifeS).toBeGreaterThan(1);
    expect(lifeS).toBeLessThanOrEqual(1.5);
    const client = await openFrames(`${url.replace('http', 'ws')}/ws`);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect((await client.closed).code).toBe(1006);
  });

  it('stops when the process that started it lets go of its input', async () => {
    const { child, exited } = await launch();
    child.stdin.end();
    expect(await exited).toBe(0);
  });
});

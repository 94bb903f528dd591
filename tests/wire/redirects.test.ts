import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createAuthSocket, type Platform } from '../../src/core';
import { startReferenceServer } from '../server/referenceServer';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

it.each([301, 302, 307, 308])(
  'S03 an upgrade that is answered %i is a failed dial: nothing is dialled at the other place, nobody is signed out',
  async status => {
    const target = await startReferenceServer();
    const { token } = await target.issueToken('ada');
    let upgrades = 0;
    const redirecting = createServer().on('upgrade', (_request, socket) => {
      upgrades += 1;
      socket.end(
        `HTTP/1.1 ${status} Moved\r\nLocation: ${target.wsUrl}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    });
    servers.push(redirecting);
    await new Promise<void>(resolve => redirecting.listen(0, '127.0.0.1', resolve));
    const ends: unknown[] = [];
    const socket = createAuthSocket({
      url: `ws://127.0.0.1:${(redirecting.address() as AddressInfo).port}/ws`,
      getToken: () => token,
      platform: { WebSocket: WebSocket as unknown as Platform['WebSocket'] },
      reconnect: { minMs: 10, maxMs: 20 },
      onSessionExpired: end => ends.push(end),
    });
    const failed = new Promise<void>(resolve => {
      socket.subscribe(() => {
        if (socket.getStatus().link === 'waiting' && upgrades >= 2) resolve();
      });
    });
    socket.connect();
    await failed;
    expect(socket.getStatus()).toMatchObject({ session: 'valid', link: 'waiting', connection: 0 });
    expect(target.stats().upgrades).toBe(0);
    expect(target.stats().requestTargets).toEqual([]);
    expect(ends).toEqual([]);
    socket.destroy();
    await target.close();
  },
);

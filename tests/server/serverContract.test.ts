import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createMinimalServer } from './minimalServer.mjs';
import { serverContract, type ServerUnderTest } from './serverContract';

const lifeS = 2;
const helloS = 0.5;
const server = createMinimalServer({
  secret: 'a secret of the server under test',
  sessions: new Map([
    ['cookie-of-ada', 'ada'],
    ['cookie-of-grace', 'grace'],
  ]),
  onMessage: (user, _frame, send) => send({ type: 'thanks', user }),
  lifeS,
  warnS: 1,
  helloS,
});
let underTest: ServerUnderTest;

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  underTest = {
    origin: `http://127.0.0.1:${port}`,
    cookies: ['session=cookie-of-ada', 'session=cookie-of-grace'],
    lifeS,
    helloS,
  };
});

afterAll(
  () =>
    new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

describe('the contract, kept by the Node server of the page', () => {
  it.each(serverContract)('$says', async ({ check }) => {
    await expect(check(underTest)).resolves.toBeUndefined();
  });
});

describe('a server that keeps nothing of it', () => {
  it('is caught by every clause', async () => {
    const careless = createServer((_request, response) => void response.end('{}'));
    const echo = new WebSocketServer({ server: careless }).on('connection', socket => {
      socket.on('message', (data: Buffer) => socket.send(data.toString()));
    });
    await new Promise<void>(resolve => careless.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(careless.address() as AddressInfo).port}`;
    const outcomes = await Promise.allSettled(
      serverContract.map(({ check }) => check({ ...underTest, origin, lifeS: 1 })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(serverContract.map(() => 'rejected'));
    for (const socket of echo.clients) socket.terminate();
    careless.closeAllConnections();
    await new Promise(resolve => careless.close(resolve));
  });
});

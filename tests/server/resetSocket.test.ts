import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { resetSocket } from './resetSocket';

/** A connection of which both ends are at hand; answers what each end told until it was closed. */
async function playConnection(play: (accepted: Socket) => void) {
  const told: string[] = [];
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>(resolve => server.once('connection', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', error => told.push(`client: ${(error as NodeJS.ErrnoException).code}`));
  const socket = await accepted;
  socket.on('error', error => told.push(`server: ${(error as NodeJS.ErrnoException).code}`));
  const closed = Promise.all([client, socket].map(end => new Promise(resolve => end.once('close', resolve))));
  client.resume();
  play(socket);
  await closed;
  await new Promise(resolve => server.close(resolve));
  return told;
}

it('resets a connection', async () => {
  expect(await playConnection(resetSocket)).toEqual(['client: ECONNRESET']);
});

it('closes one that is just being ended, which the system would not reset', async () => {
  const told = await playConnection(socket => {
    socket.end();
    resetSocket(socket);
  });
  expect(told).toEqual([]);
});

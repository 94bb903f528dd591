import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { resetSocket } from '../server/resetSocket';
import { showData } from './scriptClient';
import type { StagePeer, Welcome } from './stage';

/** The constant of RFC 6455, section 1.3. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** One handshake and what became of it. */
interface Link {
  readonly socket: Socket;
  readonly key: string;
  readonly offered: readonly string[];
  readonly seen: string[];
  isAnswered: boolean;
  isOpen: boolean;
  isClosing: boolean;
  isDeaf: boolean;
}

/**
 * A WebSocket server written by hand, because a proper one refuses to do what has to be shown: close codes outside
 * the standard, text that is not UTF-8, a handshake or a close frame that nobody answers.
 */
export async function startRawPeer(): Promise<StagePeer & { stop(): Promise<void> }> {
  const links: Link[] = [];
  const sockets = new Set<Socket>();
  let welcome: Welcome = 'accept';
  let greetings: readonly string[] = [];

  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    let buffered: Buffer = Buffer.alloc(0);
    let link: Link | undefined;
    socket.on('data', chunk => {
      if (link?.isDeaf) return;
      buffered = Buffer.concat([buffered, chunk]);
      if (!link) {
        const end = buffered.indexOf('\r\n\r\n');
        if (end < 0) return;
        link = linkOf(socket, buffered.subarray(0, end).toString());
        links.push(link);
        buffered = buffered.subarray(end + 4);
        answer(link);
      }
      buffered = readFrames(link, buffered);
    });
  });
  const port = await listen(server);

  function answer(link: Link): void {
    if (welcome === 'hang' || link.isAnswered || link.socket.destroyed) return;
    link.isAnswered = true;
    if (welcome === 'unauthorized') {
      link.socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    if (welcome === 'redirect') {
      const location = `http://127.0.0.1:${port}/elsewhere`;
      link.socket.end(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const accept = createHash('sha1')
      .update(link.key + HANDSHAKE_GUID)
      .digest('base64');
    const chosen = welcome === 'invent-subprotocol' ? 'invented' : link.offered.at(-1);
    const head = [
      'HTTP/1.1 101 Switching Protocols',
      'upgrade: websocket',
      'connection: Upgrade',
      `sec-websocket-accept: ${accept}`,
      ...(chosen && welcome !== 'forget-subprotocol' ? [`sec-websocket-protocol: ${chosen}`] : []),
    ].join('\r\n');
    const greeting = greetings.map(text => frame(TEXT, Buffer.from(text)));
    link.isOpen = true;
    link.socket.write(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), ...greeting]));
  }

  const newest = async (): Promise<Link> => {
    for (let tries = 0; tries < 500; tries += 1) {
      const link = links.at(-1);
      if (link?.isOpen) return link;
      await delay(10);
    }
    throw new Error('No link was opened.');
  };
  const write = async (bytes: Buffer) => void (await newest()).socket.write(bytes);

  return {
    url: `ws://127.0.0.1:${port}/`,
    welcome(how) {
      welcome = how;
      if (how === 'refuse') server.close();
      else links.forEach(answer);
    },
    greetWith: (...texts) => {
      greetings = texts;
    },
    send: data =>
      write(typeof data === 'string' ? frame(TEXT, Buffer.from(data)) : frame(BINARY, Buffer.from(data))),
    sendInvalidText: () => write(frame(TEXT, Buffer.from([0xc3, 0x28]))),
    async close(code, reason = '') {
      const link = await newest();
      const payload = Buffer.alloc(code === undefined ? 0 : 2);
      if (code !== undefined) payload.writeUInt16BE(code);
      link.isClosing = true;
      link.socket.write(frame(CLOSE, Buffer.concat([payload, Buffer.from(reason)])));
    },
    async atOnce(...writes) {
      const { socket } = await newest();
      socket.cork();
      for (const run of writes) await run();
      socket.uncork();
    },
    async reset() {
      resetSocket((await newest()).socket);
    },
    async end() {
      (await newest()).socket.end();
    },
    async goDeaf() {
      (await newest()).isDeaf = true;
    },
    log: () => [
      ...links.map(({ offered }) => `dialled [${offered.join()}]`),
      ...links.filter(({ isOpen }) => isOpen).map(({ seen }) => ['link', ...seen].join('; ')),
    ],
    async stop() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}

function linkOf(socket: Socket, head: string): Link {
  const headerOf = (name: string) => new RegExp(`^${name}: *(.*?) *$`, 'im').exec(head)?.[1] ?? '';
  return {
    socket,
    key: headerOf('sec-websocket-key'),
    offered: headerOf('sec-websocket-protocol').split(/, */).filter(Boolean),
    seen: [],
    isAnswered: false,
    isOpen: false,
    isClosing: false,
    isDeaf: false,
  };
}

/** Reads whole frames and gives back what is left. Frames of these scripts are short and not fragmented. */
function readFrames(link: Link, buffered: Buffer): Buffer {
  let rest = buffered;
  while (rest.length >= 2) {
    const length = rest.readUInt8(1) & 0x7f;
    if (length > 125) throw new Error('This peer reads short frames only.');
    const end = 2 + 4 + length;
    if (rest.length < end) break;
    const mask = rest.subarray(2, 6);
    const payload = Buffer.from(rest.subarray(6, end).map((byte, index) => byte ^ mask.readUInt8(index % 4)));
    readFrame(link, rest.readUInt8(0) & 0xf, payload);
    rest = rest.subarray(end);
  }
  return rest;
}

function readFrame(link: Link, opcode: number, payload: Buffer): void {
  if (opcode === TEXT) link.seen.push(showData(payload.toString()));
  if (opcode === BINARY) link.seen.push(showData(Uint8Array.from(payload).buffer));
  if (opcode !== CLOSE) return;
  if (!link.isClosing) {
    const code = payload.length < 2 ? 1005 : payload.readUInt16BE();
    link.seen.push(`close ${code} ${JSON.stringify(payload.subarray(2).toString())}`);
    link.socket.write(frame(CLOSE, payload));
  }
  link.isClosing = true;
  link.socket.end();
}

function frame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > 125) throw new Error('This peer writes short frames only.');
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

import type { IncomingMessage } from 'node:http';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import type { WebSocket } from 'ws';
import * as Y from 'yjs';
import { startDialectHost, type DialectHost } from './dialects/dialectHost';
import { TokenBook } from './dialects/tokenBook';

export interface YServerOptions {
  /** Life of a token that is issued without one. @default 60_000 */
  lifeMs?: number;
  /** The close of a socket whose token has ended. @default [1008, '{"code":"token_expired"}'] */
  expiredWith?: readonly [code: number, reason: string];
}

/**
 * One shared document of Yjs for whoever comes with a token, in the query as `ticket` (taken once) or as the subprotocol
 * `bearer.…`. The handshake is refused with 401 without one, and a socket ends with its token.
 */
export interface YServer extends Pick<DialectHost, 'url' | 'upgrades' | 'open' | 'restart' | 'close'> {
  readonly port: number;
  readonly tokens: TokenBook;
  /** Tokens in the order in which they let somebody in. */
  readonly presented: readonly string[];
  readonly doc: Y.Doc;
}

const SYNC = 0;

/** Starts it on 127.0.0.1; the room is `document`. */
export async function startYServer(options: YServerOptions = {}): Promise<YServer> {
  const { lifeMs = 60_000, expiredWith = [1008, '{"code":"token_expired"}'] } = options;
  const tokens = new TokenBook(lifeMs);
  const spent = new Set<string>();
  const presented: string[] = [];
  const doc = new Y.Doc();

  function tokenOf({ url = '/', headers }: IncomingMessage): string | null {
    const ticket = new URL(url, 'http://server').searchParams.get('ticket');
    const [, encoded] = /bearer\.([\w-]+)/.exec(headers['sec-websocket-protocol'] ?? '') ?? [];
    return ticket ?? (encoded === undefined ? null : Buffer.from(encoded, 'base64url').toString());
  }

  function isGood(request: IncomingMessage): boolean {
    const token = tokenOf(request);
    if (token === null || spent.has(token) || typeof tokens.check(token) === 'string') return false;
    if (request.url?.includes('ticket=')) spent.add(token);
    return true;
  }

  const host = await startDialectHost({
    path: '/document',
    refuse: request => (isGood(request) ? null : 401),
    selectProtocol: offered => offered.find(name => !name.startsWith('bearer.')) ?? false,
    onSocket(socket, request) {
      const token = tokenOf(request) as string;
      const entry = tokens.check(token);
      presented.push(token);
      const leftMs = typeof entry === 'string' ? 0 : entry.expiresAt - Date.now();
      const cancel = host.timers.after(leftMs, () => socket.close(...expiredWith));
      share(socket);
      socket.once('close', cancel);
    },
  });

  function share(socket: WebSocket): void {
    const say = (write: (encoder: encoding.Encoder) => void) => {
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, SYNC);
      write(encoder);
      // A message that says nothing but what it is about is not worth sending.
      if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder));
    };
    const onUpdate = (update: Uint8Array, origin: unknown) => {
      if (origin !== socket) say(encoder => writeUpdate(encoder, update));
    };
    doc.on('update', onUpdate);
    socket.once('close', () => doc.off('update', onUpdate));
    socket.on('message', (data: Buffer) => {
      const decoder = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarUint(decoder) !== SYNC) return;
      say(encoder => readSyncMessage(decoder, encoder, doc, socket));
    });
    say(encoder => writeSyncStep1(encoder, doc));
  }

  const { url, upgrades, open } = host;
  return {
    url: url.replace('/document', ''),
    port: Number(new URL(url).port),
    upgrades,
    open,
    restart: host.restart,
    close: host.close,
    tokens,
    presented,
    doc,
  };
}

import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { errorAnswer, faultAnswer, type HttpAnswer } from './httpAnswer';
import type { Origins } from './origins';
import { garbageTexts, writeInvalidUtf8 } from './rawFrames';
import type { ServerContext } from './serverContext';
import { countUp } from './serverStats';
import { SocketConnection } from './socketConnection';
import { unlessAway } from './sessionStore';
import { UpgradeAuth, type Admission } from './upgradeAuth';

const LARGEST_FRAME_BYTES = 1_000_000;
const MOST_RECORDS = 2_000;

/** Which sockets a command means; all open ones unless something is named. */
export interface SocketTarget {
  user?: string;
  session?: string;
  /** `id` of a connection record. */
  connection?: number;
}

/** What `sendGarbage` writes; 'all-texts' is a list of malformed and misleading text frames. */
export type GarbageKind = 'all-texts' | 'invalid-utf8' | 'binary' | 'huge';

/** Accepts sockets on `/ws` and holds them. */
export class SocketHub {
  readonly #context: ServerContext;
  readonly #origins: Origins;
  readonly #auth: UpgradeAuth;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
    // What stands beside it may be a token, and is never repeated.
    handleProtocols: offered => {
      const { subprotocol } = this.#context.settings;
      return offered.has(subprotocol) && subprotocol;
    },
  });
  readonly #open = new Set<SocketConnection>();
  #lastId = 0;

  constructor(context: ServerContext, origins: Origins) {
    this.#context = context;
    this.#origins = origins;
    this.#auth = new UpgradeAuth(context);
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Takes an upgrade request through the faults of `/ws`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { faults, stats, timers } = this.#context;
    const path = new URL(request.url ?? '/', 'http://server').pathname;
    if (path !== '/ws') return this.#refuse(socket, { status: 404, body: '' });
    if (!this.#origins.isAllowed(request.headers.origin))
      return this.#refuse(socket, { status: 403, body: '' });
    const fault = faults.take('/ws');
    if (!fault) return void this.#judge(request, socket, head);
    countUp(stats().faultsServed, `/ws ${fault.kind}`);
    const answer = faultAnswer(fault);
    const act = () => {
      if (socket.destroyed || fault.kind === 'hang') return;
      if (fault.kind === 'offline') socket.destroy();
      else if (answer) this.#refuse(socket, answer);
      else void this.#judge(request, socket, head);
    };
    if (fault.latencyMs) timers.after(fault.latencyMs, act);
    else act();
  }

  /** Runs `action` on every open socket that is meant; answers how many there were. */
  forEach(target: SocketTarget, action: (connection: SocketConnection) => void): number {
    const meant = [...this.#open].filter(
      ({ record }) =>
        (target.user === undefined || record.user === target.user) &&
        (target.session === undefined || record.session === target.session) &&
        (target.connection === undefined || record.id === target.connection),
    );
    for (const connection of meant) action(connection);
    return meant.length;
  }

  sendGarbage(target: SocketTarget, kind: GarbageKind, bytes = 1_000_000): number {
    return this.forEach(target, ({ writer }) => {
      switch (kind) {
        case 'all-texts':
          for (const text of garbageTexts) writer.sendText(text);
          return;
        case 'invalid-utf8':
          writer.writeRaw(writeInvalidUtf8);
          return;
        case 'binary':
          writer.sendBinary(Buffer.from([0, 1, 2, 253, 254, 255]));
          return;
        case 'huge':
          writer.send({ type: 'huge', text: 'x'.repeat(bytes) });
          return;
      }
      throw new RangeError(`no such garbage: ${String(kind)}`);
    });
  }

  /** Something that sockets wait for has changed: settings, clock, tokens or sessions. */
  rearm(): void {
    for (const connection of this.#open) {
      connection.watch.rearm();
      connection.schedulePing();
    }
  }

  close(): void {
    for (const connection of this.#open) connection.terminate();
    this.#server.close();
  }

  async #judge(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const admission = await unlessAway(this.#auth.judge(request));
    if (!admission) return this.#refuse(socket, errorAnswer(503, 'unavailable'));
    if (admission.kind === 'refused' && this.#context.settings.refuseBy === 'http')
      return this.#refuse(socket, errorAnswer(admission.status, admission.code));
    this.#accept(request, socket, head, admission);
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): void {
    this.#server.handleUpgrade(request, socket, head, webSocket => {
      const stats = this.#context.stats();
      this.#lastId += 1;
      const connection = new SocketConnection(webSocket, socket, this.#context, this.#lastId, admission);
      this.#open.add(connection);
      webSocket.once('close', () => this.#open.delete(connection));
      stats.upgrades += 1;
      stats.sockets.max = Math.max(stats.sockets.max, this.#open.size);
      stats.connections.push(connection.record);
      if (stats.connections.length > MOST_RECORDS) stats.connections.shift();
    });
  }

  #refuse(socket: Duplex, answer: HttpAnswer): void {
    this.#context.stats().upgradesRefused += 1;
    if (answer.status === 401) countUp(this.#context.stats().unauthorized, '/ws');
    const headers = Object.entries({
      ...answer.headers,
      'content-length': String(Buffer.byteLength(answer.body)),
      connection: 'close',
    });
    socket.end(
      [
        `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`,
        ...headers.map(([name, value]) => `${name}: ${value}`),
        '',
        answer.body,
      ].join('\r\n'),
    );
  }
}

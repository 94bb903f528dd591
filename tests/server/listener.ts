import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Timers } from './timers';

const HOST = '127.0.0.1';
const RETRY_MS = 50;

/** The listening port of a server and every connection that came through it. */
export class Listener {
  readonly #server: Server;
  readonly #timers: Timers;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #cancelReopen = () => {};

  constructor(server: Server, timers: Timers) {
    this.#server = server;
    this.#timers = timers;
    server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return this.#port;
  }

  async open(port: number): Promise<void> {
    await this.#listen(port);
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection and gives the port up for so long: whoever dials meanwhile is refused by the system. */
  cut(forMs: number): void {
    this.#cancelReopen();
    this.#destroyAll();
    this.#server.close();
    this.#cancelReopen = this.#timers.after(forMs, () => this.#reopen());
  }

  async close(): Promise<void> {
    this.#cancelReopen();
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    this.#destroyAll();
    await closed;
  }

  /** Somebody may have been given the port meanwhile: try until it is free again. */
  #reopen(): void {
    this.#listen(this.#port).catch(() => {
      this.#cancelReopen = this.#timers.after(RETRY_MS, () => this.#reopen());
    });
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, HOST, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

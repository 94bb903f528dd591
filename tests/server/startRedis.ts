import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRedis } from '../tools/findRedis';

/** A Redis server of one test: empty, on 127.0.0.1, keeping nothing. */
export interface Redis {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  /** Stops its process, so that it answers nobody; the answer lets it go on. */
  pause(): () => void;
  /** Ends it. Idempotent. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_DEADLINE_MS = 10_000;
const MOST_TRIES = 5;

/** Starts one and waits until it answers. Throws one sentence where there is no `redis-server`. */
export async function startRedis(): Promise<Redis> {
  const program = findRedis();
  for (let left = MOST_TRIES; ; left -= 1) {
    try {
      return await startOn(await freePort(), program);
    } catch (error) {
      // Somebody else may have been given the port meanwhile.
      if (left <= 1) throw error;
    }
  }
}

async function startOn(port: number, program: string): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const options = {
    bind: HOST,
    port: String(port),
    dir: folder,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const note = (chunk: Buffer) => (printed += chunk.toString('utf8'));
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const exited = new Promise<void>(resolve => {
    child.once('exit', () => resolve());
    child.once('error', error => {
      printed += error.message;
      resolve();
    });
  });
  const hasExited = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const close = async () => {
    if (!hasExited()) child.kill('SIGKILL');
    await exited;
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_DEADLINE_MS;
  // Whoever answers after our process has ended is somebody else.
  while (!(await answers(port)) || hasExited()) {
    if (!hasExited() && Date.now() < deadline) {
      await delay(20);
      continue;
    }
    await close();
    throw new Error(`redis-server did not start on port ${port}: ${printed}`);
  }
  return {
    url: `redis://${HOST}:${port}`,
    pause() {
      child.kill('SIGSTOP');
      return () => void child.kill('SIGCONT');
    },
    close,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, HOST, () => socket.write('PING\r\n'));
    socket.once('data', data => {
      socket.destroy();
      resolve(data.toString('utf8').startsWith('+PONG'));
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(false));
  });
}
